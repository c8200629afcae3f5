"""Parallel coordinates of runs: a brush filters the table too, and the link holds axes and brushes."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from tests.ui.conftest import Opened

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
expect = playwright.expect
Page = playwright.Page

pytestmark = pytest.mark.browser


def rows(page: Page) -> playwright.Locator:
    return page.get_by_role("grid").locator(".row")


def test_a_brush_filters_lines_and_table(shared_url: str, opened: Opened) -> None:
    page = opened(f"{shared_url}/?page=params&axis=params.hparams.seed&axis=metrics.last.accuracy")
    expect(rows(page)).to_have_count(4)
    box = page.locator(".params-chart").bounding_box()
    assert box is not None
    name = page.locator(".params-chart").get_by_text("hparams.seed", exact=True).bounding_box()
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
    expect(page.locator(".table-none")).to_contain_text("No run is left")
    page.get_by_role("button", name="Axes · 1").click()
    page.get_by_role("checkbox", name="hparams.seed").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Axes · 2")).to_be_visible()
    expect(rows(page)).to_have_count(4)
    assert page.url.count("axis=") == 2
