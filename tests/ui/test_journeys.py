"""How many clicks a question takes, from the first page on."""

from __future__ import annotations

import re

import pytest

from tests.browsing import Opened

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
expect = playwright.expect
Page = playwright.Page

pytestmark = pytest.mark.browser


class Clicks:
    """Clicks on a page, which are counted."""

    def __init__(self) -> None:
        self.count = 0

    def on(self, target: playwright.Locator) -> None:
        target.click()
        self.count += 1


def test_a_loss_over_rates_with_seeds_averaged(shared_url: str, opened: Opened) -> None:
    page, clicks = opened(shared_url), Clicks()
    clicks.on(page.get_by_role("button", name="Enlarge loss"))
    chart = page.get_by_role("dialog", name="loss")
    clicks.on(chart.get_by_role("button", name="Average over seed"))
    expect(chart.locator(".chart .count")).to_have_text("2 groups of 4 lines")
    expect(chart.locator(".legend-section").first.locator(".legend-label")).to_have_text(["0.01", "0.1"])
    assert clicks.count <= 3


@pytest.mark.parametrize("metric", ["loss", "accuracy"])
def test_the_best_run_of_a_metric_with_its_params(shared_url: str, opened: Opened, metric: str) -> None:
    page, clicks = opened(shared_url), Clicks()
    clicks.on(page.get_by_role("button", name=f"Enlarge {metric}"))
    chart = page.get_by_role("dialog", name=metric)
    clicks.on(chart.get_by_role("columnheader", name="Best").get_by_role("button", name="Best", exact=True))
    best = chart.locator(".row").first
    expect(best).to_contain_text(re.compile(r"run 0.*0\.1"))
    assert clicks.count <= 2
