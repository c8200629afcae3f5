"""Every page passes axe, in light and dark."""

from __future__ import annotations

import pytest

from tests.browser.pages.axe import CONTRAST, RULES, THEMES, turn, violations, violations_by_theme
from tests.browsing import Opened

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
pytestmark = pytest.mark.browser

NOTHING: dict[str, list[object]] = {"light": [], "dark": []}
PAGES = [
    ("?q=", ".chip"),
    ("?q=loss", ".row"),
    ("?q=loss,+accuracy&color=params.hparams.lr&group=1&area=std&scale=1", ".row.group"),
    ("?q=nowhere", ".notes"),
    ("?q=loss+if+hparams.lr+%3D", ".error, [role=alert]"),
    ("?page=dashboard", ".heatmap canvas[aria-label]"),
    ("?page=run&run=run+0", ".sparkline"),
    ("?page=run&run=broken", ".banner"),
    ("?page=run&run=run+0&tab=params", ".param-tree"),
    ("?page=run&run=run+0&tab=metrics", ".metric-legend"),
    ("?page=run&run=run+0&tab=notes", ".markdown"),
    ("?page=run&run=run+0&tab=settings", ".setting"),
    ("?page=run&run=nobody", ".notice"),
    ("?page=experiments", "table"),
    ("?page=experiment&experiment=first", "table"),
    ("?page=experiment&experiment=first&tab=settings", ".setting"),
    ("?page=tags&tag=good", ".card table"),
    ("?page=bookmarks", ".bookmark"),
    ("?page=runs", ".run-link"),
    ("?page=runs&color=params.hparams.lr&scale=1", ".row.group"),
    ("?page=runs&q=nowhere+%3D%3D+1", ".notice"),
    ("?page=runs&q=hparams.lr+%3D", ".notice"),
    ("?page=params&chart=experiment&color=run.status", ".legend"),
    ("?page=params&axis=params.gone", ".notice"),
    ("?page=scatter&px=duration&trend=linear", ".chart-host [aria-label]"),
    ("?page=compare", ".run-picker li"),
    ("?page=compare&run=run+0&run=run+1&open=params", ".compare-value"),
]


TABS = [
    ("overview", ".diff-line"),
    ("system", ".metric-legend, .chart-host canvas"),
    ("logs", ".output-line"),
    ("messages", ".message"),
    ("distributions", ".density-host canvas[aria-label]"),
    ("images", ".thumb img"),
    ("htmls", ".html-frame iframe"),
    ("videos", "video"),
    ("audios", "audio"),
    ("texts", ".object-text"),
    ("figures", ".figure-host .main-svg"),
]


@pytest.mark.parametrize(("search", "ready"), PAGES)
def test_axe_finds_nothing(shown: str, opened: Opened, search: str, ready: str) -> None:
    page = opened(f"{shown}/{search}")
    playwright.expect(page.locator(ready).first).to_be_visible()
    assert violations_by_theme(page) == NOTHING


@pytest.mark.parametrize(("tab", "ready"), TABS)
def test_axe_finds_nothing_in_a_tab(rich: str, opened: Opened, tab: str, ready: str) -> None:
    page = opened(f"{rich}/?page=run&run=rich&tab={tab}")
    playwright.expect(page.locator(ready).first).to_be_visible()
    assert violations_by_theme(page) == NOTHING


@pytest.mark.parametrize(
    ("tab", "button", "ready"),
    [
        ("overview", "Switch to another run", ".switcher a"),
        ("overview", "Open in explorer", ".explore a"),
        ("images", "digit 0", ".lightbox img"),
    ],
)
def test_axe_finds_nothing_in_what_opens(rich: str, opened: Opened, tab: str, button: str, ready: str) -> None:
    page = opened(f"{rich}/?page=run&run=rich&tab={tab}", reduced_motion="reduce")
    page.get_by_role("button", name=button).click()
    playwright.expect(page.locator(ready).first).to_be_visible()
    assert violations(page) == []


PANELS = ["Color", "Groups", "Axes", "Pointer and tooltip", "Sort", "Columns", "1 metric", "Charts as a picture"]


def test_axe_finds_nothing_in_the_panels_of_the_explorer(shown: str, opened: Opened) -> None:
    for theme in THEMES:
        page = opened(f"{shown}/?q=loss", reduced_motion="reduce")
        playwright.expect(page.locator(".row").first).to_be_visible()
        turn(page, theme)
        rules = RULES if theme == THEMES[0] else CONTRAST
        page.locator(".row", has_text="run 0").first.locator(".cell").first.click()
        playwright.expect(page.get_by_role("tooltip")).to_contain_text("Open the run")
        assert violations(page, rules=rules) == []
        for name in PANELS:
            page.get_by_role("button", name=name).first.click()
            playwright.expect(page.locator(".popover, dialog[open]").first).to_be_visible()
            assert (theme, name, violations(page, rules=rules)) == (theme, name, [])
            page.keyboard.press("Escape")


@pytest.mark.parametrize("width", [320, 390, 1440])
def test_axe_finds_nothing_in_the_panels_of_an_enlarged_chart(shown: str, opened: Opened, width: int) -> None:
    screen = {"width": width, "height": 800}
    page = opened(f"{shown}/?page=home&metric=loss", reduced_motion="reduce", viewport=screen)
    enlarged = page.get_by_role("dialog", name="loss")
    playwright.expect(enlarged.locator(".row").first).to_be_visible()
    for name in ("More controls", "Color", "Groups", "Axes", "Sort"):
        enlarged.get_by_role("button", name=name).first.click()
        playwright.expect(enlarged.locator(".popover, [aria-expanded=true]").first).to_be_visible()
        assert (name, violations_by_theme(page)) == (name, NOTHING)
        if name != "More controls":
            page.keyboard.press("Escape")


OF_A_RUN = ["Axes", "X Step"]
OF_RUNS = ["Group", "Metrics: last, best", "Sort", "Columns"]


@pytest.mark.parametrize(
    ("search", "ready", "names"),
    [
        ("?page=run&run=run+0&tab=metrics", ".metric-legend", OF_A_RUN),
        ("?page=runs", ".run-link", OF_RUNS),
    ],
)
def test_axe_finds_nothing_in_the_controls_of_a_run_and_of_the_table(
    shown: str, opened: Opened, search: str, ready: str, names: list[str]
) -> None:
    page = opened(f"{shown}/{search}", reduced_motion="reduce")
    playwright.expect(page.locator(ready).first).to_be_visible()
    for name in names:
        page.get_by_role("button", name=name).first.click()
        playwright.expect(page.locator(".popover").first).to_be_visible()
        assert (name, violations(page)) == (name, [])
        page.keyboard.press("Escape")
    for theme in THEMES:
        turn(page, theme)
        assert (theme, violations(page, rules=CONTRAST)) == (theme, [])


def test_axe_finds_nothing_in_a_held_point_of_a_run(shown: str, opened: Opened) -> None:
    page = opened(f"{shown}/?page=run&run=run+0&tab=metrics", reduced_motion="reduce")
    chart = page.locator(".metric-grid .chart-host").first
    playwright.expect(chart.locator("canvas").first).to_be_visible()
    chart.click()
    playwright.expect(page.get_by_role("tooltip")).to_be_visible()
    assert violations_by_theme(page) == NOTHING


CUT = "?page=params&axis=params.hparams.optimizer.name&axis=params.data set.n of rows&axis=params.hparams.lr"


@pytest.mark.parametrize("search", ["?q=loss", "?page=scatter", CUT])
def test_axe_finds_nothing_in_the_controls_of_a_phone(shown: str, opened: Opened, search: str) -> None:
    page = opened(f"{shown}/{search}", viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    playwright.expect(page.locator(".chart-host [aria-label]").first).to_be_visible()
    page.get_by_role("button", name="More controls").click()
    assert violations_by_theme(page) == NOTHING
