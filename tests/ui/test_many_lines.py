"""More lines than an explorer draws one by one, and more hidden ones than an address can name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browsing import FORGET, Opened, Serve
from tests.ui import wide

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
expect = playwright.expect

pytestmark = pytest.mark.browser

LINES = 2_100
QUERY = "?q=loss+if+context.subset+%3D%3D+%22train%22"


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("many")
    wide.generate(folder, LINES, steps=3, series=1, more=False)
    return folder


@pytest.fixture
def read_only(many: Path, serve: Serve) -> Iterator[str]:
    with serve(many, "--read-only") as url:
        yield url


def hide_all(page: playwright.Page) -> None:
    page.get_by_role("checkbox", name="Select all rows").click()
    page.get_by_role("button", name="Hide lines").click()
    expect(page.locator(".chart .count")).to_have_text(re.compile(f"^0 of {LINES:,}"))


def test_very_many_lines_are_a_density_until_each_is_asked_for(read_only: str, opened: Opened) -> None:
    page = opened(read_only + QUERY)
    note = page.locator(".explorer-note")
    expect(note).to_contain_text(f"{LINES:,} lines are shown as their density.")
    note.get_by_role("button", name="Draw each line").click()
    expect(note).to_contain_text(f"{LINES:,} lines are drawn one by one")
    assert "density=0" in page.url
    page.go_back()
    expect(note).to_contain_text("as their density")
    assert "density" not in page.url


def test_lists_too_long_for_an_address_are_in_the_repository(many: Path, serve: Serve, opened: Opened) -> None:
    with serve(many) as url:
        page = opened(url + QUERY)
        hide_all(page)
        page.wait_for_url(re.compile("kept=[0-9a-f]{16}"))
        assert len(page.url) < 200
        link = page.url
        page.evaluate(FORGET)
        page.goto(link)
        expect(page.locator(".chart .count")).to_have_text(re.compile(f"^0 of {LINES:,}"))
        page.get_by_role("button", name="Show all lines").first.click()
        expect(page.locator(".chart .count")).to_have_text(f"{LINES:,} lines")
        assert "kept" not in page.url
        page.go_back()
        expect(page.locator(".chart .count")).to_have_text(re.compile(f"^0 of {LINES:,}"))


def test_where_nothing_may_be_stored_the_browser_keeps_them(read_only: str, opened: Opened) -> None:
    page = opened(read_only + QUERY)
    hide_all(page)
    page.wait_for_url(re.compile("kept=b"))
    page.reload()
    expect(page.locator(".chart .count")).to_have_text(re.compile(f"^0 of {LINES:,}"))
    page.evaluate(FORGET)
    page.reload()
    expect(page.locator(".explorer-note").first).to_contain_text(
        "the list of them is not stored here, so all lines are shown"
    )
    expect(page.locator(".chart .count")).to_have_text(f"{LINES:,} lines")
