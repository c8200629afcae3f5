"""A run has one color: on every page, whatever is asked there, and in every tab."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import aim
from tests.browsing import Opened, up
from tests.ui.pixels import PIXELS

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
expect = playwright.expect
Page = playwright.Page

pytestmark = pytest.mark.browser

RUNS = [f"run {number}" for number in range(5)]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, browser: object) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("colors")
    for number, name in enumerate(RUNS):
        with aim.Run(name, repo=folder, experiment=("odd", "even")[number % 2]) as run:
            run["hparams"] = {"lr": 10.0**-number}
            for step in range(20):
                run.track((number + 1) / (step + 1), "loss", step=step)
                run.track(step / (20 + number), "accuracy", step=step)
    with up(folder) as address:
        yield address.rstrip("/")


def color(element: playwright.Locator, name: str) -> str:
    return str(element.evaluate(f"element => getComputedStyle(element).{name}"))


def dots(page: Page, runs: list[str] = RUNS) -> dict[str, str]:
    """The colors of the runs beside a wall."""
    found = {}
    for name in runs:
        dot = page.locator(".wall-run").filter(has=page.get_by_role("link", name=name)).locator(".wall-dot span")
        expect(dot).to_be_visible()
        found[name] = color(dot, "backgroundColor")
    return found


def swatches(page: Page, entries: str, runs: list[str] = RUNS) -> dict[str, str]:
    """The colors of the lines beside the names of runs."""
    found = {}
    for name in runs:
        swatch = page.locator(entries).filter(has_text=name).locator(".swatch").first
        expect(swatch).to_be_visible()
        found[name] = color(swatch.locator("line"), "stroke")
    return found


def test_on_every_page_and_in_every_query(url: str, opened: Opened) -> None:
    page = opened(url)
    colors = dots(page)
    assert len(set(colors.values())) == len(RUNS)
    other = opened(f"{url}/?page=home&runs=hparams.lr+<+0.05")
    assert dots(other, RUNS[2:]) == {name: colors[name] for name in RUNS[2:]}
    other.get_by_role("button", name="Enlarge loss").click()
    assert swatches(other, ".row", RUNS[2:]) == {name: colors[name] for name in RUNS[2:]}

    legends = [
        "q=loss",
        "q=accuracy,loss&stroke=experiment",
        "page=scatter&color=run.hash",
        "page=params&color=run.hash",
    ]
    for address in legends:
        other.goto(f"{url}/?{address}")
        assert swatches(other, ".legend-item") == colors, address
    other.goto(f'{url}/?q=loss+if+experiment+==+"even"')
    expect(other.locator(".chart .count")).to_have_text("2 lines")
    assert swatches(other, ".legend-item", ["run 1", "run 3"]) == {name: colors[name] for name in ("run 1", "run 3")}
    assert swatches(other, ".row", ["run 1", "run 3"]) == {name: colors[name] for name in ("run 1", "run 3")}
    other.goto(f"{url}/?page=runs&color=run.hash")
    assert swatches(other, ".row") == colors

    other.goto(f"{url}/?page=compare")
    for name in ("run 4", "run 2"):
        other.get_by_role("checkbox", name=name).click()
    assert swatches(other, ".compare-legend li", ["run 2", "run 4"]) == {
        name: colors[name] for name in ("run 2", "run 4")
    }


def test_its_curves_have_it_where_it_is_alone(url: str, opened: Opened) -> None:
    page = opened(url)
    colors = dots(page)
    best = page.get_by_role("region", name="How runs do").get_by_role("article")
    for experiment, name in (("odd", "run 0"), ("even", "run 1")):
        card = best.filter(has=page.get_by_role("link", name=experiment, exact=True))
        expect(card).to_contain_text(name)
        assert card.locator("canvas").evaluate(PIXELS, colors[name]) > 3
    page.goto(f"{url}/?page=run&run=run+3")
    trend = page.get_by_role("row", name=re.compile("^loss")).locator("canvas")
    expect(trend).to_be_visible()
    assert trend.evaluate(PIXELS, colors["run 3"]) > 3
    page.get_by_role("tab", name="Metrics").click()
    lines = page.get_by_role("figure").first.locator("canvas")
    expect(lines.first).to_be_visible()
    page.wait_for_function("() => document.querySelector('figure [role=img]')?.ariaLabel?.includes('1 line')")
    assert sum(lines.nth(at).evaluate(PIXELS, colors["run 3"]) for at in range(lines.count())) > 20


def test_runs_that_come_and_go_leave_the_colors_of_others(tmp_path: Path, opened: Opened) -> None:
    for name in RUNS[:3]:
        with aim.Run(name, repo=tmp_path) as run:
            run.track(1.0, "loss")
    with up(tmp_path) as url:
        page = opened(url)
        colors = dots(page, RUNS[:3])
        with aim.Run("later", repo=tmp_path) as run:
            run.track(1.0, "loss")
        expect(page.locator(".wall-run")).to_have_count(4)
        assert dots(page, RUNS[:3]) == colors
        repo = aim.Repo(tmp_path)
        repo.runs.delete(repo.run(RUNS[0]).id)
        expect(page.locator(".wall-run")).to_have_count(3)
        assert dots(page, RUNS[1:3]) == {name: colors[name] for name in RUNS[1:3]}
        page.reload()
        assert dots(page, RUNS[1:3]) == {name: colors[name] for name in RUNS[1:3]}
