"""Runs of other trackers on the pages of ours, without a repository: charts, params, scatter and their own page."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.browsing import Opened, up
from tests.index.sources import clearml_files, comet_files, swanlab_files

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
neptune_files = pytest.importorskip("tests.index.sources.neptune_files", reason="its files are made by pyarrow")
expect = playwright.expect
pytestmark = pytest.mark.browser

# The format, one of its series, and a param.
FORMATS = [
    ("SwanLab", 'swanlab:"train/loss"', "params.hparams.lr"),
    ("ClearML", 'clearml:"loss/train"', "params.hparams.lr"),
    ("Comet", "comet:train_loss", "params.hparams.lr"),
    ("Neptune", 'neptune:"train/loss"', "params.params.lr"),
]


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory, profile: object) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("formats")
    swanlab_files.write(folder / "logs" / "swanlog" / "run-abc", swanlab_files.RECORDS)
    clearml_files.session(folder / "logs" / "run-a.offline-1", clearml_files.LINES)
    comet_files.archive(folder / "logs" / "8745cbd0.zip", comet_files.MESSAGES)
    neptune_files.part(folder / "logs" / "vision", neptune_files.ROWS)
    with up(folder, "--logs", str(folder / "logs")) as url:
        yield url.rstrip("/")
    assert not (folder / ".aim").exists()


@pytest.mark.parametrize(("title", "series", "param"), FORMATS, ids=[row[0] for row in FORMATS])
def test_a_run_of_another_tracker_is_on_every_page(
    logs: str, opened: Opened, title: str, series: str, param: str
) -> None:
    asked = quote(series)
    page = opened(f"{logs}/?q={asked}")
    expect(page.locator(".legend-label")).to_have_count(1)
    page = opened(f"{logs}/?page=params&axis={param}")
    expect(page.locator(".chart-host [aria-label]").first).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(param.rpartition(".")[2])
    page = opened(f"{logs}/?page=scatter&px={param}")
    expect(page.locator(".chart-host [aria-label]").first).to_be_visible()
    page = opened(f"{logs}/?page=runs")
    page.get_by_role("link", name="run-a" if title != "Neptune" else "first").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_a_query_that_finds_nothing_and_one_that_is_wrong(logs: str, opened: Opened) -> None:
    page = opened(f"{logs}/?q={quote('loss if hparams.lr > 1e9')}")
    expect(page.get_by_role("main")).to_contain_text("No run")
    page = opened(f"{logs}/?q={quote('comet:train_loss if')}")
    expect(page.locator(".query-error, [role=alert]").first).to_be_visible()
