"""Files in ZIP archives of other trackers, and their lines. Nothing is extracted: members are inflated as they are
read, and at most as far as their listed size, which is bounded."""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO, NamedTuple

from aim import regular
from aim.errors import LogError

# Limits of what is no archive of a run, but perhaps one of a data set.
_MOST_MEMBERS = 20_000
_LARGEST_LIST = 8 << 20
_LARGEST = 1 << 30
_LONGEST_LINE = 16 << 20
_CHUNK = 1 << 16
_END = b"PK\x05\x06"
_END_SIZE, _LONGEST_COMMENT = 22, 0xFFFF
# Of archives above 4 GiB: a record, with its place behind it.
_LARGE, _LARGE_SIZE, _PLACE, _PLACE_SIZE = b"PK\x06\x06", 56, b"PK\x06\x07", 20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, LookupError),
    *(OverflowError, struct.error),
)


class Line(NamedTuple):
    """`data` is None for a line that is too long."""

    start: int
    stop: int
    data: bytes | None


def sizes(path: str) -> dict[str, int]:
    """The members of an archive with their sizes; none if it is no archive, or has too many of them."""
    try:
        with _opened(path) as archive:
            return {info.filename: info.file_size for info in archive.infolist()}
    except (LogError, OSError):
        return {}


@contextmanager
def opened(path: str, name: str) -> Iterator[IO[bytes]]:
    """A member. Raises LogError if the archive is damaged, also while it is read, or the member above the limits."""
    with _opened(path) as archive:
        try:
            info = archive.getinfo(name)
            if info.compress_type not in _METHODS or info.file_size > _LARGEST:
                raise LogError(f"{name!r:.200} is packed in another way, or above 1 GiB: {path}")
            with archive.open(info) as member:
                yield member
        except _BROKEN as error:
            raise LogError(f"{name!r:.200} is damaged ({error}): {path}") from None


def read(path: str, name: str, most: int) -> bytes:
    """The bytes of a member. Raises LogError, also if there are more than `most`."""
    with opened(path, name) as member:
        data = member.read(most + 1)
    if len(data) > most:
        raise LogError(f"{name!r:.200} has more than {most:,} bytes: {path}")
    return data


def lines(file: IO[bytes], start: int, stop: int, *, complete: bool) -> Iterator[Line]:
    """The lines from where the file is, `start`, to `stop`. `complete`: the last one needs no end of line."""
    while start < stop:
        data = file.readline(min(_LONGEST_LINE, stop - start))
        end = start + len(data)
        too_long = len(data) == _LONGEST_LINE and data[-1:] != b"\n"
        while data and data[-1:] != b"\n" and end < stop:
            data = file.readline(min(_CHUNK, stop - end))
            end += len(data)
        if not data or data[-1:] != b"\n" and not complete:
            return
        yield Line(start, end, None if too_long else data)
        start = end


@contextmanager
def _opened(path: str) -> Iterator[zipfile.ZipFile]:
    with regular.opened(os.path.realpath(path)) as file:
        if not _is_small(file, os.fstat(file.fileno()).st_size):
            raise LogError(f"it is not an archive of a run: {path}")
        try:
            archive = zipfile.ZipFile(file)
        except _BROKEN as error:
            raise LogError(f"it is not a ZIP archive ({error}): {path}") from None
        with archive:
            yield archive


def _is_small(file: BinaryIO, size: int) -> bool:
    """Whether it ends as an archive whose list of members is within the limits."""
    most = _END_SIZE + _LONGEST_COMMENT + _LARGE_SIZE + _PLACE_SIZE
    begin = max(0, size - most)
    file.seek(begin)
    tail = file.read(most)
    at = tail.rfind(_END)
    end = tail[at : at + _END_SIZE]
    if at < 0 or len(end) < _END_SIZE:
        return False
    listed = [(_whole(end[10:12]), _whole(end[12:16]))]
    place = tail[max(0, at - _PLACE_SIZE) : at]
    if place.startswith(_PLACE):
        start = at - _PLACE_SIZE - _LARGE_SIZE
        large = tail[max(0, start) : at - _PLACE_SIZE]
        if not large.startswith(_LARGE) or _whole(place[8:16]) != begin + start:
            return False
        listed.append((_whole(large[32:40]), _whole(large[40:48])))
    return all(count <= _MOST_MEMBERS and length <= _LARGEST_LIST for count, length in listed)


def _whole(data: bytes) -> int:
    return int.from_bytes(data, "little")
