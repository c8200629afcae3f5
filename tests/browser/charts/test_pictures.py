"""Charts of fixed data match reviewed images. Text is drawn as bars, because fonts differ between machines.

`AIM_DRAW_PICTURES=1 pytest tests/browser/charts` draws the images again. Review them before you commit them.
"""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).parent / "pictures"
DRAWN = os.environ.get("AIM_DRAW_PICTURES") == "1"
SCENES = [
    ("lines", False),
    ("bands", False),
    ("bands", True),
    ("bands-log", False),
    ("curved", False),
    ("crowd", False),
    ("crowd", True),
    ("crowd-many-colors", False),
    ("parallel", True),
    ("parallel-brushed", False),
    ("parallel-groups", False),
    ("scatter", False),
    ("scatter-categories", False),
    ("scatter-linear", True),
    ("calendar", True),
    ("densities", False),
    ("densities", True),
    ("ridges", False),
    ("ridges", True),
    ("bars", False),
    ("sparklines", False),
]
ALLOWED = 0.004


@pytest.mark.parametrize(("scene", "dark"), SCENES, ids=[f"{name}-{'dark' if d else 'light'}" for name, d in SCENES])
def test_picture(stage: Page, tmp_path: Path, scene: str, dark: bool) -> None:
    stage.evaluate("stage.maskText()")
    stage.evaluate("([scene, dark]) => stage.show(scene, dark)", [scene, dark])
    drawn = stage.screenshot(animations="disabled")
    expected = PICTURES / f"{scene}-{'dark' if dark else 'light'}.png"
    if DRAWN:
        PICTURES.mkdir(exist_ok=True)
        expected.write_bytes(drawn)
    pair = [base64.b64encode(picture).decode() for picture in (expected.read_bytes(), drawn)]
    differs = stage.evaluate("([a, b]) => stage.difference(a, b)", pair)
    (tmp_path / expected.name).write_bytes(drawn)
    assert differs <= ALLOWED, f"{differs:.2%} of the pixels differ from {expected}; drawn: {tmp_path / expected.name}"


def test_two_scenes_differ(stage: Page) -> None:
    """The comparison detects differences that it must detect."""
    pictures = [(PICTURES / f"{name}-light.png").read_bytes() for name in ("bands", "bands-log")]
    pair = [base64.b64encode(picture).decode() for picture in pictures]
    assert stage.evaluate("([a, b]) => stage.difference(a, b)", pair) > 5 * ALLOWED
