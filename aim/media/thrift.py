"""The compact protocol of Thrift, in which Parquet writes its headers and its footer:
https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md"""

from __future__ import annotations

import struct as packing
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from mmap import mmap

TRUE, FALSE, I32, I64, BINARY, LIST, STRUCT = 1, 2, 5, 6, 8, 9, 12
_I8, _I16, _DOUBLE, _SET = 3, 4, 7, 10
_MAX_DEPTH = 16
# An empty struct or list takes a byte here, and many times that in memory.
_MAX_PARTS = 1_000_000

# Its number, its type, and its value. A list has the type of its items and then the items.
Field: TypeAlias = tuple[int, int, Any]


def struct(*fields: Field) -> bytes:
    """Fields by ascending numbers."""
    parts: list[bytes] = []
    before = 0
    for number, kind, value in fields:
        parts += [_field(number - before, number, kind), _value(kind, value)]
        before = number
    return b"".join(parts) + b"\0"


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def _field(step: int, number: int, kind: int) -> bytes:
    return bytes([step << 4 | kind]) if 0 < step < 16 else bytes([kind]) + _zigzag(number)


def _zigzag(number: int) -> bytes:
    return varint(number << 1 if number >= 0 else (-number << 1) - 1)


def _value(kind: int, value: Any) -> bytes:
    if kind in (TRUE, FALSE):
        return b""
    if kind in (I32, I64):
        return _zigzag(value)
    if kind == BINARY:
        return varint(len(value)) + bytes(value)
    if kind == LIST:
        return _list(*value)
    return bytes(value)


def _list(kind: int, items: Sequence[Any]) -> bytes:
    head = bytes([len(items) << 4 | kind]) if len(items) < 15 else bytes([0xF0 | kind]) + varint(len(items))
    return head + b"".join(_value(kind, item) for item in items)


class ThriftReader:
    """Reads structs as dicts from the number of a field to its value. Raises ValueError for anything else."""

    def __init__(self, data: bytes | mmap, at: int, end: int) -> None:
        self._data, self.at, self._end = data, at, end
        self._parts = 0

    def struct(self, depth: int = 0) -> dict[int, Any]:
        if depth > _MAX_DEPTH:
            raise ValueError("its structs are nested too deep")
        self._count()
        fields: dict[int, Any] = {}
        number = 0
        while head := self._byte():
            number = number + (head >> 4) if head >> 4 else self._zigzag()
            fields[number] = self._value(head & 15, depth)
        return fields

    def _count(self) -> None:
        self._parts += 1
        if self._parts > _MAX_PARTS:
            raise ValueError(f"it has more than {_MAX_PARTS:,} structs and lists")

    def _byte(self) -> int:
        if self.at >= self._end:
            raise ValueError("it ends too early")
        self.at += 1
        return self._data[self.at - 1]

    def varint(self) -> int:
        number = shift = 0
        while True:
            byte = self._byte()
            number |= (byte & 127) << shift
            if byte < 128:
                return number
            shift += 7
            if shift > 63:
                raise ValueError("a number in it is too long")

    def _zigzag(self) -> int:
        number = self.varint()
        return number >> 1 ^ -(number & 1)

    def _value(self, kind: int, depth: int) -> Any:
        if kind in (TRUE, FALSE):
            return kind == TRUE
        if kind in (_I16, I32, I64):
            return self._zigzag()
        if kind == _I8:
            return self._byte()
        if kind == _DOUBLE:
            return packing.unpack("<d", self._take(8))[0]
        if kind == BINARY:
            return self._take(self.varint())
        if kind in (LIST, _SET):
            return self._list(depth)
        if kind == STRUCT:
            return self.struct(depth + 1)
        raise ValueError(f"it has a field of type {kind}")

    def _take(self, size: int) -> bytes:
        if size > self._end - self.at:
            raise ValueError("it ends too early")
        self.at += size
        return self._data[self.at - size : self.at]

    def _list(self, depth: int) -> list[Any]:
        if depth > _MAX_DEPTH:
            raise ValueError("its lists are nested too deep")
        self._count()
        head = self._byte()
        count = head >> 4 if head >> 4 < 15 else self.varint()
        if count > self._end - self.at:
            raise ValueError("it ends too early")
        if head & 15 in (TRUE, FALSE):  # A byte each, in lists only.
            return [self._byte() == TRUE for _ in range(count)]
        return [self._value(head & 15, depth + 1) for _ in range(count)]
