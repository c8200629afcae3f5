"""The table of runs: found by a condition, sorted by what metrics reached, chosen for what comes next."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest

import aim
from tests.ui.conftest import Opened, Serve

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
expect = playwright.expect
Page = playwright.Page

pytestmark = pytest.mark.browser


def rows(page: Page) -> playwright.Locator:
    return page.get_by_role("grid").locator(".row")


def test_from_a_condition_to_a_sorted_table_and_its_file(shared_url: str, opened: Opened) -> None:
    page = opened(f"{shared_url}/?page=runs", accept_downloads=True)
    expect(rows(page)).to_have_count(4)
    query = page.get_by_role("textbox", name="AimQL query")
    query.fill("hparams.lr < 0.05")
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_count(2)
    expect(page.get_by_role("alert")).to_have_count(0)

    page.get_by_role("button", name="Metrics: last").click()
    page.get_by_role("checkbox", name="min").click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="loss (subset=train) min", exact=True).click()
    page.get_by_role("button", name="loss (subset=train) min", exact=True).click()
    expect(rows(page).first).to_contain_text("run 3")
    page.get_by_role("button", name="Scale").click()
    expect(page.locator(".scaled").first).to_be_visible()

    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    table = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig"))))
    assert [(row["Run"], float(row["loss (subset=train) min"])) for row in table] == [("run 3", 0.08), ("run 2", 0.06)]

    again = opened(page.url)
    expect(rows(again).first).to_contain_text("run 3")
    page.go_back()
    expect(page.locator(".scaled")).to_have_count(0)


def test_no_match_and_wrong_text_each_say_what_to_do(shared_url: str, opened: Opened) -> None:
    page = opened(f"{shared_url}/?page=runs&q=hparams.lrr+%3D%3D+1")
    expect(page.get_by_role("heading", name="No run matches")).to_be_visible()
    page.get_by_role("button", name="Show all runs").click()
    expect(rows(page)).to_have_count(4)
    page.get_by_role("textbox", name="AimQL query").fill("hparams.lr = 1")
    expect(page.get_by_role("alert")).to_contain_text("==")
    assert page.locator(".syntax-wrong").all_inner_texts() == ["="]


def test_selected_runs_are_compared_and_archived_and_news_arrive(repo: Path, serve: Serve, opened: Opened) -> None:
    with serve(repo) as url:
        page = opened(f"{url}/?page=runs")
        expect(rows(page)).to_have_count(4)
        for name in ("run 0", "run 1"):
            page.get_by_role("checkbox", name=f"Select {name}").click()
        page.get_by_role("link", name="Compare", exact=True).last.click()
        page.wait_for_url(re.compile("page=compare"))
        expect(page.get_by_role("radio", name="baseline")).to_have_count(2)
        page.go_back()
        page.get_by_role("checkbox", name="Select run 0").click()
        page.get_by_role("button", name="Archive").click()
        expect(rows(page)).to_have_count(3)
        page.get_by_role("button", name="Undo").click()
        expect(rows(page)).to_have_count(4)
        with aim.Run("fresh", repo=repo) as run:
            run.track(7.0, "loss", step=0)
            expect(rows(page)).to_have_count(5)
            expect(rows(page).first).to_contain_text("fresh")
