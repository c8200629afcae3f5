"""Tables as Parquet files, of the few types and the one encoding that docs/format/media.md lists. Any reader of Parquet
opens them; what is read here has only these."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from itertools import chain, compress
from typing import TYPE_CHECKING, Any, NamedTuple

from aim.media import thrift
from aim.media.thrift import BINARY, FALSE, I32, I64, LIST, STRUCT, TRUE

if TYPE_CHECKING:
    from mmap import mmap

MAGIC = b"PAR1"
GROUP_ROWS = 65_536
MAX_ROWS = 5_000_000
MAX_COLUMNS = 1_000
MAX_NAME = 200
# Bytes of all cells together, before compression.
MAX_CELLS_SIZE = 512 << 20
_PLAIN, _RLE = 0, 3
_STORED, _GZIP = 0, 2
_REQUIRED, _OPTIONAL = 0, 1
_SAMPLE = 16 << 10
_BYTES, _BITS = 6, 0
_MAX_FOOTER = 16 << 20
_OURS = {"file": {1, 2, 3, 4, 6}, "element": {1, 3, 4, 5, 6, 10}, "chunk": {2, 3}, "about": {1, 2, 3, 4, 5, 6, 7, 9}}


class CellKind(NamedTuple):
    """`physical` and `logical` are types of Parquet, the latter also as the older `converted` type; `code` is the one
    of `struct` for values of a fixed size."""

    physical: int
    code: str = ""
    converted: int | None = None
    logical: bytes | None = None


def _timestamp(kind: int) -> bytes:
    micros = thrift.struct((2, STRUCT, thrift.struct()))
    return thrift.struct((8, STRUCT, thrift.struct((1, kind, None), (2, STRUCT, micros))))


KINDS = {
    "bool": CellKind(_BITS),
    "int": CellKind(2, "q"),
    "float": CellKind(5, "d"),
    "single": CellKind(4, "f"),
    "time": CellKind(2, "q", None, _timestamp(FALSE)),
    "instant": CellKind(2, "q", 10, _timestamp(TRUE)),
    "text": CellKind(_BYTES, "", 0, thrift.struct((1, STRUCT, thrift.struct()))),
    "image": CellKind(_BYTES),
}


class TypedColumn(NamedTuple):
    """`values` has one for each row: as little-endian bytes for kinds with a code, as a byte 0 or 1 for bool, else a
    list of bytes. `present` has a byte 0 or 1 for each row, where some have none."""

    name: str
    kind: str
    values: Any
    present: bytes | None = None


def encode(columns: Sequence[TypedColumn], rows: int) -> bytes:
    parts = [MAGIC]
    at = len(MAGIC)
    groups: list[bytes] = []
    for start in range(0, rows, GROUP_ROWS):
        stop = min(rows, start + GROUP_ROWS)
        chunks: list[bytes] = []
        total = 0
        for column in columns:
            page, about, size = _chunk(column, start, stop, at)
            parts.append(page)
            chunks.append(about)
            at, total = at + len(page), total + size
        group = ((1, LIST, (STRUCT, chunks)), (2, I64, total), (3, I64, stop - start))
        groups.append(thrift.struct(*group))
    footer = thrift.struct(
        (1, I32, 1),
        (2, LIST, (STRUCT, _schema(columns))),
        (3, I64, rows),
        (4, LIST, (STRUCT, groups)),
        (6, BINARY, b"Aim"),
    )
    return b"".join([*parts, footer, struct.pack("<I", len(footer)), MAGIC])


def _schema(columns: Sequence[TypedColumn]) -> list[bytes]:
    elements = [thrift.struct((4, BINARY, b"table"), (5, I32, len(columns)))]
    for name, kind, _, present in columns:
        physical, _, converted, logical = KINDS[kind]
        fields: list[thrift.Field] = [
            (1, I32, physical),
            (3, I32, _REQUIRED if present is None else _OPTIONAL),
            (4, BINARY, name.encode()),
        ]
        if converted is not None:
            fields.append((6, I32, converted))
        if logical is not None:
            fields.append((10, STRUCT, logical))
        elements.append(thrift.struct(*fields))
    return elements


def _chunk(column: TypedColumn, start: int, stop: int, at: int) -> tuple[bytes, bytes, int]:
    """The one page of some rows of a column, what the footer says about it, and its size before compression."""
    body = _levels(column, start, stop) + _cells(column, start, stop)
    codec, packed = _compressed(body)
    data = thrift.struct((1, I32, stop - start), (2, I32, _PLAIN), (3, I32, _RLE), (4, I32, _RLE))
    head = thrift.struct((1, I32, 0), (2, I32, len(body)), (3, I32, len(packed)), (5, STRUCT, data))
    about = thrift.struct(
        (1, I32, KINDS[column.kind].physical),
        (2, LIST, (I32, [_PLAIN, _RLE])),
        (3, LIST, (BINARY, [column.name.encode()])),
        (4, I32, codec),
        (5, I64, stop - start),
        (6, I64, len(head) + len(body)),
        (7, I64, len(head) + len(packed)),
        (9, I64, at),
    )
    return head + packed, thrift.struct((2, I64, at), (3, STRUCT, about)), len(head) + len(body)


def _levels(column: TypedColumn, start: int, stop: int) -> bytes:
    """Which rows have a value."""
    if column.present is None:
        return b""
    bits = _packed(column.present[start:stop])
    run = thrift.varint(len(bits) << 1 | 1) + bits
    return struct.pack("<I", len(run)) + run


def _cells(column: TypedColumn, start: int, stop: int) -> bytes:
    code = KINDS[column.kind].code
    width = struct.calcsize(code) if code else 1
    values = column.values[start * width : stop * width]
    if column.present is not None:
        present = column.present[start:stop]
        if code:
            values = b"".join(compress((values[i : i + width] for i in range(0, len(values), width)), present))
        else:
            values = type(values)(compress(values, present))
    if code:
        return bytes(values)
    if column.kind == "bool":
        return _packed(values)
    sizes = map(struct.Struct("<I").pack, map(len, values))
    return b"".join(chain.from_iterable(zip(sizes, values, strict=True)))


def _compressed(body: bytes) -> tuple[int, bytes]:
    """With gzip if that makes it clearly smaller, which a part from its middle tells."""
    middle = len(body) // 2
    sample = body[middle : middle + _SAMPLE]
    if len(zlib.compress(sample, 1)) > 0.9 * len(sample):
        return _STORED, body
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    packed = packer.compress(body) + packer.flush()
    return (_GZIP, packed) if len(packed) < len(body) else (_STORED, body)


def _packed(flags: bytes) -> bytes:
    """Bytes 0 or 1 as bits, the first in the lowest bit."""
    digits = flags[::-1].translate(bytes([48, 49]) + bytes(254))
    return int(digits or b"0", 2).to_bytes((len(flags) + 7) // 8, "little")


def _unpacked(bits: bytes, count: int) -> bytes:
    known = int.from_bytes(bits[: (count + 7) // 8], "little")
    digits = f"{known:0{count}b}"[::-1][:count]
    return digits.encode().translate(bytes(48) + b"\0\1" + bytes(206))


class _PageSpan(NamedTuple):
    rows: int
    codec: int
    start: int
    stop: int
    size: int


class ParquetTable:
    """A file of this module, as bytes or mapped into memory. Raises ValueError for any other, and for one that is
    damaged."""

    def __init__(self, data: bytes | mmap) -> None:
        self._data = data
        if len(data) < 12 or data[:4] != MAGIC or data[-4:] != MAGIC:
            raise ValueError("it is not a Parquet file")
        size = int.from_bytes(data[-8:-4], "little")
        if size > min(len(data) - 12, _MAX_FOOTER):
            raise ValueError("its footer has no room in it")
        footer = _only("file", thrift.ThriftReader(data, len(data) - 8 - size, len(data) - 8).struct())
        try:
            root, *elements = footer[2]
            self.rows = _counted(footer[3], MAX_ROWS)
            self.columns = [self._column(element) for element in elements]
            if root.get(5) != len(self.columns) or not 0 < len(self.columns) <= MAX_COLUMNS:
                raise ValueError("it has another number of columns than it says")
            self._pages = [self._group(group) for group in footer[4]]
        except (KeyError, TypeError, AttributeError, IndexError):
            raise ValueError("its footer lacks a part") from None
        if sum(group[0].rows for group in self._pages) != self.rows:
            raise ValueError("it has another number of rows than it says")
        if (size := sum(page.size for group in self._pages for page in group)) > MAX_CELLS_SIZE:
            raise ValueError(f"its cells have {size:,} bytes; a table has at most {MAX_CELLS_SIZE:,}")

    def size_of(self, place: int) -> int:
        """The bytes of a column before compression."""
        return sum(group[place].size for group in self._pages)

    def _column(self, element: dict[int, Any]) -> tuple[str, str, bool]:
        """Its name, its kind, and whether cells may be empty."""
        _only("element", element)
        logical = element.get(10)
        for kind, (physical, _, _, written) in KINDS.items():
            known = None if written is None else thrift.ThriftReader(written, 0, len(written)).struct()
            if (physical, known) == (element[1], logical):
                return element[4].decode("utf-8"), kind, element[3] == _OPTIONAL
        raise ValueError("it has a column of another type than those of Aim")

    def _group(self, group: dict[int, Any]) -> list[_PageSpan]:
        rows = _counted(group[3], GROUP_ROWS)
        if len(group[1]) != len(self.columns) or not rows:
            raise ValueError("it has another number of columns than it says")
        return [self._page(chunk, rows, place) for place, chunk in enumerate(group[1])]

    def _page(self, chunk: dict[int, Any], rows: int, place: int) -> _PageSpan:
        about = _only("about", _only("chunk", chunk)[3])
        name, kind, _ = self.columns[place]
        at, packed = _counted(about[9], len(self._data)), _counted(about[7], len(self._data))
        if at + packed > len(self._data) or (about[1], about[3]) != (KINDS[kind].physical, [name.encode()]):
            raise ValueError("a column of it has no room in it")
        reader = thrift.ThriftReader(self._data, at, at + packed)
        head = reader.struct()
        data, size = head[5], _counted(head[2], MAX_CELLS_SIZE)
        fits = at + packed - reader.at == head[3] and (about[4] == _GZIP or about[4] == _STORED and size == head[3])
        if (head[1], data[1], data[2], data[3], about[5]) != (0, rows, _PLAIN, _RLE, rows) or not fits:
            raise ValueError("a page of it is not in the encoding of Aim")
        return _PageSpan(rows, about[4], reader.at, at + packed, size)

    def cell(self, place: int, row: int) -> Any:
        """One cell, as in `column`. Raises ValueError also where there is none."""
        if not 0 <= row < self.rows or not 0 <= place < len(self.columns):
            raise ValueError(f"it has no cell in column {place} of row {row}")
        for group in self._pages:
            if row < group[place].rows:
                return self._cells(group[place], place)[row]
            row -= group[place].rows

    def column(self, place: int) -> Iterator[list[Any]]:
        """The values of a column in lists: numbers, bool, None, and bytes for texts and images."""
        for group in self._pages:
            yield self._cells(group[place], place)

    def _cells(self, page: _PageSpan, place: int) -> list[Any]:
        name, kind, optional = self.columns[place]
        try:
            return _values(self._body(page), page.rows, kind, optional)
        except (struct.error, IndexError, StopIteration):
            raise ValueError(f"the column {name!r} is damaged") from None

    def _body(self, page: _PageSpan) -> bytes:
        content = self._data[page.start : page.stop]
        if page.codec == _STORED:
            return content
        try:
            body = zlib.decompressobj(31).decompress(content, page.size + 1)
        except zlib.error as error:
            raise ValueError(f"a page of it cannot be unpacked: {error}") from None
        if len(body) != page.size:
            raise ValueError("a page of it has another size than it says")
        return body


def _only(what: str, fields: dict[int, Any]) -> dict[int, Any]:
    if not set(fields) <= _OURS[what]:
        raise ValueError("it has parts that tables of Aim do not have")
    return fields


def _counted(number: Any, most: int) -> int:
    if not isinstance(number, int) or not 0 <= number <= most:
        raise ValueError("a number in it is out of range")
    return number


def _values(body: bytes, rows: int, kind: str, optional: bool) -> list[Any]:
    present, at = b"", 0
    if optional:
        (size,) = struct.unpack_from("<I", body)
        head = thrift.ThriftReader(body, 4, len(body))
        if head.varint() != (rows + 7) // 8 << 1 | 1:
            raise ValueError("a page of it is not in the encoding of Aim")
        present, at = _unpacked(body[head.at : 4 + size], rows), 4 + size
    count = sum(present) if optional else rows
    values = iter(_plain(body, at, count, kind))
    return [next(values) if flag else None for flag in present] if optional else list(values)


def _plain(body: bytes, at: int, count: int, kind: str) -> Sequence[Any]:
    if kind == "bool":
        return [flag == 1 for flag in _unpacked(body[at:], count)]
    if code := KINDS[kind].code:
        return struct.unpack_from(f"<{count}{code}", body, at)
    values: list[bytes] = []
    for _ in range(count):
        (size,) = struct.unpack_from("<I", body, at)
        values.append(body[at + 4 : at + 4 + size])
        at += 4 + size
    if at != len(body):
        raise IndexError
    return values
