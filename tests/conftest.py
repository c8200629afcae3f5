"""What every test gets: an environment without settings of its surroundings, and a browser where there is one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

LAUNCHERS = ("AIM_", "SLURM_", "TORCHELASTIC_", "OMPI_", "PMI_")
RANKS = ("RANK", "LOCAL_RANK", "WORLD_SIZE", "GROUP_RANK", "MASTER_ADDR", "MASTER_PORT")
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

settings.register_profile("aim", deadline=None, database=None, derandomize=True)
settings.load_profile("aim")


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No AIM_* variable, no launcher's rank, no cache and no state of the user reaches a test or what it starts."""
    for name in list(os.environ):
        if (name.startswith(LAUNCHERS) or name in RANKS) and name != "AIM_TEST_CHROMIUM":
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ".user-cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / ".user-state"))


@pytest.fixture(scope="session")
def chromium() -> Iterator[str]:
    """The path of a Chromium: $AIM_TEST_CHROMIUM, else one on PATH, else the one that Playwright installed."""
    on_path = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    found = os.environ.get("AIM_TEST_CHROMIUM") or on_path or bundled_chromium()
    if found is None:
        pytest.skip("no Chromium on PATH: install one, or run 'playwright install chromium', or set AIM_TEST_CHROMIUM")
    yield found


def bundled_chromium() -> str | None:
    playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
    with playwright.sync_playwright() as driver:
        path: str = driver.chromium.executable_path
    return path if os.path.exists(path) else None
