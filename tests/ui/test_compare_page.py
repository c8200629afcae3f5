"""Runs side by side: what differs, deltas to a baseline, folded rows, and the link that holds all of it."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest

import aim
from aim.repo import Repo
from tests.browsing import Opened, Serve

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
expect = playwright.expect
Page = playwright.Page

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=alert(1)>"


def row(page: Page, name: str) -> playwright.Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name, exact=True))


def cells(page: Page, name: str) -> playwright.Locator:
    return row(page, name).get_by_role("cell")


def test_differing_rows_come_first_with_deltas_to_the_baseline(repo: Path, serve: Serve, opened: Opened) -> None:
    with aim.Run(HOSTILE, repo=repo) as run:
        run["hparams"] = {"lr": 0.1, "extra": HOSTILE}
        run.track(0.5, "loss", step=0, context={"subset": "train"})
    ids = {run.hash: run.id for run in Repo(repo).table.rows().runs}
    wanted = "&".join(f"run={ids[name]}" for name in ("run 0", "run 1", HOSTILE))
    with serve(repo) as url:
        page = opened(f"{url}/?page=compare&{wanted}")
        expect(cells(page, "hparams.seed")).to_have_text(["0", "1", "–"])
        expect(cells(page, "hparams.extra")).to_have_text(["–", "–", HOSTILE])
        expect(row(page, "hparams.lr")).to_have_count(0)
        page.get_by_role("button", name="Show 1 identical row").first.click()
        expect(cells(page, "hparams.lr")).to_have_text(["0.1", "0.1", "0.1"])

        best = page.locator("tr").filter(has=page.get_by_role("button", name=re.compile("^best: min of loss")))
        expect(best.get_by_role("cell").nth(0)).to_have_text("0.02")
        expect(best.get_by_role("cell").nth(1)).to_contain_text("+0.02 (+100 %), worse than the baseline")
        page.get_by_role("radio", name="baseline").nth(1).check()
        expect(best.get_by_role("cell").nth(0)).to_contain_text("−0.02 (−50 %), better than the baseline")
        best.get_by_role("button").click()
        maximum = page.get_by_role("button", name=re.compile("^best: max of loss"))
        turned = page.locator("tr").filter(has=maximum)
        expect(turned.get_by_role("cell").nth(1)).to_have_text("2")

        with page.expect_download() as download:
            page.get_by_role("button", name="Download as CSV").click()
        table = list(csv.reader(io.StringIO(Path(download.value.path()).read_text())))
        assert table[0] == ["part", "name", "value", "run 0", "run 1", HOSTILE]
        assert ["metrics", "loss subset=train", "max", "1", "2", "0.5"] in table

        again = opened(page.url)
        expect(again.get_by_role("radio", name="baseline").nth(1)).to_be_checked()
        expect(cells(again, "hparams.lr")).to_have_text(["0.1", "0.1", "0.1"])
        page.get_by_role("button", name="Remove run 1").click()
        expect(page.get_by_role("radio", name="baseline")).to_have_count(2)
        page.go_back()
        expect(page.get_by_role("radio", name="baseline")).to_have_count(3)


def test_curves_come_first_also_as_differences_and_nan_is_worse(repo: Path, serve: Serve, opened: Opened) -> None:
    with aim.Run("broken", repo=repo) as run:
        for step, value in enumerate([0.5, float("nan")]):
            run.track(value, "loss", step=step, context={"subset": "train"})
    ids = {run.hash: run.id for run in Repo(repo).table.rows().runs}
    wanted = "&".join(f"run={ids[name]}" for name in ("run 0", "run 1", "broken"))
    with serve(repo) as url:
        page = opened(f"{url}/?page=compare&{wanted}")
        curves = page.get_by_role("region", name="Curves")
        expect(curves.locator(".wall-tile canvas").first).to_be_visible()
        names = curves.get_by_role("list", name="Runs")
        expect(names.get_by_role("listitem")).to_have_text(
            [re.compile("run 0.*baseline"), re.compile("run 1"), re.compile("broken.*diverged")]
        )
        expect(page.get_by_role("cell").filter(has_text="NaN").first).to_contain_text("worse than the baseline")
        page.get_by_label("Curves show").select_option("difference")
        expect(page).to_have_url(re.compile("curves=difference"))
        expect(curves.locator(".wall-tile canvas").first).to_be_visible()
        curves.get_by_role("button", name="Enlarge loss").click()
        expect(page).to_have_url(re.compile("^(?!.*page=compare).*loss"))


def test_a_direction_is_stored_unless_the_repository_is_read_only(repo: Path, serve: Serve, opened: Opened) -> None:
    ids = [run.id for run in Repo(repo).table.rows().runs][:2]
    where = "?page=compare&" + "&".join(f"run={id}" for id in ids)
    with serve(repo, "--read-only") as url:
        page = opened(f"{url}/{where}")
        page.get_by_role("button", name=re.compile("^best: min of loss")).first.click()
        expect(page).to_have_url(re.compile("max=loss"))
    assert Repo(repo).metrics.directions() == {}
    with serve(repo) as url:
        page = opened(f"{url}/{where}")
        page.get_by_role("button", name=re.compile("^best: min of loss")).first.click()
        expect(page.get_by_role("button", name=re.compile("^best: max of loss")).first).to_be_visible()
        assert "max=loss" not in page.url
    assert Repo(repo).metrics.directions() == {"loss": "max"}


def test_runs_are_picked_from_a_list_and_missing_ones_are_named(shared_url: str, opened: Opened) -> None:
    page = opened(f"{shared_url}/?page=compare&run={'f' * 32}")
    expect(page.get_by_role("heading", name="Pick runs to compare")).to_be_visible()
    expect(page.locator(".compare-missing")).to_contain_text(f"{'f' * 32}. It may have been deleted")
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("checkbox", name="run 3").click()
    expect(page.get_by_role("heading", name="Choose runs to compare with")).to_be_visible()
    page.get_by_role("checkbox", name="run 1").click()
    expect(cells(page, "hparams.seed")).to_have_text(["3", "1"])
