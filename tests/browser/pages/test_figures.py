"""Figures made with plotly itself, drawn in a real browser under the server's policy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import aim
from tests.browsing import Opened, up

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
graph = pytest.importorskip("plotly.graph_objects", reason="needs 'pip install plotly'")
expect = playwright.expect
Page = playwright.Page
Locator = playwright.Locator

pytestmark = pytest.mark.browser

RANDOM = np.random.default_rng(0)
NORMAL = RANDOM.normal(size=(3, 200))
FOREIGN = {
    "title": {"text": "<b>Bold</b> <a href='https://example.org'>link</a> <span style='color:#ff0000'>red</span>"},
    "images": [{"source": "https://example.org/x.png", "x": 0, "y": 1, "sizex": 1, "sizey": 1}],
}
FIGURES = {
    "bar": graph.Figure(graph.Bar(x=["a", "b", "c"], y=[3, 1, 2]), FOREIGN),
    "scatter": graph.Figure(graph.Scatter(x=NORMAL[0], y=NORMAL[1], mode="markers")),
    "heatmap": graph.Figure(graph.Heatmap(z=RANDOM.random((5, 5)))),
    "histogram": graph.Figure(graph.Histogram(x=NORMAL[0])),
    "3d": graph.Figure(graph.Scatter3d(x=NORMAL[0], y=NORMAL[1], z=NORMAL[2], mode="markers")),
    "map": graph.Figure([graph.Scattergeo(lat=[1], lon=[2]), graph.Scatter(y=[1, 2])]),
    "template": graph.Figure(graph.Scatter(y=[1, 2]), {"template": "plotly_white"}),
}


def foreign(text: str) -> aim.Figure:
    """A figure as another program may record it: `aim.Figure` refuses this one."""
    figure = aim.Figure({"data": []})
    figure.data = text.encode()
    return figure


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, profile: object) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("figures")
    with aim.Run("figures", repo=folder) as run:
        for name, figure in FIGURES.items():
            run.track(aim.Figure(figure), name)
        run.track(aim.Figure({"data": [{"y": list(range(600_000))}]}), "large")
        run.track(foreign('{"data": {"type": "bar"}}'), "broken")
        for step in range(3):
            run.track(aim.Figure(graph.Figure(graph.Bar(y=[step + 1]))), "steps", step=step)
    with up(folder, "--read-only") as url:
        yield f"{url.rstrip('/')}/?page=run&run=figures"


def card(page: Page, name: str) -> Locator:
    region = page.get_by_role("region", name=name, exact=True)
    region.scroll_into_view_if_needed()
    return region


def drawn(page: Page, name: str) -> Locator:
    host = card(page, name).get_by_role("group", name=f"Figure {name}")
    expect(host).to_have_attribute("aria-busy", "false")
    return host


def test_plotly_is_loaded_with_the_first_figure_and_asks_no_other_server(url: str, opened: Opened) -> None:
    page = opened(url)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    expect(page.get_by_role("tab", name="Overview", selected=True)).to_be_visible()
    assert page.evaluate("performance.getEntriesByType('resource').filter(({name}) => name.includes('plotly'))") == []
    page.get_by_role("tab", name="Figures").click()
    for name in FIGURES:
        drawn(page, name)
    ours = page.evaluate("location.origin")
    assert [address for address in asked if not address.startswith((ours, f"blob:{ours}", "data:"))] == []
    assert len([address for address in asked if "plotly" in address]) == 1


def test_the_hovered_point_is_described(url: str, opened: Opened) -> None:
    page = opened(f"{url}&tab=figures")
    bar = drawn(page, "bar").locator(".point path").first
    bar.hover(force=True)
    expect(page.locator(".hoverlayer .hovertext")).to_contain_text("3")
    title = drawn(page, "bar").locator(".gtitle")
    expect(title).to_have_text("Bold link red")
    assert title.locator("tspan").first.evaluate("one => getComputedStyle(one).fontWeight") == "700"
    assert title.locator("tspan").last.evaluate("one => getComputedStyle(one).fill") == "rgb(255, 0, 0)"
    assert page.locator(".figure-host :is(a[href], svg a)").count() == 0


def test_a_picture_is_saved_by_keyboard(url: str, opened: Opened) -> None:
    page = opened(f"{url}&tab=figures")
    buttons = drawn(page, "bar").get_by_role("button")
    expect(buttons.first).to_have_accessible_name("Download plot as a PNG")
    assert not any("hare" in name for name in buttons.evaluate_all("all => all.map(one => one.ariaLabel)"))
    buttons.first.focus()
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")
    with page.expect_download() as download:
        card(page, "bar").get_by_role("link", name="Download JSON").click()
    assert '"bar"' in Path(download.value.path()).read_text(encoding="utf-8")


def test_a_figure_that_cannot_be_drawn_says_why(url: str, opened: Opened) -> None:
    page = opened(f"{url}&tab=figures")
    broken = card(page, "broken")
    expect(broken.get_by_role("alert")).to_contain_text('it has no list "data"')
    expect(broken.locator(".param-tree").first).to_be_visible()
    expect(card(page, "map")).to_contain_text("Maps need other servers and are not drawn: scattergeo.")
    drawn(page, "map")
    large = card(page, "large")
    expect(large).to_contain_text("values. Drawing it can make the page slow.")
    large.get_by_role("button", name="Draw figure").click()
    drawn(page, "large")


def test_figures_follow_the_theme_the_width_and_the_step(url: str, opened: Opened) -> None:
    page = opened(f"{url}&tab=figures", color_scheme="dark")
    paper = drawn(page, "template").locator(".main-svg").first
    expect(paper).to_have_css("background-color", "rgb(20, 21, 25)")
    page.emulate_media(color_scheme="light")
    expect(paper).to_have_css("background-color", "rgb(255, 255, 255)")
    wide = float(paper.get_attribute("width") or 0)
    page.set_viewport_size({"width": 390, "height": 800})
    expect(paper).to_have_attribute("width", re.compile(r"^[23]\d\d(\.\d+)?$"))
    assert wide > 1000
    steps = drawn(page, "steps")
    expect(steps.locator(".ytick").last).to_contain_text("3")
    card(page, "steps").get_by_role("slider").press("Home")
    expect(steps.locator(".ytick").last).to_contain_text("1")
