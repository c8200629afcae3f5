"""The codec of a ship request: frames back to back, as docs/format/ship.md draws them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple
from zlib import crc32

from aim.errors import RemoteError

MAX_BODY = 64 << 20
MAX_FRAMES = 10_000
MAX_NAME = 200
MAX_DATA = 1 << 20
MAX_FILE = 1 << 40
MAX_AGE = 0xFFFFFFFF
# How many bytes before a frame its checksum covers.
BEFORE = 64

_length = struct.Struct("<H")
_head = struct.Struct("<QIII")


class FileFrame(NamedTuple):
    """`data` belongs at offset `at` of the file `name`. `check` is that of the bytes before it. `age` is how many
    seconds ago the file was last written or touched on the machine that records."""

    name: str
    at: int
    check: int
    age: int
    data: bytes


def check(before: bytes) -> int:
    """The checksum of the bytes before a frame; of more than `BEFORE` bytes, the last count."""
    return crc32(before[-BEFORE:])


def pack(name: str, at: int, data: bytes, *, before: bytes, age: float = 0.0) -> bytes:
    """One frame. `before` ends where `data` begins, and has at least min(`BEFORE`, `at`) bytes."""
    encoded = name.encode()
    if not 0 < len(encoded) <= MAX_NAME:
        raise RemoteError(f"a name of {len(encoded)} bytes does not fit in a frame, which takes 1 to {MAX_NAME}")
    if len(data) > MAX_DATA:
        raise RemoteError(f"{len(data):,} bytes do not fit in a frame, which takes {MAX_DATA:,}: send more frames")
    if not 0 <= at <= MAX_FILE - len(data):
        raise RemoteError(f"offset {at} of {name}: a file has at most {MAX_FILE:,} bytes")
    if len(before) < min(BEFORE, at):
        raise RemoteError(f"offset {at} of {name}: the {min(BEFORE, at)} bytes before it are needed, not {len(before)}")
    head = _head.pack(at, check(before[-at:] if at else b""), min(MAX_AGE, max(0, int(age))), len(data))
    return b"".join((_length.pack(len(encoded)), encoded, head, data))


class FrameReader:
    """Takes the body of a request in parts, and gives each frame as soon as it is whole. It holds one part and one
    frame at most."""

    def __init__(self) -> None:
        self._waiting = b""
        self._begin = 0
        self.frames = 0

    def feed(self, part: bytes) -> Iterator[FileFrame]:
        """Raises RemoteError where the bytes are not frames."""
        self._waiting += part
        place = 0
        try:
            while (size := self._size_at(place)) is not None and len(self._waiting) - place >= size:
                self.frames += 1
                if self.frames > MAX_FRAMES:
                    raise self._wrong(place, f"a request has at most {MAX_FRAMES:,} frames")
                frame = self._frame(place, size)
                place += size
                yield frame
        finally:
            self._waiting = self._waiting[place:]
            self._begin += place

    def close(self) -> None:
        """Raises RemoteError if the body ended within a frame."""
        if self._waiting:
            raise self._wrong(0, f"the request ends {len(self._waiting):,} bytes after it began")

    def _size_at(self, place: int) -> int | None:
        """The size of the frame that begins at `place`; None as long as that is not known."""
        if len(self._waiting) - place < _length.size:
            return None
        name = int(_length.unpack_from(self._waiting, place)[0])
        if not 0 < name <= MAX_NAME:
            raise self._wrong(place, f"its name has {name} bytes; 1 to {MAX_NAME} are allowed")
        begin = place + _length.size + name
        if len(self._waiting) - begin < _head.size:
            return None
        at, _, _, length = map(int, _head.unpack_from(self._waiting, begin))
        if length > MAX_DATA:
            raise self._wrong(place, f"it has {length:,} bytes; {MAX_DATA:,} are allowed")
        if at > MAX_FILE - length:
            raise self._wrong(place, f"its offset is {at:,}; a file has at most {MAX_FILE:,} bytes")
        return begin + _head.size + length - place

    def _frame(self, place: int, size: int) -> FileFrame:
        data = self._waiting[place : place + size]
        (length,) = _length.unpack_from(data)
        try:
            name = data[_length.size : _length.size + length].decode()
        except UnicodeDecodeError:
            raise self._wrong(place, "its name is not UTF-8") from None
        begin = _length.size + length
        at, check, age, _ = _head.unpack_from(data, begin)
        return FileFrame(name, at, check, age, data[begin + _head.size :])

    def _wrong(self, place: int, why: str) -> RemoteError:
        return RemoteError(f"byte {self._begin + place:,} of the request does not begin a valid frame: {why}")
