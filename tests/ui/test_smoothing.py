"""Smoothed lines, and groups, say what all points give, at every zoom, however few of them are drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest

import aim
from tests.browsing import Opened, up

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
expect = playwright.expect
Page = playwright.Page

pytestmark = pytest.mark.browser

POINTS, SPIKE, SEEDS, FACTOR = 50_000, 25_000, 2, 0.9


def curve(seed: int) -> np.ndarray:
    values = np.exp(-np.arange(POINTS) / 9000) + np.random.default_rng(seed).normal(0, 0.02, POINTS)
    values[SPIKE] = 80.0
    return values


def averages(values: np.ndarray) -> np.ndarray:
    """The exponential average of all points, as it is defined."""
    out, total = np.empty(len(values)), 0.0
    for at, value in enumerate(values):
        total = FACTOR * total + (1 - FACTOR) * value
        out[at] = total / (1 - FACTOR ** (at + 1))
    return out


EXACT = [averages(curve(seed)) for seed in range(SEEDS)]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, browser: object) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("long")
    for seed in range(SEEDS):
        with aim.Run(f"seed {seed}", repo=folder) as run:
            run["hparams"] = {"lr": 0.1, "seed": seed}
            for step, value in enumerate(curve(seed).tolist()):
                run.track(value, "loss", step=step)
    with up(folder, "--read-only") as address:
        yield address.rstrip("/")


def pointed(page: Page, share: float) -> playwright.Locator:
    """The tooltip where so much of the width of the chart is left of the pointer."""
    chart = page.locator(".chart-host [role=img]").first
    box = chart.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 1, box["y"] + 1)
    page.mouse.move(box["x"] + 50 + share * (box["width"] - 60), box["y"] + box["height"] * 0.6, steps=3)
    tip = page.get_by_role("tooltip")
    expect(tip).to_be_visible()
    return tip


def number(tip: playwright.Locator, name: str) -> float:
    text = tip.locator("dl > *").filter(has=tip.page.get_by_text(name, exact=True)).locator("dd").inner_text()
    return float(re.sub(r"[,\s\u202f]", "", text).replace("\u2212", "-"))


ZOOMS = ["", "zoom=20000~30000~~~", "zoom=24900~25100~~~", "zoom=24990~25020~~~"]


@pytest.mark.parametrize("zoom", ZOOMS)
def test_a_line_at_every_zoom(url: str, opened: Opened, zoom: str) -> None:
    page = opened(f'{url}/?q=loss+if+run.hash+==+"seed+1"&smooth={FACTOR}&logY=0&{zoom}')
    expect(page.locator(".chart .count")).to_have_text("1 line")
    page.wait_for_load_state("networkidle")
    for share in (0.1, 0.35, 0.5, 0.52, 0.9):
        tip = pointed(page, share)
        step = int(number(tip, "step"))
        assert number(tip, "smoothed") == pytest.approx(EXACT[1][step], rel=2e-3, abs=2e-5), step


@pytest.mark.parametrize("zoom", ZOOMS)
@pytest.mark.parametrize("factor", [0, FACTOR])
def test_a_group_at_every_zoom(url: str, opened: Opened, factor: float, zoom: str) -> None:
    page = opened(f"{url}/?q=loss&color=params.hparams.lr&group=1&smooth={factor}&logY=0&{zoom}")
    expect(page.locator(".chart .count")).to_have_text(re.compile("1 group of 2 lines"))
    page.wait_for_load_state("networkidle")
    means = np.mean(EXACT if factor else [curve(seed) for seed in range(SEEDS)], axis=0)
    for share in (0.1, 0.35, 0.5, 0.52, 0.9):
        tip = pointed(page, share)
        step = number(tip, "step")
        assert step == int(step)
        value = float(tip.locator(".tooltip-value").inner_text().replace(",", "").replace("\u2212", "-"))
        assert value == pytest.approx(means[int(step)], rel=2e-3, abs=2e-5), step
