"""Dashboards: made, filled with each kind of chart, reordered, resized, saved, shared, and shown at home."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

import aim
from aim.repo import Repo
from tests.browser.pages.axe import violations_by_theme
from tests.browsing import Opened, Serve

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
np = pytest.importorskip("numpy")
expect = playwright.expect
pytestmark = pytest.mark.browser

Page = playwright.Page
Locator = playwright.Locator
NOTHING: dict[str, list[object]] = {"light": [], "dark": []}
HOSTILE = "<img src=x onerror='window.harm=1'>"

EACH: list[dict[str, Any]] = [
    {"kind": "line", "title": "Losses", "metrics": ["loss"], "y_scale": "log", "width": 3},
    {"kind": "bar", "metrics": ["accuracy"], "value": "max"},
    {"kind": "number", "metrics": ["accuracy"], "value": "max"},
    {"kind": "scatter", "axes": ["hparams.lr", "metric:accuracy"]},
    {"kind": "parallel", "axes": ["hparams.lr", "metric:loss", "metric:accuracy"], "width": 4},
    {"kind": "text", "title": "Notes", "text": f"# Plan\n\nTrain *longer*. {HOSTILE}"},
    {"kind": "image", "metrics": ["digits"]},
]


def chart(page: Page, name: str) -> Locator:
    return page.get_by_role("figure", name=name, exact=True)


def titles(page: Page) -> Locator:
    return page.locator("figcaption h2")


def drawn(page: Page, name: str, lines: int) -> None:
    picture = chart(page, name).get_by_role("img")
    expect(picture).to_have_attribute("aria-label", re.compile(rf"\b{lines} lines?\b"))


def choose(dialog: Locator, *names: str) -> None:
    for name in names:
        dialog.get_by_role("searchbox").fill(name)
        dialog.get_by_role("checkbox", name=name, exact=True).click()


def filled(folder: Path) -> str:
    """A dashboard with each kind of chart; returns its id."""
    with aim.Run("run 0", repo=folder, resume=True) as run:
        run.track(aim.Image(np.zeros((8, 8), dtype=np.uint8), caption="a digit"), "digits", step=3)
    return Repo(folder).dashboards.save("Each kind", EACH).id


def test_a_dashboard_is_made_filled_arranged_and_kept(url: str, repo: Path, opened: Opened) -> None:
    page = opened(f"{url}/?page=dashboards")
    page.get_by_role("button", name="New dashboard").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Mine")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mine")
    dialog = page.get_by_role("dialog", name="Add a chart")
    for kind, names in (
        ("Line chart", ["loss"]),
        ("Bar chart", ["accuracy"]),
        ("Scatter plot", ["hparams.lr", "accuracy"]),
        ("Parallel coordinates", ["hparams.lr", "loss", "accuracy"]),
        ("Number", ["accuracy"]),
    ):
        page.get_by_role("button", name="Add chart").click()
        dialog.get_by_text(kind, exact=True).click()
        choose(dialog, *names)
        dialog.get_by_role("button", name="Add", exact=True).click()
        expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Add chart").click()
    dialog.get_by_text("Text", exact=True).first.click()
    dialog.get_by_label("Text", exact=False).last.press("Tab")
    dialog.locator("textarea").fill("**What** we learned")
    dialog.get_by_label("Title").fill("Notes")
    dialog.get_by_role("button", name="Add", exact=True).click()
    order = [
        "loss",
        "accuracy (last)",
        "accuracy over hparams.lr",
        "hparams.lr, loss, accuracy",
        "accuracy (last)",
        "Notes",
    ]
    expect(titles(page)).to_have_text(order)
    drawn(page, "loss", 5)
    expect(page.get_by_role("status").filter(has_text="Unsaved changes")).to_be_visible()
    page.get_by_role("button", name="Move Notes").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    order.insert(3, order.pop())
    expect(titles(page)).to_have_text(order)
    page.get_by_role("button", name="Resize loss").press("ArrowRight")
    chart(page, "loss").hover()
    page.get_by_role("button", name="Settings of loss").click()
    page.get_by_role("combobox", name="Scale of y").select_option("log")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("“Mine” is saved.")).to_be_visible()
    page.reload()
    expect(titles(page)).to_have_text(order)
    first = Repo(repo).dashboards.get("Mine").charts[0]
    assert (first.metrics, first.y_scale, first.width) == (("loss",), "log", 3)


def test_undo_remove_rename_and_delete(url: str, repo: Path, opened: Opened) -> None:
    id = filled(repo)
    page = opened(f"{url}/?page=dashboards&id={id}")
    expect(titles(page)).to_have_count(7)
    page.get_by_role("button", name="More of Notes").click()
    page.get_by_role("menuitem", name="Remove").click()
    expect(titles(page)).to_have_count(6)
    page.get_by_role("button", name="Undo (Ctrl Z)").click()
    expect(titles(page)).to_have_count(7)
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_disabled()
    page.get_by_role("button", name="More of this dashboard").click()
    page.get_by_role("menuitem", name="Rename…").click()
    page.get_by_role("dialog").get_by_label("Name").fill(HOSTILE)
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("is saved.")).to_be_visible()
    page.goto(f"{url}/?page=dashboards")
    expect(page.get_by_role("heading", name=HOSTILE)).to_be_visible()
    assert page.evaluate("window.harm") is None
    page.get_by_role("link", name=HOSTILE).click()
    page.get_by_role("button", name="More of this dashboard").click()
    page.get_by_role("menuitem", name="Delete…").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="No dashboards yet")).to_be_visible()
    assert list(Repo(repo).dashboards) == []


def test_a_second_page_follows_and_does_not_overwrite(url: str, repo: Path, opened: Opened) -> None:
    id = filled(repo)
    first, second = (opened(f"{url}/?page=dashboards&id={id}") for _ in range(2))
    for page in (first, second):
        expect(titles(page)).to_have_count(7)
    first.get_by_role("button", name="More of Notes").click()
    first.get_by_role("menuitem", name="Remove").click()
    first.get_by_role("button", name="Save", exact=True).click()
    expect(titles(second)).to_have_count(6)
    second.get_by_role("button", name="More of Losses").click()
    second.get_by_role("menuitem", name="Remove").click()
    Repo(repo).dashboards.save("Each kind", EACH[:2], id=id)
    expect(second.get_by_role("alert")).to_contain_text("Someone else changed this dashboard")
    second.get_by_role("button", name="Show theirs").click()
    expect(titles(second)).to_have_text(["Losses", "accuracy (max)"])


def test_the_wall_becomes_a_dashboard_that_home_shows(url: str, repo: Path, opened: Opened) -> None:
    page = opened(f"{url}/?page=home&runs=hparams.lr+>+0.07")
    page.get_by_role("button", name="Save as dashboard").click()
    page.get_by_role("dialog").get_by_label("Name").fill("From the wall")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("From the wall")
    drawn(page, "loss", 2)
    expect(page.get_by_role("textbox", name="Condition on runs")).to_have_value("hparams.lr > 0.07")
    page.get_by_role("button", name="More of this dashboard").click()
    page.get_by_role("menuitemcheckbox", name="Show at home").click()
    expect(page.get_by_text("The home page shows")).to_be_visible()
    page.goto(url)
    expect(page.get_by_role("heading", level=1)).to_have_text("From the wall")
    page.get_by_role("link", name="All charts").click()
    page.get_by_role("button", name="Enlarge accuracy").click()
    page.get_by_role("dialog", name="accuracy").get_by_role("button", name="Add to dashboard").click()
    page.get_by_role("menuitem", name="From the wall").click()
    expect(page.get_by_text("Added to “From the wall”.")).to_be_visible()
    assert len(Repo(repo).dashboards.get("From the wall").charts) == 3


@pytest.mark.parametrize("width", [320, 390, 1440])
def test_each_kind_fits_and_passes_axe(repo: Path, serve: Serve, opened: Opened, width: int) -> None:
    id = filled(repo)
    with serve(repo, "--read-only") as url:
        page = opened(f"{url.rstrip('/')}/?page=dashboards&id={id}", viewport={"width": width, "height": 800})
        drawn(page, "Losses", 5)
        expect(page.get_by_role("button", name="Add chart")).to_have_count(0)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for name in ("accuracy (max)", "accuracy over hparams.lr", "Notes", "digits"):
            page.get_by_role("figure", name=name, exact=True).last.scroll_into_view_if_needed()
        expect(chart(page, "digits").get_by_role("img", name="a digit")).to_be_visible()
        expect(chart(page, "Notes").locator("em")).to_have_text("longer")
        assert page.evaluate("window.harm") is None
        assert violations_by_theme(page) == NOTHING
        for place in (1, 2, 4, 5):
            page.goto(f"{url.rstrip('/')}/?page=dashboards&id={id}&enlarged={place}")
            enlarged = page.get_by_role("dialog")
            expect(enlarged.locator(".board-bars, canvas").first).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert (place, violations_by_theme(page)) == (place, NOTHING)
        page.goto(f"{url.rstrip('/')}/?page=dashboards")
        expect(page.get_by_role("heading", name="Each kind")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations_by_theme(page) == NOTHING


WITHIN = "text => text.getBoundingClientRect().right < text.closest('.board-media').getBoundingClientRect().right"
FITS = "media => media.querySelector('canvas').getBoundingClientRect().bottom < media.getBoundingClientRect().bottom"


@pytest.mark.parametrize("width", [390, 1440])
def test_figures_and_tables_of_runs(repo: Path, serve: Serve, opened: Opened, width: int) -> None:
    draw = np.random.default_rng(0)
    for number in range(2):
        with aim.Run(f"run {number}", repo=repo, resume=True) as run:
            labels = draw.integers(0, 2, 80)
            run.name = f"run {number} with a name that is longer than a chart of a phone is wide"
            run.track(aim.ROCCurve(labels, labels + draw.random(80) * (1.5 + number)), "roc", step=4)
            run.track(aim.ConfusionMatrix(labels, labels[::-1]), "confused", step=4)
            run.track(aim.Points3D(draw.random((50, 3))), "confused", step=4)
            run.track(aim.Table({"said": [HOSTILE, "b"], "score": [0.5, number]}), "rows", step=4)
    charts: list[dict[str, Any]] = [
        {"kind": "figure", "metrics": ["roc", "confused"], "width": 6, "height": 6},
        {"kind": "table", "metrics": ["rows"], "width": 6, "height": 3},
        {"kind": "figure", "title": "Low", "metrics": ["roc"], "width": 3, "height": 3},
    ]
    id = Repo(repo).dashboards.save("Figures", charts).id
    with serve(repo) as url:
        page = opened(f"{url}/?page=dashboards&id={id}", viewport={"width": width, "height": 900})
        curves = chart(page, "roc, confused").locator(".board-curves")
        expect(curves.get_by_role("img").first).to_have_attribute("aria-label", "2 ROC curves")
        expect(chart(page, "roc, confused").locator("section")).to_have_count(2)
        rows = chart(page, "rows").get_by_role("table")
        expect(rows).to_have_attribute("aria-rowcount", "5")
        expect(rows.get_by_role("columnheader").first).to_contain_text("run")
        expect(rows).to_contain_text(HOSTILE)
        chart(page, "Low").scroll_into_view_if_needed()
        expect(chart(page, "Low").get_by_role("img").first).to_be_visible()
        assert chart(page, "Low").locator(".board-media").evaluate(FITS)
        area = chart(page, "Low").locator(".classifier-legend .count").first
        assert area.evaluate(WITHIN)
        assert page.evaluate("window.harm") is None
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations_by_theme(page) == NOTHING


def test_a_link_to_no_dashboard_leads_to_all_of_them(shown: str, opened: Opened) -> None:
    page = opened(f"{shown}/?page=dashboards&id=nope")
    expect(page.get_by_role("heading", name="Dashboard not found")).to_be_visible()
    page.get_by_role("link", name="All dashboards").click()
    expect(page.get_by_role("heading", name="Dashboards", exact=True)).to_be_visible()


def test_contexts_stand_in_the_head_of_a_chart_and_nothing_between_it_and_the_lines(
    repo: Path, serve: Serve, opened: Opened
) -> None:
    charts = [{"kind": "line", "metrics": [name]} for name in ("loss", "accuracy")]
    id = Repo(repo).dashboards.save("Heads", charts).id
    with serve(repo) as url:
        page = opened(f"{url}/?page=dashboards&id={id}")
        drawn(page, "loss", 5)
        expect(chart(page, "loss").locator("figcaption")).to_contain_text("val")
        for name in ("loss", "accuracy"):
            head, lines = (chart(page, name).locator(part).bounding_box() for part in ("figcaption", ".chart-host"))
            assert head is not None and lines is not None
            assert lines["y"] - head["y"] - head["height"] < 4


SCROLLED = """(region, bottom) => new Promise((done) => {
  region.scrollTop = bottom ? region.scrollHeight : 0;
  const names = () => [...document.querySelectorAll('figure:has(.chart-host)')].map((one) => one.ariaLabel);
  requestAnimationFrame(() => done(names()));
})"""


def test_only_charts_near_the_sight_are_there_in_the_frame_that_shows_them_and_a_zoom_stays(
    repo: Path, serve: Serve, opened: Opened
) -> None:
    charts = [{"kind": "line", "title": f"chart {number}", "metrics": ["loss"]} for number in range(60)]
    id = Repo(repo).dashboards.save("Many", charts).id
    with serve(repo, "--read-only") as url:
        page = opened(f"{url}/?page=dashboards&id={id}")
        drawn(page, "chart 0", 5)
        region = page.get_by_role("region", name="Charts")
        first = chart(page, "chart 0")
        box = first.locator(".chart-host").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 40)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + 80, steps=3)
        page.mouse.up()
        expect(first.get_by_role("button", name="Reset zoom")).to_be_visible()
        below = region.evaluate(SCROLLED, True)
        assert "chart 59" in below and "chart 0" not in below and len(below) < 30
        drawn(page, "chart 59", 5)
        assert "chart 0" in region.evaluate(SCROLLED, False)
        expect(first.get_by_role("button", name="Reset zoom")).to_be_visible()


def test_a_chart_is_enlarged_with_all_controls_which_it_can_keep(url: str, repo: Path, opened: Opened) -> None:
    page = opened(f"{url}/?page=dashboards&id={filled(repo)}")
    drawn(page, "Losses", 5)
    page.get_by_role("button", name="Enlarge Losses").click()
    enlarged = page.get_by_role("dialog", name="Losses")
    expect(enlarged.locator(".chart .count")).to_have_text("5 lines; 1 diverged")
    expect(enlarged.get_by_role("button", name="Keep for this chart")).to_have_count(0)
    enlarged.get_by_role("button", name="More controls").click()
    enlarged.get_by_role("button", name="Axes").click()
    log = page.get_by_role("switch", name="Logarithmic y")
    expect(log).to_have_attribute("aria-checked", "true")
    log.click()
    page.keyboard.press("Escape")
    enlarged.get_by_role("button", name="Keep for this chart").click()
    expect(page.get_by_role("status").filter(has_text="Unsaved changes")).to_be_visible()
    page.get_by_role("button", name="Next chart").click()
    expect(page.get_by_role("dialog", name="accuracy (max)").get_by_role("link", name="run 1")).to_be_visible()
    page.get_by_role("button", name="Previous chart").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert "enlarged" not in page.url and "logY" not in page.url


def test_scatter_and_parallel_coordinates_open_in_their_explorers_with_their_axes(
    url: str, repo: Path, opened: Opened
) -> None:
    id = filled(repo)
    for name, axes in (
        ("accuracy over hparams.lr", {"px": ["params.hparams.lr"], "py": ["metrics.last.accuracy"]}),
        (
            "hparams.lr, loss, accuracy",
            {"axis": ["params.hparams.lr", "metrics.last.loss", "metrics.last.accuracy"]},
        ),
    ):
        page = opened(f"{url}/?page=dashboards&id={id}")
        expect(chart(page, name).get_by_role("img")).to_be_visible()
        page.get_by_role("button", name=f"More of {name}").click()
        page.get_by_role("menuitem", name="Open in explorer").click()
        page.wait_for_url(lambda address: "id=" not in address)
        given = parse_qs(urlsplit(page.url).query)
        assert {key: given[key] for key in axes} == axes
