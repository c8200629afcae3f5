"""Samples points without changing the picture: it keeps the first, last, min and max point of every pixel column (M4),
and the first of each kind that the axis cannot show: NaN, inf, -inf.

U. Jugel et al., "M4: A Visualization-Oriented Time Series Data Aggregation", VLDB 2014. All series are sampled at once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from aim.index.ints import Ints, spread

Array = npt.NDArray[Any]


def m4(
    x: Array, y: Array, offsets: Ints, *, columns: int, window: tuple[float | Array, float | Array] | None = None
) -> Ints:
    """The points to keep, ascending. Series i is offsets[i] to offsets[i + 1]; its x ascend and contain no NaN. A
    series with at most four points per column keeps all, and points outside the window are kept too. `window`: of all
    series, or as arrays with the ends of each."""
    crowded = np.flatnonzero(np.diff(offsets) > 4 * columns)
    if not len(crowded):
        return np.arange(len(x))
    begin, count = offsets[:-1][crowded], np.diff(offsets)[crowded]
    low, high = (
        np.broadcast_to(end, len(offsets) - 1)[crowded] for end in (window if window is not None else _range(x))
    )
    rows = spread(begin, count)
    inside = (x[rows] >= np.repeat(low, count)) & (x[rows] <= np.repeat(high, count))
    rows, series = rows[inside], np.repeat(np.arange(len(crowded)), count)[inside]
    keep = np.ones(len(x), bool)
    keep[rows] = False
    keep[begin] = keep[begin + count - 1] = True
    if len(rows):
        width = np.where(high > low, (high - low) / columns, 1.0)
        column = np.clip((x[rows] - low[series]) / width[series], 0, columns - 1).astype(np.int64)
        keep[rows[_outstanding(series * columns + column, y[rows])]] = True
    return np.flatnonzero(keep)


def _range(x: Array) -> tuple[float, float]:
    finite = x[np.isfinite(x)]
    return (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)


def _outstanding(key: Ints, y: Array) -> Ints:
    """The points to keep of every group of equal keys; a group is contiguous."""
    begin = np.flatnonzero(np.diff(key, prepend=key[0] - 1))
    count = np.diff(begin, append=len(key))
    kept = np.zeros(len(y), bool)
    kept[begin] = kept[begin + count - 1] = True
    group = np.repeat(np.arange(len(begin)), count)
    finite = np.isfinite(y)
    whole = bool(finite.all())
    numbers = y if whole else np.where(finite, y, np.nan)
    for best in (np.fmin, np.fmax):
        kept[_firsts(numbers == np.repeat(best.reduceat(numbers, begin), count), group)] = True
    if not whole:
        for odd in (np.isnan(y), y == np.inf, y == -np.inf):
            kept[_firsts(odd, group)] = True
    return np.flatnonzero(kept)


def _firsts(hit: Array, group: Ints) -> Ints:
    """The first hit of every group that has one."""
    places = np.flatnonzero(hit)
    return places[np.flatnonzero(np.diff(group[places], prepend=-1))]


def within(x: Array, offsets: Ints, window: tuple[float, float]) -> tuple[Ints, Ints]:
    """The range of each series' points inside the window, with one neighbor on each side, so that lines reach the
    edge."""
    before = np.concatenate(([0], np.cumsum(x < window[0])))[offsets]
    upto = np.concatenate(([0], np.cumsum(x <= window[1])))[offsets]
    begin = offsets[:-1] + np.maximum(np.diff(before) - 1, 0)
    end = offsets[:-1] + np.minimum(np.diff(upto) + 1, np.diff(offsets))
    return begin, np.maximum(end, begin)
