"""Small copies of images, so that a page can show thousands of them. An image that is small is sent as it is, and so is
every image without Pillow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aim.media import pictures
from aim.media.thumbnail import MAX_PIXELS, available
from aim.processes import usable
from aim.server import wire
from aim.server.media import TYPES, point_of, readable
from aim.server.previews import Previews
from aim.server.problems import Refused
from aim.server.route import FileContent

if TYPE_CHECKING:
    from aim.repo import Repo

# An image that fits is sent as it is, unless it has more bytes than its pixels need.
SMALL_BYTES = 256 << 10
# Of one process, for most images.
_MEMORY = 256 << 20
_copies = Previews("aim.media.thumbnail:make", processes=usable(each=_MEMORY, most=4))


def begin() -> None:
    """A page of images is asked for: its first thumbnail need not wait until a process has started."""
    if available():
        _copies.begin()


def thumbnail(repo: Repo, query: wire.ThumbnailQuery) -> FileContent:
    point = point_of(repo, query.run, query.blob)
    with readable():
        data = point.data
    if point.kind not in ("image", "figure"):
        raise Refused(415, f"This {point.kind} has no thumbnail.", hint="api/run/blob gives its content.")
    return small_copy(data, query.size, f"image-{point.step}")


def small_copy(data: bytes, most: int, name: str) -> FileContent:
    """An image that fits a square of `most` pixels."""
    format, size = pictures.format_of(data), pictures.size_of(data)
    if format is None or size is None:
        raise Refused(415, "This is not an image that has a thumbnail.", hint="api/run/blob gives its content.")
    if size[0] * size[1] > MAX_PIXELS:
        message = f"This image has {size[0]:,} x {size[1]:,} pixels; thumbnails are made of up to {MAX_PIXELS:,}."
        raise Refused(415, message, hint="Open it alone, or download it.")
    if not available() or (max(size) <= most and len(data) <= SMALL_BYTES):
        return FileContent(data, TYPES[format], f"{name}.{format}")
    copy = _copies.made(data, size=most)
    if isinstance(copy, str):
        raise Refused(415, f"No thumbnail of this image could be made: {copy}.", hint="Open it alone, or download it.")
    return FileContent(copy, TYPES["webp"], f"{name}-{most}.webp")
