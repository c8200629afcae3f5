"""Parses the bytes of a log with numpy: stretches of POINT records stay arrays, other records come one by one.

A test checks that it finds the same records and the same damage as aim/log/reader.py. It reads a log in windows, so a
log of any length needs bounded memory.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt

from aim.index.checksum import U32, points_hold
from aim.log import record
from aim.log.checksum import Checksums
from aim.log.record import Record

_WORDS = record.POINT_SIZE // 4
_SMALL, _LARGE = 32, 1 << 17
_LONGEST = record.LONGEST // 4
_word = struct.Struct("<I").unpack_from


class Stretch(NamedTuple):
    """Consecutive POINT records with valid checksums: one row of 11 words per record, the first at `offset`."""

    offset: int
    records: U32


@dataclass
class Parsed:
    """The records of a window. `end` is the end of the last whole record; `printed` counts the bytes of OUTPUT records,
    which are not kept; `skipped` is the start of a damaged place that continues in the next window."""

    end: int
    stretches: list[Stretch] = field(default_factory=list)
    others: list[Record] = field(default_factory=list)
    damage: list[tuple[int, int]] = field(default_factory=list)
    skipped: int | None = None
    next: int = 0
    printed: int = 0

    def take(self, entry: Record) -> None:
        """Take a record that is not a POINT."""
        if entry.kind == record.OUTPUT:
            head = _word(entry.payload)[0] if entry.payload else 0
            self.printed += head & 0xFFFFFFF if head >> 28 else 0
        elif entry.kind in record.KNOWN_TYPES and entry.kind != record.BLOB:
            self.others.append(entry)


def parse(data: bytes, offset: int, seed: int, *, final: bool = True, skipped: int | None = None) -> Parsed:
    """Parse `data`, which lies at `offset` of its log. Unless it is the `final` window, the last megabyte is left for
    the next window, which begins at `next`. `skipped` passes an open damaged place on from the previous window."""
    return _WindowParser(data, offset, seed, final).parse(skipped)


class _WindowParser:
    def __init__(self, data: bytes, offset: int, seed: int, final: bool) -> None:
        self.data = data
        self.offset = offset
        self.seed = seed
        self.words: U32 = np.frombuffer(data, "<u4", len(data) // 4)
        self.count = len(self.words)
        self.stop = self.count - 1 if final else self.count - _LONGEST
        self.batch = _LARGE
        self.sums: Checksums | None = None
        self.parsed = Parsed(offset)

    def parse(self, skipped: int | None) -> Parsed:
        at, parsed = 0, self.parsed
        if skipped is not None:
            at = self._resync(0, skipped)
        while at < self.stop:
            word = _word(self.data, 4 * at)[0]
            end = self._stretch(at) if word == record.POINT_WORD else self._other(at)
            at = end if end > at else self._resync(at + 1, self.offset + 4 * at)
        parsed.next = self.offset + 4 * at
        return parsed

    def _stretch(self, at: int) -> int:
        """Take POINT records from `at` on, and return the word after the last good one."""
        if at + _WORDS < self.count and _word(self.data, 4 * (at + _WORDS))[0] != record.POINT_WORD:
            return self._single(at)
        count = min((self.count - at) // _WORDS, self.batch)
        rows = self.words[at : at + count * _WORDS].reshape(count, _WORDS)
        looked = min(count, _SMALL)
        while looked and not (rows[:looked, 0] != record.POINT_WORD).any() and looked < count:
            looked = min(count, looked * 8)
        count = _leading(rows[:looked, 0] == record.POINT_WORD)
        good = self._good(rows[:count], at)
        self.batch = min(self.batch * 8, _LARGE)
        if good:
            self.parsed.stretches.append(Stretch(self.offset + 4 * at, rows[:good]))
            self.parsed.end = self.offset + 4 * (at + good * _WORDS)
        return at + good * _WORDS

    def _single(self, at: int) -> int:
        """Take one POINT record that no other POINT follows. Every series begins with one."""
        if not self._holds(at, record.POINT_PAYLOAD):
            return at
        end = at + _WORDS
        self.parsed.stretches.append(Stretch(self.offset + 4 * at, self.words[at:end].reshape(1, _WORDS)))
        self.parsed.end = self.offset + 4 * end
        return end

    def _good(self, rows: U32, at: int) -> int:
        offset = self.offset + 4 * at
        if len(rows) >= _SMALL:
            starts = np.arange(len(rows), dtype=np.uint64) * record.POINT_SIZE + ((self.seed + offset) & 0xFFFFFFFF)
            return _leading(points_hold(rows, starts.astype(np.uint32)))
        for i in range(len(rows)):
            if not self._holds(at + i * _WORDS, record.POINT_PAYLOAD):
                return i
        return len(rows)

    def _other(self, at: int) -> int:
        entry = record.at(self.data, 4 * at, self.seed, self.offset, self.sums)
        if entry is None:
            return at
        self.parsed.take(entry)
        self.parsed.end = entry.end
        return (entry.end - self.offset) // 4

    def _holds(self, at: int, length: int) -> bool:
        start, stop = 4 * at, 4 * at + 4 + length
        checksum = crc32(self.data[start:stop], (self.seed + self.offset + start) & 0xFFFFFFFF)
        return bool(checksum == _word(self.data, stop)[0])

    def _resync(self, at: int, damaged_from: int) -> int:
        """The next word where a record begins, or the end if there is none. The words before it are damage."""
        self.batch = _SMALL * 8
        self.sums = self.sums or Checksums(self.data)
        place = record.next_good(self.data, 4 * at, self.seed, self.offset, self.sums)
        if place is None or place >= 4 * self.stop:
            self.parsed.skipped = damaged_from
            return max(at, self.stop)
        self.parsed.damage.append((damaged_from, self.offset + place))
        self.parsed.skipped = None
        return place // 4


def _leading(good: npt.NDArray[Any]) -> int:
    """The number of leading True values."""
    return len(good) if good.all() else int(np.argmin(good))
