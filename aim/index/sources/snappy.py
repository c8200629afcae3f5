"""Snappy's format of one block: literals, and copies of what came before."""

from __future__ import annotations

from aim.index.sources.protobuf import varint_at

# A copy takes at least two bytes, and makes at most 64.
_MOST_GROWTH = 32


def inflate(data: bytes, most: int) -> bytes:
    """Raises ValueError if it is damaged, or would have more than `most` bytes."""
    size, at = varint_at(data, 0, len(data))
    if size > min(most, len(data) * _MOST_GROWTH):
        raise ValueError(f"a block of {size:,} bytes in {len(data):,}")
    try:
        made = _made(data, at, size)
    except IndexError:
        raise ValueError("a block ends within a copy") from None
    if len(made) != size:
        raise ValueError(f"a block has {len(made):,} bytes instead of {size:,}")
    return bytes(made)


def _made(data: bytes, at: int, size: int) -> bytearray:
    made = bytearray()
    while at < len(data) and len(made) <= size:
        tag = data[at]
        kind, length = tag & 3, (tag >> 2) + 1
        if kind == 0:
            if length > 60:
                wide = at + length - 59
                length = int.from_bytes(data[at + 1 : wide], "little") + 1
                at = wide - 1
            made += data[at + 1 : at + 1 + length]
            at += 1 + length
            continue
        if kind == 1:
            length, offset = (tag >> 2 & 7) + 4, tag >> 5 << 8 | data[at + 1]
            at += 2
        elif kind == 2:
            offset = data[at + 1] | data[at + 2] << 8
            at += 3
        else:
            offset = int.from_bytes(data[at + 1 : at + 5], "little")
            at += 5
        start = len(made) - offset
        if start < 0 or not offset:
            raise ValueError("a copy of what is not there")
        if offset >= length:
            made += made[start : start + length]
        else:
            made += (made[start:] * (length // offset + 1))[:length]
    return made
