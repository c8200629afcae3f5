"""Fewer points, the same picture."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aim.query.sample import m4, within

numbers = st.floats(allow_nan=True, allow_infinity=True, width=32)
lines = st.lists(st.lists(st.tuples(st.integers(-50, 300), numbers), max_size=120), min_size=1, max_size=4)


def arrays(given: list[list[tuple[int, float]]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    points = [point for line in given for point in sorted(line, key=lambda point: point[0])]
    x, y = np.array([p[0] for p in points], float), np.array([p[1] for p in points], float)
    return x, y, np.cumsum([0, *map(len, given)])


def plain(x: np.ndarray, y: np.ndarray, columns: int, low: float, high: float) -> set[int]:
    """M4 of one line by its definition: the points that must be kept."""
    buckets: dict[int, list[int]] = {}
    for i, at in enumerate(x):
        if low <= at <= high:
            width = (high - low) / columns if high > low else 1.0
            buckets.setdefault(min(int((at - low) / width), columns - 1), []).append(i)
    kept = {0, len(x) - 1}
    for some in buckets.values():
        real = [i for i in some if math.isfinite(y[i])]
        odd = [i for i in some if not math.isfinite(y[i])]
        kept |= {some[0], some[-1], *({str(y[i]): i for i in reversed(odd)}.values())}
        if real:
            kept |= {min(real, key=lambda i: (y[i], i)), min(real, key=lambda i: (-y[i], i))}
    return kept


@given(lines, st.integers(1, 12))
def test_every_column_keeps_its_extremes(given: list[list[tuple[int, float]]], columns: int) -> None:
    x, y, offsets = arrays(given)
    kept = set(m4(x, y, offsets, columns=columns).tolist())
    for i in range(len(given)):
        start, stop = int(offsets[i]), int(offsets[i + 1])
        if stop - start <= 4 * columns:
            assert set(range(start, stop)) <= kept
        else:
            line = plain(x[start:stop], y[start:stop], columns, x.min(), x.max())
            assert {start + place for place in line} == {place for place in kept if start <= place < stop}


def test_at_most_four_points_per_column() -> None:
    x = np.arange(100_000.0)
    y = np.sin(x / 50) + np.random.default_rng(1).normal(size=len(x))
    kept = m4(x, y, np.array([0, len(x)]), columns=300)
    assert len(kept) <= 4 * 300
    assert {int(np.argmin(y)), int(np.argmax(y)), 0, len(x) - 1} <= set(kept.tolist())


@pytest.mark.parametrize(
    ("window", "wanted"),
    [
        ((2.0, 3.0), [1, 2, 3, 4]),
        ((-9.0, -1.0), [0]),
        ((9.0, 99.0), [4]),
        ((2.25, 2.5), [2, 3]),
        ((-9.0, 9.0), [0, 1, 2, 3, 4]),
    ],
)
def test_a_window_keeps_one_neighbor_on_each_side(window: tuple[float, float], wanted: list[int]) -> None:
    begin, end = within(np.array([0.0, 1, 2, 3, 4]), np.array([0, 5]), window)
    assert list(range(int(begin[0]), int(end[0]))) == wanted


def test_a_window_over_several_series_one_of_them_empty() -> None:
    x = np.array([0.0, 1, 2, 5, 6])
    begin, end = within(x, np.array([0, 3, 3, 5]), (1.5, 5.5))
    assert (begin.tolist(), end.tolist()) == ([1, 3, 3], [3, 3, 5])
