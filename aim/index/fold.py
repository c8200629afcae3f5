"""Folds parsed records into a segment: points sorted by metric name, run and context, then by step, then by arrival."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from aim.engine import Columns
from aim.index import objects, state
from aim.index.ints import Ints
from aim.index.objects import ObjectRow
from aim.index.parse import Stretch
from aim.index.schema import PARAMS, POINTS, SERIES, TICKS
from aim.index.segment import RUN_WEIGHT, Segment, column, empty, table
from aim.index.state import RunState, WriterState
from aim.log import record

Array = npt.NDArray[Any]
KEEP_POINTS = 100_000
_DESCRIBED = ("segment", "series", "run", "name", "context")
# What takes as much memory as a point, times this, until it is in a segment.
_MEDIA_WEIGHT = 8
_FEW_NUMBERS = 1 << 16
SeriesKey = tuple[str, int, str]  # name, number of the run, context as JSON


class _PlacedStretch(NamedTuple):
    run: int
    writer: WriterState
    ordinal: int
    stretch: Stretch


class Pending:
    """Parsed records that are not in a segment yet, but will be in the one with this number."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.runs: dict[str, RunState] = {}
        self.gone: set[str] = set()
        self.points = 0
        self._rows: dict[str, state.Row] = {}
        self._params: Columns | None = None
        self._stretches: dict[tuple[str, str], list[Stretch]] = {}
        self._objects: dict[tuple[str, str], list[ObjectRow]] = {}

    @property
    def weight(self) -> int:
        """The memory that it takes, in points."""
        return self.points + RUN_WEIGHT * len(self.runs)

    @property
    def full(self) -> bool:
        """Whether it has enough points for a segment."""
        return self.points >= KEEP_POINTS

    @property
    def begun(self) -> int:
        """How many of its runs no earlier segment has."""
        return sum(run.since == self.number for run in self.runs.values())

    def postpone(self, number: int) -> None:
        """Let a later segment have these records."""
        self.number, self._params = number, None
        self._rows.clear()

    def touch(self, run: RunState) -> None:
        """Mark the run's row as changed, with or without new points."""
        self.runs[run.id] = run
        self._params = None
        self._rows.pop(run.id, None)

    def add(
        self, run: RunState, writer: WriterState, stretches: Sequence[Stretch], *, only_points: bool = False
    ) -> None:
        """`only_points`: nothing else in the run changed."""
        if not only_points or run.id not in self.runs:
            self.touch(run)
        self._stretches.setdefault((run.id, writer.id), []).extend(stretches)
        self.points += sum(len(stretch.records) for stretch in stretches)

    def add_objects(self, run: RunState, writer: WriterState, rows: Sequence[ObjectRow]) -> None:
        """Add media. Each counts as several points, because it takes as much memory."""
        self.runs[run.id] = run
        self._objects.setdefault((run.id, writer.id), []).extend(rows)
        self.points += _MEDIA_WEIGHT * len(rows)

    def forget(self, run_id: str) -> None:
        self.gone.add(run_id)
        self._params = None
        self._rows.pop(run_id, None)
        self.runs.pop(run_id, None)
        for key in [key for key in self._stretches if key[0] == run_id]:
            self.points -= sum(len(stretch.records) for stretch in self._stretches.pop(key))
        for key in [key for key in self._objects if key[0] == run_id]:
            self.points -= _MEDIA_WEIGHT * len(self._objects.pop(key))

    def segment(self) -> Segment:
        return self._made(lambda run: state.full_row(run, self.number))

    def view(self) -> Segment:
        """The segment for a catalog, which has the states of open runs: their rows lack the document."""
        return self._made(self._row)

    def _row(self, run: RunState) -> state.Row:
        if not run.open:
            return state.full_row(run, self.number)
        known = self._rows.get(run.id)
        row = state.grown_row(run, known) if known else state.full_row(run, self.number, document=False)
        self._rows[run.id] = row
        return row

    def _made(self, row: Callable[[RunState], state.Row]) -> Segment:
        runs = sorted(self.runs.values(), key=lambda run: run.number)
        series, points = _points(runs, self._pieces(runs), self.number)
        if self._params is None:
            self._params = _params(runs, self.number)
        tables = {"runs": table([row(run) for run in runs], "runs"), "params": self._params}
        tables.update(series=series, points=points, objects=objects.table(runs, self._objects, self.number))
        return Segment(self.number, len(points["step"]), len(runs), memory=tables)

    def _pieces(self, runs: Sequence[RunState]) -> list[_PlacedStretch]:
        pieces = []
        for run in runs:
            for ordinal, writer in sorted(enumerate(run.writers), key=lambda entry: (entry[1].started, entry[1].id)):
                stretches = self._stretches.get((run.id, writer.id), [])
                pieces += [
                    _PlacedStretch(run.number, writer, ordinal, stretch)
                    for stretch in sorted(stretches, key=lambda stretch: stretch.offset)
                    if len(stretch.records)
                ]
        return pieces


def _params(runs: Sequence[RunState], number: int) -> Columns:
    """`runs` are sorted by their numbers, so the rows of each path are. A run has each path once, even if one of its
    keys contains the separator."""
    counts, paths, leaves = array("q"), list[str](), list[Any]()
    for run in runs:
        given = dict(state.flatten(run.params()))
        paths += given
        leaves += given.values()
        counts.append(len(given))
    names, rank = _ranked(paths)
    order = np.argsort(rank, kind="stable")
    values = [leaves[place] for place in order.tolist()]
    rows: dict[str, Sequence[Any] | Array] = {
        "run": np.repeat(np.array([run.number for run in runs], np.int64), counts)[order],
        "path": names[rank[order]],
        "value": state.texts(values),
        "number": np.fromiter(map(state.numeric, values), np.float64, len(values)),
        "segment": np.full(len(values), number),
    }
    return {name: column(rows[name], kind) for name, kind in PARAMS.items()}


def _ranked(paths: Sequence[str]) -> tuple[Array, Array]:
    """The distinct paths in their order, and which of them each path is."""
    ordered = sorted(set(paths))
    ranks = dict(zip(ordered, range(len(ordered)), strict=True))
    rank = np.fromiter(map(ranks.__getitem__, paths), np.int64, len(paths))
    return np.array([state.clean(path) for path in ordered], object), rank


def _points(runs: Sequence[RunState], pieces: Sequence[_PlacedStretch], number: int) -> tuple[Columns, Columns]:
    if not pieces:
        return empty("series"), empty("points")
    records = np.concatenate([piece.stretch.records for piece in pieces])
    counts = np.array([len(piece.stretch.records) for piece in pieces])
    keys, series = _series_of(pieces, counts, records[:, 1] & np.uint32(record.MAX_SERIES - 1))
    known = series >= 0
    if not known.all():
        records, series = records[known], series[known]
    writer = np.repeat(np.array([piece.ordinal for piece in pieces], np.int32), counts)[known]
    offset = _offsets(pieces, counts)[known]
    ranks = Ranks([[(writer.started, writer.id) for writer in run.writers] for run in runs])
    step = np.ascontiguousarray(records[:, 2:4]).view("<i8")[:, 0]
    numbers = np.array([run.number for run in runs], np.int64)
    run_of_series = np.searchsorted(numbers, np.array([run for _, run, _ in keys], np.int64))
    order = arrangement(series, step, writer, offset, run_of_series, ranks)
    # Each of these takes as much memory as all points in the logs.
    records = records[order]
    points = decode(records)
    del records
    points.update(series=series[order], writer=writer[order], offset=offset[order])
    del series, writer, offset, step, order
    return describe(points, keys, number)


def _series_of(pieces: Sequence[_PlacedStretch], counts: Ints, numbers: Array) -> tuple[list[SeriesKey], Ints]:
    """The series that occur, sorted, and each point's position among them: -1 if no record names its series."""
    first = [i for i, piece in enumerate(pieces) if not i or piece.writer is not pieces[i - 1].writer]
    sizes = np.add.reduceat(counts, first)
    owners, there, mine = _numbered(numbers, sizes)
    positions: dict[SeriesKey, int] = {}
    places = np.full(len(there), -1, np.int64)
    for place, (owner, number) in enumerate(zip(owners.tolist(), there.tolist(), strict=True)):
        piece = pieces[first[owner]]
        named = piece.writer.names.get(number)
        if named is not None and len(named) == 2:
            places[place] = positions.setdefault((named[0], piece.run, named[1]), len(positions))
    keys = sorted(positions)
    ranks = np.empty(len(keys) + 1, np.int64)
    ranks[[positions[key] for key in keys]] = np.arange(len(keys))
    ranks[-1] = -1
    return keys, ranks[places[mine]]


def _numbered(numbers: Array, sizes: Ints) -> tuple[Array, Array, Ints]:
    """Of stretches of numbers with these sizes: the different numbers in each, after the places of their stretches, and
    each number's place among them. Numbers that are small, as a writer's are, are counted instead of sorted."""
    ends = np.cumsum(sizes)
    spans = np.maximum.reduceat(numbers, ends - sizes).astype(np.int64) + 1
    few = int(spans.sum()) <= len(numbers) + _FEW_NUMBERS
    begins = np.cumsum(spans) - spans if few else np.arange(len(sizes), dtype=np.int64) * record.MAX_SERIES
    coded = np.repeat(begins, sizes) + numbers
    if few:
        there = np.flatnonzero(np.bincount(coded))
        places = np.zeros(int(spans.sum()), np.int64)
        places[there] = np.arange(len(there))
        mine = places[coded]
    else:
        there, mine = np.unique(coded, return_inverse=True)
    owners = np.searchsorted(begins, there, side="right") - 1
    return owners, there - begins[owners], mine


def _offsets(pieces: Sequence[_PlacedStretch], counts: Ints) -> Ints:
    first = np.array([piece.stretch.offset for piece in pieces], np.int64)
    before = np.cumsum(counts) - counts
    within = np.arange(int(counts.sum()), dtype=np.int64) * record.POINT_SIZE
    return np.asarray(within + np.repeat(first - before * record.POINT_SIZE, counts))


def decode(records: npt.NDArray[np.uint32]) -> Columns:
    """Split POINT records (rows of 11 words) into columns."""
    flags = records[:, 1] >> np.uint32(28)

    def field(place: int, kind: str) -> Array:
        return np.ascontiguousarray(records[:, place : place + 2]).view(kind)[:, 0]

    value, epoch = field(4, "<f8"), field(8, "<f8")
    whole = (flags & 3) != record.FLOAT
    if whole.any():
        value[whole] = field(4, "<i8")[whole]
    epoch[(flags & record.HAS_EPOCH) == 0] = np.nan
    time = np.clip(np.nan_to_num(field(6, "<f8")), -(2.0**40), 2.0**40)
    return {"step": field(2, "<i8"), "value": value, "time": np.rint(time * TICKS).astype(np.int64), "epoch": epoch}


class Ranks:
    """Ranks the writers of each run by (start, id). Points of equal steps are sorted by this rank."""

    def __init__(self, writers: Sequence[Sequence[tuple[float, str]]]) -> None:
        self.base = np.cumsum([0] + [len(some) for some in writers])
        self.alone = all(len(some) < 2 for some in writers)
        ranks: list[int] = []
        for some in writers:
            order = sorted(range(len(some)), key=some.__getitem__)
            ranks += [order.index(i) for i in range(len(some))]
        self.ranks = np.array(ranks, np.int64)

    def of(self, run: Array, writer: Array) -> Array:
        return writer if self.alone else self.ranks[self.base[run] + writer]


def arrangement(series: Array, step: Array, writer: Array, offset: Array, run_of_series: Ints, ranks: Ranks) -> Ints:
    """The order that sorts points by series, step, rank of the writer and offset."""
    order = stable_order(series)
    series, step, offset = series[order], step[order], offset[order]
    rank = ranks.of(run_of_series[series], writer[order])
    same = series[1:] == series[:-1]
    tied = step[1:] == step[:-1]
    wrong = same & (
        (step[1:] < step[:-1])
        | (tied & (rank[1:] < rank[:-1]))
        | (tied & (rank[1:] == rank[:-1]) & (offset[1:] < offset[:-1]))
    )
    if wrong.any():
        touched = np.zeros(int(series[-1]) + 1, bool)
        touched[series[1:][wrong]] = True
        rows = np.flatnonzero(touched[series])
        order[rows] = order[rows[np.lexsort((offset[rows], rank[rows], step[rows], series[rows]))]]
    return order


def stable_order(keys: Array) -> Ints:
    """The stable sorting order of small integers. Each pass sorts 16 bits, which numpy does in linear time."""
    order: Ints = np.argsort(keys.astype(np.uint16), kind="stable")
    shift = 16
    while len(keys) and int(keys.max()) >> shift:
        order = order[np.argsort((keys >> shift).astype(np.uint16)[order], kind="stable")]
        shift += 16
    return order


def describe(points: Columns, keys: Sequence[SeriesKey], number: int) -> tuple[Columns, Columns]:
    """The series table of sorted points, and the points with their column types."""
    count = np.bincount(points["series"], minlength=len(keys))
    kept = np.flatnonzero(count)
    if len(kept) < len(keys):
        points["series"] = np.repeat(np.arange(len(kept)), count[kept])
        keys, count = [keys[i] for i in kept.tolist()], count[kept]
    given: dict[str, Any] = {
        "segment": [number] * len(keys), "series": range(len(keys)), "run": [run for _, run, _ in keys],
        "name": [name for name, _, _ in keys], "context": [context for _, _, context in keys],
    }  # fmt: skip
    stats = statistics(points, np.cumsum(count) - count, count)
    series = {name: stats[name] if name in stats else column(given[name], kind) for name, kind in SERIES.items()}
    points["series"] = points["series"].astype(np.int32)
    return series, {name: points[name] for name in POINTS}


def statistics(points: Mapping[str, Array], begin: Ints, count: Ints) -> Columns:
    """The statistics of each series, from points sorted by step. Every series has at least one point."""
    if not len(begin):
        return {name: column for name, column in empty("series").items() if name not in _DESCRIBED}
    value, step, end = points["value"], points["step"], begin + count - 1
    bad = np.isnan(value)
    lows, highs = np.fmin.reduceat(value, begin), np.fmax.reduceat(value, begin)
    stats: Columns = {"begin": begin, "count": count}
    for name, place in (("first", begin), ("last", end)):
        stats[name] = value[place]
        for part in ("step", "time", "writer", "offset"):
            stats[f"{name}_{part}"] = points[part][place]
    for name, extremes in (("min", lows), ("max", highs)):
        at = np.flatnonzero(value == np.repeat(extremes, count))
        place = at[np.minimum(np.searchsorted(at, begin), len(at) - 1)] if len(at) else begin
        stats[name], stats[f"{name}_step"] = extremes, step[np.where(np.isnan(extremes), begin, place)]
    finite = np.isfinite(value)
    high = np.where(finite, value, 0.0)
    low = high.copy()
    high.view(np.int64)[:] &= ~((1 << 27) - 1)
    low -= high
    with np.errstate(over="ignore"):
        stats["sum"], stats["sum_rest"] = np.add.reduceat(high, begin), np.add.reduceat(low, begin)
    stats["numbers"] = np.add.reduceat((~bad).astype(np.int64), begin)
    stats["nonfinite"] = np.add.reduceat((~finite).astype(np.int64), begin)
    return stats
