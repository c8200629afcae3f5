"""Fixtures for all tests: a clean environment, and one browser if one is installed."""

from __future__ import annotations

import itertools
import os
import signal
import time
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests import chromium as chromiums
from tests.browsing import ROOT, VIEWPORT, Opened, Serve, Visit, up
from tests.clickhouse import servers
from tests.stores import S3, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Playwright

LAUNCHERS = ("AIM_", "__AIM_", "SLURM_", "TORCHELASTIC_", "OMPI_", "PMI_")
NUMBERS = itertools.count()
RANKS = ("RANK", "LOCAL_RANK", "WORLD_SIZE", "GROUP_RANK", "MASTER_ADDR", "MASTER_PORT")
# Milliseconds to wait for a page. A busy machine may need them; a test that passes does not.
PATIENCE = 120_000
STOPS = [getattr(signal, name) for name in ("SIGINT", "SIGQUIT", "SIGHUP", "SIGTERM") if hasattr(signal, name)]
# How Playwright ends a wait: it names its own error, or the assertion that did not come true in time.
GAVE_UP = [r"^TimeoutError: ", r'Expect "\w+".* with timeout']

# Dates are those of the machine unless a test says otherwise.
os.environ["TZ"] = "UTC"
time.tzset()

settings.register_profile("aim", deadline=None, database=None, derandomize=True)
settings.load_profile("aim")


@pytest.fixture(scope="session", autouse=True)
def outside_of_git(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """In a clone, git would answer at some moment of a run, with facts that its log has then more."""
    before = os.getcwd()
    os.chdir(tmp_path_factory.mktemp("outside"))
    yield
    os.chdir(before)


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No AIM_* variable, no launcher's rank, no cache and no state of the user reaches a test or its processes.

    What a run records at a moment of its own, its environment and the system, is left out: a log has the same records
    on a busy machine. The folders of the user are made by what writes there: most tests need no folder at all."""
    home = tmp_path_factory.getbasetemp() / "homes" / str(next(NUMBERS))
    for name in list(os.environ):
        if (name.startswith(LAUNCHERS) or name in RANKS) and name != "AIM_TEST_CHROMIUM":
            monkeypatch.delenv(name)
    monkeypatch.setenv("AIM_ENVIRONMENT", "0")
    monkeypatch.setenv("AIM_SYSTEM_INTERVAL", "0")
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))


def pytest_configure(config: pytest.Config) -> None:
    """Processes inherit which signals are ignored: SIGINT and SIGQUIT by a script's background job, SIGHUP by nohup."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
    for number in STOPS:
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    config.option.rerun_show_tracebacks = True


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without a Chromium every browser test is skipped. With one, a test that waited in vain runs once more."""
    if config.pluginmanager.hasplugin("rerunfailures") and not config.option.usepdb:
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=GAVE_UP))
    drivers = [item for item in items if "chromium" in getattr(item, "fixturenames", ())]
    if drivers and find_chromium() is None:
        reason = "no Chromium: install one, or run 'playwright install chromium', or set AIM_TEST_CHROMIUM"
        for item in drivers:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session", params=servers.HERE or servers.KINDS[:1])
def clickhouse(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Server]:
    """A running ClickHouse for all tests of this process; each uses databases of its own."""
    if request.param not in servers.HERE:
        pytest.skip("no ClickHouse: install Debian's clickhouse-server for 18.16, chdb for 26.9")
    server = servers.make(request.param, tmp_path_factory.mktemp("clickhouse"))
    server.start()
    try:
        yield server
    finally:
        server.kill()


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium."""
    browser_path = find_chromium()
    assert browser_path is not None, "the test was collected without one"
    return browser_path


@pytest.fixture(scope="session")
def playwright_driver() -> Iterator[Playwright]:
    """The only Playwright of this process: while it runs, a second one cannot be started."""
    playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
    playwright.expect.set_options(timeout=PATIENCE)
    with playwright.sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(chromium: str, playwright_driver: Playwright) -> Iterator[Browser]:
    # One process draws all pages: starting one takes longer than most pages.
    options = ["--no-sandbox", "--disable-gpu", "--process-per-site"]
    browser = playwright_driver.chromium.launch(executable_path=chromium, args=options)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def profile(browser: Browser) -> Iterator[BrowserContext]:
    """One profile for all pages: loading the UI once instead of once per test halves the time of browser tests."""
    if not (ROOT / "aim" / "server" / "ui" / "index.html").exists():
        pytest.skip("the UI is not built: run 'python hatch_build.py build'")
    context = browser.new_context(viewport=VIEWPORT)
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture
def opened(profile: BrowserContext) -> Iterator[Opened]:
    """Open an address in a page of its own. At the end, no page may have thrown or violated the policy."""
    visit = Visit(profile)
    yield visit.open
    assert visit.end() == []


@pytest.fixture
def serve() -> Serve:
    return up


@cache
def find_chromium() -> str | None:
    """$AIM_TEST_CHROMIUM, else one on PATH, else the one that Playwright installed."""
    return chromiums.installed() or bundled_chromium()


def bundled_chromium() -> str | None:
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        return None
    with sync_playwright() as driver:
        path = driver.chromium.executable_path
    return path if os.path.exists(path) else None


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    with serving(tmp_path_factory.mktemp("s3")) as served:
        yield served
