"""One number of a run's metric, for every run at once: `run.loss.train.last`, `run.accuracy.at_max.loss`."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from aim import engine
from aim.deadline import checked
from aim.engine import Columns
from aim.index.catalog import Catalog
from aim.index.ints import Ints, ascending
from aim.index.segment import stored
from aim.index.series import SeriesRows, gather
from aim.query.nodes import MISSING, Aggregate

Array = npt.NDArray[Any]
# The step of the lowest number of a series without numbers.
_NOWHERE = np.iinfo(np.int64).max
# Of these numbers, the one of the whole series is stored.
_STORED = {"last", "first", "min", "max", "count"}
_FEW_RUNS = 256
# Up to so many contexts, those that fit are found before series are read.
FEW_CONTEXTS = 256
# The columns of a series that each reducer needs.
_NEEDS: dict[str, tuple[str, ...]] = {
    "last": ("last", "last_step", "last_time"),
    "first": ("first", "first_step", "first_time"),
    "min": ("min",),
    "max": ("max",),
    "mean": ("sum", "sum_rest", "nonfinite", "min", "max"),
    "count": (),
    "at_min": ("min", "min_step"),
    "at_max": ("max", "max_step"),
}


def of_runs(catalog: Catalog, wanted: Aggregate, runs: Ints) -> tuple[Ints, list[Any]]:
    """Each run's number as a position in a list of values, and the values. The first one is MISSING, for runs without
    such a series."""
    contexts = _contexts(catalog.contexts, wanted)
    owners, numbers = np.empty(0, np.int64), np.empty(0)
    left = runs
    # The number of a series that lies in one segment is a column there.
    if wanted.reducer in _STORED and contexts is not None and not catalog.remote:
        among: dict[str, Collection[object]] = {"name": [wanted.metric], "context": contexts}
        if len(runs) < len(catalog) and len(runs) <= _FEW_RUNS:
            among["run"] = catalog.numbers[runs].tolist()
        rows = engine.read(stored(catalog.segments, "series"), ["segment", "run", wanted.reducer], among=among)
        owners, numbers, left = _alone(catalog, rows, wanted.reducer, runs)
        numbers = finite(numbers) if wanted.finite else numbers
    if len(left):
        some = None if len(left) == len(catalog) else left.tolist()
        series = gather(catalog, [wanted.metric], some, stats=_NEEDS[wanted.reducer], contexts=contexts)
        others, more = _numbers(series if contexts is not None else _fitting(series, wanted), wanted)
        owners, numbers = np.concatenate([owners, others]), np.concatenate([numbers, more])
    return _column(catalog, owners, numbers, runs)


def at_best(catalog: Catalog, wanted: Aggregate, by: Aggregate, runs: Ints) -> tuple[Ints, list[Any]]:
    """The same for the value of a metric at the best step of another one: that of the last point up to that step."""
    some, contexts = None if len(runs) == len(catalog) else runs.tolist(), _contexts(catalog.contexts, wanted)
    rows = _fitting(gather(catalog, [wanted.metric], some, stats=(), contexts=contexts), wanted)
    contexts, both = _contexts(catalog.contexts, by), ascending(rows.columns["run"]).tolist()
    others = _fitting(gather(catalog, [by.metric], both, stats=_NEEDS[wanted.reducer], contexts=contexts), by)
    limits = np.full(len(catalog), _NOWHERE)
    owners, steps = _numbers(others, wanted)
    limits[owners] = steps
    rows = rows.take(np.flatnonzero(limits[rows.columns["run"]] != _NOWHERE))
    points, offsets = rows.points(["step", "value", "time"])
    return _column(catalog, *_upto(limits, rows, points, offsets), runs)


def _column(catalog: Catalog, owners: Ints, numbers: Array, runs: Ints) -> tuple[Ints, list[Any]]:
    distinct, inverse = np.unique(numbers, return_inverse=True)
    codes = np.zeros(len(catalog), np.int64)
    codes[owners] = inverse + 1
    return codes[runs], [MISSING, *(MISSING if value == _NOWHERE else value for value in distinct.tolist())]


def _alone(catalog: Catalog, rows: Columns, reducer: str, runs: Ints) -> tuple[Ints, Array, Ints]:
    """Most runs have one row for the series: those runs and their numbers, and the other runs."""
    owner = catalog.places.of_series(rows)
    chosen = np.zeros(len(catalog) + 1, bool)
    chosen[runs] = True
    keep = chosen[owner]
    owner, numbers = owner[keep], rows[reducer][keep]
    several = np.bincount(owner, minlength=len(catalog)) > 1
    several |= catalog.resumed
    single = ~several[owner]
    return owner[single], numbers[single], ascending(owner[~single])


def _numbers(rows: SeriesRows, wanted: Aggregate) -> tuple[Ints, Array]:
    """The runs of these series, and the number of each."""
    if not len(rows):
        return np.empty(0, np.int64), np.empty(0)
    first = np.flatnonzero(np.diff(rows.columns["run"], prepend=-1))
    side = wanted.reducer.removeprefix("at_")
    numbers = _reduce(rows.columns, first, wanted.reducer)
    if wanted.finite and side == wanted.reducer:
        numbers = finite(numbers)
    elif wanted.finite:
        numbers = np.where(np.isinf(_reduce(rows.columns, first, side)), _NOWHERE, numbers)
    return rows.columns["run"][first], numbers


def best(low: Array, high: Array, falling: Array) -> Array:
    """The best value of each series: the min where low values are better, else the max."""
    return finite(np.where(falling, low, high))


def finite(numbers: Array) -> Array:
    """An infinite min or max is an overflow, and not the best value."""
    return np.where(np.isinf(numbers), np.nan, numbers)


def _contexts(texts: Sequence[str], wanted: Aggregate) -> list[str] | None:
    """The contexts (JSON) that fit an aggregate; None if there are too many to try them all."""
    if len(texts) > FEW_CONTEXTS:
        return None
    return [text for text in texts if _fits(json.loads(text), wanted)]


def _fitting(rows: SeriesRows, wanted: Aggregate) -> SeriesRows:
    own = rows.columns["context"].tolist()
    good = {text: _fits(json.loads(text), wanted) for text in checked(set(own))}
    return rows if all(good.values()) else rows.take(np.flatnonzero([good[text] for text in own]))


def _fits(context: dict[str, Any], wanted: Aggregate) -> bool:
    if wanted.context is not None:
        return words(context) == wanted.context
    return set(wanted.words) <= {str(value) for value in context.values()}


def words(context: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """A context as it is compared. 1 and True differ; 1 and 1.0 do not, because JSON from a browser cannot distinguish
    them."""
    return tuple(sorted((key, repr(_plain(value))) for key, value in context.items()))


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _reduce(columns: dict[str, Array], first: Ints, reducer: str) -> Array:
    """One value for each group of rows; the groups begin at `first`."""
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
    """The row of each group with the lowest or highest step. Equal steps are ordered by time."""
    group = np.repeat(np.arange(len(first)), np.diff(first, append=len(columns["run"])))
    order = np.lexsort((columns[f"{end}_time"], columns[f"{end}_step"], group))
    place = first if end == "first" else np.append(first[1:], len(group)) - 1
    return np.asarray(order[place])


def mean(columns: dict[str, Array]) -> Array:
    """The mean of the numbers without NaN. It is infinite if one of them is."""
    finite = columns["count"] - columns["nonfinite"]
    low, high = np.isneginf(columns["min"]), np.isposinf(columns["max"])
    with np.errstate(invalid="ignore", divide="ignore"):
        means = (columns["sum"] + columns["sum_rest"]) / finite
    means[low], means[high], means[low & high] = -np.inf, np.inf, np.nan
    return np.asarray(means)


def _upto(limits: Ints, rows: SeriesRows, points: Columns, offsets: Ints) -> tuple[Ints, Array]:
    """The runs of these series, and the value of the last point of each up to the step that limits it."""
    upto = points["step"] <= np.repeat(limits[rows.columns["run"]], np.diff(offsets))
    count = np.diff(np.concatenate(([0], np.cumsum(upto)))[offsets])
    which = np.flatnonzero(count)
    place = offsets[which] + count[which] - 1
    run = rows.columns["run"][which]
    order = np.lexsort((points["time"][place], points["step"][place], run))
    last = order[np.flatnonzero(np.diff(run[order], append=-1))]
    return run[last], points["value"][place][last]
