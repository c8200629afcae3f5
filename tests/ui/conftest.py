"""A real browser on a real `aim up`; every page fails its test when it breaks the server's policy or throws."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import aim

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Playwright

Serve = Callable[..., AbstractContextManager[str]]
Opened = Callable[..., "Page"]

ROOT = Path(aim.__file__).parent.parent
HARMLESS = ("Failed to load resource", "net::ERR_")


@pytest.fixture(scope="session")
def browser(chromium: str, playwright_driver: Playwright) -> Iterator[Browser]:
    if not (ROOT / "aim" / "server" / "ui" / "index.html").exists():
        pytest.skip("the UI is not built: run 'npm ci && npm run build' in ui/")
    playwright = pytest.importorskip("playwright.sync_api")
    playwright.expect.set_options(timeout=20_000)
    browser = playwright_driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
    yield browser
    browser.close()


@contextlib.contextmanager
def up(repo: Path, *words: str, port: int = 0) -> Iterator[str]:
    """`aim up` in a process of its own, and the address it printed."""
    command = [sys.executable, "-m", "aim", "up", "--repo", str(repo), "-p", str(port), *words]
    plain = {name: value for name, value in os.environ.items() if not name.startswith("AIM_")}
    environment = {**plain, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(repo / ".user-state")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=repo) as process:
        try:
            assert process.stdout is not None
            lines = (line for line in process.stdout if line.startswith("Open "))
            yield next(lines).split()[1]
        finally:
            process.terminate()
            process.wait(30)


@pytest.fixture
def serve() -> Serve:
    return up


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opened]:
    """Open an address in a fresh browser profile. At the end no page may have thrown or broken the policy."""
    trouble: list[str] = []
    contexts = []

    def visit(url: str, **options: object) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1300, "height": 900}, **options})
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("console", lambda said: trouble.append(said.text) if said.type == "error" else None)
        page.on("dialog", lambda dialog: trouble.append(dialog.message))
        page.goto(url)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert [text for text in trouble if not any(word in text for word in HARMLESS)] == []


def record(folder: Path) -> Path:
    """Four finished runs with loss and accuracy, two of them at each learning rate."""
    for number in range(4):
        with aim.Run(f"run {number}", repo=folder, experiment=("first", "second")[number % 2]) as run:
            run["hparams"] = {"lr": (0.1, 0.01)[number // 2], "seed": number}
            for step in range(50):
                run.track((number + 1) / (step + 1), "loss", step=step, context={"subset": "train"})
                run.track(step / (50 + number), "accuracy", step=step)
    return folder


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """Runs that a test may change."""
    return record(tmp_path)


@pytest.fixture(scope="session")
def shared_url(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[str]:
    """A server over runs that no test changes."""
    with up(record(tmp_path_factory.mktemp("shared")), "--read-only") as url:
        yield url
