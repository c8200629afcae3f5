"""The pages about runs with the demo's thousand runs: what a person does there, and that they fit every screen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from aim import demo
from tests.browsing import Opened, up

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
expect = playwright.expect

pytestmark = pytest.mark.browser

PAGES = ["runs", "runs&color=params.hparams.lr&scale=1", "params&chart=params.hparams.optimizer", "scatter&trend=loess"]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, browser: object) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("demo")
    demo.generate(folder, runs=1000, metrics=10, steps=6)
    with up(folder, "--read-only") as address:
        yield address.rstrip("/")


def test_from_groups_over_seeds_to_a_comparison(url: str, opened: Opened) -> None:
    seen = "value=last&value=max&left=metrics.max.accuracy+subset%3Dval"
    page = opened(f"{url}/?page=runs&color=params.hparams.seed&allBut=color&{seen}")
    groups = page.get_by_role("treegrid", name="Runs").locator(".row")
    expect(page.locator(".summary")).to_contain_text("1,000 runs · 10,000 series")
    page.get_by_role("button", name="accuracy (subset=val) max", exact=True).click()
    page.get_by_role("button", name="accuracy (subset=val) max", exact=True).click()
    expect(groups.first).to_contain_text(re.compile("[1-4] runs?"))
    groups.first.get_by_role("checkbox").click()
    groups.nth(1).get_by_role("checkbox").click()
    expect(page.locator(".count.strong")).to_contain_text("runs selected")
    page.locator(".table-bar").get_by_role("link", name="Compare").click()
    expect(page.get_by_role("rowheader", name="accuracy subset=val").first).to_be_visible()
    assert page.get_by_role("radio", name="baseline").count() >= 2


def test_the_end_of_a_thousand_rows_and_one_found_among_them(url: str, opened: Opened) -> None:
    page = opened(f"{url}/?page=runs")
    expect(page.locator(".summary")).to_contain_text("1,000 runs")
    page.get_by_role("grid", name="Runs").focus()
    page.keyboard.press("End")
    expect(page.locator(".row.active")).to_have_attribute("aria-rowindex", "1001")
    page.get_by_role("searchbox", name="Find in table").fill("lion failed vit-small")
    expect(page.locator(".table-bar .count")).to_contain_text(re.compile(r"^\d+ of 1,000 runs"))


def test_experiments_count_as_people_read(url: str, opened: Opened) -> None:
    counts = {"name": "many", "runs": 12345, "archived_runs": 2345, "running": 1234}
    page = opened(f"{url}/")

    def many(route: playwright.Route) -> None:
        answer = route.fetch().json()
        answer["experiments"][0] |= counts
        route.fulfill(json=answer)

    page.route("**/api/experiments*", many)
    page.goto(f"{url}/?page=experiments")
    row = page.get_by_role("row", name="many")
    expect(row).to_contain_text("12,345 (2,345 archived)")
    expect(row).to_contain_text("1,234 running")


def test_a_brush_narrows_a_thousand_lines(url: str, opened: Opened) -> None:
    axes = "axis=params.hparams.lr&axis=metrics.max.accuracy+subset%3Dval"
    page = opened(f"{url}/?page=params&{axes}&log=params.hparams.lr")
    chart = page.locator(".chart-host [role=img]").first
    expect(chart).to_have_attribute("aria-label", re.compile("of 1000 runs"))
    page.get_by_role("slider", name="hparams.lr, min of brush").focus()
    page.keyboard.press("PageUp")
    expect(page.locator(".table-bar .count")).to_contain_text(" of 1,000 runs")
    page.go_back()
    expect(page.locator(".table-bar .count")).to_have_text("1,000 runs")


@pytest.mark.parametrize("width", [390, 900, 3840])
@pytest.mark.parametrize("page_of", PAGES)
def test_pages_fit_the_screen(url: str, opened: Opened, page_of: str, width: int) -> None:
    page = opened(f"{url}/?page={page_of}", viewport={"width": width, "height": 800})
    expect(page.locator(".row").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for host in page.locator(".chart-host").all():
        box = host.bounding_box()
        assert box is not None and box["width"] > 200 and box["height"] > 100


def test_a_wide_comparison_scrolls_in_its_table(tmp_path: Path, opened: Opened) -> None:
    runs = "&run=".join(demo.generate(tmp_path, runs=8, metrics=4, steps=3))
    with up(tmp_path, "--read-only") as address:
        page = opened(f"{address.rstrip('/')}/?page=compare&run={runs}", viewport={"width": 900, "height": 800})
        expect(page.locator(".compare-table thead")).to_be_visible()
        assert page.locator(".compare-table").evaluate("one => one.scrollWidth > one.clientWidth")
        assert page.evaluate("document.documentElement.scrollWidth") <= 900
