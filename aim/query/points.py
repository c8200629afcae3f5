"""Points of series along an axis, and of those the ones that a picture needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from aim.deadline import check
from aim.errors import QueryError
from aim.index.catalog import seconds
from aim.index.ints import Ints, ascending, spread
from aim.index.series import SeriesRows, gather
from aim.query import sample
from aim.query.align import along_metric, goes_back, metric_of
from aim.query.pauses import paused
from aim.query.plan import AXES, Sample
from aim.query.smooth import smooth
from aim.threads import cached_property

Array = npt.NDArray[Any]


@dataclass(frozen=True, kw_only=True, eq=False)
class Points:
    """The points of some series: series i has `offsets[i]` to `offsets[i + 1]`. `sampled`: whether some points were
    left out. `back`: along a metric, whether it is not monotonic; points are sorted by x."""

    offsets: Ints
    x: Array
    steps: Ints
    values: Array
    sampled: Array
    back: Array | None
    smoothed: Array | None
    source: SeriesRows = field(repr=False)
    # Which points of the source these are; None: all.
    kept: Ints | None = field(repr=False)

    @cached_property
    def _more(self) -> dict[str, Array]:
        columns, _ = self.source.points(["time", "epoch"])
        return columns if self.kept is None else {name: column[self.kept] for name, column in columns.items()}

    @property
    def times(self) -> Array:
        return seconds(self._more["time"])

    @property
    def epochs(self) -> Array:
        return self._more["epoch"]


def points_of(source: SeriesRows, created: Array, wanted: Sample) -> Points:
    """`created`: when the run of each series began."""
    metric = metric_of(wanted.x)
    if metric is None and wanted.x not in AXES:
        raise QueryError(f"x is {wanted.x!r}; it can be {', '.join(AXES)}, or metric:NAME")
    extra = {"step": [], "epoch": ["epoch"]}.get(wanted.x, ["time"] if metric is None else [])
    arrays, offsets = source.points(["step", "value", *extra])
    back = None
    if metric is not None:
        others = gather(source.runs, {metric}, ascending(source.columns["run"]).tolist())
        along = along_metric(source, arrays["step"], offsets, others, *others.points(["step", "value"]))
        back = goes_back(along, offsets)
    else:
        along = _along(arrays, offsets, wanted.x, created)
        if wanted.x == "process":
            along -= paused(source, seconds(arrays["time"]), offsets)
    keep = None if wanted.x == "step" else _ordered(along, offsets)
    if keep is not None:
        along, offsets = along[keep], _recount(offsets, keep)
    check()
    values = arrays["value"] if keep is None else arrays["value"][keep]
    smoothed = smooth(values, offsets, wanted.smoothing) if wanted.smoothing else None
    drawn = [values] if smoothed is None else [values, smoothed]
    index, along, offsets, sampled = _reduced(drawn, along, offsets, wanted)
    if index is not None:
        keep = index if keep is None else keep[index]
        values = values[index]
        smoothed = None if smoothed is None else smoothed[index]
    steps = arrays["step"] if keep is None else arrays["step"][keep]
    return Points(
        offsets=offsets, x=along, steps=steps, values=values, sampled=sampled, back=back, smoothed=smoothed,
        source=source, kept=keep,
    )  # fmt: skip


def _along(points: Mapping[str, Array], offsets: Ints, x: str, created: Array) -> Array:
    if x == "step":
        return points["step"].astype(np.float64)
    if x == "epoch":
        return points["epoch"]
    times = seconds(points["time"])
    return times if x == "time" else times - np.repeat(created, np.diff(offsets))


def _ordered(x: Array, offsets: Ints) -> Ints | None:
    """The points that have an x, sorted in each series; None if they are already."""
    series = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    missing = np.isnan(x)
    if not missing.any() and not ((x[1:] < x[:-1]) & (series[1:] == series[:-1])).any():
        return None
    order = np.lexsort((x, series))
    return np.asarray(order[~missing[order]])


def _recount(offsets: Ints, keep: Ints) -> Ints:
    """The offset of each series among the kept points."""
    series = np.searchsorted(offsets, keep, side="right") - 1
    return np.concatenate(([0], np.cumsum(np.bincount(series, minlength=len(offsets) - 1))))


def _reduced(drawn: Sequence[Array], x: Array, offsets: Ints, wanted: Sample) -> tuple[Ints | None, Array, Ints, Array]:
    """The points inside the window, and of those only the ones that the pixel columns of the drawn values need."""
    keep: Ints | None = None
    sampled: Array = np.zeros(len(offsets) - 1, bool)

    def narrow(index: Ints) -> None:
        nonlocal keep, x, offsets
        keep = index if keep is None else keep[index]
        x, offsets = x[index], _recount(offsets, index)

    if wanted.window is not None:
        begin, end = sample.within(x, offsets, wanted.window)
        narrow(spread(begin, end - begin))
    if (columns := wanted.columns) is not None:
        before = np.diff(offsets)
        inside = drawn if keep is None else [values[keep] for values in drawn]
        ends = wanted.window or wanted.spans
        kept = [sample.m4(x, values, offsets, columns=columns, window=ends) for values in inside]
        index = kept[0] if len(kept) == 1 else ascending(np.concatenate(kept))
        if len(index) < len(x):
            narrow(index)
            sampled = np.diff(offsets) < before
    return keep, x, offsets, sampled
