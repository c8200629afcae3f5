"""One number of a run's metric, for every run at once: `run.loss.train.last`, `run.accuracy.at_max.loss`."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt

from aim.index.catalog import Catalog
from aim.index.segment import Ints
from aim.index.series import SeriesRows
from aim.query.nodes import MISSING, Aggregate

Array = npt.NDArray[Any]
# The step of the least number of a series that holds none.
_NOWHERE = np.iinfo(np.int64).max


def of_runs(catalog: Catalog, wanted: Aggregate) -> list[Any]:
    """The number of each run; MISSING where it has no such series."""
    rows = _matching(catalog, wanted)
    found: list[Any] = [MISSING] * len(catalog)
    if not len(rows):
        return found
    if wanted.by is not None:
        runs, values = _beside(catalog, rows, wanted)
    else:
        first = np.flatnonzero(np.diff(rows.columns["run"], prepend=-1))
        runs, values = rows.columns["run"][first], _reduce(rows.columns, first, wanted.reducer)
    for run, value in zip(runs.tolist(), values.tolist(), strict=True):
        found[run] = MISSING if value == _NOWHERE else value
    return found


def _matching(catalog: Catalog, wanted: Aggregate) -> SeriesRows:
    rows = catalog.series([wanted.metric])
    texts = rows.columns["context"].tolist()
    good = {text: set(wanted.words) <= {str(value) for value in json.loads(text).values()} for text in set(texts)}
    return rows if all(good.values()) else rows.take(np.flatnonzero([good[text] for text in texts]))


def _reduce(columns: dict[str, Array], first: Ints, reducer: str) -> Array:
    """One value for each group of rows that begins at `first`."""
    if reducer in ("first", "last"):
        return np.asarray(columns[reducer][_outermost(columns, first, reducer)])
    if reducer in ("min", "max"):
        extreme = np.fmin if reducer == "min" else np.fmax
        return np.asarray(extreme.reduceat(columns[reducer], first))
    if reducer == "count":
        return np.asarray(np.add.reduceat(columns["count"], first))
    if reducer == "mean":
        sums = {name: np.add.reduceat(columns[name], first) for name in ("sum", "sum_rest", "count", "nonfinite")}
        return mean(
            {**sums, "min": np.fmin.reduceat(columns["min"], first), "max": np.fmax.reduceat(columns["max"], first)}
        )
    side = reducer.removeprefix("at_")
    best = _reduce(columns, first, side)
    group = np.repeat(np.arange(len(first)), np.diff(first, append=len(columns["run"])))
    steps = np.where(columns[side] == best[group], columns[f"{side}_step"], _NOWHERE)
    return np.asarray(np.minimum.reduceat(steps, first))


def _outermost(columns: dict[str, Array], first: Ints, end: str) -> Ints:
    """The row of each group with the lowest or highest step, by time where steps are equal."""
    group = np.repeat(np.arange(len(first)), np.diff(first, append=len(columns["run"])))
    order = np.lexsort((columns[f"{end}_time"], columns[f"{end}_step"], group))
    place = first if end == "first" else np.append(first[1:], len(group)) - 1
    return np.asarray(order[place])


def mean(columns: dict[str, Array]) -> Array:
    """The mean of the numbers, NaN left out: infinite when one of them is."""
    finite = columns["count"] - columns["nonfinite"]
    low, high = np.isneginf(columns["min"]), np.isposinf(columns["max"])
    with np.errstate(invalid="ignore", divide="ignore"):
        found = (columns["sum"] + columns["sum_rest"]) / finite
    found[low], found[high], found[low & high] = -np.inf, np.inf, np.nan
    return np.asarray(found)


def _beside(catalog: Catalog, rows: SeriesRows, wanted: Aggregate) -> tuple[Ints, Array]:
    """The value of the metric at the step where the other one was best: the last point up to that step."""
    assert wanted.by is not None
    steps = of_runs(catalog, Aggregate(wanted.by.metric, wanted.by.words, wanted.reducer))
    known = np.array([steps[run] is not MISSING for run in rows.columns["run"].tolist()], bool)
    rows = rows.take(np.flatnonzero(known))
    if not len(rows):
        return np.empty(0, np.int64), np.empty(0)
    limit = np.array([steps[run] for run in rows.columns["run"].tolist()], np.int64)
    points, offsets = rows.points(["step", "value", "time"])
    upto = points["step"] <= np.repeat(limit, np.diff(offsets))
    count = np.diff(np.concatenate(([0], np.cumsum(upto)))[offsets])
    which = np.flatnonzero(count)
    place = offsets[which] + count[which] - 1
    run = rows.columns["run"][which]
    order = np.lexsort((points["time"][place], points["step"][place], run))
    last = order[np.flatnonzero(np.diff(run[order], append=-1))]
    return run[last], points["value"][place][last]
