"""The Chromium that tests, benchmarks and pictures use."""

from __future__ import annotations

import os
import shutil

# Without the parts that draw windows: the tests take a fifth less CPU time with it.
HEADLESS = "chromium-headless-shell"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def installed(*, whole: bool = False) -> str | None:
    """$AIM_TEST_CHROMIUM, else one on PATH; Playwright uses its own if it is given None. `whole`: one with windows."""
    names = NAMES if whole else (HEADLESS, *NAMES)
    return os.environ.get("AIM_TEST_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
