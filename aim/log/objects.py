"""Points whose value is no number: OBJECT records, and the BLOB records before them that hold what one record cannot.

A large value is cut into pieces of less than one record each, so that no other thread waits long for the log, and a
damaged place costs one value. Its OBJECT comes last and names the offsets of the pieces: where it stands, all is there.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from zlib import crc32

from aim.errors import LogError
from aim.log import record, seal
from aim.log.writer import Writer

# Gives the payload of the record at an offset, which must be of this type; raises LogError where it is not.
Payload = Callable[[int, int], bytes]

MAX_SIZE = 64 << 20
PIECE = record.MAX_PAYLOAD
_head = struct.Struct("<IqddIIII")
_WITHOUT = math.nan


class Object(NamedTuple):
    """One OBJECT record without the content: that is `inline`, or lies in the BLOB records at `pieces`.

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
        """Raises ValueError where the description is none."""
        found = json.loads(self.described)
        if not isinstance(found, dict):
            raise ValueError("the description of a value is no object")
        return found


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
    """Append one value; False when it had to be dropped. Raises ValueError where it can never fit."""
    if len(data) > MAX_SIZE:
        raise ValueError(f"a value of {len(data):,} bytes is larger than {MAX_SIZE:,}; keep it in a file of its own")
    described = record.encode_json(dict(meta))
    number = series | (0 if epoch is None else record.HAS_EPOCH) << 28
    fields = (number, step, time, _WITHOUT if epoch is None else epoch, place, len(data), len(described))
    if _head.size + len(described) + len(data) <= PIECE:
        return writer.append(record.OBJECT, _head.pack(*fields, 0) + described + _padded(data))
    pieces: list[int] = []
    for start in range(0, len(data), PIECE):
        offset = writer.place(record.BLOB, _padded(data[start : start + PIECE]))
        if offset is None:
            return False
        pieces.append(offset)
    places = struct.pack(f"<{len(pieces)}Q", *pieces)
    return writer.append(record.OBJECT, _head.pack(*fields, len(pieces)) + described + places)


def decode(payload: bytes) -> Object:
    """Raises LogError where the payload is none."""
    if len(payload) < _head.size:
        raise LogError("an OBJECT record is shorter than its head")
    number, step, time, epoch, place, size, described, count = _head.unpack_from(payload)
    behind = _head.size + described
    content = payload[behind:]
    if len(content) != (8 * count or size + -size % 4) or size > MAX_SIZE:
        raise LogError("an OBJECT record does not hold what it says")
    given = epoch if number >> 28 & record.HAS_EPOCH else None
    pieces = struct.unpack(f"<{count}Q", content) if count else ()
    inline = b"" if count else content[:size]
    about = payload[_head.size : behind]
    return Object(number & (record.MAX_SERIES - 1), step, time, given, place, size, about, pieces, inline)


def content(found: Object, payload: Payload, most: int | None = None) -> bytes:
    """The bytes of a value, or the pieces with the first `most` of them. Raises LogError where a piece is damaged or
    not there."""
    if not found.pieces:
        return found.inline
    if most is not None and most < found.size - PIECE:
        return b"".join(payload(offset, record.BLOB) for offset in found.pieces[: -(-most // PIECE)])
    data = b"".join(payload(offset, record.BLOB) for offset in found.pieces)
    if len(data) - found.size not in range(4):
        raise LogError(f"a value of {found.size:,} bytes has pieces of {len(data):,}")
    return data[: found.size]


@contextmanager
def opened(path: Path, seed: int) -> Iterator[Payload]:
    """The payloads of OBJECT and BLOB records in a log or a seal, read one by one."""
    if path.suffix == ".seal":
        yield seal.payloads(path)
        return
    with open(path, "rb") as file:
        yield partial(_payload, file, seed)


def _payload(file: BinaryIO, seed: int, offset: int, kind: int) -> bytes:
    file.seek(offset)
    head = file.read(4)
    word = int.from_bytes(head, "little")
    length = word & 0xFFFFF
    if word != record.MARK | kind << 20 | length or length & 3:
        raise LogError(f"there is no record of type {kind} at byte {offset:,}")
    body = head + file.read(length + 4)
    if len(body) != length + 8 or crc32(body[:-4], (seed + offset) & 0xFFFFFFFF) != int.from_bytes(body[-4:], "little"):
        raise LogError(f"the record at byte {offset:,} is damaged")
    return body[4:-4]


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4) if len(data) & 3 else data
