"""Runs as points: axes, colour and trend are chosen, kept in the link, and told under the pointer."""

from __future__ import annotations

import pytest

from tests.ui.conftest import Opened

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
expect = playwright.expect
Page = playwright.Page

pytestmark = pytest.mark.browser


def test_points_over_two_columns_with_a_trend(shared_url: str, opened: Opened) -> None:
    page = opened(f"{shared_url}/?page=scatter")
    page.get_by_label("X", exact=True).select_option(label="X: hparams.seed")
    page.get_by_label("Y", exact=True).select_option(label="Y: loss (subset=train) min")
    page.get_by_label("Colour by").select_option(label="Colour: hparams.lr")
    page.get_by_label("Trend").select_option(label="Linear trend")
    page.get_by_role("button", name="One for each colour").click()
    for part in ("px=params.hparams.seed", "by=params.hparams.lr", "trend=linear", "each=1"):
        assert part in page.url
    again = opened(page.url)
    expect(again.get_by_label("Y", exact=True)).to_have_value("metrics.min.loss subset=train")

    chart = again.locator(".params-chart [role=img]").first
    chart.focus()
    again.keyboard.press("ArrowRight")
    expect(again.locator(".params-bar .count")).to_contain_text("loss (subset=train) min 0.0")
    page.go_back()
    expect(page.get_by_role("button", name="One for each colour")).to_have_attribute("aria-pressed", "false")
