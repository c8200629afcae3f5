"""The bytes of a record and of a file's header, as docs/format/log.md draws them."""

from __future__ import annotations

import json
import struct
from typing import Any, NamedTuple
from zlib import crc32

MAGIC = b"AIMLOG\x01\n"
HEADER_SIZE = 40
MAX_PAYLOAD = (1 << 20) - 4

START, SERIES, POINT, PARAMS, EDIT, END, FACTS, DROPPED, OUTPUT, OBJECT, MESSAGE, BLOB = range(1, 13)
KNOWN_TYPES = frozenset(range(START, BLOB + 1))

FLOAT, INT, BOOL = range(3)
HAS_EPOCH = 4
MAX_SERIES = 1 << 28

MARK = 0xA0000000
POINT_PAYLOAD = 36
POINT_SIZE = POINT_PAYLOAD + 8
POINT_WORD = MARK | POINT << 20 | POINT_PAYLOAD

pack_float_point = struct.Struct("<IIqddd").pack
pack_int_point = struct.Struct("<IIqqdd").pack
POINT_STRUCT = struct.Struct("<Iqddd")
INT_POINT_STRUCT = struct.Struct("<Iqqdd")
_word = struct.Struct("<I")
_header = struct.Struct("<8s16s8s")


class Point(NamedTuple):
    """`value` is a float, int or bool as tracked; `time` in seconds since 1970 UTC; `epoch` None when not given."""

    series: int
    step: int
    value: float | int | bool
    time: float
    epoch: float | None


class Header(NamedTuple):
    run: bytes
    writer: bytes


def seed(run: bytes, writer: bytes) -> int:
    """Where the checksums of one writer's records start, before the offset is added."""
    return crc32(run + writer)


def pack_header(run: bytes, writer: bytes) -> bytes:
    body = _header.pack(MAGIC, run, writer)
    return body + _word.pack(crc32(body)) + b"\0\0\0\0"


def unpack_header(data: bytes) -> Header | None:
    """The ids of a file, or None when its first 40 bytes are not a whole header."""
    if len(data) < HEADER_SIZE or data[:8] != MAGIC:
        return None
    if _word.unpack_from(data, 32)[0] != crc32(data[:32]):
        return None
    _, run, writer = _header.unpack_from(data)
    return Header(run, writer)


def pack(kind: int, payload: bytes, seed: int, offset: int) -> bytes:
    """One whole record for the place `offset`. Raises ValueError for a payload that the word cannot describe."""
    if len(payload) > MAX_PAYLOAD or len(payload) & 3:
        raise ValueError(
            f"{len(payload):,} bytes do not fit in one record, which takes a multiple of 4 up to {MAX_PAYLOAD:,}; "
            "keep what is large in a file of its own"
        )
    body = _word.pack(MARK | kind << 20 | len(payload)) + payload
    return body + _word.pack(crc32(body, (seed + offset) & 0xFFFFFFFF))


def unpack_point(payload: bytes | memoryview) -> Point:
    number, step, value, time, epoch = POINT_STRUCT.unpack_from(payload)
    kind = number >> 28 & 3
    kept: float | int | bool = value
    if kind != FLOAT:
        kept = INT_POINT_STRUCT.unpack_from(payload)[2]
        if kind == BOOL:
            kept = bool(kept)
    return Point(number & (MAX_SERIES - 1), step, kept, time, epoch if number >> 28 & HAS_EPOCH else None)


def encode_json(value: Any) -> bytes:
    """UTF-8 JSON, padded with spaces to a multiple of 4."""
    data = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "backslashreplace")
    return data + b" " * (-len(data) % 4)


def decode_json(payload: bytes | memoryview) -> Any:
    return json.loads(bytes(payload))


def encode_series(number: int, name: str, context: dict[str, Any], kind: str = "") -> bytes:
    """`kind` says what the values are where they are no numbers."""
    return _word.pack(number) + encode_json({"name": name, "context": context, **({"kind": kind} if kind else {})})


def kind_of_series(payload: bytes | memoryview) -> str:
    """What the values of a series are, empty for numbers."""
    return str(decode_json(payload[4:]).get("kind") or "")


def decode_series(payload: bytes | memoryview) -> tuple[int, str, dict[str, Any]]:
    described = decode_json(payload[4:])
    return _word.unpack_from(payload)[0], described["name"], described["context"]
