"""Two explorers with different queries on one page, with data from the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
expect = playwright.expect
Browser, Locator, Page = playwright.Browser, playwright.Locator, playwright.Page

pytestmark = pytest.mark.browser

UI = Path(__file__).parents[3] / "ui"


@pytest.fixture
def page(browser: Browser, bundle: Callable[[Path], Path]) -> Iterator[Page]:
    built = bundle(UI / "stage" / "explorers.tsx")
    trouble: list[str] = []
    context = browser.new_context(viewport={"width": 1440, "height": 800})
    page = context.new_page()
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.route(
        "http://stage/",
        lambda route: route.fulfill(body="<!doctype html><div id=host></div>", content_type="text/html"),
    )
    page.goto("http://stage/")
    page.add_style_tag(content=(built / "stage.css").read_text("utf-8") + "#host { display: flex }")
    page.add_script_tag(content=(built / "stage.js").read_text("utf-8"))
    page.evaluate("bundle.show(document.getElementById('host'))")
    yield page
    context.close()
    assert trouble == []


def explorer(page: Page, metric: str) -> Locator:
    return page.get_by_role("region", name=f"Explorer of {metric}", exact=True)


def test_two_explorers_answer_their_own_queries_and_keep_their_own_views(page: Page) -> None:
    loss, accuracy = explorer(page, "loss"), explorer(page, "accuracy")
    expect(loss.locator(".chart h2")).to_have_text("loss")
    expect(accuracy.locator(".chart h2")).to_have_text("accuracy")
    expect(loss.locator(".chart canvas").first).to_be_visible()
    expect(accuracy.locator(".chart canvas").first).to_be_visible()

    before = page.url
    loss.get_by_role("columnheader", name="Last").get_by_role("button", name="Last", exact=True).click()
    expect(loss.get_by_role("columnheader", name="Last")).to_have_attribute("aria-sort", "ascending")
    expect(accuracy.get_by_role("columnheader", name="Last")).to_have_attribute("aria-sort", "none")

    loss.get_by_role("button", name="Hide Run first").first.click()
    expect(loss.get_by_role("button", name="Show Run first")).to_have_count(1)
    expect(accuracy.get_by_role("button", name="Show Run first")).to_have_count(0)

    query = loss.get_by_role("textbox", name="AimQL query")
    query.fill("accuracy")
    query.press("Enter")
    expect(loss.locator(".chart h2")).to_have_text("accuracy")
    assert page.url == before


def test_a_slash_goes_to_the_query_of_the_explorer_in_use(page: Page) -> None:
    first, second = (explorer(page, name).get_by_role("textbox", name="AimQL query") for name in ("loss", "accuracy"))
    expect(second).to_be_visible()
    page.keyboard.press("/")
    expect(first).to_be_focused()
    explorer(page, "accuracy").get_by_role("button", name="Last", exact=True).focus()
    page.keyboard.press("/")
    expect(second).to_be_focused()
    expect(first).to_have_value("loss")
    expect(second).to_have_value("accuracy")
