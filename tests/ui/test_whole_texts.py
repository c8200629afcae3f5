"""What a page shows is shown whole: colors of tags, headers, times, dots, and names of groups."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

import aim
from tests.browsing import Opened, up
from tests.ui.pixels import PIXELS
from tests.waiting import until

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
expect = playwright.expect
Page = playwright.Page

pytestmark = pytest.mark.browser

COLOR = "rgb(198, 47, 59)"
# How many pixels of a text do not fit into the elements that hold it.
CUT = """element => {
  let most = 0;
  for (let at = element; at && at !== document.body; at = at.parentElement)
    if (getComputedStyle(at).overflowX !== 'visible') most = Math.max(most, at.scrollWidth - at.clientWidth);
  return most;
}"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, browser: object) -> Iterator[str]:
    """Four runs with a loss; three of them have one point of `once` each, at the ends of the axis and in its middle."""
    folder = tmp_path_factory.mktemp("whole")
    for number in range(4):
        with aim.Run(f"run {number}", repo=folder, experiment=("single", "double")[number % 2]) as run:
            run["hparams"] = {"lr": (0.1, 0.01)[number // 2], "seed": number}
            run.add_tag("good")
            for step in range(50):
                run.track((number + 1) / (step + 1), "loss", step=step, context={"subset": "train"})
                run.track(step / (50 + number), "accuracy", step=step)
            if number < 3:
                run.track(float(number), "once", step=number * 100)
    aim.Repo(folder).tags.save("good", color="#c62f3b", comment="")
    with up(folder, "--read-only") as address:
        yield address.rstrip("/")


def rows(page: Page) -> playwright.Locator:
    return page.get_by_role("grid").locator(".row")


def held(page: Page) -> playwright.Locator:
    rows(page).filter(has_text="run 1").locator(".cell").first.click()
    return page.get_by_role("tooltip")


def test_tags_have_their_colors(url: str, opened: Opened) -> None:
    for dot in (
        held(opened(f"{url}/?q=loss")).locator(".tag-dot").first,
        opened(f"{url}/?page=tags").locator(".tag-dot").first,
    ):
        expect(dot).to_have_css("background-color", COLOR)
        box = dot.bounding_box()
        assert box is not None and box["width"] > 6 and box["height"] > 6


def test_a_held_point_shows_its_whole_time_and_nothing_behind_it(url: str, opened: Opened) -> None:
    tip = held(opened(f"{url}/?q=loss"))
    expect(tip).to_contain_text(re.compile(r"at\s*[A-Z][a-z]{2} \d"))
    assert max(part.evaluate(CUT) for part in tip.locator("dd").all()) <= 1
    ground = tip.evaluate("tip => [getComputedStyle(tip).backgroundColor, getComputedStyle(tip).opacity]")
    assert ground[0].startswith("rgb(") and ground[1] == "1"


def test_headers_of_sorted_columns_fit(url: str, opened: Opened) -> None:
    page = opened(f"{url}/?q=loss&sort=-last")
    expect(page.locator(".sort-mark").first).to_be_visible()
    head = page.get_by_role("columnheader").filter(has=page.locator(".sort-mark")).first
    button = head.get_by_role("button").first
    for part in (head, button):
        assert part.evaluate("part => part.scrollWidth - part.clientWidth") <= 1


def test_dots_at_the_ends_of_the_axis_are_as_large_as_others(url: str, opened: Opened) -> None:
    page = opened(f"{url}/?q=once")
    expect(rows(page)).to_have_count(3)
    lines = page.locator(".chart-host canvas").nth(1)

    def sizes() -> list[int]:
        swatches = [page.locator(".legend-item").filter(has_text=f"run {number}") for number in range(3)]
        colors = [
            swatch.locator(".swatch line").evaluate("line => getComputedStyle(line).stroke") for swatch in swatches
        ]
        return [int(lines.evaluate(PIXELS, color)) for color in colors]

    until(lambda: all(size > 0 for size in sizes()))
    first, middle, last = sizes()
    assert min(first, last) > 0.75 * middle


def test_a_column_says_when_it_holds_values_at_the_pointer(url: str, opened: Opened) -> None:
    page = opened(f"{url}/?q=loss")
    expect(rows(page)).to_have_count(4)
    heads = page.get_by_role("columnheader")
    expect(heads.filter(has_text="At pointer")).to_have_count(0)
    box = page.locator(".chart-host").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(heads.filter(has_text="At pointer")).to_have_count(1)


def test_a_suggestion_of_an_empty_answer_is_searched_with_a_click(url: str, opened: Opened) -> None:
    page = opened(f"{url}/?q=loss+if+hparams.lrr+<+1")
    page.get_by_role("button", name=re.compile(r"^Search loss if hparams\.lr < 1$")).click()
    expect(rows(page)).to_have_count(4)


def test_hiding_all_lines_dims_all_entries_of_the_legend(url: str, opened: Opened) -> None:
    page = opened(f"{url}/?q=loss")
    expect(page.locator(".legend-item")).to_have_count(4)
    expect(page.locator(".legend-item.dimmed")).to_have_count(0)
    page.get_by_role("button", name="Hide all lines").click()
    expect(page.locator(".legend-item.dimmed")).to_have_count(4)


def test_titles_of_groups_leave_out_what_their_lines_lack(url: str, opened: Opened) -> None:
    page = opened(f"{url}/?q=loss,+accuracy&chart=experiment&chart=context.subset&chart=params.hparams.none")
    titles = page.locator(".chart h2")
    expect(titles).to_have_count(4)
    assert not [title for title in titles.all_inner_texts() if re.search(r"· –|– ·", title)]


def test_there_is_one_button_that_resets_the_zoom(url: str, opened: Opened) -> None:
    page = opened(f"{url}/?q=loss,+accuracy&zoom=10~20")
    expect(page.locator(".chart canvas").first).to_be_visible()
    expect(page.get_by_role("button", name="Reset zoom")).to_have_count(1)


def test_the_table_of_groups_has_their_standard_deviations(url: str, opened: Opened) -> None:
    page = opened(f"{url}/?q=loss&color=params.hparams.lr&group=1&area=std")
    expect(page.get_by_role("columnheader").filter(has_text="Std of last")).to_have_count(1)
