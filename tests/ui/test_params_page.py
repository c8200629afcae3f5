"""Parallel coordinates of runs: a brush filters the table too, and the link holds axes and brushes."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.browsing import Opened

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
expect = playwright.expect
Page = playwright.Page

pytestmark = pytest.mark.browser


def rows(page: Page) -> playwright.Locator:
    return page.get_by_role("grid", name="Runs").locator(".row")


def test_a_brush_filters_lines_and_table(shared_url: str, opened: Opened) -> None:
    page = opened(f"{shared_url}/?page=params&axis=params.hparams.seed&axis=metrics.last.accuracy")
    expect(rows(page)).to_have_count(4)
    box = page.locator(".chart-host").bounding_box()
    assert box is not None
    name = page.locator(".chart-host").get_by_text("accuracy last", exact=True).bounding_box()
    assert name is not None
    x = name["x"] + name["width"] / 2
    page.mouse.move(x, box["y"] + box["height"] * 0.35)
    page.mouse.down()
    page.mouse.move(x, box["y"] + 25, steps=5)
    page.mouse.up()
    page.wait_for_url(re.compile("brush="))
    expect(rows(page)).not_to_have_count(4)
    left = rows(page).count()
    assert 1 <= left < 4
    expect(rows(opened(page.url))).to_have_count(left)
    page.get_by_role("button", name="Clear brushes").click()
    expect(rows(page)).to_have_count(4)


def test_axes_are_chosen_and_an_empty_brush_is_said(shared_url: str, opened: Opened) -> None:
    page = opened(f"{shared_url}/?page=params&axis=params.hparams.lr&brush={quote('5~6~0~params.hparams.lr')}")
    expect(page.locator(".table-none")).to_contain_text("No runs match")
    page.get_by_role("button", name="Axes · 1").click()
    page.get_by_role("checkbox", name="hparams.seed").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Axes · 2")).to_be_visible()
    expect(rows(page)).to_have_count(4)
    assert page.url.count("axis=") == 2


def test_charts_by_a_param_share_brushes_and_become_one_picture(shared_url: str, opened: Opened) -> None:
    brush = quote("-1~1.5~0~params.hparams.seed")
    url = f"{shared_url}/?page=params&axis=params.hparams.seed&axis=metrics.last.accuracy&chart=params.hparams.lr"
    page = opened(f"{url}&brush={brush}&color=experiment&stroke=params.hparams.seed")
    charts = page.get_by_role("region", name="Charts").get_by_role("figure")
    expect(charts).to_have_count(2)
    expect(charts.first).to_contain_text("lr0.01")
    expect(charts.nth(1).get_by_role("img")).to_have_attribute("aria-label", re.compile("2 of 2 runs"))
    expect(charts.nth(0).get_by_role("img")).to_have_attribute("aria-label", re.compile("0 of 2 runs"))
    expect(rows(page)).to_have_count(2)
    legend = page.get_by_role("complementary", name="Legend")
    legend.get_by_role("button", name="first").click()
    expect(charts.nth(1)).to_contain_text("1 of 2 runs")
    legend.get_by_role("button", name="Show all lines").click()

    page.get_by_role("button", name="Charts as a picture").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save SVG").click()
    picture = Path(download.value.path()).read_text("utf-8")
    for word in ("<svg", "hparams.seed", "0.01", "Color: Experiment", "second"):
        assert word in picture
    page.get_by_role("button", name="Charts as a picture").click()
    page.get_by_label("Format").select_option(label="PNG")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save PNG").click()
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")


def test_a_run_is_announced_pinned_and_opened(shared_url: str, opened: Opened) -> None:
    page = opened(f"{shared_url}/?page=params&axis=params.hparams.seed&axis=metrics.last.accuracy")
    expect(rows(page)).to_have_count(4)
    chart = page.locator(".chart-host [role=img]").first
    chart.focus()
    page.keyboard.press("ArrowDown")
    tip = page.get_by_role("tooltip")
    expect(tip).to_contain_text("run 0")
    expect(tip).to_contain_text("hparams.seed0")
    expect(tip).to_contain_text("accuracy last0.98")
    assert "pin=" in page.url
    tip.get_by_role("link", name="Open the run").click()
    page.wait_for_url(re.compile("page=run&"))


def test_a_missing_axis_is_explained(shared_url: str, opened: Opened) -> None:
    page = opened(f"{shared_url}/?page=params&axis=params.gone")
    expect(page.get_by_role("heading", name="No axes to show")).to_be_visible()
