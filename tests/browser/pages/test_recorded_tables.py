"""Recorded tables on the run page and the page Media: sorted, filtered, one row whole, several as one."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import aim
from tests.browser.pages.axe import violations_by_theme
from tests.browsing import Opened, up

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
expect = playwright.expect
Page = playwright.Page

pytestmark = pytest.mark.browser

ROWS = 3_000
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, profile: object) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("recorded")
    pixels = np.zeros((8, 8, 3), np.uint8)
    for number in range(2):
        with aim.Run(f"run {number}", repo=folder, system_interval=0) as run:
            run.name = f"run {number}"
            for step in (0, 10):
                columns = {
                    "n": np.arange(ROWS) + number,
                    "said": [HOSTILE, "the cat " * 100, None, *(f"=row {i}" for i in range(3, ROWS))],
                    "loss": [float("nan"), *np.linspace(0, 1, ROWS - 1)],
                    "right": [i % 2 == 0 for i in range(ROWS)],
                }
                run.track(aim.Table(columns, caption="what was said"), "answers", step=step)
            pictures = [[aim.Image(pixels + shade), shade] for shade in (0, 90, 180)]
            run.track(aim.Table([*pictures, [None, 5]], columns=["picture", "shade"]), "pictures")
            broken = aim.Table({"a": [1]})
            broken.data = b"PAR1" + b"\0" * 30 + b"PAR1"
            run.track(broken, "broken")
    with up(folder, "--read-only") as url:
        yield url.rstrip("/")


def said(where: playwright.Locator) -> playwright.Locator:
    """How many rows there are."""
    return where.locator(".recorded-bar [role=status]")


def of_run(site: str) -> str:
    return f"{site}/?page=run&run=run%200&tab=tables"


def test_a_table_is_sorted_and_filtered(site: str, opened: Opened) -> None:
    page = opened(of_run(site))
    table = page.get_by_role("region", name="answers, step 10")
    card = page.get_by_role("region", name="answers", exact=True)
    expect(said(card)).to_have_text("3,000 rows")
    expect(table.locator(".recorded-row").first).to_contain_text(HOSTILE)
    table.get_by_role("button", name="n", exact=True).click()
    table.get_by_role("button", name="n", exact=True).click()
    expect(table.locator(".recorded-row").first).to_contain_text("2999")
    expect(table.get_by_role("columnheader").first).to_have_attribute("aria-sort", "descending")
    table.get_by_role("button", name="Filter by said").click()
    page.get_by_role("switch", name="Regular expression").click()
    page.get_by_role("searchbox", name="Text in said").fill("row 12$")
    page.get_by_role("button", name="Apply").click()
    expect(said(card)).to_have_text("1 of 3,000 rows")
    table.get_by_role("button", name="Filter by n").click()
    page.get_by_role("textbox", name="Lowest of n").fill("100")
    page.get_by_role("button", name="Apply").click()
    expect(card.get_by_text("No row matches the filters.")).to_be_visible()
    card.get_by_role("button", name="Show all rows").click()
    expect(said(card)).to_have_text("3,000 rows")


def test_rows_far_down_come_into_sight(site: str, opened: Opened) -> None:
    page = opened(of_run(site))
    table = page.get_by_role("region", name="answers, step 10")
    expect(table.locator(".recorded-row").first).to_be_visible()
    table.evaluate("element => element.scrollTo(0, element.scrollHeight)")
    expect(table.locator(".recorded-row").last).to_contain_text("=row 2999")
    assert table.locator(".recorded-row").count() < 100


def test_a_row_is_shown_whole(site: str, opened: Opened) -> None:
    page = opened(of_run(site))
    table = page.get_by_role("region", name="answers, step 10")
    table.locator(".recorded-row").first.click()
    row = page.get_by_role("region", name="Row 1", exact=True)
    expect(row).to_contain_text(HOSTILE)
    row.get_by_role("button", name="Next row").click()
    expect(page.get_by_role("region", name="Row 2", exact=True)).to_contain_text("the cat " * 100)


def test_a_column_gets_another_width(site: str, opened: Opened) -> None:
    page = opened(of_run(site))
    table = page.get_by_role("region", name="answers, step 10")
    head = table.get_by_role("columnheader").nth(1)
    before = head.bounding_box()["width"]
    table.get_by_role("separator", name="Width of said").press("ArrowLeft")
    expect(head).to_have_css("width", f"{before - 20:g}px")


def test_images_are_in_cells_and_damage_is_told(site: str, opened: Opened) -> None:
    page = opened(of_run(site))
    pictures = page.get_by_role("region", name="pictures, step 0")
    expect(pictures.locator("img")).to_have_count(3)
    expect(pictures.locator("img").first).to_have_js_property("naturalWidth", 8)
    broken = page.get_by_role("region", name="broken", exact=True)
    expect(broken).to_contain_text("cannot be read")


def test_all_steps_are_one_table(site: str, opened: Opened) -> None:
    page = opened(of_run(site))
    page.get_by_label("What is shown of answers").select_option("all")
    table = page.get_by_role("region", name="answers, all steps")
    expect(said(page.get_by_role("region", name="answers", exact=True))).to_have_text("6,000 rows")
    expect(table.get_by_role("columnheader").nth(1)).to_contain_text("step")


def test_the_rows_are_downloaded_as_csv(site: str, opened: Opened) -> None:
    page = opened(of_run(site))
    card = page.get_by_role("region", name="pictures", exact=True)
    with page.expect_download() as download:
        card.get_by_role("link", name="CSV").click()
    with Path(download.value.path()).open(newline="") as file:
        assert list(csv.reader(file)) == [["picture", "shade"], ["", "0"], ["", "90"], ["", "180"], ["", "5"]]


def test_tables_of_runs_on_the_page_media(site: str, opened: Opened) -> None:
    page = opened(f"{site}/?page=media&kind=table&q=answers")
    tiles = page.locator(".media-tile")
    expect(tiles).to_have_count(4)
    expect(tiles.first).to_contain_text("3,000 rows, 4 columns")
    tiles.first.get_by_role("button", name="Open").click()
    dialog = page.get_by_role("dialog")
    expect(said(dialog)).to_have_text("3,000 rows")
    dialog.get_by_label("Which tables are shown").select_option("all")
    expect(said(dialog)).to_have_text("12,000 rows")
    expect(dialog.get_by_role("columnheader").first).to_contain_text("run")


def test_two_tables_are_compared_by_a_column(site: str, opened: Opened) -> None:
    page = opened(f"{site}/?page=media&kind=table&q=answers")
    tiles = page.locator(".media-tile")
    expect(tiles).to_have_count(4)
    for place in (0, 2):
        tiles.nth(place).hover()
        tiles.nth(place).get_by_role("checkbox").click()
    page.get_by_role("button", name="Compare").click()
    dialog = page.get_by_role("dialog")
    expect(said(dialog)).to_have_text(["3,000 rows", "3,000 rows"])
    dialog.get_by_label("How to compare").select_option(label="Rows by said")
    expect(said(dialog)).to_have_text("6,000 rows")
    expect(dialog.locator(".recorded-row").nth(1).locator(".differs")).to_have_text(["1"])


@pytest.mark.parametrize("address", ["?page=run&run=run%200&tab=tables", "?page=media&kind=table&q=answers"])
def test_axe_finds_nothing(site: str, opened: Opened, address: str) -> None:
    page = opened(f"{site}/{address}")
    expect(page.locator(".recorded-row, .media-table td").first).to_be_visible()
    assert violations_by_theme(page) == {"light": [], "dark": []}
