"""Gestures on charts: brushing, moving axes, zooming and picking, by pointer and by key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

LISTEN = """names => {
  window.heard = [];
  for (const name of names) window.made.on[name]((value) => window.heard.push([name, value]));
}"""


def heard(page: Page, name: str) -> list[Any]:
    page.wait_for_timeout(100)
    return [value for what, value in page.evaluate("window.heard") if what == name]


@pytest.fixture
def parallel(stage: Page) -> Page:
    stage.evaluate("stage.show('parallel', false)")
    stage.evaluate(LISTEN, ["brush", "order", "axis", "hover", "pick"])
    return stage


def middle_of(page: Page, name: str) -> float:
    """The position of the axis: its name is centered on it."""
    box = page.evaluate(
        "name => [...document.querySelectorAll('#host button')].find((b) => b.textContent === name)"
        ".getBoundingClientRect().toJSON()",
        name,
    )
    return float(box["x"] + box["width"] / 2)


def drag(page: Page, x: float, y: float, to_x: float, to_y: float) -> None:
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move((x + to_x) / 2, (y + to_y) / 2)
    page.mouse.move(to_x, to_y)
    page.mouse.up()


def test_a_brush_is_made_moved_and_cleared(parallel: Page) -> None:
    x = middle_of(parallel, "layers")
    drag(parallel, x, 60, x, 120)
    drag(parallel, x, 90, x, 130)
    made, moved = heard(parallel, "brush")
    assert list(made["brushes"]) == ["layers"] and 0 < len(made["kept"]) < 30
    assert moved["brushes"]["layers"]["range"][1] < made["brushes"]["layers"]["range"][1]
    parallel.mouse.click(x, 130)
    assert heard(parallel, "brush")[-1] == {"brushes": {}, "kept": [str(i) for i in range(30)]}


def test_brushes_of_two_axes_narrow_each_other(parallel: Page) -> None:
    for name in ("layers", "accuracy"):
        x = middle_of(parallel, name)
        drag(parallel, x, 50, x, 150)
    first, second = heard(parallel, "brush")
    assert set(second["kept"]) < set(first["kept"])


def test_a_slider_brushes_by_key(parallel: Page) -> None:
    slider = parallel.get_by_role("slider", name="layers, min of brush")
    slider.focus()
    parallel.keyboard.press("PageUp")
    brushed = heard(parallel, "brush")[-1]
    assert brushed["brushes"]["layers"]["range"] == pytest.approx([2.6, 8])
    assert slider.get_attribute("aria-valuetext") == "2.6"
    parallel.keyboard.press("Delete")
    assert heard(parallel, "brush")[-1]["brushes"] == {}


def test_an_axis_moves_by_pointer_and_by_key(parallel: Page) -> None:
    parallel.add_style_tag(content="#host button { visibility: visible !important }")
    from_x, to_x = middle_of(parallel, "lr"), middle_of(parallel, "optimizer")
    drag(parallel, from_x, 16, to_x, 16)
    assert heard(parallel, "order")[-1] == ["layers", "optimizer", "lr", "dropout", "loss", "accuracy"]
    assert heard(parallel, "axis") == []
    button = parallel.get_by_role("button", name="lr, axis 3 of 6")
    button.focus()
    parallel.keyboard.press("ArrowLeft")
    assert heard(parallel, "order")[-1] == ["layers", "lr", "optimizer", "dropout", "loss", "accuracy"]
    assert parallel.evaluate("document.activeElement.textContent") == "lr"
    parallel.keyboard.press("Enter")
    assert heard(parallel, "axis") == ["lr"]


def test_a_line_is_hovered_picked_and_released(parallel: Page) -> None:
    parallel.mouse.move(140, 110)
    hovered = heard(parallel, "hover")[-1]
    parallel.mouse.click(140, 110)
    assert heard(parallel, "pick")[-1]["key"] == hovered["key"]
    parallel.locator("#host canvas").last.focus()
    parallel.keyboard.press("ArrowDown")
    assert heard(parallel, "pick")[-1]["key"] != hovered["key"]
    assert "accuracy" in parallel.locator("#host [role=status]").inner_text()
    parallel.keyboard.press("Escape")
    assert heard(parallel, "pick")[-1] is None


def test_a_scatter_plot_zooms_by_brush_and_key(stage: Page) -> None:
    stage.evaluate("stage.show('scatter', false)")
    stage.evaluate(LISTEN, ["zoom", "hover", "pick"])
    drag(stage, 200, 60, 400, 160)
    zoom = heard(stage, "zoom")[-1]
    assert zoom["x"][0] < zoom["x"][1] and zoom["y"][0] < zoom["y"][1]
    stage.keyboard.press("0")
    stage.locator("#host canvas").last.focus()
    stage.keyboard.press("0")
    assert heard(stage, "zoom")[-1] == {"x": None, "y": None}
    stage.keyboard.press("ArrowRight")
    stage.keyboard.press("ArrowRight")
    keys = [pick["key"] for pick in heard(stage, "pick")]
    assert len(set(keys)) == 2


def test_a_day_is_picked_by_pointer_and_key(stage: Page) -> None:
    stage.evaluate("stage.show('calendar', false)")
    stage.evaluate(LISTEN, ["pick"])
    stage.locator("#host canvas").last.focus()
    stage.keyboard.press("ArrowUp")
    stage.keyboard.press("ArrowUp")
    stage.keyboard.press("Enter")
    assert heard(stage, "pick")[-1]["day"] == "2026-11-24"
    stage.mouse.click(38, 26)
    assert heard(stage, "pick")[-1]["day"] == "2025-12-08"


def test_escape_gives_up_a_brush_and_hidden_rows_are_not_hovered(stage: Page) -> None:
    stage.evaluate("stage.show('parallel-groups', false)")
    stage.evaluate(LISTEN, ["brush", "order", "axis", "hover", "pick"])
    x = middle_of(stage, "layers")
    stage.mouse.move(x, 60)
    stage.mouse.down()
    stage.mouse.move(x, 120)
    stage.locator("#host canvas").last.focus()
    stage.keyboard.press("Escape")
    stage.mouse.up()
    assert heard(stage, "brush") == []
    for y in range(50, 260, 4):
        stage.mouse.move(x - 60, y)
    shown = set(stage.evaluate("window.made.data.rows.filter((row) => !row.hidden).map((row) => row.key)"))
    hovered = {hover["key"] for hover in heard(stage, "hover") if hover}
    assert hovered and hovered <= shown


def test_a_pinned_row_is_announced_and_released(stage: Page) -> None:
    stage.evaluate("stage.show('scatter-linear', false)")
    stage.evaluate(LISTEN, ["zoom", "hover", "pick"])
    surface = stage.locator("#host canvas").last
    assert "r -0." in (surface.get_attribute("aria-label") or "")
    surface.focus()
    stage.keyboard.press("Home")
    assert stage.locator("#host [role=status]").inner_text().startswith("run ")
    stage.keyboard.press("Escape")
    assert heard(stage, "pick")[-1] is None


def test_a_click_far_from_every_line_is_told(stage: Page) -> None:
    stage.evaluate("stage.show('lines', false)")
    stage.evaluate(LISTEN, ["pick", "blank"])
    stage.mouse.click(500, 60)
    assert heard(stage, "pick") == [] and heard(stage, "blank") == [{"x": 500, "y": 60}]
    stage.mouse.click(500, 245)
    assert len(heard(stage, "pick")) == 1 == len(heard(stage, "blank"))


STROKES = """scene => {
  let strokes = 0;
  const { prototype } = CanvasRenderingContext2D;
  const own = prototype.stroke;
  prototype.stroke = function (...given) { strokes++; return own.apply(this, given); };
  return stage.show(scene, false).then(() => strokes);
}"""


@pytest.mark.parametrize(("scene", "fewest", "most"), [("crowd", 5, 20), ("crowd-apart", 2400, 5000)])
def test_very_many_lines_are_one_picture_and_each_is_found(stage: Page, scene: str, fewest: int, most: int) -> None:
    assert fewest <= stage.evaluate(STROKES, scene) <= most
    assert "2400 lines" in (stage.locator("#host canvas").last.get_attribute("aria-label") or "")
    stage.evaluate(LISTEN, ["hover", "pick"])
    stage.mouse.move(500, 60)
    stage.mouse.move(500, 50)
    assert heard(stage, "hover")[-1]["key"] == "7"
    stage.mouse.click(500, 50)
    assert heard(stage, "pick")[-1]["key"] == "7"


@pytest.mark.parametrize("scene", ["bands-log", "crowd", "parallel-brushed", "parallel-groups", "scatter", "calendar"])
def test_a_picture_as_svg_is_the_picture(stage: Page, scene: str) -> None:
    """The SVG, drawn by the browser, matches the chart on the page."""
    stage.evaluate("scene => stage.show(scene, false)", scene)
    assert stage.evaluate("stage.asSVG()") < 0.02


NAMES_AT_ONCE = """scene => {
  const shown = stage.show(scene, false);
  const names = [...document.querySelectorAll('#host [role=img]')].map((canvas) => canvas.getAttribute('aria-label'));
  return shown.then(() => names);
}"""


@pytest.mark.parametrize("scene", ["lines", "scatter", "parallel-groups", "calendar"])
def test_a_chart_has_a_name_before_it_is_drawn(stage: Page, scene: str) -> None:
    names = stage.evaluate(NAMES_AT_ONCE, scene)
    assert names and all(names)
