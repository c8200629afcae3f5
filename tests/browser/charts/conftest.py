"""The charts alone in a real browser: bundled from the sources, without the rest of the page."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Playwright

HERE = Path(__file__).parent
UI = HERE.parents[2] / "ui"
BUNDLE = """
const [root, entry, outDir] = process.argv.slice(-3);
const lib = { entry, formats: ['iife'], name: 'bundle', fileName: () => 'stage.js' };
import('vite').then(({ build }) => build({
  configFile: false, logLevel: 'error', root, publicDir: false, build: { outDir, emptyOutDir: true, lib },
}));
"""
WIDTH, HEIGHT = 600, 300
PAGE = f"""<!doctype html><style>
body {{ margin: 0 }} #host {{ width: {WIDTH}px; height: {HEIGHT}px }} #host button {{ visibility: hidden }}
</style><div id=host></div>"""


@pytest.fixture(scope="session")
def stage_code(tmp_path_factory: pytest.TempPathFactory) -> str:
    node = shutil.which("node")
    if node is None or not (UI / "node_modules" / "vite").exists():
        pytest.skip("charts are bundled for their tests by Node: run 'npm ci' in ui/")
    out = tmp_path_factory.mktemp("stage")
    command = [node, "-e", BUNDLE, "--", str(UI), str(HERE / "scenes.ts"), str(out)]
    subprocess.run(command, cwd=UI, check=True, timeout=120)
    return (out / "stage.js").read_text("utf-8")


@pytest.fixture(scope="session")
def chart_browser(chromium: str, playwright_driver: Playwright) -> Iterator[Browser]:
    browser = playwright_driver.chromium.launch(
        executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb"]
    )
    yield browser
    browser.close()


@pytest.fixture
def stage(chart_browser: Browser, stage_code: str) -> Iterator[Page]:
    """A page with an empty host and `window.stage`; it fails its test when a chart throws."""
    trouble: list[str] = []
    context = chart_browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, timezone_id="UTC")
    page = context.new_page()
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.set_content(PAGE)
    page.add_script_tag(content=stage_code)
    yield page
    context.close()
    assert trouble == []
