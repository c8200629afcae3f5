"""The canvases of a chart take memory when something is drawn on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

# A canvas that nothing was drawn on has the width that every canvas begins with.
DRAWN = "() => [...document.querySelectorAll('#host canvas')].filter((canvas) => canvas.width !== 300).length"


@pytest.mark.parametrize(("scene", "alone", "hovered"), [("lines", 3, 5), ("bands", 2, 4), ("calendar", 1, 2)])
def test_only_layers_with_a_picture_have_one(stage: Page, scene: str, alone: int, hovered: int) -> None:
    stage.evaluate("scene => stage.show(scene, false)", scene)
    assert stage.evaluate(DRAWN) == alone
    stage.mouse.move(300, 80)
    stage.mouse.move(302, 82)
    stage.wait_for_function(f"({DRAWN})() === {hovered}")


def test_the_picture_stays_when_the_chart_grows(stage: Page) -> None:
    stage.evaluate("stage.show('lines', false)")
    stage.evaluate("document.querySelector('#host').style.width = '500px'")
    stage.wait_for_function("document.querySelector('#host canvas').width === 500")
    assert (
        stage.evaluate("[...document.querySelectorAll('#host canvas')].map((canvas) => canvas.clientWidth)")
        == [500] * 5
    )
