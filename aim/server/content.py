"""Files as HTTP answers: whole, or the range that a player asks for.

The content comes from a training script, so a browser may show pictures and play sounds, and never take anything for
a page of ours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from starlette.responses import Response

from aim.server.route import File

# What is shown or played in the page; anything else is only fetched or saved.
SHOWN = ("image/", "audio/")
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def served(file: File, asked: str | None) -> Response:
    """`asked` is the Range header. The content never changes, so the browser may keep it."""
    where = "inline" if file.type.startswith(SHOWN) else "attachment"
    headers = {
        "content-disposition": f'{where}; filename="{file.name}"',
        "content-security-policy": "default-src 'none'; sandbox",
        "cache-control": "private, max-age=86400, immutable",
        "accept-ranges": "bytes",
    }
    part = None if asked is None else within(asked, len(file.data))
    if part is None:
        return Response(file.data, headers=headers, media_type=file.type)
    start, stop = part
    if start >= stop:
        return Response(None, 416, {**headers, "content-range": f"bytes */{len(file.data)}"})
    headers["content-range"] = f"bytes {start}-{stop - 1}/{len(file.data)}"
    return Response(file.data[start:stop], 206, headers, file.type)


def within(asked: str, size: int) -> Sequence[int] | None:
    """Start and stop of the one range that a Range header names; None for any other header: then all is sent."""
    match = _RANGE.fullmatch(asked.strip())
    if match is None or match.group(0) == "bytes=-":
        return None
    first, last = match.groups()
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(size, int(last) + 1) if last else size
