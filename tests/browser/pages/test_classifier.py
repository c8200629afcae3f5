"""ROC and precision-recall curves over each other, and confusion matrices: on the page Media, and on that of a run."""

from __future__ import annotations

import json
import re
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

CLASSES = ["<b>cat</b>", "dog", "owl"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, profile: object) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("curves")
    draw = np.random.default_rng(0)
    for number in range(3):
        with aim.Run(f"run {number}", repo=folder, system_interval=0) as run:
            run["hparams"] = {"lr": 10.0**-number}
            for step in (0, 10):
                labels = draw.integers(0, 2, 300)
                scores = labels * (1 + number + step / 10) / 3 + draw.normal(size=300)
                run.track(aim.ROCCurve(labels, scores), "roc", step=step, context={"subset": "val"})
                run.track(aim.PRCurve(labels, scores), "pr", step=step)
                truths = draw.integers(0, 3, 300)
                each = draw.random((300, 3)) + np.eye(3)[truths] * 0.5
                run.track(aim.ROCCurve.of_classes(truths, each, CLASSES), "by class", step=step)
                run.track(aim.ConfusionMatrix(truths, each.argmax(axis=1), CLASSES), "confusion", step=step)
    with up(folder, "--read-only") as url:
        yield url.rstrip("/")


def tile(page: Page, title: str) -> playwright.Locator:
    return page.locator(".media-tile", has=page.get_by_role("button", name=re.compile(f"^Open .*{title}")))


def test_curves_of_all_runs_lie_over_each_other(server: str, opened: Opened) -> None:
    page = opened(f"{server}/?page=media&kind=figure&q=roc")
    expect(page.locator(".media-tile")).to_have_count(2)
    expect(page.locator(".media-tile .classifier-legend li").filter(has_text="AUC")).to_have_count(6)
    tile(page, "3 curves").first.hover()
    page.get_by_role("button", name=re.compile("^Open roc")).first.click()
    legend = page.get_by_role("dialog").locator(".classifier-legend li")
    expect(legend).to_have_count(3)
    expect(legend.first).to_contain_text(re.compile(r"run \d\s*AUC 0\.\d{3}"))
    page.get_by_role("dialog").locator(".classifier-host").hover()
    said = page.get_by_role("dialog").locator(".classifier-says")
    expect(said).to_contain_text(re.compile(r"run \d · FPR 0\.\d{3} · TPR 0\.\d{3} · threshold "))


def strokes(legend: playwright.Locator) -> dict[str, tuple[str, str]]:
    """The color and dash of each curve by its name."""
    drawn = "line => [getComputedStyle(line).stroke, line.getAttribute('stroke-dasharray') ?? '']"
    return {
        item.locator("bdi").inner_text(): tuple(item.locator("line").evaluate(drawn))
        for item in legend.locator("li").all()
    }


def test_curves_have_the_colors_of_their_runs(server: str, opened: Opened) -> None:
    page = opened(f"{server}/?page=home")
    dots = {
        name: page.locator(".wall-run", has_text=name)
        .locator(".wall-dot span")
        .evaluate("dot => getComputedStyle(dot).backgroundColor")
        for name in ("run 0", "run 1", "run 2")
    }
    page.goto(f"{server}/?page=media&kind=figure&q=roc&steps=1")
    expect(page.locator(".media-tile .classifier-legend li")).to_have_count(3)
    curves = strokes(page.locator(".media-tile .classifier-legend"))
    assert curves == {name: (color, "") for name, color in dots.items()}
    page.goto(f"{server}/?page=media&kind=figure&q=roc+if+run.hash+!=+%22run+0%22&steps=1")
    expect(page.locator(".media-tile .classifier-legend li")).to_have_count(2)
    assert strokes(page.locator(".media-tile .classifier-legend")) == {n: c for n, c in curves.items() if n != "run 0"}
    page.goto(f"{server}/?page=media&kind=figure&q=figures.name+==+%22by+class%22&steps=1")
    page.get_by_role("button", name=re.compile("^Open .*by class")).first.click()
    legend = page.get_by_role("dialog").locator(".classifier-legend")
    expect(legend.locator("li")).to_have_count(9)
    found = strokes(legend)
    assert {color for color, _ in found.values()} == {*dots.values()}
    assert len({*found.values()}) == 9


def test_a_download_has_every_curve_of_the_chart(server: str, opened: Opened) -> None:
    page = opened(f"{server}/?page=media&kind=figure&q=roc&steps=1")
    page.get_by_role("button", name=re.compile("^Open roc")).first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".classifier-legend li")).to_have_count(3)
    saved = json.loads(saved_by(page, dialog.get_by_role("button", name="Download")))
    assert sorted(curve["label"] for curve in saved) == ["run 0", "run 1", "run 2"]
    assert all(curve["curve"]["aim"] == "roc" and len(curve["curve"]["x"]) > 10 for curve in saved)
    page.goto(f"{server}/?page=run&run=run%200&tab=figures")
    roc = page.get_by_role("region", name=re.compile("^roc"))
    roc.scroll_into_view_if_needed()
    one = json.loads(saved_by(page, roc.get_by_role("link", name="Download JSON")))
    assert one["aim"] == "roc"
    roc.get_by_label("Which curves").select_option("all")
    both = json.loads(saved_by(page, roc.get_by_role("button", name="Download JSON")))
    assert [curve["step"] for curve in both] == [0, 10]


def saved_by(page: Page, pressed: playwright.Locator) -> bytes:
    with page.expect_download() as saved:
        pressed.click()
    return Path(saved.value.path()).read_bytes()


def test_curves_of_all_steps_and_of_one_run(server: str, opened: Opened) -> None:
    page = opened(f"{server}/?page=media&kind=figure&q=roc&row=run.hash&column=media.name")
    expect(page.locator(".media-tile")).to_have_count(3)
    expect(tile(page, "2 curves")).to_have_count(3)
    expect(page.locator(".media-tile").first.locator(".classifier-legend")).to_contain_text("step 10")


def test_a_confusion_matrix(server: str, opened: Opened) -> None:
    page = opened(f"{server}/?page=media&kind=figure&q=confusion&steps=1")
    expect(page.locator(".media-tile")).to_have_count(3)
    page.get_by_role("button", name=re.compile("^Open .*confusion")).first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".classifier-says")).to_contain_text(re.compile(r"3 classes · 300 samples · accuracy \d"))
    dialog.locator(".classifier-host").hover(position={"x": 200, "y": 40})
    expect(dialog.locator(".classifier-says")).to_contain_text("true <b>cat</b>, predicted")
    dialog.get_by_label("What the numbers are").select_option("true")


def test_the_page_of_a_run(server: str, opened: Opened) -> None:
    page = opened(f"{server}/?page=run&run=run%200&tab=figures")
    by_class = page.get_by_role("region", name="by class")
    expect(by_class.locator(".classifier-legend li")).to_have_count(3)
    expect(by_class.locator(".classifier-legend")).to_contain_text("<b>cat</b>")
    roc = page.get_by_role("region", name=re.compile("^roc"))
    roc.scroll_into_view_if_needed()
    expect(roc.locator(".classifier-legend li")).to_have_count(1)
    roc.get_by_label("Which curves").select_option("all")
    expect(roc.locator(".classifier-legend li")).to_have_count(2)
    confusion = page.get_by_role("region", name="confusion")
    confusion.scroll_into_view_if_needed()
    expect(confusion.locator("canvas").first).to_be_visible()


def test_accessibility(server: str, opened: Opened) -> None:
    page = opened(f"{server}/?page=media&kind=figure&q=roc")
    expect(page.locator(".classifier-legend").first).to_be_visible()
    assert violations_by_theme(page) == {"light": [], "dark": []}
