"""Takes the picture of the home page that README shows: docs/images/home-light.png and home-dark.png.

    python scripts/pictures.py

Needs Playwright and a Chromium, and a built UI. The demo's runs are seeded, so the same UI gives the same picture.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

from aim import demo

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
SIZE: ViewportSize = {"width": 1440, "height": 900}
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# What a person points at: a place in the chart of accuracy, in parts of its size.
CHART, PLACE = 0, (0.62, 0.3)
DRAWN = """() => document.querySelector('.wall-tile canvas') && !document.querySelector('.wall-wait')"""


def main() -> None:
    with tempfile.TemporaryDirectory() as made, sync_playwright() as driver:
        folder = Path(made) / "vision"
        demo.generate(folder, runs=12, metrics=14, steps=200)
        browser = driver.chromium.launch(executable_path=next(filter(None, map(shutil.which, CHROMIUMS)), None))
        with served(folder) as url:
            for theme in ("light", "dark"):
                page = browser.new_page(viewport=SIZE, device_scale_factor=2)
                page.emulate_media(color_scheme=theme, reduced_motion="reduce")
                take(page, url, IMAGES / f"home-{theme}.png")
        browser.close()


def take(page: Page, url: str, path: Path) -> None:
    page.goto(url)
    page.wait_for_function(DRAWN)
    box = page.locator(".wall-tile .chart-host").nth(CHART).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + PLACE[0] * box["width"], box["y"] + PLACE[1] * box["height"])
    page.locator(".wall-tip").wait_for()
    page.screenshot(path=path)
    print(path)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "aim", "up", "--repo", str(folder), "--read-only", "-p", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield next(line.split()[1] for line in process.stdout if line.startswith("Open "))
        process.terminate()


if __name__ == "__main__":
    main()
