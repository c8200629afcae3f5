"""Reads columns of Parquet files: what pyarrow writes by default, as the exporters of trackers do.

A file ends with its metadata, a message of Thrift: the schema, and for each group of rows where each column is. A
column is a dictionary and pages of values, before which stand the levels that tell which values are missing and where
lists begin. Every length is compared with what is there before anything is made of it.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt

from aim.index.sources import snappy
from aim.media.thrift import ThriftReader

_MAGIC = b"PAR1"
_LARGEST_FOOTER, _LARGEST_PAGE = 16 << 20, 64 << 20
_USUAL_HEADER, _LARGEST_HEADER = 1 << 10, 1 << 20
_MOST_ROWS, _MOST_COLUMNS, _DEEPEST = 1_000_000, 1_000, 32
_ROWS_PER_BYTE, _LARGEST_CHUNK = 8, 512 << 20
_BOOL, _INT32, _INT64, _FLOAT, _DOUBLE, _BYTES, _FIXED = 0, 1, 2, 4, 5, 6, 7
_NUMBERS = {_INT32: "<i4", _INT64: "<i8", _FLOAT: "<f4", _DOUBLE: "<f8"}
_PLAIN, _PLAIN_DICTIONARY, _RLE, _RLE_DICTIONARY = 0, 2, 3, 8
_DATA, _DICTIONARY, _DATA_2 = 0, 2, 3
_OPTIONAL, _REPEATED = 1, 2

Ints = npt.NDArray[np.int64]


class Leaf(NamedTuple):
    """A column: the names down to it, its type and, if that is fixed, the length of its values, and its highest
    levels."""

    path: tuple[str, ...]
    type: int
    length: int
    definition: int
    repetition: int


@dataclass
class ParquetGroup:
    """A group of rows: for each column where it begins, its length, its codec, and the number of its values."""

    count: int
    chunks: dict[tuple[str, ...], tuple[int, int, int, int]]


class Parquet:
    """Raises ValueError if the file is damaged, of another kind, or above the limits."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._size = file, size
        file.seek(max(0, size - 8))
        tail = file.read(8)
        length = int.from_bytes(tail[:4], "little")
        if tail[4:] != _MAGIC or not 0 < length <= min(size - 12, _LARGEST_FOOTER):
            raise ValueError("it does not end as a Parquet file")
        file.seek(size - 8 - length)
        about = ThriftReader(file.read(length), 0, length).struct()
        self.leaves = {leaf.path: leaf for leaf in _leaves(_list(about, 2))}
        self.groups = [_rows(group) for group in _list(about, 4)]
        # Groups may name the same pages.
        if sum(group.count for group in self.groups) > max(_MOST_ROWS, _ROWS_PER_BYTE * size):
            raise ValueError("more rows than a file of its size has")

    def column(self, rows: ParquetGroup, *path: str) -> list[Any]:
        """The value of each row: None where it is missing, and a list for a column with lists."""
        leaf, chunk = self.leaves.get(path), rows.chunks.get(path)
        if leaf is None or chunk is None:
            return [None] * rows.count
        values: list[Any] = []
        definitions: list[Ints] = []
        repetitions: list[Ints] = []
        for _, read in self._pages(leaf, *chunk):
            page = read()
            values += page.values
            definitions.append(page.definition)
            repetitions.append(page.repetition)
        joined = [np.concatenate(levels) if levels else np.zeros(0, np.int64) for levels in (definitions, repetitions)]
        return _assembled(leaf, rows.count, values, *joined)

    def value(self, rows: ParquetGroup, row: int, *path: str) -> Any:
        """That of one row, in a column without lists. One page is read."""
        leaf, chunk = self.leaves.get(path), rows.chunks.get(path)
        if leaf is None or chunk is None:
            return None
        for count, read in self._pages(leaf, *chunk):
            if row < count and not leaf.repetition:
                page = read()
                defined = page.definition == leaf.definition
                return page.values[int(defined[:row].sum())] if defined[row] else None
            row -= count
        raise ValueError("a column has another number of rows than its group")

    def _pages(
        self, leaf: Leaf, at: int, length: int, codec: int, count: int
    ) -> Iterator[tuple[int, Callable[[], _PageValues]]]:
        """The number of values of each page, and what reads them."""
        if not 0 <= at <= at + length <= self._size or not 0 <= count <= _MOST_ROWS:
            raise ValueError("a column is not inside the file")
        if length > _LARGEST_CHUNK:
            raise ValueError(f"a column of {length:,} bytes in one group of rows")
        stop, left = at + length, count
        dictionary: list[Any] | None = None
        while left > 0:
            header, begin = self._header(at, stop)
            kind, full, packed = header.get(1), _number(header, 2), _number(header, 3)
            if not 0 <= packed <= stop - begin or not 0 <= full <= _LARGEST_PAGE:
                raise ValueError("a page is not inside its column")
            at = begin + packed
            if kind == _DICTIONARY:
                page = _inflated(self._bytes(begin, packed), codec, full)
                dictionary = _plain(leaf, page, _count(_inner(header, 7), left=_MOST_ROWS))
                continue
            if kind not in (_DATA, _DATA_2):
                continue
            about = _inner(header, 5 if kind == _DATA else 8)
            number = _count(about, left=left)
            left -= number
            read = _first_page if kind == _DATA else _second_page
            yield number, partial(self._read, read, begin, packed, leaf, codec, full, about, number, dictionary)

    def _header(self, at: int, stop: int) -> tuple[dict[int, Any], int]:
        """That of a page, and where the page begins."""
        for most in (_USUAL_HEADER, _LARGEST_HEADER):
            data = self._bytes(at, min(most, stop - at))
            reader = ThriftReader(data, 0, len(data))
            try:
                return reader.struct(), at + reader.at
            except ValueError:
                if len(data) < most or most == _LARGEST_HEADER:
                    raise
        raise AssertionError("the last try returns or raises")

    def _read(self, read: Callable[..., _PageValues], begin: int, packed: int, leaf: Leaf, *about: Any) -> _PageValues:
        return read(leaf, self._bytes(begin, packed), *about)

    def _bytes(self, at: int, length: int) -> bytes:
        self._file.seek(at)
        data = self._file.read(length)
        if len(data) != length:
            raise ValueError("a page is not inside its file")
        return data


class _PageValues(NamedTuple):
    """Its values, and the levels of all places, also of those without one."""

    values: list[Any]
    definition: Ints
    repetition: Ints


def _first_page(
    leaf: Leaf, body: bytes, codec: int, full: int, about: dict[int, Any], count: int, dictionary: list[Any] | None
) -> _PageValues:
    data, at = _inflated(body, codec, full), 0
    levels = []
    for highest in (leaf.repetition, leaf.definition):
        if highest:
            length = int.from_bytes(data[at : at + 4], "little")
            if at + 4 + length > len(data):
                raise ValueError("levels are not inside their page")
            levels.append(_hybrid(data[at + 4 : at + 4 + length], highest.bit_length(), count))
            at += 4 + length
        else:
            levels.append(np.zeros(count, np.int64))
    return _page(leaf, data[at:], about.get(2), levels[1], levels[0], dictionary)


def _second_page(
    leaf: Leaf, body: bytes, codec: int, full: int, about: dict[int, Any], count: int, dictionary: list[Any] | None
) -> _PageValues:
    repeated, defined = _number(about, 6), _number(about, 5)
    if not 0 <= repeated <= repeated + defined <= len(body):
        raise ValueError("levels are not inside their page")
    parts = ((body[:repeated], leaf.repetition), (body[repeated : repeated + defined], leaf.definition))
    repetition, definition = (
        _hybrid(part, highest.bit_length(), count) if highest else np.zeros(count, np.int64) for part, highest in parts
    )
    data = body[repeated + defined :]
    if about.get(7, True):
        data = _inflated(data, codec, full - repeated - defined)
    return _page(leaf, data, about.get(4), definition, repetition, dictionary)


def _page(
    leaf: Leaf, data: bytes, encoding: object, definition: Ints, repetition: Ints, dictionary: list[Any] | None
) -> _PageValues:
    count = int((definition == leaf.definition).sum())
    if encoding == _PLAIN:
        values = _plain(leaf, data, count)
    elif encoding in (_RLE_DICTIONARY, _PLAIN_DICTIONARY) and dictionary is not None:
        places = _hybrid(data[1:], data[0] if data else 0, count)
        if count and places.max(initial=0) >= len(dictionary):
            raise ValueError("a value is not in the dictionary of its column")
        values = [dictionary[place] for place in places.tolist()]
    elif encoding == _RLE and leaf.type == _BOOL:
        values = _hybrid(data[4:], 1, count).astype(bool).tolist()
    else:
        raise ValueError(f"values are encoded in a way that is not read: {encoding}")
    return _PageValues(values, definition, repetition)


def _assembled(leaf: Leaf, count: int, values: list[Any], definition: Ints, repetition: Ints) -> list[Any]:
    defined = definition == leaf.definition
    if len(values) != int(defined.sum()):
        raise ValueError("a column has another number of values than its levels")
    if not leaf.repetition:
        rows: list[Any] = [None] * len(definition)
        for place, value in zip(np.nonzero(defined)[0].tolist(), values, strict=True):
            rows[place] = value
    else:
        rows, given = [], iter(values)
        columns = (repetition == 0).tolist(), defined.tolist(), definition.tolist()
        for begins, has_value, level in zip(*columns, strict=True):
            if begins:
                # Below this level the list itself is missing.
                rows.append([] if has_value or level >= leaf.definition - 2 else None)
            if has_value and rows and rows[-1] is not None:
                rows[-1].append(next(given))
    if len(rows) != count:
        raise ValueError("a column has another number of rows than its group")
    return rows


def _hybrid(data: bytes, width: int, count: int) -> Ints:
    """`count` numbers of so many bits, in runs of one number and of packed ones."""
    if width > 32:
        raise ValueError(f"numbers of {width} bits")
    made = np.zeros(count, np.int64)
    at = filled = 0
    size = (width + 7) // 8
    while filled < count and width:
        reader = ThriftReader(data, at, len(data))
        head, at = reader.varint(), reader.at
        if head & 1:
            length = (head >> 1) * width
            wanted = ((count - filled) * width + 7) // 8
            packed = np.frombuffer(data, np.uint8, max(0, min(length, wanted, len(data) - at)), at)
            bits = np.unpackbits(packed, bitorder="little")
            part = np.zeros(min(len(bits) // width, count - filled), np.int64)
            for place in range(width):
                part |= bits[place : len(part) * width : width].astype(np.int64) << place
            made[filled : filled + len(part)] = part
            filled, at = filled + len(part), at + length
            if not len(part):
                raise ValueError("a run of numbers is empty")
        else:
            length = min(head >> 1, count - filled)
            if not length or at + size > len(data):
                raise ValueError("a run of numbers is empty")
            made[filled : filled + length] = int.from_bytes(data[at : at + size], "little")
            filled, at = filled + length, at + size
    return made


def _plain(leaf: Leaf, data: bytes, count: int) -> list[Any]:
    if leaf.type in _NUMBERS:
        dtype = np.dtype(_NUMBERS[leaf.type])
        _fits(count * dtype.itemsize, data)
        numbers: list[Any] = np.frombuffer(data, dtype, count).tolist()
        return numbers
    if leaf.type == _BOOL:
        _fits((count + 7) // 8, data)
        flags: list[Any] = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")[:count].astype(bool).tolist()
        return flags
    if leaf.type == _FIXED:
        _fits(count * max(1, leaf.length), data)
        return [data[leaf.length * i : leaf.length * (i + 1)] for i in range(count)]
    if leaf.type != _BYTES:
        raise ValueError(f"values of a type that is not read: {leaf.type}")
    _fits(count * 4, data)
    values: list[Any] = []
    at = 0
    for _ in range(count):
        length = int.from_bytes(data[at : at + 4], "little")
        at += 4 + length
        if at > len(data):
            raise ValueError("a value is not inside its page")
        values.append(data[at - length : at])
    return values


def _fits(size: int, data: bytes) -> None:
    if size > len(data):
        raise ValueError("values are not inside their page")


def _inflated(data: bytes, codec: int, size: int) -> bytes:
    if codec == 0:
        return data
    if codec == 1:
        return snappy.inflate(data, max(0, size))
    if codec == 2:
        try:
            return zlib.decompressobj(31).decompress(data, max(1, size))
        except zlib.error as error:
            raise ValueError(str(error)) from None
    raise ValueError(f"it is compressed in a way that is not read: {codec}")


# Metadata


def _leaves(schema: Sequence[Any]) -> Iterator[Leaf]:
    """The columns of a schema, which lists its tree from the top."""
    if not 0 < len(schema) <= _MOST_COLUMNS:
        raise ValueError("a schema with too many columns")
    waiting: list[tuple[tuple[str, ...], int, int, int]] = [((), _number(schema[0], 5), 0, 0)]
    for item in schema[1:]:
        while waiting and not waiting[-1][1]:
            waiting.pop()
        if not waiting or len(waiting) > _DEEPEST:
            raise ValueError("a schema that is no tree")
        above, left, definition, repetition = waiting.pop()
        waiting.append((above, left - 1, definition, repetition))
        kind = item.get(3, 0)
        definition += kind in (_OPTIONAL, _REPEATED)
        repetition += kind == _REPEATED
        path = (*above, _text(item.get(4)))
        if children := _number(item, 5, 0):
            waiting.append((path, children, definition, repetition))
        else:
            yield Leaf(path, _number(item, 1), _number(item, 2, 0), definition, repetition)


def _rows(group: dict[int, Any]) -> ParquetGroup:
    count = _number(group, 3)
    if not 0 <= count <= _MOST_ROWS:
        raise ValueError(f"a group of {count:,} rows")
    chunks = {}
    for chunk in _list(group, 1):
        about = _inner(chunk, 3)
        path = tuple(_text(name) for name in _list(about, 3))
        start = min(_number(about, 9), _number(about, 11, 1 << 62) or 1 << 62)
        chunks[path] = (start, _number(about, 7), _number(about, 4), _number(about, 5))
    return ParquetGroup(count, chunks)


def _text(value: object) -> str:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else ""


def _number(fields: object, id: int, otherwise: int | None = None) -> int:
    value = fields.get(id, otherwise) if isinstance(fields, dict) else None
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("a number is missing")
    return value


def _count(fields: dict[int, Any], *, left: int) -> int:
    count = _number(fields, 1)
    if not 0 < count <= left:
        raise ValueError("a page with another number of values than its column")
    return count


def _inner(fields: dict[int, Any], id: int) -> dict[int, Any]:
    value = fields.get(id)
    if not isinstance(value, dict):
        raise ValueError("a part is missing")
    return value


def _list(fields: dict[int, Any], id: int) -> list[Any]:
    value = fields.get(id)
    if not isinstance(value, list):
        raise ValueError("a list is missing")
    return value
