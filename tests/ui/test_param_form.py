"""Params added later: as lines in the form of a run's page, and found by queries at once."""

from __future__ import annotations

from pathlib import Path

import pytest

import aim
from tests.browsing import Opened, Serve

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
expect = playwright.expect
pytestmark = pytest.mark.browser


def test_lines_become_params_of_the_run(repo: Path, serve: Serve, opened: Opened) -> None:
    with serve(repo) as url:
        page = opened(f"{url}/?page=run&run=run+0&tab=params")
        page.get_by_role("button", name="Add params").click()
        form = page.get_by_role("dialog", name="Add params")
        lines = form.get_by_role("textbox", name="Params")
        lines.fill("given.depth 18\nwarmup")
        expect(form).to_contain_text("Line 2, “warmup”, has a name and no value.")
        expect(form.get_by_role("button", name="Give", exact=True)).to_be_disabled()
        lines.fill("given.depth 18\ngiven.net res net\nhparams.lr 0.5")
        form.get_by_role("button", name="Give", exact=True).click()
        expect(form).to_have_count(0)
        expect(page.locator(".param-tree").first).to_contain_text("res net")
    [run] = aim.select_runs("given.depth == 18", repo_path=repo)
    assert (run.hash, run.params["given"], run.params["hparams"]["lr"]) == (
        "run 0",
        {"depth": 18, "net": "res net"},
        0.5,
    )


def test_a_read_only_server_offers_no_form(shared_url: str, opened: Opened) -> None:
    page = opened(f"{shared_url}/?page=run&run=run+0&tab=params")
    expect(page.locator(".param-tree").first).to_be_visible()
    expect(page.get_by_role("button", name="Add params")).to_have_count(0)
