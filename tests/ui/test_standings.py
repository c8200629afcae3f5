"""What the home page says of how runs do, and how many clicks the common questions take from there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import aim
from aim.repo import Repo
from tests.browsing import Opened, Serve

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
expect = playwright.expect

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=alert(1)>"


def train(folder: Path, hash: str, experiment: str, values: list[float], *, lr: float = 0.1) -> None:
    with aim.Run(hash, repo=folder, experiment=experiment) as run:
        run["hparams"] = {"lr": lr}
        for value in values:
            run.track(value, "loss", context={"subset": "val"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    train(tmp_path, "good", "vision", [3.0, 0.25, 0.5], lr=0.03)
    train(tmp_path, "poor", "vision", [3.0, 2.0])
    train(tmp_path, "broken", "vision", [0.1, float("nan")])
    train(tmp_path, HOSTILE, HOSTILE, [1.0])
    return tmp_path


def test_best_runs_running_ones_and_diverged_ones(folder: Path, serve: Serve, opened: Opened) -> None:
    runs = [aim.Run(f"now {number}", repo=folder, experiment="live") for number in range(52)]
    for run in runs:
        run["steps"] = 200
        run.track(1.0, "loss", step=50)
    with serve(folder) as url:
        page = opened(f"{url}/?page=tags")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(url)
        how = page.get_by_role("region", name="How runs do")
        expect(how.get_by_role("link", name="52 running")).to_be_visible()
        running = how.get_by_role("list", name="Running runs")
        expect(running.get_by_role("listitem")).to_have_count(51)
        expect(running.get_by_role("listitem").first).to_contain_text("25 %")
        expect(running).to_contain_text("and 2 more")
        vision = how.get_by_role("article").filter(has=page.get_by_role("link", name="vision"))
        expect(vision).to_contain_text("0.25")
        expect(vision).to_contain_text("min loss val")
        expect(vision.locator("canvas")).to_be_visible()
        expect(how.get_by_role("article").filter(has_text=HOSTILE)).to_be_visible()
        box = how.bounding_box()
        assert box is not None and box["height"] < 180, "52 active runs leave room for the charts"
        expect(page.get_by_role("region", name="Charts").locator("canvas").first).to_be_visible()
        assert len([address for address in asked if "api/standings" in address]) == 1
        assert not [address for address in asked if re.search("api/(metrics|series).*only=[0-9a-f]{32}(&|$)", address)]

        how.get_by_role("button", name="Best runs").click()
        expect(vision).to_have_count(0)
        page.reload()
        expect(how.get_by_role("button", name="Best runs")).to_have_attribute("aria-expanded", "false")
        how.get_by_role("link", name="1 diverged").first.click()
        expect(page).to_have_url(re.compile("page=runs.*diverged"))
        expect(page.get_by_role("row").filter(has_text="broken")).to_be_visible()
    for run in runs:
        run.close()


def test_two_clicks_to_the_params_of_the_best_run(folder: Path, serve: Serve, opened: Opened) -> None:
    with serve(folder) as url:
        page = opened(url)
        page.get_by_role("region", name="How runs do").get_by_role("link", name="good").click()
        page.get_by_role("tab", name=re.compile("Params")).click()
        expect(page.get_by_role("tabpanel")).to_contain_text("0.03")


def test_a_direction_that_is_set_moves_the_best_run(folder: Path, serve: Serve, opened: Opened) -> None:
    Repo(folder).metrics.set_direction("loss", "max")
    with serve(folder) as url:
        page = opened(url)
        how = page.get_by_role("region", name="How runs do")
        vision = how.get_by_role("article").filter(has=page.get_by_role("link", name="vision"))
        expect(vision).to_contain_text("max loss val")


def test_three_clicks_to_the_curves_of_two_runs(folder: Path, serve: Serve, opened: Opened) -> None:
    with serve(folder) as url:
        page = opened(url)
        page.get_by_role("link", name="Compare", exact=True).click()
        page.get_by_role("checkbox", name="good").click()
        page.get_by_role("checkbox", name="poor").click()
        curves = page.get_by_role("region", name="Curves")
        expect(curves.locator(".wall-tile canvas").first).to_be_visible()
        expect(curves.get_by_role("list", name="Runs").get_by_role("listitem")).to_have_count(2)


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (320, "light")])
def test_it_is_usable_on_a_phone(folder: Path, serve: Serve, opened: Opened, width: int, scheme: str) -> None:
    with serve(folder) as url:
        page = opened(url, viewport={"width": width, "height": 800}, color_scheme=scheme)
        expect(page.get_by_role("region", name="How runs do")).to_be_visible()
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0
