"""What runs and groups are called, which of them diverged, and which values are better: the same on every page."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

import aim
from aim.repo import Repo
from tests.browsing import Opened, Serve, up

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
expect = playwright.expect
pytestmark = pytest.mark.browser


def record(folder: Path) -> list[str]:
    """Unnamed runs of a grid with two seeds, and params that say nothing more. One diverges. Returns their hashes."""
    hashes = []
    for lr, batch, seed in itertools.product((0.1, 0.01), (32, 64), (0, 1)):
        with aim.Run(repo=folder, experiment="sweep") as run:
            run["hparams"] = {"lr": lr, "batch": batch, "seed": seed, "decay": lr / 10, "epochs": 3}
            run["notes"] = {"augment": ["flip", f"{lr}"], "log_dir": f"/logs/{lr}-{batch}-{seed}"}
            for step in range(5):
                diverges = (lr, batch, seed) == (0.1, 64, 1) and step > 2
                run.track(float("nan") if diverges else lr / (step + 1), "loss", step=step)
            hashes.append(run.hash)
    return hashes


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory, profile: object) -> Iterator[tuple[str, list[str]]]:
    folder = tmp_path_factory.mktemp("sweep")
    hashes = record(folder)
    with up(folder, "--read-only") as url:
        yield url.rstrip("/"), hashes


def comparison(sweep: tuple[str, list[str]]) -> str:
    """Of the four runs with the higher learning rate."""
    url, hashes = sweep
    return f"{url}/?page=compare&" + "&".join(f"run={hash}" for hash in hashes[:4])


def test_averaged_groups_are_called_by_the_params_that_tell_them_apart(
    sweep: tuple[str, list[str]], opened: Opened
) -> None:
    away = ["hparams.decay", "hparams.seed", "notes.augment", "notes.log_dir"]
    page = opened(f"{sweep[0]}/?page=metrics&q=loss" + "".join(f"&without=params.{path}" for path in away))
    page.get_by_role("button", name="Average over seed").click()
    legend = page.get_by_role("complementary", name="Legend")
    names = ["32 · 0.01", "32 · 0.1", "64 · 0.01", "64 · 0.1"]
    expect(legend.locator(".legend-label")).to_have_text(names)
    expect(legend.get_by_role("heading", name="Color")).to_contain_text("batch, lr")
    expect(page.locator(".group-name .middle-whole, .group-name > bdi:not(.middle)")).to_have_text(names)
    assert "hparams.decay=0.001" in (page.locator(".group-name").first.get_attribute("title") or "")
    expect(page.locator(".group-name").last.locator("xpath=../..")).to_contain_text("1 of 2; 1 diverged")


def test_unnamed_runs_are_called_alike_in_legend_and_comparison(sweep: tuple[str, list[str]], opened: Opened) -> None:
    page = opened(f"{sweep[0]}/?page=metrics&q=loss")
    labels = page.locator(".legend-label")
    expect(labels).to_have_count(8)
    names = [text.strip() for text in labels.all_inner_texts()]
    assert len(set(names)) == 8 and all("batch=" in name and "seed=" in name for name in names), names
    assert not any("log_dir" in name or "epochs" in name for name in names), names
    page = opened(comparison(sweep))
    heads = page.locator("thead .compare-run a")
    expect(heads).to_have_count(4)
    expect(page.get_by_role("list", name="Runs").locator("bdi")).to_have_text(heads.all_inner_texts())
    assert all("batch=" in name for name in heads.all_inner_texts())


def test_the_comparison_counts_runs_that_diverged(sweep: tuple[str, list[str]], opened: Opened) -> None:
    page = opened(comparison(sweep))
    expect(page.locator(".compare-diverged")).to_have_text("3 of 4; 1 diverged")


def test_the_menu_of_a_column_says_which_values_are_better(tmp_path: Path, serve: Serve, opened: Opened) -> None:
    record(tmp_path)
    with serve(tmp_path) as url:
        page = opened(f"{url.rstrip('/')}/?page=metrics&q=loss&sort=%2Bbest&without=params.hparams.lr")
        best = page.locator(".table .row").first.locator("[title$='value']")
        expect(best).to_have_attribute("title", "0.002, the lowest value")
        page.get_by_role("button", name="Best: column menu").click()
        expect(page.get_by_role("menuitemradio", name="Lower is better")).to_be_checked()
        page.get_by_role("menuitemradio", name="Higher is better").click()
        expect(best).to_have_attribute("title", "0.01, the highest value")
        assert Repo(tmp_path).metrics.direction("loss").direction == "max"


SHOWN = """all => all.map((one) => [...one.querySelectorAll('[data-text]')]
  .filter((part) => part.offsetWidth > 0 && part.scrollWidth <= part.clientWidth + 1)
  .map((part) => part.dataset.text).join(''))"""


def test_a_phone_shows_the_values_that_tell_settings_apart(tmp_path: Path, serve: Serve, opened: Opened) -> None:
    for lr, hidden in itertools.product((0.0003, 0.003, 0.03), (8, 64)):
        with aim.Run(repo=tmp_path) as run:
            run.name = f"lr={lr:g} hidden={hidden} seed=0"
            run.track(lr, "loss")
    with serve(tmp_path) as url:
        page = opened(f"{url}/?page=metrics&q=loss", viewport={"width": 390, "height": 844})
        expect(page.locator(".table .row")).to_have_count(6)
        names = {f"{lr:g} · {hidden}" for lr in (0.0003, 0.003, 0.03) for hidden in (8, 64)}
        assert set(page.locator(".table .row .middle").evaluate_all(SHOWN)) == names
        assert set(page.locator(".legend-label .middle").evaluate_all(SHOWN)) <= names
        page.goto(f"{url}/?page=runs")
        expect(page.locator(".table .row")).to_have_count(6)
        assert set(page.locator(".table .row .run-link .middle").evaluate_all(SHOWN)) == {
            f"{name} · 0" for name in names
        }


def test_dashes_tell_contexts_apart_whatever_they_are_called(tmp_path: Path, serve: Serve, opened: Opened) -> None:
    with aim.Run(repo=tmp_path) as run:
        for step, tag in itertools.product(range(3), ("easy", "hard")):
            run.track(step, "loss", step=step, context={"tag": tag})
    with serve(tmp_path) as url:
        page = opened(f"{url}/?page=metrics&q=loss")
        stroke = page.locator(".legend-section").nth(1)
        expect(stroke.get_by_role("heading")).to_contain_text("Stroke tag")
        picker = page.get_by_role("toolbar", name="Charts").get_by_role("button").filter(has_text="Stroke")
        expect(picker).to_have_text("Stroketag")
        expect(stroke.locator(".legend-label")).to_have_text(["easy", "hard"])
        dashes = page.locator(".table .row .swatch line").evaluate_all(
            "all => all.map((one) => one.getAttribute('stroke-dasharray'))"
        )
        assert len(set(dashes)) == 2
