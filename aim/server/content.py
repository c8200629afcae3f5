"""Files as HTTP responses: whole, or the range that a player requests.

The content comes from a training script. A browser may therefore show images and play videos and audio, but must never
treat the content as one of our pages.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from starlette.responses import Response

from aim.server.route import FileContent

# Types to show or play in the page; anything else is only downloaded.
SHOWN = ("image/", "video/", "audio/")
POLICY = "default-src 'none'; sandbox"
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def served(file: FileContent, asked: str | None) -> Response:
    """`asked` is the Range header. The content never changes, so the browser may keep it."""
    where = "inline" if file.policy or file.type.startswith(SHOWN) else "attachment"
    headers = {
        "content-disposition": f'{where}; filename="{file.name}"',
        "content-security-policy": file.policy or POLICY,
        "cache-control": "private, max-age=86400, immutable",
        "accept-ranges": "bytes",
    }
    if file.policy:
        headers["x-frame-options"] = "SAMEORIGIN"
    part = None if asked is None else within(asked, len(file.data))
    if part is None:
        return Response(file.data, headers=headers, media_type=file.type)
    start, stop = part
    if start >= stop:
        return Response(None, 416, {**headers, "content-range": f"bytes */{len(file.data)}"})
    headers["content-range"] = f"bytes {start}-{stop - 1}/{len(file.data)}"
    return Response(file.data[start:stop], 206, headers, file.type)


def saved_as(name: str) -> dict[str, str]:
    """Headers of a file that a browser saves, and never opens."""
    return {"content-disposition": f'attachment; filename="{name}"', "content-security-policy": POLICY}


def within(asked: str, size: int) -> Sequence[int] | None:
    """Start and stop of the single range in a Range header; None for any other header, which means all bytes."""
    match = _RANGE.fullmatch(asked.strip())
    if match is None or match.group(0) == "bytes=-":
        return None
    first, last = match.groups()
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(size, int(last) + 1) if last else size
