"""CRC-32C (Castagnoli) as TFRecord files and RocksDB mask it, with numpy: many short records at once, and long ones in
lanes.

CRC is linear over XOR. The lanes of a long record are therefore computed from zero side by side, and joined by an
operator that appends that many zero bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from aim.index.checksum import shifted_out

U8 = npt.NDArray[np.uint8]
U32 = npt.NDArray[np.uint32]
_POLYNOMIAL = 0x82F63B78
# A step of numpy takes as long for one lane as for many.
_LANE = 128
# Of rows up to this length, many take a step together.
_LONGEST_ROW = 2048
_BLOCK = 1 << 14
# Records of different lengths that are padded to the longest one, and the longest that are.
_TOGETHER, _PADDED = 256, 1 << 13
# So many bytes of steps take as long as the lanes of one record.
_WORTH_LANES = 128


def masked_rows(rows: U8, length: int) -> U32:
    """The masked checksum of the first `length` bytes of every row; faster if rows have even lengths and no gaps."""
    if length > _LONGEST_ROW:
        return _masked(np.array([_long(row[:length]) for row in rows], np.uint32))
    sums = np.empty(len(rows), np.uint32)
    for start in range(0, len(rows), _BLOCK):
        part = rows[start : start + _BLOCK]
        sums[start : start + _BLOCK] = _advance(np.full(len(part), 0xFFFFFFFF, np.uint32), part, length)
    return _masked(~sums)


def masked(parts: Sequence[bytes]) -> U32:
    """The masked checksum of each part, of any length."""
    sums = np.empty(len(parts), np.uint32)
    order = sorted(range(len(parts)), key=lambda i: len(parts[i]))
    padded = [i for i in order if 4 <= len(parts[i]) <= _PADDED]
    for start in range(0, len(padded), _TOGETHER):
        some = padded[start : start + _TOGETHER]
        if len(some) * _WORTH_LANES < len(parts[some[-1]]):
            sums[some] = _masked(np.array([_long(np.frombuffer(parts[i], np.uint8)) for i in some], np.uint32))
        else:
            sums[some] = _of_padded([parts[i] for i in some])
    for i in order:
        if not 4 <= len(parts[i]) <= _PADDED:
            sums[i] = masked_rows(np.frombuffer(parts[i], np.uint8)[None], len(parts[i]))[0]
    return sums


def _of_padded(parts: Sequence[bytes]) -> U32:
    """Zeros before a part change nothing while the register is zero."""
    width = max(map(len, parts)) + 1 & ~1
    rows = np.zeros((len(parts), width), np.uint8)
    for row, part in zip(rows, parts, strict=True):
        row[width - len(part) :] = np.frombuffer(part, np.uint8)
        row[width - len(part) :][:4] ^= 0xFF
    return _masked(~_advance(np.zeros(len(parts), np.uint32), rows, width))


def _masked(checksum: U32) -> U32:
    turned = checksum >> np.uint32(15) | checksum << np.uint32(17)
    return np.asarray(turned + np.uint32(0xA282EAD8), np.uint32)


def _advance(state: U32, rows: U8, length: int) -> U32:
    """The register of every row after its first `length` bytes."""
    table, low = _tables()[0], np.uint32(0xFFFF)
    even = rows if rows.flags.c_contiguous and rows.shape[1] % 2 == 0 else np.ascontiguousarray(rows[:, : length & ~1])
    pairs = even.view("<u2")
    for place in range(length // 2):
        state = state ^ pairs[:, place]
        state = table[state & low] ^ (state >> np.uint32(16))
    if length & 1:
        state = _tables()[1][(state ^ rows[:, length - 1]) & np.uint32(0xFF)] ^ (state >> np.uint32(8))
    return state


def _long(data: U8) -> int:
    lanes = -(-len(data) // _LANE)
    padded = np.zeros(lanes * _LANE, np.uint8)
    padded[-len(data) :] = data
    first = len(padded) - len(data)
    padded[first : first + 4] ^= 0xFF
    state = _advance(np.zeros(lanes, np.uint32), padded.reshape(lanes, _LANE), _LANE)
    level = 0
    while len(state) > 1:
        if len(state) & 1:
            state = np.concatenate((np.zeros(1, np.uint32), state))
        state = _apply(_zeros(level), state[::2]) ^ state[1::2]
        level += 1
    return int(~state[0])


def _apply(operator: U32, values: U32) -> U32:
    bits = values[:, None] >> np.arange(32, dtype=np.uint32) & np.uint32(1)
    return np.asarray(np.bitwise_xor.reduce(bits * operator, axis=1), np.uint32)


@lru_cache(maxsize=64)
def _zeros(level: int) -> U32:
    """What `_LANE << level` zero bytes do to each bit of the register."""
    if level:
        half = _zeros(level - 1)
        return _apply(half, half)
    each = np.uint32(1) << np.arange(32, dtype=np.uint32)
    return _advance(each, np.zeros((32, _LANE), np.uint8), _LANE)


@lru_cache(maxsize=1)
def _tables() -> tuple[U32, U32]:
    """What the low 16, or 8, bits of the register become when they are shifted out."""
    return shifted_out(_POLYNOMIAL)
