"""Smoothing of many series at once, before points are sampled, so that it does not depend on what is drawn.

Exponential: s[i] = (1 - f) * sum of f**k * y[i - k], divided by the sum of these weights, 1 - f**(i + 1), which leaves
the first value unchanged (bias correction: D. Kingma, J. Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015,
section 3). Average: the mean of a centered window, which is shorter at the ends of a series.

Values that are not finite stay as they are and are ignored by both. `ui/src/charts/smooth.ts` computes the same for
series that the browser holds completely; `tests/query/smooth.json` has the cases of both.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from aim.deadline import check
from aim.index.ints import Ints

Array = npt.NDArray[Any]
# About so many values, zeros between series included, are averaged at once.
_PADDED = 1 << 20


class Smoothing(NamedTuple):
    """`factor`: of the exponential average, 0 to 0.99. `window`: points of the moving one; it wins if both are set."""

    factor: float = 0.0
    window: int = 1

    def __bool__(self) -> bool:
        return self.factor > 0 or self.window > 1

    def __str__(self) -> str:
        return f"averaged over {self.window} points" if self.window > 1 else f"smoothed by {self.factor:g}"


def smooth(values: Array, offsets: Ints, smoothing: Smoothing) -> Array:
    """Series i is offsets[i] to offsets[i + 1]."""
    values = values.astype(np.float64)
    if smoothing.window > 1:
        return _average(values, offsets, smoothing.window // 2)
    finite = np.isfinite(values)
    begins = np.concatenate(([0], np.cumsum(finite)))[offsets]
    out = values.copy()
    out[finite] = _exponential(values[finite], begins, smoothing.factor)
    return out


def _exponential(values: Array, offsets: Ints, factor: float) -> Array:
    """By doubling: after the step of `reach`, each sum has the terms of the last 2 * reach values."""
    counts = np.diff(offsets)
    place = np.arange(len(values)) - np.repeat(offsets[:-1], counts)
    sums = values * (1 - factor)
    reach, weight = 1, factor
    while weight > 0 and reach < counts.max(initial=0):
        check()
        sums[reach:] += np.where(place[reach:] >= reach, sums[:-reach] * weight, 0.0)
        reach, weight = 2 * reach, weight * weight
    return np.asarray(sums / -np.expm1((place + 1) * np.log(factor)))


def _average(values: Array, offsets: Ints, half: int) -> Array:
    counts = np.diff(offsets)
    out = values.copy()
    for series in _groups(counts, half):
        mine = counts[series]
        ends = np.cumsum(mine)
        places = np.repeat(offsets[series] - (ends - mine), mine) + np.arange(mine.sum())
        out[places] = _average_of(values[places], mine, min(half, int(mine.max(initial=1)) - 1))
    return out


def _groups(counts: Ints, half: int) -> list[Ints]:
    """Series of similar lengths together, so that no zeros are beside a short one because another one is long."""
    order = np.argsort(counts, kind="stable")
    order = order[counts[order] > 0]
    reach = np.minimum(counts[order], half)
    parts = np.cumsum(counts[order] + 2 * reach) // _PADDED
    new = (np.diff(parts) > 0) | (np.diff(np.frexp(reach)[1]) > 0)
    return np.split(order, np.flatnonzero(new) + 1)


def _average_of(values: Array, counts: Ints, half: int) -> Array:
    """Each series has `half` zeros on both sides, so that no window reaches another series."""
    finite = np.isfinite(values)
    at = np.arange(len(values)) + np.repeat((2 * np.arange(len(counts)) + 1) * half, counts)
    padded = np.zeros((2, len(values) + 2 * half * len(counts)))
    padded[0, at], padded[1, at] = np.where(finite, values, 0.0), finite
    sums, there = _windows(padded, 2 * half + 1)[:, at - half]
    return np.where(finite, sums / np.maximum(there, 1), values)


def _windows(columns: Array, length: int) -> Array:
    """The sum of `length` values from each place on, from sums of 1, 2, 4, ... values. Nothing is subtracted, so that
    a large value leaves no trace outside its windows."""
    out = np.zeros_like(columns)
    sums, size, taken = columns.copy(), 1, 0
    while size <= length:
        check()
        if length & size:
            out[:, : columns.shape[1] - taken] += sums[:, taken:]
            taken += size
        sums[:, : columns.shape[1] - size] += sums[:, size:].copy()
        size *= 2
    return out
