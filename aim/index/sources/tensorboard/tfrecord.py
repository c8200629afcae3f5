"""The frames of a TFRecord file: length, checksum of the length, data, checksum of the data. A block is read at once.

Any place where a length is followed by its own checksum may begin a record. A damaged record therefore costs only
itself: reading goes on at the next such place.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from aim import regular
from aim.index.sources.crc32c import U8, masked_rows

WINDOW = 8 << 20
MAX_RECORD = 64 << 20
HEADER, FOOTER = 12, 4
_FRAME = HEADER + FOOTER

Ints = npt.NDArray[np.int64]
DamagedSpan = tuple[int, int]
_NONE = np.empty(0, np.int64)


@dataclass
class Block:
    """Records of a stretch of the file at `offset`: record i has its data at `start[i]` in `data`, `length[i]` bytes.
    `end` is the end of the last one; `data` has one extra byte, so that rows of even length can be cut out."""

    data: U8
    offset: int
    start: Ints
    length: Ints
    end: int
    damage: list[DamagedSpan] = field(default_factory=list)

    def groups(self) -> Iterator[tuple[Ints, U8]]:
        """The records grouped by length: their numbers, and their data as rows. Records with wrong checksums become
        damage."""
        order = np.argsort(self.length, kind="stable")
        lengths, first = np.unique(self.length[order], return_index=True)
        for length, start, stop in zip(lengths.tolist(), first, [*first[1:], len(order)], strict=False):
            most = max(1, WINDOW // (length + FOOTER))
            for at in range(start, stop, most):
                yield self._checked(order[at : min(at + most, stop)], length)

    def _checked(self, some: Ints, length: int) -> tuple[Ints, U8]:
        rows = gathered(self.data, self.start[some], length + FOOTER + length % 2)
        right = masked_rows(rows, length) == np.ascontiguousarray(rows[:, length : length + FOOTER]).view("<u4")[:, 0]
        if right.all():
            return some, rows[:, :length]
        for at in self.start[some[~right]].tolist():
            self.damage.append((self.offset + at - HEADER, self.offset + at + length + FOOTER))
        return some[right], rows[right, :length]


def blocks(path: Path, start: int, *, window: int = 0) -> Generator[Block]:
    """The whole records of a file from `start` on, in bounded parts: of `window` bytes, or as many as a record takes.
    An incomplete one at the end is left for later. Some files of the system have no size and no end, and links may lead
    to them: nothing beyond the size is read."""
    window = window or WINDOW
    with regular.opened(os.path.realpath(path)) as file:
        size, stop = window, os.fstat(file.fileno()).st_size
        while True:
            file.seek(start)
            data = file.read(min(size, max(0, stop - start)))
            final = len(data) < size
            block = _framed(np.frombuffer(data, np.uint8), start)
            if block.end == start and not final:
                if size < MAX_RECORD + WINDOW:
                    size = min(4 * size, MAX_RECORD + WINDOW)
                    continue
                block.end = _behind(block, start, _behind_hole(file, start + size))
                block.damage.append((start, block.end))
            yield block
            if final or not data:
                return
            start, size = block.end, window


def _behind_hole(file: BinaryIO, offset: int) -> int:
    """A sparse file can have a terabyte of zeros, and no record begins with them."""
    size = os.fstat(file.fileno()).st_size
    return next((start for start, _ in regular.extents(file.fileno(), offset)), size)


def _behind(block: Block, start: int, stop: int) -> int:
    """Where to continue if even the largest block has no whole record: after a record that is too long, or after
    garbage, which ends at `stop`."""
    places, lengths = headers(block.data)
    if len(places) and places[0] == 0:
        return start + int(lengths[0]) + _FRAME
    return start + int(places[0]) if len(places) else stop - HEADER


def _framed(data: U8, offset: int) -> Block:
    places, lengths = headers(data)
    ends = places + lengths + _FRAME
    whole = (ends <= len(data)) & (lengths <= MAX_RECORD)
    chosen, damage, end = _chain(places, ends, whole)
    damaged = [(offset + first, offset + last) for first, last in damage]
    return Block(np.append(data, np.uint8(0)), offset, places[chosen] + HEADER, lengths[chosen], offset + end, damaged)


def headers(data: U8) -> tuple[Ints, Ints]:
    """Every place where a length from 1 to 2^32 - 1 is followed by its checksum, and that length."""
    parts = [(at, *_headers(data[at : at + WINDOW + HEADER - 1])) for at in range(0, len(data), WINDOW)]
    places = [places + at for at, places, _ in parts]
    return np.concatenate([_NONE, *places]), np.concatenate([_NONE, *(lengths for *_, lengths in parts)])


def _headers(data: U8) -> tuple[Ints, Ints]:
    """The same of one window, which is searched at once."""
    count = len(data) - HEADER + 1
    if count <= 0:
        return _NONE, _NONE
    zero = data == 0
    pair = zero[:-1] & zero[1:]
    four = pair[:-2] & pair[2:]
    places = np.flatnonzero(four[4 : count + 4] & ~four[:count])
    rows = gathered(data, places, HEADER)
    right = masked_rows(rows, 8) == np.ascontiguousarray(rows[:, 8:]).view("<u4")[:, 0]
    lengths = np.ascontiguousarray(rows[right, :8]).view("<i8")[:, 0]
    return places[right], lengths


def _chain(places: Ints, ends: Ints, whole: npt.NDArray[np.bool_]) -> tuple[Ints, list[DamagedSpan], int]:
    """The consecutive records from the start, the damage between them, and the end of the last one. A header inside the
    data of a record does not count."""
    breaks = np.flatnonzero((ends[:-1] != places[1:]) | ~whole[1:])
    chosen: list[Ints] = []
    damage: list[DamagedSpan] = []
    at, end = 0, 0
    while at < len(places) and whole[at]:
        if int(places[at]) > end:
            damage.append((end, int(places[at])))
        cut = int(np.searchsorted(breaks, at))
        last = int(breaks[cut]) if cut < len(breaks) else len(places) - 1
        chosen.append(np.arange(at, last + 1))
        end = int(ends[last])
        at = int(np.searchsorted(places, end))
    return np.concatenate(chosen) if chosen else np.empty(0, np.int64), damage, end


def gathered(data: U8, places: Ints, length: int) -> U8:
    """`length` bytes from each place, as rows without gaps."""
    if not len(places) or not length:
        return np.empty((len(places), length), np.uint8)
    texts = np.ndarray((len(data) - length + 1,), np.dtype((np.void, length)), data, strides=(1,))
    return np.asarray(texts[places]).view(np.uint8).reshape(len(places), length)
