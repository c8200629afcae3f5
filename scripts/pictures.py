"""Takes the picture of the home page that README shows: docs/images/home-light.png.

    python scripts/pictures.py

Needs Playwright and a Chromium, and a built UI. The curves are seeded, so the same UI gives the same picture.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from aim import demo  # noqa: E402
from tests import chromium  # noqa: E402

PICTURE = ROOT / "docs" / "images" / "home-light.png"
SIZE: ViewportSize = {"width": 1440, "height": 900}
DRAWN = """() => document.querySelector('.wall-tile canvas') && !document.querySelector('.wall-wait')
    && document.querySelector('.standing')
    && [...document.querySelectorAll('.standing-value')].every((value) => value.querySelector('svg, canvas'))"""


def main() -> None:
    with tempfile.TemporaryDirectory() as made, sync_playwright() as driver:
        folder = Path(made) / "vision"
        demo.generate(folder, runs=12, metrics=14, steps=200)
        browser = driver.chromium.launch(executable_path=chromium.installed(whole=True))
        with served(folder) as url:
            page = browser.new_page(viewport=SIZE, color_scheme="light", reduced_motion="reduce")
            page.goto(url)
            page.wait_for_function(DRAWN)
            page.screenshot(path=PICTURE)
        browser.close()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "aim", "up", "--repo", str(folder), "-p", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield next(line.split()[1] for line in process.stdout if line.startswith("Open "))
        finally:
            process.terminate()


if __name__ == "__main__":
    main()
