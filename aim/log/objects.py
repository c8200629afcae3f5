"""Points of media series: OBJECT records, and before them the BLOB records of values that do not fit in one record.

A large value is cut into pieces that fit in one record each, so that no other thread waits long for the log, and damage
costs one value. Its OBJECT comes last and names the offsets of the pieces, so a value with an OBJECT is complete.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from typing import Any, NamedTuple

from aim.errors import LogError
from aim.log import bounds, record
from aim.log.reader import OpenLog, OpenSeal
from aim.log.writer import Writer

MAX_SIZE = 64 << 20
PIECE = record.MAX_PAYLOAD
_head = struct.Struct("<IqddIIII")
_WITHOUT = math.nan


class Object(NamedTuple):
    """One OBJECT record. Its content is `inline`, or in the BLOB records at `pieces`.

    `place` tells the values of one `track` call apart; `described` is JSON about the content.
    """

    series: int
    step: int
    time: float
    epoch: float | None
    place: int
    size: int
    described: bytes
    pieces: tuple[int, ...]
    inline: bytes

    @property
    def meta(self) -> dict[str, Any]:
        """Raises ValueError for an invalid description."""
        described = bounds.loads(self.described)
        if not isinstance(described, dict):
            raise ValueError("the description of a value is not a JSON object")
        return described


def append(
    writer: Writer,
    series: int,
    *,
    step: int,
    time: float,
    epoch: float | None,
    place: int,
    data: bytes,
    meta: Mapping[str, Any],
) -> bool:
    """Append one value; False if it was dropped. Raises ValueError for one that is too large."""
    if len(data) > MAX_SIZE:
        raise ValueError(f"a value of {len(data):,} bytes is larger than {MAX_SIZE:,}; store it in a separate file")
    described = record.encode_json(dict(meta))
    number = series | (0 if epoch is None else record.HAS_EPOCH) << 28
    fields = (number, step, time, _WITHOUT if epoch is None else epoch, place, len(data), len(described))
    if _head.size + len(described) + len(data) <= PIECE:
        return writer.append(record.OBJECT, _head.pack(*fields, 0) + described + _padded(data)) is not None
    pieces: list[int] = []
    for start in range(0, len(data), PIECE):
        offset = writer.append(record.BLOB, _padded(data[start : start + PIECE]))
        if offset is None:
            return False
        pieces.append(offset)
    places = struct.pack(f"<{len(pieces)}Q", *pieces)
    return writer.append(record.OBJECT, _head.pack(*fields, len(pieces)) + described + places) is not None


def decode(payload: bytes) -> Object:
    """Raises LogError for an invalid payload."""
    if len(payload) < _head.size:
        raise LogError("an OBJECT record is shorter than its head")
    number, step, time, epoch, place, size, described, count = _head.unpack_from(payload)
    body = _head.size + described
    content = payload[body:]
    if len(content) != (8 * count or size + -size % 4) or size > MAX_SIZE:
        raise LogError("an OBJECT record has another length than its fields say")
    given = epoch if number >> 28 & record.HAS_EPOCH else None
    pieces = struct.unpack(f"<{count}Q", content) if count else ()
    inline = b"" if count else content[:size]
    about = payload[_head.size : body]
    return Object(number & (record.MAX_SERIES - 1), step, time, given, place, size, about, pieces, inline)


def at(file: OpenLog | OpenSeal, offset: int) -> Object:
    """The OBJECT record at an offset of its log. Raises LogError if there is none."""
    return decode(_payload(file, offset, record.OBJECT))


def content(file: OpenLog | OpenSeal, stored: Object, most: int | None = None) -> bytes:
    """The bytes of a value, or the pieces with the first `most` of them. Raises LogError if a piece is damaged or
    missing."""
    if not stored.pieces:
        return stored.inline
    count = len(stored.pieces) if most is None or most >= stored.size - PIECE else -(-most // PIECE)
    data = bytearray()
    for offset in stored.pieces[:count]:
        data += _payload(file, offset, record.BLOB)
        if len(data) > stored.size + 4 * count:
            break
    if count == len(stored.pieces) and len(data) - stored.size not in range(4):
        raise LogError(f"a value of {stored.size:,} bytes has pieces of {len(data):,}")
    return bytes(data[: stored.size])


def _payload(file: OpenLog | OpenSeal, offset: int, kind: int) -> bytes:
    there = file.at(offset)
    if there is None or there.kind != kind:
        raise LogError(f"the record of type {kind} at byte {offset:,} is damaged or missing: {file.path}")
    return there.payload


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4) if len(data) & 3 else data
