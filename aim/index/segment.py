"""A segment holds tables of some part of the logs, in memory or in Parquet files. It never changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from aim.engine import Columns, Part, Remote
from aim.errors import EngineError
from aim.index.ints import Ints, spread
from aim.index.schema import NUMPY, TABLES

# What a row of a run takes in memory and on disk, in points.
RUN_WEIGHT = 150


@dataclass(frozen=True)
class Segment:
    """`number` orders segments by age. A table is in `files`, in `memory` or in a database; a table without rows may be
    in none."""

    number: int
    points: int
    runs: int = 0
    files: Mapping[str, Path] = field(default_factory=dict)
    memory: Mapping[str, Columns] = field(default_factory=dict)
    remote: Mapping[str, Remote] = field(default_factory=dict)

    @property
    def weight(self) -> int:
        """Its size, in points."""
        return self.points + RUN_WEIGHT * self.runs


class Places:
    """The places of some runs, found by run number. Rows that do not count get -1."""

    def __init__(self, numbers: Ints, since: Ints, newest: Ints, *, changing: bool = False) -> None:
        """`since`: the first segment that counts for a run. `newest`: the last segment that has it. `changing`: a later
        fold may replace the rows, which are in a database, at any moment."""
        self._changing = changing
        self._order = np.argsort(numbers)
        self._numbers = numbers[self._order]
        self._since = np.append(since, 0)
        self._newest = np.append(newest, 0)

    def of_series(self, rows: Columns) -> Ints:
        """For series and objects, which add up over segments. In a database, those of a run that was read again from
        its first byte have another segment."""
        run, since = self.of(rows["run"]), rows["segment"]
        return np.where(since == self._since[run] if self._changing else since >= self._since[run], run, -1)

    def of_params(self, rows: Columns) -> Ints:
        """For params, which come from the newest segment alone. A database may have newer ones."""
        run, segment = self.of(rows["run"]), rows["segment"]
        return np.where(segment >= self._newest[run] if self._changing else segment == self._newest[run], run, -1)

    def of(self, numbers: Ints) -> Ints:
        """The places of runs by their numbers."""
        if not len(self._numbers):
            return np.full(len(numbers), -1)
        at = np.minimum(np.searchsorted(self._numbers, numbers), len(self._numbers) - 1)
        return np.where(self._numbers[at] == numbers, self._order[at], -1)


def newest_rows(runs: Ints) -> tuple[Ints, Ints]:
    """The runs of a table by their numbers, ascending, and the last row of each."""
    numbers, last = np.unique(runs[::-1], return_index=True)
    return numbers, len(runs) - 1 - last


def empty(table: str) -> Columns:
    return {name: np.empty(0, NUMPY[kind]) for name, kind in TABLES[table].items()}


def column(values: Sequence[Any] | npt.NDArray[Any], kind: str) -> npt.NDArray[Any]:
    """A column of the SQL type `kind`. None becomes NULL in text and NaN in numbers."""
    if kind != "VARCHAR":
        return np.array(values, NUMPY[kind])
    made = np.empty(len(values), object)
    made[:] = values
    return made


def table(rows: Sequence[Mapping[str, Any]], name: str) -> Columns:
    return {key: column([row[key] for row in rows], kind) for key, kind in TABLES[name].items()}


def rows_at(rows: Columns, places: npt.NDArray[Any]) -> Columns:
    """Some rows of a table. `places`: which, in which order, or a mask."""
    return {name: values[places] for name, values in rows.items()}


def begins(*keys: npt.NDArray[Any]) -> Ints:
    """Where the groups of rows that are alike in all of these columns begin, in a table that is sorted by them."""
    new = np.ones(len(keys[0]), bool)
    new[1:] = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    return np.flatnonzero(new)


def stored(segments: Sequence[Segment], table: str) -> list[Part]:
    """The parts of a table over all `segments`, in their order. An empty part gives the column types."""
    files = [segment.files[table] for segment in segments if table in segment.files]
    remote = [segment.remote[table] for segment in segments if segment.remote]
    return [empty(table), *files, *remote, *(segment.memory[table] for segment in segments if segment.memory)]


def room(table: str, columns: Collection[str], rows: int) -> Columns:
    """Columns of a table for so many rows, without values."""
    return {name: np.empty(rows, column.dtype) for name, column in empty(table).items() if name in columns}


def put(points: Columns, places: Ints, segment: Segment, read: Columns, part: Columns) -> None:
    """Put the points of some rows of the segment's series table in their places. `read`: the points of these series,
    or all points of a segment in memory. `part`: those rows, in the order of their points."""
    index: Ints | slice = slice(None)
    if segment.memory:
        index = spread(part["begin"], part["count"])
    else:
        count = part["count"]
        keys, first, place = np.unique(part["series"], return_index=True, return_inverse=True)
        length = count[first]
        there = len(next(iter(read.values())))
        if there != int(length.sum()):
            name = segment.files["points"].name
            raise EngineError(f"{name} holds {there} points where {length.sum()} were expected")
        if len(keys) < len(place):
            index = spread((np.cumsum(length) - length)[place], count)
    for name, column in points.items():
        column[places] = read[name][index]
