"""Runs as points: axes, color and trend are chosen, kept in the link, and described in the tooltip."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.browsing import Opened

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
expect = playwright.expect
Page = playwright.Page

pytestmark = pytest.mark.browser


def test_points_over_two_columns_with_a_trend(shared_url: str, opened: Opened) -> None:
    page = opened(f"{shared_url}/?page=scatter")
    page.get_by_label("X", exact=True).select_option(label="X: hparams.seed")
    page.get_by_label("Y", exact=True).select_option(label="Y: loss (subset=train) min")
    page.get_by_role("button", name=re.compile("^Color")).click()
    page.get_by_role("checkbox", name="hparams.lr").click()
    page.keyboard.press("Escape")
    page.get_by_label("Trend").select_option(label="Linear trend")
    page.get_by_role("button", name="Per color").click()
    for part in ("px=params.hparams.seed", "color=params.hparams.lr", "trend=linear", "each=1"):
        assert part in page.url
    again = opened(page.url)
    expect(again.get_by_label("Y", exact=True)).to_have_value("metrics.min.loss subset=train")

    chart = again.locator(".chart-host [role=img]").first
    expect(chart).to_have_attribute("aria-label", re.compile("r 1 · r² 1 · n 2"))
    chart.focus()
    again.keyboard.press("ArrowRight")
    expect(again.get_by_role("tooltip")).to_contain_text("loss (subset=train) min0.0")
    page.go_back()
    expect(page.get_by_role("button", name="Per color")).to_have_attribute("aria-pressed", "false")


def test_charts_by_experiment_with_a_bent_trend_as_a_picture(shared_url: str, opened: Opened) -> None:
    axes = "px=params.hparams.seed&py=metrics.last.accuracy"
    page = opened(f"{shared_url}/?page=scatter&{axes}&chart=experiment&trend=loess")
    charts = page.get_by_role("region", name="Charts").get_by_role("figure")
    expect(charts).to_have_count(2)
    expect(charts.first).to_contain_text("first")
    expect(charts.first.get_by_role("img")).to_have_attribute("aria-label", re.compile("of 2 runs, accuracy last over"))
    page.get_by_role("button", name="Charts as a picture").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save SVG").click()
    picture = Path(download.value.path()).read_text("utf-8")
    assert "accuracy last over hparams.seed" in picture and "second" in picture
    box = charts.first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.3)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.6, steps=4)
    page.mouse.up()
    page.wait_for_url(re.compile("zx="))
    page.get_by_role("button", name="Reset zoom").click()
    assert "zx=" not in page.url


def test_an_axis_of_a_link_that_no_run_has_is_named(shared_url: str, opened: Opened) -> None:
    page = opened(f"{shared_url}/?page=scatter&px=params.nothing&py=metrics.last.accuracy")
    expect(page.get_by_text("None of these runs has params.nothing. Choose another axis above.")).to_be_visible()
    expect(page.get_by_label("X", exact=True)).to_have_value("params.nothing")
    page.get_by_label("X", exact=True).select_option(label="X: hparams.seed")
    expect(page.locator(".chart-host [role=img]").first).to_be_visible()
