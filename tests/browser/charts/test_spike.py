"""A single outlier in a million steps is visible at every zoom: sampled by the server, and drawn without sampling."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from aim.query.sample import m4, within

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

COUNT = 1_000_000
SPIKE = 654_321
COLUMNS = 400
ZOOMS = [(0, COUNT - 1), (600_000, 700_000), (654_000, 655_000), (654_300, 654_330), (654_320.5, 654_321.5)]


@pytest.mark.parametrize("window", ZOOMS)
def test_sampled_spike(stage: Page, window: tuple[float, float]) -> None:
    x = np.arange(COUNT, dtype=np.float64)
    y = np.sin(x / 900) + np.random.default_rng(1).normal(0, 0.2, COUNT)
    y[SPIKE] = 40
    begin, end = within(x, np.array([0, COUNT]), window)
    cut = slice(int(begin[0]), int(end[0]))
    x, y = x[cut], y[cut]
    kept = m4(x, y, np.array([0, len(x)]), columns=COLUMNS, window=window)
    assert len(kept) <= 4 * COLUMNS + 4
    points = [x[kept].tolist(), y[kept].tolist(), window]
    assert stage.evaluate("([x, y, window]) => stage.peakShown(x, y, window)", points)


@pytest.mark.parametrize("window", [(0, COUNT - 1), (653_000, 656_000)])
def test_spike_among_a_million_points(stage: Page, window: tuple[float, float]) -> None:
    assert stage.evaluate("([spike, window]) => stage.millionShown(spike, window)", [SPIKE, window])


def test_a_series_without_a_spike_has_no_ink(stage: Page) -> None:
    """The check can fail: a line cut off before its peak has no ink there."""
    assert not stage.evaluate("stage.peakShown([0, 1, 2, 3], [0, 1, 0, 9], [0, 2])")
