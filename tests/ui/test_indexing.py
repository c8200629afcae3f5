"""While many runs are indexed for the first time, pages show how far that is, and the runs that are indexed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from aim import demo
from aim.index import partition
from aim.repo import Repo
from tests.browsing import Opened
from tests.server.conftest import running

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
expect = playwright.expect

pytestmark = pytest.mark.browser
RUNS = 12


@pytest.fixture
def go(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Indexing stops after the first four runs until this is set."""
    event = threading.Event()
    refresh = partition.Partition.refresh

    def waiting(self: partition.Partition, *, partly: bool = False) -> None:
        if self.waiting == 0 or event.is_set():
            refresh(self, partly=partly)

    monkeypatch.setattr(partition, "SLICE_RUNS", 4)
    monkeypatch.setattr(partition, "FIRST_RUNS", 4)
    monkeypatch.setattr(partition.Partition, "refresh", waiting)
    yield event
    event.set()


def test_pages_show_how_far_indexing_is(tmp_path: Path, opened: Opened, go: threading.Event) -> None:
    demo.generate(tmp_path, runs=RUNS, metrics=2, steps=5)
    with running(Repo(tmp_path, partly=True)) as client:
        page = opened(f"{client.base_url}/?page=runs")
        note = page.get_by_role("status").filter(has_text="Indexing")
        expect(note).to_have_text(f"Indexing 4 of {RUNS} runs. Pages show those indexed so far.")
        rows = page.get_by_role("grid", name="Runs").locator(".row")
        expect(rows).to_have_count(4)
        go.set()
        expect(note).to_have_count(0)
        expect(rows).to_have_count(RUNS)


def test_links_to_a_run_that_is_not_indexed_say_so_until_it_is(
    tmp_path: Path, opened: Opened, go: threading.Event
) -> None:
    demo.generate(tmp_path, runs=RUNS, metrics=2, steps=5)
    repo = Repo(tmp_path, partly=True)
    with running(repo) as client:
        # One folder has one run, and its files are called by the run's id.
        every = {next(folder.iterdir()).name[:32] for folder in (tmp_path / ".aim" / "runs").iterdir()}
        known = [run.id for run in repo.table.page().runs]
        later = sorted(every.difference(known))[0]
        run = opened(f"{client.base_url}/?page=run&run={later}")
        expect(run.get_by_role("heading", name="Run not indexed yet")).to_be_visible()
        compare = opened(f"{client.base_url}/?page=compare&run={known[0]}&run={known[1]}&run={later}")
        note = compare.get_by_role("status").filter(has_text="not indexed yet")
        expect(note).to_contain_text(later)
        experiment = opened(f"{client.base_url}/?page=experiment&experiment=nothing")
        expect(experiment.get_by_role("heading", name="Experiment not indexed yet")).to_be_visible()
        go.set()
        expect(run.get_by_role("tab", name="Metrics")).to_be_visible()
        expect(note).to_have_count(0)
        expect(compare.get_by_text("3 runs", exact=True)).to_be_visible()
        expect(experiment.get_by_role("heading", name="Experiment not found")).to_be_visible()
