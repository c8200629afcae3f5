"""One number of a run's metric, for every run at once: `run.loss.train.last`, `run.accuracy.at_max.loss`."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from aim import engine
from aim.deadline import checked
from aim.index.catalog import Catalog
from aim.index.segment import Ints, ascending, stored
from aim.index.series import SeriesRows, gather
from aim.query.nodes import MISSING, Aggregate

Array = npt.NDArray[Any]
# The step of the lowest number of a series without numbers.
_NOWHERE = np.iinfo(np.int64).max
# Of these numbers, the one of the whole series is stored.
_STORED = {"last", "first", "min", "max", "count"}
_FEW_RUNS = 256
# Up to so many contexts, those that fit are found before series are read.
_FEW_CONTEXTS = 256
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
    # The number of a series that lies in one segment is a column there.
    stored = wanted.by is None and wanted.reducer in _STORED and not catalog.remote
    few = len(catalog.contexts) <= _FEW_CONTEXTS
    owners, numbers = (_alone if stored and few else _gathered)(catalog, wanted, runs)
    distinct, inverse = np.unique(numbers, return_inverse=True)
    codes = np.zeros(len(catalog), np.int64)
    codes[owners] = inverse + 1
    return codes[runs], [MISSING, *(MISSING if value == _NOWHERE else value for value in distinct.tolist())]


def _alone(catalog: Catalog, wanted: Aggregate, runs: Ints) -> tuple[Ints, Array]:
    """Most runs have one row for the series. Only those of the other runs are combined."""
    among = {"name": [wanted.metric], "context": _fitting(catalog, wanted)}
    if len(runs) < len(catalog) and len(runs) <= _FEW_RUNS:
        among["run"] = catalog.numbers[runs].tolist()
    rows = engine.read(stored(catalog.segments, "series"), ["segment", "run", wanted.reducer], among=among)
    owner = catalog.places.of_series(rows)
    chosen = np.zeros(len(catalog) + 1, bool)
    chosen[runs] = True
    keep = chosen[owner]
    owner, numbers = owner[keep], rows[wanted.reducer][keep]
    several = np.bincount(owner, minlength=len(catalog)) > 1
    several |= catalog.resumed
    combined = ascending(owner[several[owner]])
    if not len(combined):
        return owner, numbers
    single = ~several[owner]
    others, more = _gathered(catalog, wanted, combined)
    return np.concatenate([owner[single], others]), np.concatenate([numbers[single], more])


def _gathered(catalog: Catalog, wanted: Aggregate, runs: Ints) -> tuple[Ints, Array]:
    needs = () if wanted.by is not None else _NEEDS[wanted.reducer]
    rows = _series(catalog, wanted, None if len(runs) == len(catalog) else runs.tolist(), needs)
    return _numbers(catalog, rows, wanted)


def _numbers(catalog: Catalog, rows: SeriesRows, wanted: Aggregate) -> tuple[Ints, Array]:
    """The runs of these series, and the number of each."""
    if not len(rows):
        return np.empty(0, np.int64), np.empty(0)
    if wanted.by is not None:
        return _beside(catalog, rows, wanted, wanted.by)
    first = np.flatnonzero(np.diff(rows.columns["run"], prepend=-1))
    return rows.columns["run"][first], _reduce(rows.columns, first, wanted.reducer)


def _series(catalog: Catalog, wanted: Aggregate, runs: Collection[int] | None, stats: Collection[str]) -> SeriesRows:
    """The series of some runs with the metric and the context of an aggregate."""
    if len(catalog.contexts) <= _FEW_CONTEXTS:
        return gather(catalog, [wanted.metric], runs, stats=stats, contexts=_fitting(catalog, wanted))
    rows = gather(catalog, [wanted.metric], runs, stats=stats)
    own = rows.columns["context"].tolist()
    good = {text: _fits(json.loads(text), wanted) for text in checked(set(own))}
    return rows if all(good.values()) else rows.take(np.flatnonzero([good[text] for text in own]))


def _fitting(catalog: Catalog, wanted: Aggregate) -> list[str]:
    return [text for text in catalog.contexts if _fits(json.loads(text), wanted)]


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


def _beside(catalog: Catalog, rows: SeriesRows, wanted: Aggregate, by: Aggregate) -> tuple[Ints, Array]:
    """The value of the metric at the best step of the other one: the last point up to that step."""
    best = Aggregate(by.metric, by.words, wanted.reducer, context=by.context)
    limits = np.full(len(catalog), _NOWHERE)
    others = _series(catalog, best, ascending(rows.columns["run"]).tolist(), _NEEDS[best.reducer])
    owners, steps = _numbers(catalog, others, best)
    limits[owners] = steps
    rows = rows.take(np.flatnonzero(limits[rows.columns["run"]] != _NOWHERE))
    if not len(rows):
        return np.empty(0, np.int64), np.empty(0)
    points, offsets = rows.points(["step", "value", "time"])
    upto = points["step"] <= np.repeat(limits[rows.columns["run"]], np.diff(offsets))
    count = np.diff(np.concatenate(([0], np.cumsum(upto)))[offsets])
    which = np.flatnonzero(count)
    place = offsets[which] + count[which] - 1
    run = rows.columns["run"][which]
    order = np.lexsort((points["time"][place], points["step"][place], run))
    last = order[np.flatnonzero(np.diff(run[order], append=-1))]
    return run[last], points["value"][place][last]
