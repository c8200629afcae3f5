"""Smoothing gives what its formula says, for many series at once; the UI's copy has the same cases."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import aim
from aim.query import smooth as module
from aim.query.plan import Sample
from aim.query.smooth import Smoothing, smooth
from aim.repo import Repo

CASES = json.loads(Path(__file__).with_name("smooth.json").read_text())
lines = st.lists(st.lists(st.floats(width=32), max_size=60), min_size=1, max_size=5)


def by_definition(values: list[float], factor: float) -> list[float]:
    out, total, correction = [], 0.0, 1.0
    for value in values:
        if not math.isfinite(value):
            out.append(value)
            continue
        total = total * factor + value * (1 - factor)
        correction *= factor
        out.append(total / (1 - correction))
    return out


def mean_around(line: np.ndarray, half: int) -> list[float]:
    windows = (line[max(0, i - half) : i + half + 1] for i in range(len(line)))
    return [
        np.mean(near[np.isfinite(near)]) if math.isfinite(value) else value
        for value, near in zip(line.tolist(), windows, strict=True)
    ]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_cases_of_both_implementations(case: dict) -> None:
    values, expected = (np.array([float(value) for value in case[name]]) for name in ("values", "expected"))
    amount = case["amount"]
    smoothing = Smoothing(factor=amount) if case["kind"] == "ema" else Smoothing(window=amount)
    np.testing.assert_allclose(smooth(values, np.array([0, len(values)]), smoothing), expected, rtol=1e-12)


@given(lines, st.floats(0.01, 0.99))
def test_many_series_are_smoothed_as_each_alone(given: list[list[float]], factor: float) -> None:
    values = np.array([value for line in given for value in line])
    offsets = np.cumsum([0, *map(len, given)])
    expected = [value for line in given for value in by_definition(line, factor)]
    largest = max((abs(value) for value in values.tolist() if math.isfinite(value)), default=1.0)
    np.testing.assert_allclose(
        smooth(values, offsets, Smoothing(factor=factor)), expected, rtol=1e-9, atol=1e-12 * largest
    )


@pytest.mark.parametrize("window", [3, 999])
@pytest.mark.parametrize("counts", [[], [0], [1], [0, 3, 0, 20, 1, 0], [5] * 300, [1, 70, 2, 3, 600, 40] * 2])
def test_averages_of_windows_that_are_longer_than_series(
    counts: list[int], window: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As each alone, in arrays that are not much larger than the values, however many series there are."""
    monkeypatch.setattr(module, "_PADDED", 1 << 8)
    sizes, windows = [0], module._windows
    monkeypatch.setattr(
        module, "_windows", lambda columns, length: sizes.append(columns.shape[1]) or windows(columns, length)
    )
    values = np.random.default_rng(0).normal(size=sum(counts))
    values[::7] = np.nan
    offsets = np.cumsum([0, *counts])
    expected = [mean for line in np.split(values, offsets[1:-1]) for mean in mean_around(line, window // 2)]
    np.testing.assert_allclose(smooth(values, offsets, Smoothing(window=window)), expected, rtol=1e-9)
    assert max(sizes) <= 2 * (1 << 8) + 3 * max(counts, default=0) and sum(sizes) <= 6 * len(values)


@pytest.mark.parametrize("factor", [0.5, 0.9, 0.99])
def test_a_spike_in_a_long_series_is_smoothed_alike_at_every_zoom(tmp_path: Path, factor: float) -> None:
    """Sampled for 100 pixel columns or read whole, in full view or in a window before, at and after the spike."""
    values = 0.1 + np.sin(np.arange(30_000) / 500) / 20
    values[12_000] = 40.0
    with aim.Run(repo=tmp_path, run="long") as run:
        for value in values.tolist():
            run.track(value, name="loss")
    exact = np.array(by_definition(values.tolist(), factor))
    selection = Repo(tmp_path).select("loss")
    for window in (None, (0, 30_000), (11_000, 13_000), (12_000, 12_050), (12_001, 30_000), (20_000, 20_100)):
        points = selection.points(sample=Sample(columns=100, window=window, smoothing=Smoothing(factor=factor)))
        assert points.smoothed is not None and len(points.smoothed) <= 802
        np.testing.assert_allclose(points.smoothed, exact[points.steps], rtol=1e-12)
        np.testing.assert_array_equal(points.values, values[points.steps])
        inside = exact if window is None else exact[max(window[0] - 1, 0) : window[1] + 2]
        assert points.smoothed.max() == pytest.approx(inside.max(), rel=1e-12), "its highest point is not sampled away"
