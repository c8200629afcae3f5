"""Small copies of images, so that a page can show thousands of them. They are made in another process
(`aim/media/thumbnail.py`), and the last ones are kept in memory. An image that is small is sent as it is, and so is
every image without Pillow."""

from __future__ import annotations

import base64
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from aim.media import pictures
from aim.media.thumbnail import MAX_PIXELS, available
from aim.processes import IsolatedProcess
from aim.server import wire
from aim.server.media import TYPES, point_of, readable
from aim.server.problems import Refused
from aim.server.route import FileContent

if TYPE_CHECKING:
    from aim.repo import Repo

SECONDS = 10.0
KEPT_BYTES = 64 << 20
# An image that fits is sent as it is, unless it has more bytes than its pixels need.
SMALL_BYTES = 256 << 10


class Thumbnails:
    """Copies by run, blob and size. What could not be made is kept too, so that it is tried once."""

    def __init__(self) -> None:
        self._maker = IsolatedProcess("aim.media.thumbnail:make", seconds=SECONDS)
        self._kept: OrderedDict[tuple[str, str, int], bytes | str] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def made(self, key: tuple[str, str, int], data: bytes) -> bytes | str:
        """The copy, or why there is none."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        copy = self._make(data, key[2])
        with self._lock:
            if key not in self._kept:
                self._kept[key] = copy
                self._bytes += len(copy)
            while self._bytes > KEPT_BYTES:
                self._bytes -= len(self._kept.popitem(last=False)[1])
        return copy

    def _make(self, data: bytes, size: int) -> bytes | str:
        try:
            answer = self._maker.ask({"data": base64.b64encode(data).decode(), "size": size})
        except OSError as error:  # also what a process of its own failed at
            return str(error)
        return base64.b64decode(answer["data"]) if "data" in answer else str(answer["problem"])


_thumbnails = Thumbnails()


def thumbnail(repo: Repo, query: wire.ThumbnailQuery) -> FileContent:
    run = repo.run(query.run)
    point = point_of(repo, run.id, query.blob)
    with readable():
        data = point.data
    format, size = pictures.format_of(data), pictures.size_of(data)
    if point.kind != "image" or format is None or size is None:
        raise Refused(415, f"This {point.kind} has no thumbnail.", hint="api/run/blob gives its content.")
    if size[0] * size[1] > MAX_PIXELS:
        message = f"This image has {size[0]:,} x {size[1]:,} pixels; thumbnails are made of up to {MAX_PIXELS:,}."
        raise Refused(415, message, hint="Open it alone, or download it.")
    if not available() or (max(size) <= query.size and len(data) <= SMALL_BYTES):
        return FileContent(data, TYPES[format], f"image-{point.step}.{format}")
    copy = _thumbnails.made((run.id, query.blob, query.size), data)
    if isinstance(copy, str):
        raise Refused(415, f"No thumbnail of this image could be made: {copy}.", hint="Open it alone, or download it.")
    return FileContent(copy, TYPES["webp"], f"image-{point.step}-{query.size}.webp")
