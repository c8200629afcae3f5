"""Series over all segments: the combined statistics of their parts, and their points in order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from aim import engine
from aim.deadline import check, checked
from aim.engine import Columns, Remote
from aim.errors import EngineError
from aim.index import distant, segment
from aim.index.fold import Ranks, statistics
from aim.index.ints import Ints, ascending, spread
from aim.index.schema import SERIES
from aim.index.segment import Places, Segment, begins, rows_at
from aim.index.state import RunState
from aim.natural import natural

Array = npt.NDArray[Any]
# Given runs and their writers by number, the order of the writers.
Rank = Callable[[Array, Array], Array]
# So many runs are read by their number alone.
_FEW_RUNS = 256
_ENDS = ("", "_step", "_time", "_writer", "_offset")
# Every answer about series needs these columns; the others are statistics of the points.
_PLACES = ("segment", "series", "run", "name", "context", "begin", "count", "first_step", "last_step")
STATS = tuple(name for name in SERIES if name not in _PLACES[:-2])


class Runs(Protocol):
    """What series need from the runs that hold them. The catalog provides it."""

    segments: list[Segment]
    counting: Columns
    by_number: dict[int, Segment]
    places: Places
    numbers: Ints
    resumed: Array
    writers: Array
    remote: Mapping[str, Remote]

    def writer_order(self, i: int) -> list[tuple[float, str]]: ...

    def states(self, runs: Ints) -> list[RunState]: ...

    def hidden(self, i: int) -> list[tuple[int, int, int]]: ...

    def ordinals(self, runs: Array, writers: Array) -> Array: ...


@dataclass
class SeriesRows:
    """`columns` holds run, name, context (JSON) and statistics, one row per series. `parts` locates the points, and
    `part_of` names the row of each part. `parts` are sorted by row, and within a row by age."""

    runs: Runs
    columns: Columns
    parts: Columns
    part_of: Ints

    def __len__(self) -> int:
        return len(self.columns["run"])

    def take(self, rows: Ints) -> SeriesRows:
        """Some of the series, in the given order."""
        counts = np.bincount(self.part_of, minlength=len(self))
        begin = np.cumsum(counts) - counts
        index = spread(begin[rows], counts[rows])
        parts = {name: column[index] for name, column in self.parts.items()}
        return SeriesRows(
            self.runs,
            {n: c[rows] for n, c in self.columns.items()},
            parts,
            np.repeat(np.arange(len(rows)), counts[rows]),
        )

    def points(self, columns: Sequence[str]) -> tuple[Columns, Ints]:
        """The points of all series, sorted by step and arrival within each series, and the offset of each series."""
        tangled, hiding = self._tangled(), self.runs.resumed[self.columns["run"]]
        wanted = list(columns)
        if tangled.any() or hiding.any():
            wanted += [name for name in ("step", "writer", "offset") if name not in columns]
        count = self.parts["count"]
        total = np.bincount(self.part_of, weights=count, minlength=len(self)).astype(np.int64)
        if self.runs.remote:
            points = distant.points(self, wanted, total)
        else:
            points, target = segment.room("points", wanted, int(count.sum())), np.cumsum(count) - count
            for mine in checked(self._pieces()):
                part = rows_at(self.parts, mine)
                with _telling_of_rebuilt():
                    source = self.runs.by_number[int(part["segment"][0])]
                    if source.memory:
                        read = source.memory["points"]
                    else:
                        read = engine.read_keys(source.files["points"], "series", ascending(part["series"]), wanted)
                    segment.put(points, spread(target[mine], part["count"]), source, read, part)
        offsets = np.concatenate(([0], np.cumsum(total)))
        if tangled.any():
            _untangle(self, points, offsets, np.flatnonzero(tangled))
        if hiding.any():
            offsets = _hide(self, points, offsets, np.flatnonzero(hiding))
        return {name: points[name] for name in columns}, offsets

    def _pieces(self) -> list[Ints]:
        """The parts of each segment, in the order of their points."""
        order = np.lexsort((self.parts["begin"], self.parts["segment"]))
        return np.split(order, np.flatnonzero(np.diff(self.parts["segment"][order])) + 1) if len(order) else []

    def _tangled(self) -> Array:
        """Which series have parts that overlap or several writers, so that their points must be sorted."""
        tangled = np.zeros(len(self), bool)
        again = np.flatnonzero(self.part_of[1:] == self.part_of[:-1])
        if len(again):
            rows = self.part_of[again]
            several = self.runs.writers[self.columns["run"][rows]] > 1
            tangled[rows[several | (self.parts["last_step"][again] > self.parts["first_step"][again + 1])]] = True
        return tangled


@contextmanager
def _telling_of_rebuilt() -> Iterator[None]:
    try:
        yield
    except EngineError as error:
        why = "the index was rebuilt since this answer was given, or a file of it is damaged"
        raise EngineError(f"{why}: ask the repository again. {error}") from error


def _untangle(rows: SeriesRows, points: Columns, offsets: Ints, which: Ints) -> None:
    count = offsets[which + 1] - offsets[which]
    index = spread(offsets[which], count)
    series = np.repeat(np.arange(len(which)), count)
    writer = points["writer"][index]
    rank = _ranks(rows, rows.columns["run"][which])(np.repeat(rows.columns["run"][which], count), writer)
    order = index[np.lexsort((points["offset"][index], rank, points["step"][index], series))]
    for column in points.values():
        column[index] = column[order]


def _ranks(rows: SeriesRows, runs: Array) -> Rank:
    """A function that ranks the writers of these runs."""
    distinct: Ints = ascending(runs).astype(np.int64)
    ranks = Ranks([rows.runs.writer_order(int(i)) for i in distinct])
    return lambda run, writer: ranks.of(np.asarray(np.searchsorted(distinct, run)), writer)


def _hide(rows: SeriesRows, points: Columns, offsets: Ints, which: Ints) -> Ints:
    """Remove the points that a resume abandoned. Returns the new offset of each series."""
    keep = np.ones(len(points["step"]), bool)
    rules: dict[int, list[tuple[int, int, int]]] = {}
    for row in checked(which.tolist()):
        run = int(rows.columns["run"][row])
        if run not in rules:
            rules[run] = rows.runs.hidden(run)
        part = slice(int(offsets[row]), int(offsets[row + 1]))
        for writer, size, step in rules[run]:
            keep[part] &= ~(
                (points["writer"][part] == writer) & (points["offset"][part] < size) & (points["step"][part] >= step)
            )
    for name in points:
        points[name] = points[name][keep]
    return np.asarray(np.concatenate(([0], np.cumsum(keep)))[offsets])


def gather(
    runs: Runs,
    names: Collection[str] | None = None,
    chosen: Collection[int] | None = None,
    *,
    stats: Collection[str] = STATS,
    contexts: Collection[str] | None = None,
) -> SeriesRows:
    """All series of these runs with these names and contexts (JSON; None: all), sorted by run, name and context, with
    their counts and these statistics."""
    given = {"name": names, "context": contexts}
    among: dict[str, Collection[object]] = {key: sorted(some) for key, some in given.items() if some is not None}
    if chosen is not None and len(chosen) <= _FEW_RUNS:
        among["run"] = runs.numbers[list(chosen)].tolist()
    single = not runs.remote and _in_one_segment(runs, chosen)
    wanted = {*_PLACES, *stats} if single else _needed(stats)
    places = (*_PLACES, "first_writer") if runs.remote else _PLACES
    wanted.update(places)
    alone = next(iter(names)) if names is not None and len(names) == 1 else None
    columns = [name for name in SERIES if name in wanted and (name != "name" or alone is None)]
    rows = engine.read(segment.stored(runs.segments, "series"), columns, among=among)
    run = runs.places.of_series(rows)
    keep = run >= 0
    for name in {"first_writer", "last_writer"} & set(columns) if runs.remote else ():
        rows[name] = runs.ordinals(run, rows[name])
        keep &= rows[name] >= 0
    if chosen is not None:
        some = np.zeros(len(runs.numbers) + 1, bool)
        some[list(chosen)] = True
        keep &= some[run]
    rows = rows_at(rows, keep)
    rows["run"] = run[keep]
    if alone is not None:
        rows["name"] = np.full(len(rows["run"]), alone, object)
    named = codes(rows["name"]) if alone is None else np.zeros(len(rows["run"]), np.int64)
    context = codes(rows["context"])
    check()
    order = np.lexsort((context, named, rows["run"]))
    rows = rows_at(rows, order)
    first = begins(rows["run"], named[order], context[order])
    part_of = np.repeat(np.arange(len(first)), np.diff(first, append=len(order)))
    own = ("run", "name", "context", "count", *(name for name in STATS if name in wanted))
    parts = {name: rows[name] for name in places if name not in ("name", "context")}
    series = SeriesRows(runs, {name: rows[name][first] for name in own}, parts, part_of)
    check()
    if len(first) < len(order):
        combine(series.columns, rows, part_of, first, _ranks(series, rows["run"]))
    return _without_hidden(series)


def _in_one_segment(runs: Runs, chosen: Collection[int] | None) -> bool:
    """Whether each of these runs is in one segment, and so has one row for each series."""
    some = slice(None) if chosen is None else list(chosen)
    return bool((runs.counting["since"][some] == runs.counting["newest"][some]).all())


def _needed(stats: Collection[str]) -> set[str]:
    """The columns needed to combine these statistics over several parts."""
    wanted = {*_PLACES, *stats}
    for end in ("first", "last"):
        if wanted & {end, f"{end}_time"}:
            wanted |= {f"{end}{part}" for part in _ENDS}
    for side in ("min", "max"):
        if f"{side}_step" in wanted:
            wanted.add(side)
    return wanted


def codes(texts: Array) -> Ints:
    """Numbers that sort like the texts."""
    values = texts.tolist()
    ranks = {text: i for i, text in enumerate(sorted(set(values), key=natural))}
    return np.fromiter((ranks[text] for text in values), np.int64, len(values))


def combine(columns: Columns, rows: Columns, part_of: Ints, first: Ints, rank: Rank) -> None:
    """Combine the statistics of parts: the rows of one series begin at `first`. `rank` orders the writers of runs."""
    for name in {"count", "numbers", "nonfinite", "sum", "sum_rest"} & set(columns):
        columns[name] = np.add.reduceat(rows[name], first)
    for name, best in {"min": np.fmin, "max": np.fmax}.items():
        if name in columns:
            columns[name] = best.reduceat(rows[name], first)
        if f"{name}_step" in columns:
            none = np.isnan(columns[name])
            hit = (rows[name] == columns[name][part_of]) | none[part_of]
            at = np.where(none[part_of], rows["first_step"], rows[f"{name}_step"])
            columns[f"{name}_step"] = np.minimum.reduceat(np.where(hit, at, np.iinfo(np.int64).max), first)
    _combine_ends(columns, rows, part_of, first, rank)


def _combine_ends(columns: Columns, rows: Columns, part_of: Ints, first: Ints, rank: Rank) -> None:
    for end, place in (("first", first), ("last", np.append(first[1:], len(part_of)) - 1)):
        if end not in columns:
            # Only the steps were requested.
            columns[f"{end}_step"] = rows[f"{end}_step"][np.lexsort((rows[f"{end}_step"], part_of))[place]]
            continue
        keys = (rows[f"{end}_offset"], rank(rows["run"], rows[f"{end}_writer"]), rows[f"{end}_step"], part_of)
        chosen = np.lexsort(keys)[place]
        for part in _ENDS:
            columns[end + part] = rows[end + part][chosen]


def _without_hidden(series: SeriesRows) -> SeriesRows:
    """Statistics without the points that a resume hides, computed from the points."""
    which = np.flatnonzero(series.runs.resumed[series.columns["run"]])
    if not len(which):
        return series
    points, offsets = series.take(which).points(["step", "value", "time", "writer", "offset"])
    count = np.diff(offsets)
    left = np.flatnonzero(count)
    stats = statistics(points, offsets[:-1][left], count[left])
    for name in ("count", *STATS):
        if name in series.columns:
            series.columns[name][which[left]] = stats[name]
    gone = np.ones(len(series), bool)
    gone[which[count == 0]] = False
    return series if gone.all() else series.take(np.flatnonzero(gone))
