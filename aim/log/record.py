"""The codec of records and of a file's header, as docs/format/log.md draws them.

All that reads a log, whole or in windows, goes through `at`, `next_good` and `walk`. They take `data`, which lies at
offset `base` of its log, and the `seed` of its writer. aim/index/parse.py alone also reads stretches of points in bulk.
"""

from __future__ import annotations

import functools
import json
import re
import struct
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple
from zlib import crc32

from aim.log import bounds
from aim.log.checksum import Checksums

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
POINT_STRUCT = struct.Struct("<Iqddd")
INT_POINT_STRUCT = struct.Struct("<Iqqdd")
_word = struct.Struct("<I")
_place = struct.Struct("<Iq")
_word_at = _word.unpack_from
_json = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
_header = struct.Struct("<8s16s8s")
LENGTH = 0xFFFFF
# These bits of every word are those of MARK: lengths are multiples of four.
FIXED = 0xF0000003
FRAME = 8
LONGEST = MAX_PAYLOAD + FRAME
# The highest byte of every word: 0xA and the upper half of the type.
_marked = re.compile(rb"[\xa0-\xaf]").finditer
_BLOCK = 1 << 18
# What a part of params, or the value of an edit, may take of a record.
ROOM = MAX_PAYLOAD - 4096

Warn = Callable[[str, str], None]


class Point(NamedTuple):
    """`value` is a float, int or bool as tracked; `time` is in seconds since 1970 UTC; `epoch` is None if not given."""

    series: int
    step: int
    value: float | int | bool
    time: float
    epoch: float | None


class Header(NamedTuple):
    run: bytes
    writer: bytes


class Record(NamedTuple):
    """One whole record; `offset` is its place in the log."""

    offset: int
    kind: int
    payload: bytes

    @property
    def end(self) -> int:
        return self.offset + len(self.payload) + FRAME


class Damage(NamedTuple):
    """Bytes start..end of a log hold no whole record."""

    start: int
    end: int


def seed(run: bytes, writer: bytes) -> int:
    """The start value of the checksums of one writer's records, before the offset is added."""
    return crc32(run + writer)


def pack_header(run: bytes, writer: bytes) -> bytes:
    body = _header.pack(MAGIC, run, writer)
    return body + _word.pack(crc32(body)) + b"\0\0\0\0"


def unpack_header(data: bytes) -> Header | None:
    """The ids of a file, or None if its first 40 bytes are not a whole header."""
    if len(data) < HEADER_SIZE or data[:8] != MAGIC:
        return None
    if _word_at(data, 32)[0] != crc32(data[:32]):
        return None
    _, run, writer = _header.unpack_from(data)
    return Header(run, writer)


def pack(kind: int, payload: bytes, seed: int, offset: int) -> bytes:
    """One whole record for the place `offset`. Raises ValueError for a payload of an invalid length."""
    if len(payload) > MAX_PAYLOAD or len(payload) & 3:
        raise ValueError(
            f"{len(payload):,} bytes do not fit in one record, which takes a multiple of 4 up to {MAX_PAYLOAD:,}; "
            "store larger data in a separate file"
        )
    return signed(_word.pack(word(kind, len(payload))) + payload, seed, offset)


def signed(body: bytes | bytearray, seed: int, offset: int) -> bytes:
    """A word and its payload, with the checksum for the place `offset`."""
    return bytes(body) + _word.pack(crc32(body, (seed + offset) & 0xFFFFFFFF))


def word(kind: int, length: int) -> int:
    """The first four bytes of a record: its type, and the length of its payload."""
    return MARK | kind << 20 | length


def kind_of(word: int) -> int:
    return word >> 20 & 0xFF


def length_of(word: int) -> int:
    return word & LENGTH


def size_at(data: bytes, place: int = 0) -> int:
    """The size that the record at `place` claims, with its word and checksum."""
    return (int.from_bytes(data[place : place + 4], "little") & LENGTH) + FRAME


def at(data: bytes, place: int, seed: int, base: int = 0, sums: Checksums | None = None) -> Record | None:
    """The record at `place`; None where no whole record with a right checksum begins. In damaged data, `sums` keeps the
    time linear, whatever lengths are claimed; it takes ascending places."""
    if not 0 <= place <= len(data) - FRAME:
        return None
    (word,) = _word_at(data, place)
    stop = place + 4 + (word & LENGTH)
    if word & FIXED != MARK or stop + 4 > len(data):
        return None
    begin = (seed + base + place) & 0xFFFFFFFF
    check = crc32(data[place:stop], begin) if sums is None else sums.of(place, stop, begin)
    if (check,) != _word_at(data, stop):
        return None
    return Record(base + place, word >> 20 & 0xFF, data[place + 4 : stop])


def next_good(data: bytes, place: int, seed: int, base: int = 0, sums: Checksums | None = None) -> int | None:
    """The first place at or after `place` where a whole record begins, of whatever type; None if there is none."""
    sums = sums or Checksums(data)
    for begin in range(place, len(data) - FRAME + 1, _BLOCK):
        for match in _marked(data[begin + 3 : min(begin + _BLOCK, len(data)) : 4]):
            candidate = begin + 4 * match.start()
            stop = candidate + size_at(data, candidate) - 4
            if data[candidate] & 3 or stop + 4 > len(data):
                continue
            if sums.of(candidate, stop, (seed + base + candidate) & 0xFFFFFFFF) == _word_at(data, stop)[0]:
                return candidate
    return None


def walk(data: bytes, place: int, seed: int, base: int = 0) -> Iterator[Record | Damage]:
    """Every whole record from `place` on, and a Damage for each gap between two of them. Bytes after the last record
    are left out: they may still be written."""
    sums: Checksums | None = None
    while place + FRAME <= len(data):
        record = at(data, place, seed, base, sums)
        if record is None:
            sums = sums or Checksums(data)
            next_place = next_good(data, place + 4, seed, base, sums)
            if next_place is None:
                return
            yield Damage(base + place, base + next_place)
            place = next_place
        else:
            yield record
            place += len(record.payload) + FRAME


def frames(data: bytes, place: int) -> Iterator[tuple[int, int, int | None]]:
    """The begin, end and type of each record that is not a POINT, by the lengths that records claim.

    The last one has no type: no record begins there. Checksums are not compared, so POINT records are fast to pass.
    """
    stop = len(data) - FRAME
    while place <= stop:
        (word,) = _word_at(data, place)
        if word == POINT_WORD:
            place += POINT_SIZE
            continue
        end = place + (word & LENGTH) + FRAME
        if word & FIXED != MARK or end > len(data):
            break
        yield place, end, word >> 20 & 0xFF
        place = end
    yield place, place, None


def unpack_point(payload: bytes | memoryview) -> Point:
    number, step, value, time, epoch = POINT_STRUCT.unpack_from(payload)
    kind = number >> 28 & 3
    kept: float | int | bool = value
    if kind != FLOAT:
        kept = INT_POINT_STRUCT.unpack_from(payload)[2]
        if kind == BOOL:
            kept = bool(kept)
    return Point(number & (MAX_SERIES - 1), step, kept, time, epoch if number >> 28 & HAS_EPOCH else None)


def unpack_place(payload: bytes | memoryview) -> tuple[int, int]:
    """The number of the series and the step of a POINT or OBJECT."""
    number, step = _place.unpack_from(payload)
    return number & (MAX_SERIES - 1), step


def encode_json(value: Any) -> bytes:
    """UTF-8 JSON, padded with spaces to a multiple of 4."""
    data = _json(value).encode("utf-8", "backslashreplace")
    return data + b" " * (-len(data) % 4)


def decode_json(payload: bytes | memoryview) -> Any:
    """Raises ValueError for invalid JSON, and for JSON that is nested too deep."""
    return bounds.loads(bytes(payload))


def decode_start(entry: Record | None) -> dict[str, Any] | None:
    """The content of a START record; None for any other."""
    if entry is None or entry.kind != START:
        return None
    try:
        return bounds.start(decode_json(entry.payload))
    except ValueError:
        return None


def encode_series(number: int, name: str, context: dict[str, Any], kind: str = "") -> bytes:
    """`kind` is the kind of media; empty for numbers."""
    return _word.pack(number) + encode_json({"name": name, "context": context, **({"kind": kind} if kind else {})})


def kind_of_series(payload: bytes | memoryview) -> str:
    """The kind of media of a series; empty for numbers."""
    return str(_described(payload).get("kind") or "")


def decode_series(payload: bytes | memoryview) -> tuple[int, str, dict[str, Any]]:
    """Raises ValueError for a payload without number, name or context."""
    described = _described(payload)
    return _word_at(payload)[0], str(described["name"]), described["context"]


def _described(payload: bytes | memoryview) -> dict[str, Any]:
    described = decode_json(payload[4:])
    if not isinstance(described, dict) or "name" not in described or not isinstance(described.get("context"), dict):
        raise ValueError("a series without a name and a context")
    return described


# Params, of which each record holds a part


def parts(value: dict[str, Any], told: Warn) -> Iterator[dict[str, Any]]:
    """`value` as one dict, or as several that each fit in a record and add up to it. `told(path, why)` names what is
    too large for one."""
    if _size(value) <= ROOM:
        yield value
        return
    for key, item in value.items():
        if _size(item) <= ROOM:
            yield {key: item}
        elif isinstance(item, dict):
            yield from ({key: part} for part in parts(item, functools.partial(below, told, key)))
        else:
            told(key, f"takes {_size(item):,} bytes as JSON, more than the {ROOM:,} of one value, and is not kept")


def merge(into: dict[str, Any], value: Mapping[str, Any]) -> None:
    """Deep merge: dicts add up, anything else replaces."""
    for key, item in value.items():
        there = into.get(key)
        if isinstance(item, dict) and isinstance(there, dict):
            merge(there, item)
        else:
            into[key] = _copy(item)


def below(told: Warn, above: str, path: str, why: str) -> None:
    """Tell of a path that is below another one."""
    told(f"{above}.{path}" if above else path, why)


def _copy(value: Any) -> Any:
    return {key: _copy(item) for key, item in value.items()} if isinstance(value, dict) else value


def _size(value: Any) -> int:
    return len(encode_json(value))
