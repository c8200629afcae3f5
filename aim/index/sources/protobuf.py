"""The fields of a protobuf message, as places in its bytes. It builds no objects, and checks every length."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from aim.log import bounds

VARINT, EIGHT, BYTES, FOUR = 0, 1, 2, 5
_WIDTH = {EIGHT: 8, FOUR: 4}


class Field(NamedTuple):
    """Field `number` has its content in data[start:stop]; `kind` is its wire type."""

    number: int
    kind: int
    start: int
    stop: int


def fields(data: bytes, start: int, stop: int) -> Iterator[Field]:
    """Raises ValueError if the bytes are not a message."""
    while start < stop:
        key, start = varint_at(data, start, stop)
        kind = key & 7
        if kind == VARINT:
            _, end = varint_at(data, start, stop)
        elif kind == BYTES:
            size, start = varint_at(data, start, stop)
            end = start + size
        elif kind in _WIDTH:
            end = start + _WIDTH[kind]
        else:
            raise ValueError(f"no field begins with {key}")
        if end > stop:
            raise ValueError("a field is longer than its message")
        yield Field(key >> 3, kind, start, end)
        start = end


def varint(data: bytes, field: Field) -> int:
    return varint_at(data, field.start, field.stop)[0]


def signed(data: bytes, field: Field) -> int:
    value = varint(data, field)
    return value - (1 << 64) if value >> 63 else value


def double(data: bytes, field: Field) -> float:
    if field.kind != EIGHT:
        raise ValueError("a double takes eight bytes")
    return float(struct.unpack_from("<d", data, field.start)[0])


def text(data: bytes, field: Field) -> str:
    return data[field.start : field.stop].decode("utf-8", "backslashreplace")


def varint_at(data: bytes, start: int, stop: int) -> tuple[int, int]:
    value = shift = 0
    for at in range(start, min(stop, start + 10)):
        byte = data[at]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, at + 1
        shift += 7
    raise ValueError("a number does not end")


def every(data: bytes, part: Field, number: int) -> Iterator[Field]:
    """The messages and texts of this number in a field."""
    return (inner for inner in fields(data, part.start, part.stop) if inner.number == number and inner.kind == BYTES)


def moment(data: bytes, part: Field) -> float:
    """A Timestamp, in seconds since 1970."""
    parts = {1: 0, 2: 0}
    for inner in fields(data, part.start, part.stop):
        if inner.kind == VARINT and inner.number in parts:
            parts[inner.number] = varint(data, inner)
    return bounds.seconds(parts[1] + parts[2] / 1e9)
