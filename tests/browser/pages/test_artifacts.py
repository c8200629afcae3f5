"""The pages of artifacts in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest

import aim
from tests.artifacts.folders import written
from tests.browser.pages.axe import violations_by_theme
from tests.browsing import Opened, up

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
expect = playwright.expect
pytestmark = pytest.mark.browser

FILES = {
    "README.md": b"# Digits\n<b>not bold</b>",
    "train/rows.csv": b"name,value\nfirst,1\nsecond,2\n",
    "train/config.json": b'{"lr":0.1}',
    "picture.png": aim.Image(np.full((8, 8, 3), 90, np.uint8)).data,
}


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory: pytest.TempPathFactory, browser: object) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("artifacts")
    data = written(folder / "data", FILES)
    with aim.Run("maker", repo=folder) as run:
        run.log_artifact(data, "digits", type="dataset", aliases=["raw"], metadata={"rows": 2})
        written(data, {"new.txt": b"new"})
        run.log_artifact(data, "digits", type="dataset")
    with aim.Run("trainer", repo=folder) as run:
        run.use_artifact("digits")
        run.log_artifact(data / "new.txt", "model", type="model")
    with up(folder) as address:
        yield address


def test_from_the_list_to_a_file(artifacts: str, opened: Opened) -> None:
    page = opened(f"{artifacts}/?page=artifacts")
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_role("searchbox").fill("dig")
    page.get_by_role("link", name="digits").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("digits:v1")
    page.get_by_role("button", name=re.compile("rows.csv")).click()
    table = page.get_by_role("region", name="Rows of the file")
    expect(table.locator("tbody tr")).to_have_count(2)
    page.get_by_role("button", name=re.compile("^train")).click()
    expect(page.get_by_role("button", name=re.compile("rows.csv"))).to_have_count(0)
    page.get_by_role("button", name=re.compile("README.md")).click()
    expect(page.locator(".file-text")).to_have_text("# Digits\n<b>not bold</b>")
    page.get_by_role("button", name=re.compile("picture.png")).click()
    expect(page.locator(".file-image")).to_have_js_property("naturalWidth", 8)


def test_changes_metadata_versions_and_lineage(artifacts: str, opened: Opened) -> None:
    page = opened(f"{artifacts}/?page=artifact&artifact=digits&tab=changes")
    expect(page.get_by_role("region", name="Files that differ").locator("tbody tr")).to_have_text(re.compile("new.txt"))
    page.get_by_role("tab", name="Versions").click()
    page.get_by_role("link", name="v0").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("digits:v0")
    page.get_by_role("tab", name="Metadata").click()
    expect(page.locator(".pairs")).to_contain_text("rows")
    page.get_by_role("tab", name="Versions").click()
    page.get_by_role("link", name="v1").click()
    page.get_by_role("tab", name="Lineage").click()
    expect(page.get_by_role("region", name="Made by")).to_contain_text("maker")
    expect(page.get_by_role("region", name="Outputs")).to_contain_text("model:v0")
    page.get_by_role("region", name="Used by").get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("trainer")
    page.get_by_role("tab", name="Artifacts").click()
    expect(page.get_by_role("region", name="Artifacts that the run used")).to_contain_text("digits:v1")


def test_an_alias_is_added_moved_and_removed(artifacts: str, opened: Opened) -> None:
    page = opened(f"{artifacts}/?page=artifact&artifact=digits&version=v0")
    head = page.locator(".sheet-head")
    for alias, said in (("two words", "cannot be an alias"), ("golden", "")):
        page.get_by_role("button", name="Alias").click()
        page.get_by_role("textbox", name="Alias").fill(alias)
        page.get_by_role("button", name="Add", exact=True).click()
        if said:
            expect(page.get_by_role("dialog")).to_contain_text(said)
            page.get_by_role("button", name="Cancel").click()
    expect(head.locator(".tag-chip", has_text="golden")).to_have_count(1)
    page.get_by_role("button", name="Remove golden").click()
    expect(head.locator(".tag-chip", has_text="golden")).to_have_count(0)


@pytest.mark.parametrize(
    ("search", "ready"),
    [
        ("?page=artifacts", "tbody tr"),
        ("?page=artifact&artifact=digits&file=train/rows.csv", ".card table"),
        ("?page=artifact&artifact=digits&tab=changes", "table"),
        ("?page=artifact&artifact=digits&tab=lineage", ".lineage"),
        ("?page=artifact&artifact=nothing", ".notice"),
    ],
)
def test_axe_finds_nothing(artifacts: str, opened: Opened, search: str, ready: str) -> None:
    page = opened(f"{artifacts}/{search}")
    expect(page.locator(ready).first).to_be_visible()
    assert violations_by_theme(page) == {"light": [], "dark": []}
