"""The Chromium that tests, benchmarks and pictures use."""

from __future__ import annotations

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def installed() -> str | None:
    """$AIM_TEST_CHROMIUM, else one on PATH; Playwright uses its own if it is given None."""
    return os.environ.get("AIM_TEST_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
