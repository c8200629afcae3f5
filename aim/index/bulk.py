"""Parses many small logs, or what was added to many, at once. One numpy pass over the bytes of all of them finds their
records, all logs in step, and another one checks the POINT records, so that a few points cost little, and a small run
little more than its JSON.

A test checks that it finds the same records as aim/index/parse.py, and leaves every damaged log to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt

from aim.index.checksum import U32, points_hold
from aim.index.parse import Parsed, Stretch
from aim.log import record
from aim.log.record import Record

Ints = npt.NDArray[np.int64]
# In step, a log with many points costs more than alone.
LARGEST = 1 << 16
_WORDS = record.POINT_SIZE // 4


class Tail(NamedTuple):
    """The bytes of a log from a record at `offset` on."""

    data: bytes
    offset: int
    seed: int


def parse_together(tails: Sequence[Tail]) -> list[Parsed | None]:
    """What `parse` finds in each of them; None where there is anything but whole records with the right checksums, or
    nothing."""
    joined = _Joined(tails)
    joined.take_points()
    joined.take_others()
    return [None if bad else parsed for bad, parsed in zip(joined.bad.tolist(), joined.parsed, strict=True)]


class _Joined:
    """The logs one after the other. `place` and `owner` are the word and the log of each of their records."""

    def __init__(self, tails: Sequence[Tail]) -> None:
        lengths = np.array([len(tail.data) for tail in tails], np.int64)
        self.bad = (lengths % 4 != 0) | (lengths == 0)
        self.data = b"".join(tail.data if not bad else b"" for tail, bad in zip(tails, self.bad.tolist(), strict=True))
        self.words: U32 = np.frombuffer(self.data, "<u4")
        counts = np.where(self.bad, 0, lengths // 4)
        self.ends: Ints = np.cumsum(counts)
        self.begins: Ints = self.ends - counts
        self.parsed = [Parsed(tail.offset + len(tail.data)) for tail in tails]
        self.place, self.owner = self._walk()
        offsets = np.array([tail.offset for tail in tails], np.int64)
        seeds = np.array([tail.seed for tail in tails], np.int64)
        self.offset: Ints = 4 * (self.place - self.begins[self.owner]) + offsets[self.owner]
        self.start: Ints = seeds[self.owner] + self.offset & 0xFFFFFFFF
        self.points = self.words[self.place] == record.POINT_WORD

    def _walk(self) -> tuple[Ints, Ints]:
        """The first record of every log, then the second of every log that has one, and so on; then sorted."""
        live = np.flatnonzero(~self.bad)
        at = self.begins[live]
        places, owners = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        while len(live):
            word = self.words[at]
            after = at + ((word & record.LENGTH) // 4 + 2).astype(np.int64)
            good = (word & record.FIXED == record.MARK) & (after <= self.ends[live])
            if not good.all():
                self.bad[live[~good]] = True
                at, live, after = at[good], live[good], after[good]
            places.append(at)
            owners.append(live)
            more = after < self.ends[live]
            at, live = after[more], live[more]
        place, owner = np.concatenate(places), np.concatenate(owners)
        order = np.argsort(place, kind="stable")
        return place[order], owner[order]

    def take_points(self) -> None:
        which = np.flatnonzero(self.points)
        rows = self.words[self.place[which, None] + np.arange(_WORDS)]
        owner, offset = self.owner[which], self.offset[which]
        self.bad[owner[~points_hold(rows, self.start[which].astype(np.uint32))]] = True
        begins = np.flatnonzero(_differs(which, 1) | _differs(owner, 0))
        stops = np.append(begins, len(which))[1:].tolist()
        given = zip(owner[begins].tolist(), offset[begins].tolist(), begins.tolist(), stops, strict=True)
        for log, at, begin, stop in given:
            self.parsed[log].stretches.append(Stretch(at, rows[begin:stop]))

    def take_others(self) -> None:
        which = np.flatnonzero(~self.points)
        words = self.words[self.place[which]]
        kinds = [record.kind_of(word) for word in words.tolist()]
        lengths = (words & record.LENGTH).tolist()
        checks = self.words[self.place[which] + (words & record.LENGTH) // 4 + 1].tolist()
        columns = (self.owner, self.offset, self.start, 4 * self.place)
        places = (column[which].tolist() for column in columns)
        data = memoryview(self.data)
        for kind, length, check, log, offset, start, at in zip(kinds, lengths, checks, *places, strict=True):
            stop = at + 4 + length
            if crc32(data[at:stop], start) != check:
                self.bad[log] = True
            else:
                self.parsed[log].take(Record(offset, kind, bytes(data[at + 4 : stop])))


def _differs(values: Ints, step: int) -> npt.NDArray[Any]:
    """Whether each value is another one than the value before it plus `step`."""
    return np.append(True, values[1:] != values[:-1] + step)[: len(values)]
