"""Lists to choose a run from are searched on the server, say how many runs there are, and call those without a name by
their params; so does the table of runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import aim
from aim.repo import Repo
from tests.browsing import Opened, Serve, in_sight, up

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
expect = playwright.expect

pytestmark = pytest.mark.browser

RUNS = 130


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory, profile: object) -> Iterator[str]:
    """Runs without names, but the oldest one, that differ in a param."""
    folder = tmp_path_factory.mktemp("many")
    for number in range(RUNS):
        with aim.Run(None if number else "first of all", repo=folder) as run:
            run["hparams"] = {"width": 700_000 + number}
    with up(folder, "--read-only") as url:
        yield url.rstrip("/")


def test_the_oldest_of_many_runs_is_found_for_a_comparison(many: str, opened: Opened) -> None:
    page = opened(f"{many}/?page=compare")
    boxes = page.get_by_role("list", name="Runs").get_by_role("checkbox")
    expect(boxes).to_have_count(100)
    expect(page.get_by_text(f"The newest 100 of {RUNS} runs.")).to_be_visible()
    expect(boxes.first).to_contain_text(f"width={700_000 + RUNS - 1}")
    find = page.get_by_role("searchbox", name="Find a run")
    find.fill("first of all")
    expect(boxes).to_have_count(1)
    expect(page.get_by_text(f"1 of {RUNS} runs", exact=True)).to_be_visible()
    boxes.first.click()
    find.fill("700017")
    expect(boxes).to_have_count(1)
    boxes.first.click()
    expect(page.locator("thead .compare-run a")).to_have_count(2)


def test_the_oldest_of_many_runs_is_found_from_the_page_of_another(many: str, opened: Opened) -> None:
    page = opened(f"{many}/?page=run&run=first+of+all&tab=params")
    page.get_by_role("button", name="Switch to another run").click()
    panel = page.get_by_role("dialog")
    expect(panel.get_by_role("link")).to_have_count(60)
    expect(panel).to_contain_text(f"{RUNS - 60} more runs: type part of a name.")
    find = panel.get_by_role("searchbox")
    find.fill("width nowhere")
    expect(panel).to_contain_text("No run contains this text.")
    find.fill("700001")
    find.press("Enter")
    expect(page.locator(".param-value", has_text="700001")).to_be_visible()


def test_the_table_shows_no_text_twice(many: str, opened: Opened) -> None:
    page = opened(f"{many}/?page=runs&find=700077")
    row = page.locator(".table .row").first
    expect(row.locator(".run-link")).to_have_text("width=700077")
    in_sight(page, page.get_by_role("columnheader", name="Hash"))
    hash = row.locator("[role=gridcell]").last.inner_text()
    assert len(hash) == 32 and row.inner_text().count(hash[:8]) == 1


HOSTILE = "<img src=x onerror=alert(1)>"


def test_params_in_names_are_text(tmp_path: Path, serve: Serve, opened: Opened) -> None:
    for number in range(2):
        with aim.Run(repo=tmp_path) as run:
            run["hparams"] = {HOSTILE: f"{HOSTILE}{number}"}
            run.track(1.0 - number, "loss")
    ids = [run.id for run in Repo(tmp_path).table.page().runs]
    name = f"{HOSTILE}={HOSTILE}1"
    with serve(tmp_path) as url:
        for search, place in (
            ("", ".standing-run"),
            ("", ".wall-run"),
            ("?page=runs", ".run-link"),
            ("?page=compare", ".picker-item"),
            (f"?page=compare&run={ids[0]}&run={ids[1]}", ".compare-legend bdi"),
        ):
            page = opened(f"{url.rstrip('/')}/{search}")
            expect(page.locator(place).filter(has_text=name).first).to_be_visible()
            expect(page.locator("main img")).to_have_count(0)
