"""Points along another metric: the value of another series of the run at the same step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from aim.deadline import checked
from aim.engine import Columns
from aim.index.ints import Ints
from aim.index.series import SeriesRows

Array = npt.NDArray[Any]
METRIC = "metric:"


def metric_of(axis: str) -> str | None:
    """The metric that the axis `metric:NAME` names."""
    name = axis.removeprefix(METRIC)
    return name if name and name != axis else None


def along_metric(
    rows: SeriesRows, steps: Array, offsets: Ints, others: SeriesRows, points: Columns, begins: Ints
) -> Array:
    """The value of the other metric at each point's step, the latest if there are several; NaN if there is none.
    `others`: the series of that metric in the same runs, with their `points`."""
    along = np.full(len(steps), np.nan)
    for row, other in checked(partners(rows, others)):
        mine = slice(offsets[row], offsets[row + 1])
        known = points["step"][begins[other] : begins[other + 1]]
        at = np.searchsorted(known, steps[mine], side="right") - 1
        there = (at >= 0) & (known[at] == steps[mine]) if known.size else np.zeros(len(at), bool)
        along[mine] = np.where(there, points["value"][begins[other] + at], np.nan) if known.size else np.nan
    return along


def partners(rows: SeriesRows, others: SeriesRows) -> Iterator[tuple[int, int]]:
    """Each series and its partner: the series of the same run and context, else the only series of the run."""
    same: dict[tuple[int, str], int] = {}
    of_run: dict[int, list[int]] = {}
    for other, (run, context) in enumerate(_owners(others)):
        same[run, context] = other
        of_run.setdefault(run, []).append(other)
    for row, (run, context) in enumerate(_owners(rows)):
        every = of_run.get(run, [])
        partner = same.get((run, context), every[0] if len(every) == 1 else None)
        if partner is not None:
            yield row, partner


def _owners(rows: SeriesRows) -> Iterator[tuple[int, str]]:
    return zip(rows.columns["run"].tolist(), rows.columns["context"].tolist(), strict=True)


def goes_back(along: Array, offsets: Ints) -> Array:
    """Whether x of a series falls between two consecutive points that have an x."""
    there = np.flatnonzero(~np.isnan(along))
    series = np.searchsorted(offsets, there, side="right") - 1
    falls = (np.diff(along[there]) < 0) & (np.diff(series) == 0)
    back: Array = np.zeros(len(offsets) - 1, bool)
    back[series[1:][falls]] = True
    return back
