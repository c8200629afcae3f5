"""Columns of numbers as byte planes, and their compression. Columns are processed in slices with a stride, at the speed
of C."""

from __future__ import annotations

import itertools
import lzma
import operator
import struct
import sys
from array import array
from functools import lru_cache
from zlib import compress

from aim.log import record

_MASK = (1 << 64) - 1
# What is read may have been written with a dictionary of this size.
_DICTIONARY = 4 << 20
_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 4, "dict_size": _DICTIONARY}]
# An uncompressed part of an LZMA2 stream: its head, and the most bytes that it takes.
_stored_head = struct.Struct(">BH")
_STORED = 1 << 16
_MIN = 4096
_SMALL = 4096
_PROBE = 1 << 14


def order(numbers: array[int]) -> list[int]:
    """The places of points, grouped by series."""
    return sorted(range(len(numbers)), key=numbers.tolist().__getitem__)


def taken(values: array[int], places: list[int]) -> array[int]:
    if len(places) < 2:
        return values[:]
    return array("Q", operator.itemgetter(*places)(values))


def differences(values: array[int]) -> array[int]:
    """Each value minus the one before it, modulo 2**64. The words are lanes of one long number: the high bits are kept
    out of the subtraction, so that no lane borrows from the next."""
    size = 8 * len(values)
    high = int.from_bytes(b"\0\0\0\0\0\0\0\x80" * len(values), "little")
    these = int.from_bytes(_little(values), "little")
    before = int.from_bytes(b"\0" * 8 + _little(values[:-1]), "little")
    lanes = ((these | high) - (before & ~high)) ^ ((these ^ ~before) & high)
    return _words(lanes.to_bytes(size, "little"), "Q")


def sums(differences: array[int]) -> array[int]:
    sums = itertools.accumulate(differences)
    try:
        return array("Q", sums)
    except OverflowError:
        return array("Q", map(operator.and_, itertools.accumulate(differences), itertools.repeat(_MASK)))


def _little(values: array[int]) -> bytes:
    if sys.byteorder == "big":
        values = values[:]
        values.byteswap()
    return values.tobytes()


def split(values: array[int]) -> bytes:
    data, width = _little(values), values.itemsize
    return b"".join(data[i::width] for i in range(width))


def read(data: bytes, code: str, count: int) -> array[int]:
    return join([data[i * count : (i + 1) * count] for i in range(array(code).itemsize)], code)


def join(planes: list[bytes], code: str) -> array[int]:
    joined = bytearray(len(planes) * len(planes[0]))
    for i, plane in enumerate(planes):
        joined[i :: len(planes)] = plane
    return _words(bytes(joined), code)


def _words(data: bytes, code: str) -> array[int]:
    values = array(code, data)
    if sys.byteorder == "big":
        values.byteswap()
    return values


def put(points: bytearray, start: int, values: array[int]) -> None:
    data, width = _little(values), values.itemsize
    for i in range(width):
        points[start + i :: record.POINT_SIZE] = data[i::width]


def squeeze(data: bytes, *, preset: int = 4) -> bytes:
    """Columns of small logs are often the same: series, steps, epochs."""
    return _squeezed_small(data) if len(data) <= _SMALL else _squeezed(data, preset)


@lru_cache(maxsize=256)
def _squeezed_small(data: bytes) -> bytes:
    return _squeezed(data, 0)


def _squeezed(data: bytes, preset: int) -> bytes:
    # A larger dictionary than the data only takes time.
    size = min(max(len(data), _MIN), _DICTIONARY)
    filters = [{"id": lzma.FILTER_LZMA2, "preset": preset, "dict_size": size}]
    return lzma.compress(data, lzma.FORMAT_RAW, filters=filters)


def squeeze_split(values: array[int]) -> bytes:
    """One stream of all planes. Each is compressed alone, and stored if it is noise: that is four times as fast as all
    together, for 0.15 bytes a point. Streams of LZMA2 can follow each other, because each begins with a reset."""
    data = split(values)
    if len(data) < _STORED:
        return squeeze(data, preset=0)
    planes = [data[i : i + len(values)] for i in range(0, len(data), len(values))]
    return b"".join(_stored(plane) if is_noise(plane) else squeeze(plane, preset=0)[:-1] for plane in planes) + b"\0"


def _stored(plane: bytes) -> bytes:
    """A stream of LZMA2 without its end, of uncompressed parts. The first one resets the dictionary."""
    parts = [plane[i : i + _STORED] for i in range(0, len(plane), _STORED)]
    return b"".join(_stored_head.pack(2 if i else 1, len(part) - 1) + part for i, part in enumerate(parts))


def is_noise(data: bytes) -> bool:
    """Whether a sample from the middle hardly compresses."""
    probe = data[len(data) // 2 :][:_PROBE]
    return len(compress(probe, 1)) > len(probe) * 15 // 16


def expand(blob: bytes | memoryview, longest: int, limit: int | None = None) -> bytes:
    """At most `longest` bytes, such as those of the log, whatever the file claims. `limit`: the most bytes to
    decompress."""
    most = longest + 1 if limit is None else min(longest + 1, limit)
    data = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=_FILTERS).decompress(blob, max_length=most)
    if len(data) > longest:
        raise ValueError(f"a column is longer than the {longest:,} bytes that it may have")
    return data
