"""Pages of a front end whose database goes away and comes back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from aim import demo
from aim.clickhouse.address import parse
from aim.clickhouse.database import Database
from tests.browsing import Opened, Serve
from tests.clickhouse import folds, servers

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
expect = playwright.expect

pytestmark = pytest.mark.browser
DEBIAN = "18.16"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[servers.Server]:
    """A ClickHouse that a test may kill."""
    if DEBIAN not in servers.HERE:
        pytest.skip(f"no ClickHouse {DEBIAN}: install Debian's clickhouse-server")
    server = servers.make(DEBIAN, tmp_path / "clickhouse")
    server.start()
    yield server
    server.kill()


def test_pages_say_which_database_is_away_and_recover(
    tmp_path: Path, database: servers.Server, serve: Serve, opened: Opened
) -> None:
    folder = tmp_path / "project"
    demo.generate(folder, runs=3, metrics=2, steps=10, seed=0)
    address = database.url(user="reader:open%20sesame@")
    engine = Database(parse(address))
    engine.make()
    folds.fold(folder / ".aim", engine)
    with serve(folder, "--engine", address) as url:
        before = opened(f"{url}/?page=runs", viewport={"width": 390, "height": 800})
        expect(before.locator(".project-runs")).to_have_text("3 runs")
        database.kill()
        told = before.locator(".trouble")
        expect(told).to_contain_text("The database is away.")
        expect(told).to_contain_text(f"clickhouse://reader@127.0.0.1:{database.port}/aim cannot be reached")
        expect(told).to_contain_text("Pages show what was loaded before. Trying every two seconds")
        assert "sesame" not in told.inner_text()
        assert before.evaluate("document.documentElement.scrollWidth") <= 390
        expect(before.locator(".project-runs")).to_have_text("3 runs")

        later = [opened(f"{url}/?page={name}") for name in ("runs", "dashboard", "metrics")]
        for page in later:
            expect(page.get_by_role("heading", name="The database is away.")).to_be_visible()
            expect(page.get_by_text("The server does not respond")).to_have_count(0)
        demo.generate(folder, runs=1, metrics=2, steps=10, seed=1)
        database.start()
        folds.fold(folder / ".aim", engine)
        for page in (before, *later):
            expect(page.locator(".trouble")).to_have_count(0)
            expect(page.get_by_role("heading", name="The database is away.")).to_have_count(0)
        expect(before.locator(".project-runs")).to_have_text("4 runs")
