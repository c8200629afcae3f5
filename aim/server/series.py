"""The answer to an AimQL statement: the points of some series at a time, each time after their runs and params."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from aim.deadline import checked
from aim.query.plan import Sample
from aim.query.smooth import Smoothing
from aim.server import wire
from aim.server.frames import FrameData
from aim.server.problems import Refused
from aim.server.runs import revision_name, rows_part, run_ids

if TYPE_CHECKING:
    from aim.query.points import Points
    from aim.query.select import Selection, SeriesTable
    from aim.repo import Repo

MAX_SERIES = 50_000
MAX_POINTS = 12_000_000

# The stored points and series of the first part, few so that lines show soon, and the points of the later ones.
FIRST_PART = 500_000
FIRST_SERIES = 2_000
LATER_PART = 4_000_000


def search(repo: Repo, query: wire.SeriesQuery) -> Iterator[FrameData]:
    started = time.perf_counter()
    window = window_of(query)
    selection = repo.select(query.q, only=run_ids(query.only))
    counts = np.asarray(selection.series.count, np.int64)
    refuse_many(counts.size)
    smoothing = Smoothing(query.smooth, query.average)
    columns, notes = columns_for(query.columns, counts, curves=2 if smoothing else 1)
    spans = None if window or query.x != "step" else spans_of(selection.series)
    sample = Sample(query.x, columns, window, smoothing)
    sent = 0
    for start, end in list(parts(counts)) or [(0, 0)]:
        upto = len(selection.runs) if end == counts.size else int(selection.series.run[end - 1]) + 1
        if upto > sent or not start:
            yield rows_part(
                selection.runs,
                sent,
                upto,
                params=query.params,
                statement=query.q,
                revision=revision_name(selection.revision),
                notes=[*selection.notes, *notes],
                series=counts.size,
                points=int(counts.sum()),
            )
        sent = upto
        if end > start:
            rows = np.arange(start, end, dtype=np.int32)
            ends = spans and (spans[0][start:end], spans[1][start:end])
            points = selection.points(rows, sample=replace(sample, spans=ends))
            yield series_part(selection, start, end, points, with_steps=query.x != "step")
    yield FrameData(wire.EndFrame(seconds=time.perf_counter() - started, checked=len(selection.runs), arrays=[]))


def spans_of(series: SeriesTable) -> tuple[Any, Any]:
    """The first and the last step of the metric of each series. Its chart has these pixel columns in all parts."""
    metrics = np.array(distinct(series.name)[1], np.intp)
    low, high = np.full(len(series), np.inf), np.full(len(series), -np.inf)
    np.minimum.at(low, metrics, series.first_step)
    np.maximum.at(high, metrics, series.last_step)
    return low[metrics], high[metrics]


def refuse_many(series: int) -> None:
    if series > MAX_SERIES:
        message = f"{series:,} series match; at most {MAX_SERIES:,} can be drawn."
        raise Refused(400, message, hint="Add a condition, for example on context or params.")


def series_part(selection: Selection, start: int, end: int, points: Points, *, with_steps: bool) -> FrameData:
    table = selection.series
    names, name = distinct(table.name[start:end])
    contexts, context = distinct(table.context[start:end])
    arrays: dict[str, tuple[wire.DType, Any]] = {
        "run": ("i4", table.run[start:end]),
        "name": ("i4", name),
        "context": ("i4", context),
        "count": ("i4", table.count[start:end]),
        "sampled": ("u1", points.sampled),
        "first": ("f8", table.first[start:end]),
        "last": ("f8", table.last[start:end]),
        "min": ("f8", table.min[start:end]),
        "max": ("f8", table.max[start:end]),
        "last_step": ("f8", table.last_step[start:end]),
        "offsets": ("i4", points.offsets),
        "x": ("f8", points.x),
        "y": ("f8", points.values),
    }
    if with_steps:
        arrays["steps"] = ("f8", points.steps)
    if points.smoothed is not None:
        arrays["smoothed"] = ("f8", points.smoothed)
    if points.back is not None:
        arrays["back"] = ("u1", points.back)
    progress = end / len(table.count)
    return FrameData(wire.SeriesFrame(progress=progress, contexts=contexts, names=names, arrays=[]), arrays)


def parts(counts: Any) -> Iterator[tuple[int, int]]:
    """Ranges of series with about as many points as one part reads, and at least one series. Each part reads the tables
    of points again, so what the first one can hold is not divided."""
    sums = np.concatenate(([0], np.cumsum(counts)))
    start = 0
    while start < len(counts):
        most = LATER_PART if start else FIRST_PART
        end = max(int(np.searchsorted(sums, sums[start] + most, "right")) - 1, start + 1)
        if not start and end < len(counts):
            end = min(end, FIRST_SERIES)
        yield start, end
        start = end


def columns_for(wanted: int, counts: Any, *, curves: int = 1) -> tuple[int, list[str]]:
    """The number of pixel columns; reduced, with a note, if a browser would get too many points. `curves`: how many
    are drawn of each series, the recorded and perhaps the smoothed one."""
    if int(np.minimum(counts, 4 * curves * wanted).sum()) <= MAX_POINTS:
        return wanted, []
    fewer = max(1, MAX_POINTS // (4 * curves * len(counts)))
    note = f"{len(counts):,} lines are drawn in {fewer} columns instead of {wanted}; narrow the query for full detail."
    return fewer, [note]


def window_of(query: wire.SeriesQuery) -> tuple[float, float] | None:
    lo, hi = query.lo, query.hi
    if lo is None and hi is None:
        return None
    if lo is None or hi is None or not -np.inf < lo < hi < np.inf:
        raise Refused(400, f"lo={lo} and hi={hi} are not a range.", hint="Give two numbers with lo < hi, or neither.")
    return lo, hi


def distinct(items: Sequence[Any]) -> tuple[list[Any], list[int]]:
    """The distinct items in order of appearance, and each item's position among them. 1, 1.0 and True differ."""
    if set(map(type, items)) <= {str}:
        places = {item: place for place, item in enumerate(dict.fromkeys(items))}
        return list(places), [*map(places.__getitem__, items)]
    ids = [*map(id, items)]
    objects = dict(zip(ids, items, strict=True))
    keys = {at: repr(item) for at, item in checked(objects.items())}
    first = {key: objects[at] for at, key in reversed(keys.items())}
    numbers = {key: place for place, key in enumerate(dict.fromkeys(keys.values()))}
    own = {at: numbers[key] for at, key in keys.items()}
    return [first[key] for key in numbers], [*map(own.__getitem__, ids)]
