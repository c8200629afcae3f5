"""Charts alone, in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

WIDTH, HEIGHT = 600, 300
PAGE = f"""<!doctype html><style>
body {{ margin: 0 }} #host {{ width: {WIDTH}px; height: {HEIGHT}px }} #host button {{ visibility: hidden }}
</style><div id=host></div>"""


@pytest.fixture(scope="session")
def stage_code(bundle: Callable[[Path], Path]) -> str:
    return (bundle(Path(__file__).parent / "scenes.ts") / "stage.js").read_text("utf-8")


@pytest.fixture(scope="session")
def chart_profile(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, timezone_id="UTC")
    yield context
    context.close()


@pytest.fixture
def stage(chart_profile: BrowserContext, stage_code: str) -> Iterator[Page]:
    """A page with an empty host and `window.stage`. The test fails if a chart throws."""
    trouble: list[str] = []
    page = chart_profile.new_page()
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.set_content(PAGE)
    page.add_script_tag(content=stage_code)
    yield page
    page.close()
    assert trouble == []
