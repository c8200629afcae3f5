"""The home page: every metric of the newest runs as a small chart, the runs beside them, and one chart enlarged."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import aim
from aim.repo import Repo
from tests.browser.pages.axe import violations_by_theme
from tests.browsing import Opened, Serve
from tests.waiting import until

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
expect = playwright.expect
pytestmark = pytest.mark.browser

Page = playwright.Page
NOTHING: dict[str, list[object]] = {"light": [], "dark": []}


def chart(page: Page, name: str) -> playwright.Locator:
    return page.get_by_role("figure").filter(has=page.get_by_role("heading", name=name, exact=True))


def drawn(page: Page, name: str, lines: int) -> None:
    picture = chart(page, name).get_by_role("img")
    expect(picture).to_have_attribute("aria-label", re.compile(rf"\b{lines} lines?\b"))


def test_every_metric_is_a_chart_of_the_newest_runs(shown: str, opened: Opened) -> None:
    page = opened(shown)
    expect(page).to_have_title("Home · Aim")
    drawn(page, "loss", 5)
    drawn(page, "accuracy", 2)
    expect(chart(page, "loss").locator(".wall-contexts")).to_contain_text("train")
    page.get_by_role("button", name="Show run 1").click()
    drawn(page, "accuracy", 1)
    page.get_by_role("button", name="Baseline: run 0").click()
    expect(page.locator(".wall-run").first).to_contain_text("run 0")
    page.reload()
    drawn(page, "accuracy", 1)
    expect(page.get_by_role("button", name="Show run 1")).to_have_attribute("aria-pressed", "false")
    page.get_by_role("searchbox", name="Find a chart").fill("acc")
    expect(page.get_by_role("figure")).to_have_count(1)
    expect(page.locator(".wall-section h2 button")).to_be_disabled()
    page.get_by_role("combobox", name="Experiment", exact=True).select_option("second")
    expect(page.locator(".wall-run")).to_have_count(2), "the run of the experiment, and the baseline"


def test_a_chart_is_enlarged_with_the_same_runs_and_its_address_keeps_it(shown: str, opened: Opened) -> None:
    page = opened(f"{shown}/?page=home&runs=hparams.lr+>+0.07")
    drawn(page, "loss", 2)
    chart(page, "loss").get_by_role("button", name="Enlarge loss").click()
    enlarged = page.get_by_role("dialog", name="loss")
    expect(enlarged.locator(".chart .count")).to_have_text("2 lines")
    enlarged.get_by_role("button", name="More controls").click()
    enlarged.get_by_role("button", name="Axes").click()
    page.get_by_role("switch", name="Logarithmic y").click()
    page.keyboard.press("Escape")
    expect(enlarged).to_be_visible()
    page.reload()
    expect(enlarged.locator(".chart .count")).to_have_text("2 lines")
    link = enlarged.get_by_role("link", name="Open in metrics explorer")
    assert "q=loss+if+run.id+in" in (link.get_attribute("href") or "")
    page.keyboard.press("Escape")
    expect(enlarged).to_have_count(0)
    drawn(page, "loss", 2)
    assert "runs=hparams.lr" in page.url and "logY" not in page.url


def test_sections_are_folded_and_remembered_and_new_points_appear(repo: Path, serve: Serve, opened: Opened) -> None:
    with aim.Run("sectioned", repo=repo) as run:
        run.track({"train/loss": 1.0, "system/cpu": 1.0, "loss": 0.5})
    with serve(repo) as url:
        page = opened(f"{url.rstrip('/')}/")
        titles = page.get_by_role("region", name="Charts").get_by_role("heading", level=2)
        expect(titles).to_have_text(["Metrics2", "train1", "system1"])
        expect(page.get_by_role("button", name="system")).to_have_attribute("aria-expanded", "false")
        page.get_by_role("button", name="train", exact=False).first.click()
        page.reload()
        expect(page.get_by_role("button", name="train").first).to_have_attribute("aria-expanded", "false")
        drawn(page, "loss", 6)
        with aim.Run("later", repo=repo) as run:
            run.track(1.0, "loss")
            drawn(page, "loss", 7)
            expect(page.locator(".wall-run").first).to_contain_text("later")


def test_pinned_charts_come_first_here_and_on_the_page_of_a_run(shown: str, opened: Opened) -> None:
    page = opened(shown)
    titles = page.get_by_role("region", name="Charts").get_by_role("heading", level=2)
    expect(titles).to_have_text(["Metrics2"])
    chart(page, "loss").hover()
    page.get_by_role("button", name="Pin loss").click()
    expect(titles).to_have_text(["Pinned1", "Metrics1"])
    page.reload()
    expect(titles).to_have_text(["Pinned1", "Metrics1"])
    page.get_by_role("link", name="run 1").first.click()
    page.get_by_role("tab", name="Metrics").click()
    expect(page.get_by_role("region", name="Pinned").get_by_role("heading", level=3)).to_have_text("loss")
    page.get_by_role("button", name="Unpin loss").click()
    page.goto(shown)
    expect(titles).to_have_text(["Metrics2"])


def test_on_a_low_screen_charts_keep_a_useful_height(shown: str, opened: Opened) -> None:
    page = opened(shown, viewport={"width": 320, "height": 450})
    drawn(page, "accuracy", 2)
    assert page.locator(".home").evaluate("element => element.clientHeight") == 560, "not as high as all charts"
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("width", [390, 1440])
def test_the_home_page_fits_and_passes_axe(shown: str, opened: Opened, width: int) -> None:
    page = opened(shown, viewport={"width": width, "height": 800})
    drawn(page, "accuracy", 2)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width == 390:
        page.get_by_role("button", name="3 runs").click()
        runs = page.get_by_role("complementary", name="Runs")
        expect(runs).to_be_focused()
        page.keyboard.press("Escape")
        expect(runs).to_be_hidden()
        page.get_by_role("button", name="3 runs").press("Enter")
        expect(runs).to_be_visible()
    assert violations_by_theme(page) == NOTHING
    page.goto(f"{shown}/?page=home&metric=loss")
    expect(page.get_by_role("dialog", name="loss").locator(".row").first).to_be_visible()
    assert violations_by_theme(page) == NOTHING


def test_empty_and_wrong(tmp_path: Path, serve: Serve, opened: Opened) -> None:
    Repo.init(tmp_path)
    with serve(tmp_path) as url:
        page = opened(url)
        expect(page.get_by_role("heading", name="Record the first run")).to_be_visible()
        with aim.Run("first ever", repo=tmp_path) as run:
            run.track(1.0, "loss")
            drawn(page, "loss", 1)
        page.goto(f"{url.rstrip('/')}/?page=home&runs=hparams.lr+=+1")
        expect(page.get_by_role("alert").first).to_contain_text("==")
        page.goto(f"{url.rstrip('/')}/?page=home&experiment=nothing")
        page.get_by_role("button", name="Show all runs").click()
        drawn(page, "loss", 1)


def test_what_was_answered_while_the_index_was_made_is_asked_again(shown: str, opened: Opened) -> None:
    """The project is asked every second meanwhile, so that it may know of runs that the rest of the page lacks."""
    page = opened(f"{shown}/?page=tags")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))

    def indexing(route: playwright.Route) -> None:
        known = asked.count("project") > 1
        answer = route.fetch()
        route.fulfill(json={**answer.json(), "indexing": None if known else {"done": 1, "total": 2}})

    page.route("**/api/project", indexing)
    page.goto(f"{shown}/")
    drawn(page, "loss", 5)
    until(lambda: page.wait_for_timeout(100) or asked.count("standings") > 1)
