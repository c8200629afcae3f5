"""Pages of a folder that has logs of another tracker alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browsing import Opened, up

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
expect = playwright.expect
Page = playwright.Page

pytestmark = pytest.mark.browser

LOSS = 'csv:"train/loss"'


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, browser: object) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("logs")
    for number in range(3):
        run = folder / f"run {number}"
        run.mkdir()
        rows = [f"{step},{(number + 1) / (step + 1)},{step / 20}" for step in range(20)]
        (run / "metrics.csv").write_text("\n".join(["step,train/loss,lr", *rows]) + "\n")
    with up(folder, "--logs", str(folder)) as address:
        yield address.rstrip("/")


def shows_losses(page: Page, lines: int) -> None:
    expect(page.locator(".chart h2")).to_have_text("train/loss")
    expect(page.locator(".chart .count")).to_have_text(f"{lines} lines" if lines > 1 else "1 line")


def test_the_explorer_opens_on_likely_metrics_and_its_form_has_all(url: str, opened: Opened) -> None:
    page = opened(f"{url}/?page=metrics")
    expect(page.get_by_role("textbox", name="AimQL query")).to_have_value(LOSS)
    shows_losses(page, 3)
    page.get_by_role("button", name="1 metric").click()
    form = page.get_by_role("dialog", name="Select metrics and runs")
    expect(form.get_by_role("checkbox", name="csv:train/loss")).to_be_checked()
    form.get_by_role("checkbox", name="csv:lr").click()
    expect(page.get_by_role("textbox", name="AimQL query")).to_have_value(f'{LOSS}, csv:"lr"')
    expect(form.get_by_role("button", name="Remove csv:train/loss")).to_be_visible()


def test_runs_of_a_table_and_a_run_open_in_the_explorer(url: str, opened: Opened) -> None:
    page = opened(f"{url}/?page=runs", viewport={"width": 2400, "height": 900})
    for number in (0, 1):
        page.get_by_role("checkbox", name=f"Select run {number}").click()
    page.get_by_role("link", name="Open in Metrics").click()
    expect(page.locator(".chart").filter(has_text="train/loss").locator(".count")).to_have_text("2 lines")
    page.goto(f"{url}/?page=run&run=run+2")
    page.get_by_role("button", name="Open in explorer").click()
    page.get_by_role("link", name="Metrics of this run").click()
    expect(page.locator(".chart").filter(has_text="train/loss").locator(".count")).to_have_text("1 line")


def test_the_front_page_draws_the_metrics_and_the_overview_counts_them(url: str, opened: Opened) -> None:
    page = opened(url)
    expect(page.get_by_role("button", name="Enlarge train/loss")).to_be_visible()
    page.goto(f"{url}/?page=dashboard")
    expect(page.locator(".figures div").filter(has_text="Metrics")).to_have_text("Metrics2")
