"""The four links to live charts in the first README open here, with their query and grouping."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import aim
from tests.browsing import Opened, up

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
expect = playwright.expect

pytestmark = pytest.mark.browser

LINKS = (Path(__file__).parent / "links.txt").read_text().split()
EXPECTED = [
    (
        "bleu if context.subset == test and hparams.learning_rate > 0.00001",
        ["0", "1"],
        "preproc",
        4,
    ),
    ("loss if params.learning_rate >= 0.01 and context.subset in (val, train)", ["All lines"], "Run", 8),
    ("loss if params.learning_rate > 0.01 or net.conv1_size == 64", ["All lines"], "Run", 8),
    (
        "loss, tf:accuracy if params.learning_rate > 0.01 or net.conv1_size == 64 or params.tf_learning_rate == 0.001",
        ["first", "second"],
        "Run",
        8,
    ),
]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, browser: object) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("links")
    for number in range(4):
        with aim.Run(f"run {number}", repo=folder, experiment=("first", "second")[number % 2]) as run:
            run["hparams"] = {"learning_rate": 0.02, "align": number % 2, "max_k": number // 2}
            run["net"] = {"conv1_size": 64}
            run["dataset"] = {"preproc": f"p{number}"}
            for step in range(20):
                run.track(step + number, "bleu", step=step, context={"subset": "test"})
                for subset in ("train", "val"):
                    run.track(1 / (step + 1), "loss", step=step, context={"subset": subset})
    with up(folder, "--read-only") as address:
        yield address


@pytest.mark.parametrize(("link", "expected"), list(zip(LINKS, EXPECTED, strict=True)))
def test_a_link_of_the_first_readme(
    link: str, expected: tuple[str, list[str], str, int], url: str, opened: Opened
) -> None:
    query, charts, color, rows = expected
    page = opened(url.rstrip("/") + link)
    expect(page.get_by_role("textbox", name="AimQL query")).to_have_value(query)
    expect(page.locator(".chart h2")).to_have_count(len(charts))
    for title, text in zip(page.locator(".chart h2").all(), charts, strict=True):
        expect(title).to_contain_text(text)
    expect(page.locator(".legend-section h2 bdi").first).to_have_text(color)
    expect(page.locator(".row")).to_have_count(rows)
    assert "search=" not in page.url
    again = opened(page.url)
    expect(again.locator(".row")).to_have_count(rows)
