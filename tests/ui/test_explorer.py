"""The explorer, in a real browser with a real server."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import aim
from tests.browsing import ROOT, Opened, Serve
from tests.ports import free_port
from tests.waiting import until

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
expect = playwright.expect
Page = playwright.Page
Locator = playwright.Locator

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def url(repo: Path, serve: Serve) -> Iterator[str]:
    with serve(repo) as url:
        yield url


def query(page: Page) -> playwright.Locator:
    return page.get_by_role("textbox", name="AimQL query")


def rows(page: Page, role: str = "grid") -> playwright.Locator:
    return page.get_by_role(role).locator(".row")


def test_from_the_first_page_to_a_question_and_back(shared_url: str, opened: Opened) -> None:
    page = opened(f"{shared_url}/?page=metrics")
    expect(page.locator(".chart h2")).to_have_text(["loss", "accuracy"])
    expect(query(page)).to_have_value("loss, accuracy")
    query(page).fill("")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="loss", exact=True).click()
    page.get_by_role("button", name="Show 1 metric").click()
    expect(rows(page)).to_have_count(4)
    expect(page.locator(".chart canvas").first).to_be_visible()

    query(page).click()
    page.keyboard.press("End")
    page.keyboard.type(" if hparams.l", delay=20)
    expect(page.get_by_role("option").first).to_contain_text("lr")
    page.keyboard.press("Tab")
    page.keyboard.type(" < 0.05")
    page.keyboard.press("Enter")
    expect(query(page)).to_have_value("loss if hparams.lr < 0.05")
    expect(rows(page)).to_have_count(2)
    assert "q=loss+if+hparams.lr" in page.url

    page.go_back()
    expect(rows(page)).to_have_count(4)
    page.go_forward()
    expect(rows(page)).to_have_count(2)


def test_an_error_is_underlined_where_it_is_and_says_what_to_write(shared_url: str, opened: Opened) -> None:
    page = opened(f"{shared_url}/?q=")
    query(page).fill("loss if hparams.lr = 0.1")
    expect(page.get_by_role("alert")).to_contain_text("==")
    assert page.locator(".syntax-wrong").all_inner_texts() == ["="]
    query(page).fill("loss if hparams.lr == 0.1")
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator(".syntax-wrong")).to_have_count(0)


def test_no_match_is_not_an_error_and_suggests_names(shared_url: str, opened: Opened) -> None:
    page = opened(f"{shared_url}/?q=loss+if+hparams.lrr+<+1")
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()
    expect(page.locator(".notes")).to_contain_text("hparams.lr")
    page.get_by_role("button", name="Search without the condition").click()
    expect(rows(page)).to_have_count(4)


def test_a_link_shows_the_same_picture(shared_url: str, opened: Opened) -> None:
    grouped = "color=params.hparams.lr&chart=experiment"
    page = opened(f"{shared_url}/?q=loss%2C+accuracy&{grouped}&smooth=0.5&sort=-last&diff=1&find=second")
    expect(page.locator(".chart h2")).to_have_text(["first", "second"])
    expect(page.locator(".legend-label")).to_have_text(["0.01", "0.1", "train", "–", "first", "second"])
    expect(page.get_by_role("slider", name="Smoothing")).to_have_value("0.5")
    expect(rows(page)).to_have_count(4)
    assert opened(page.url).url == page.url


def test_brushing_zooms_and_the_window_is_part_of_the_link(shared_url: str, opened: Opened) -> None:
    page = opened(f"{shared_url}/?q=loss")
    expect(rows(page)).to_have_count(4)
    box = page.locator(".chart-host").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 200, box["y"] + 80)
    page.mouse.down()
    page.mouse.move(box["x"] + 500, box["y"] + 83, steps=4)
    page.mouse.up()
    page.wait_for_url(re.compile(r"zoom="))
    again = opened(page.url)
    again.get_by_role("button", name="Reset zoom").first.click()
    again.wait_for_url(re.compile(r"\?q=loss$"))


def test_hover_names_the_point_and_lights_its_row(shared_url: str, opened: Opened) -> None:
    page = opened(f"{shared_url}/?q=loss")
    expect(rows(page)).to_have_count(4)
    box = page.locator(".chart-host").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tip = page.get_by_role("tooltip")
    expect(tip).to_contain_text("hparams.lr")
    expect(tip).to_contain_text(re.compile(r"step\s*\d+"))
    name = tip.locator("strong").inner_text()
    expect(page.locator(".row.lit")).to_contain_text(name)


@pytest.mark.parametrize(("width", "height"), [(720, 450), (320, 640)])
def test_a_chart_is_in_sight_at_twice_the_size_and_on_a_narrow_screen(
    shared_url: str, opened: Opened, width: int, height: int
) -> None:
    page = opened(f"{shared_url}/?q=loss", viewport={"width": width, "height": height})
    expect(page.locator(".chart canvas").first).to_be_visible()
    box = page.locator(".chart-host").first.bounding_box()
    assert box is not None and box["height"] >= 100 and box["y"] + 100 <= height
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_legend_hides_one_line_and_shows_only_one(shared_url: str, opened: Opened) -> None:
    page = opened(f"{shared_url}/?q=loss")
    lines = page.locator(".chart .count")
    expect(lines).to_have_text("4 lines")
    legend = page.get_by_role("complementary", name="Legend")
    legend.get_by_role("button", name="run 2").click()
    expect(lines).to_have_text("3 of 4 lines")
    legend.get_by_role("button", name="Show all lines").click()
    legend.get_by_role("button", name="run 1").dblclick()
    expect(lines).to_have_text("1 of 4 lines")


def test_archiving_can_be_undone(url: str, opened: Opened) -> None:
    page = opened(f"{url}/?q=loss")
    grid = page.get_by_role("grid")
    grid.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.get_by_role("button", name="Archive").click()
    expect(rows(page)).to_have_count(3)
    page.get_by_role("button", name="Undo").click()
    expect(rows(page)).to_have_count(4)


def test_deleting_asks_first(url: str, repo: Path, opened: Opened) -> None:
    page = opened(f"{url}/?q=loss")
    page.get_by_role("checkbox", name="Select all rows").click()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Cancel").click()
    assert len(aim.select_runs(repo_path=repo)) == 4
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete 4 runs").click()
    expect(page.get_by_role("heading", name="Record the first run")).to_be_visible()
    assert aim.select_runs(repo_path=repo) == []


def test_the_script_of_an_empty_page_runs_and_its_run_appears(tmp_path: Path, serve: Serve, opened: Opened) -> None:
    aim.Repo.init(tmp_path)
    with serve(tmp_path) as url:
        page = opened(f"{url}/?page=metrics")
        script = page.locator(".script pre").inner_text()
        subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, check=True)
        expect(rows(page)).to_contain_text(["first"])
        expect(query(page)).to_have_value("loss")


def test_a_live_run_grows_on_the_page_until_it_is_finished(url: str, repo: Path, opened: Opened) -> None:
    page = opened(f"{url}/?q=loss+if+experiment+==+live")
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()
    with aim.Run("alive", repo=repo, experiment="live") as run:
        run.track(0.5, "loss", step=3)
        expect(rows(page)).to_contain_text(["running"])
        run.track(0.25, "loss", step=7)
        expect(page.get_by_role("gridcell", name="0.25", exact=True).first).to_be_visible()
        expect(page.get_by_role("gridcell", name="7", exact=True)).to_be_visible()
    expect(rows(page)).to_contain_text(["finished"])


def test_logged_text_is_only_text(tmp_path: Path, serve: Serve, opened: Opened) -> None:
    with aim.Run(HOSTILE, repo=tmp_path, experiment=HOSTILE) as run:
        run[HOSTILE] = {HOSTILE: HOSTILE}
        run.add_tag(HOSTILE)
        for step in range(5):
            run.track(step, HOSTILE, step=step, context={HOSTILE: HOSTILE})
    with serve(tmp_path) as url:
        page = opened(f'{url}/?q="{HOSTILE}"&color=context.{HOSTILE}&chart=experiment')
        expect(rows(page)).to_have_count(1)
        expect(rows(page)).to_contain_text(HOSTILE)
        expect(page.locator(".chart h2")).to_have_text(HOSTILE)
        box = page.locator(".chart-host").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        expect(page.get_by_role("tooltip")).to_contain_text(HOSTILE)
        assert page.locator("img").count() == 0


def test_a_read_only_server_says_so(shared_url: str, opened: Opened) -> None:
    page = opened(f"{shared_url}/?q=loss")
    expect(page.locator(".badge")).to_have_text("read only")
    page.get_by_role("checkbox", name="Select all rows").click()
    expect(page.get_by_role("button", name="Archive")).to_be_disabled()
    expect(page.get_by_role("button", name="Delete")).to_be_disabled()


def test_the_page_comes_back_with_its_server(repo: Path, serve: Serve, opened: Opened) -> None:
    port = free_port()
    with serve(repo, port=port) as url:
        page = opened(f"{url}/?q=loss")
        expect(rows(page)).to_have_count(4)
    expect(page.locator(".trouble")).to_contain_text("The server does not respond. Pages show what was loaded before.")
    expect(rows(page)).to_have_count(4)
    with aim.Run("meanwhile", repo=repo) as run:
        run.track(1.0, "loss")
    with serve(repo, port=port):
        expect(rows(page)).to_have_count(5)
        expect(page.locator(".trouble")).to_have_count(0)


def test_the_theme_is_the_systems_until_one_is_chosen(shared_url: str, opened: Opened) -> None:
    page = opened(f"{shared_url}/?page=metrics", color_scheme="dark")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.get_by_role("button", name="Theme").click()
    page.get_by_role("menuitemradio", name="Light").click()
    assert page.locator("html").get_attribute("data-theme") == "light"
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "light"


def test_runs_of_equal_params_are_one_line_and_one_row(shared_url: str, opened: Opened) -> None:
    page = opened(f"{shared_url}/?q=loss&color=params.hparams.seed&allBut=color&group=1&area=ci95")
    expect(page.locator(".chart .count")).to_have_text("2 groups of 4 lines")
    expect(rows(page, "treegrid")).to_have_count(2)
    box = page.locator(".chart-host").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.get_by_role("tooltip")).to_contain_text(re.compile(r"n\s*2"))
    page.get_by_role("button", name="List the lines").first.click()
    expect(rows(page, "treegrid")).to_have_count(4)
    expect(page.locator(".row.inside")).to_contain_text(["run 3", "run 2"])
    again = opened(page.url)
    expect(rows(again, "treegrid")).to_have_count(4)
    again.get_by_role("button", name="Groups", exact=False).first.click()
    again.get_by_role("switch", name="Draw each group as one line").click()
    expect(again.locator(".chart .count")).to_have_text("4 lines")


def test_seeds_are_averaged_with_one_click(shared_url: str, opened: Opened) -> None:
    page = opened(f"{shared_url}/?q=loss")
    average = page.get_by_role("button", name="Average over seed")
    average.click()
    expect(page.locator(".chart .count")).to_have_text("2 groups of 4 lines")
    expect(page.locator(".legend-section").first.locator(".legend-label")).to_have_text(["0.01", "0.1"])
    expect(rows(page, "treegrid")).to_have_count(2)
    average.click()
    expect(page.locator(".chart .count")).to_have_text("4 lines")
    expect(page.locator(".legend-label").first).to_have_text("run 0")


@pytest.mark.parametrize("width", [1000, 1200, 1280, 1440])
def test_a_chart_keeps_its_size_while_it_is_zoomed_and_averaged(shared_url: str, opened: Opened, width: int) -> None:
    page = opened(f"{shared_url}/?q=loss", viewport={"width": width, "height": 900})
    expect(rows(page)).to_have_count(4)
    heights = []
    for act in (
        lambda: None,
        lambda: drag(page, 200),
        lambda: page.get_by_role("button", name="Average over seed").click(),
    ):
        act()
        expect(page.get_by_role("toolbar", name="Charts")).to_be_visible()
        page.wait_for_timeout(300)
        box = page.locator(".chart-host").bounding_box()
        assert box is not None
        heights.append(box["height"])
    assert len(set(heights)) == 1, heights


@pytest.mark.parametrize(
    ("width", "behind"), [(1000, ["Stroke", "Chart Metric", "Axes"]), (390, ["Groups", "X Step", "Axes"])]
)
def test_the_controls_of_a_narrow_page_are_one_line_and_a_button_shows_the_others(
    shared_url: str, opened: Opened, width: int, behind: list[str]
) -> None:
    page = opened(f"{shared_url}/?q=loss", viewport={"width": width, "height": 900})
    expect(rows(page)).to_have_count(4)
    toolbar = page.get_by_role("toolbar", name="Charts")
    toolbar.get_by_role("button", name="Average over seed").click()
    box = toolbar.bounding_box()
    assert box is not None and box["height"] < 50
    for name in behind:
        expect(toolbar.get_by_role("button", name=name)).to_be_hidden()
    more = toolbar.get_by_role("button", name="More controls")
    more.click()
    for name in behind:
        expect(toolbar.get_by_role("button", name=name)).to_be_in_viewport()
    toolbar.get_by_role("button", name="Axes").click()
    page.get_by_role("switch", name="Logarithmic y").click()
    page.keyboard.press("Escape")
    expect(toolbar.get_by_role("button", name="Axes")).to_be_focused()
    more.click()
    expect(toolbar.get_by_role("button", name="Axes")).to_be_hidden()


def test_the_form_and_the_box_are_one_text(shared_url: str, opened: Opened) -> None:
    page = opened(f"{shared_url}/?q=loss")
    page.get_by_role("button", name="1 metric").click()
    form = page.get_by_role("dialog", name="Select metrics and runs")
    form.get_by_role("checkbox", name="accuracy").click()
    form.get_by_role("button", name="train").click()
    form.get_by_role("textbox", name="Condition on runs").fill("hparams.lr < 0.05")
    text = 'loss, accuracy if context.subset == "train" and hparams.lr < 0.05'
    expect(query(page)).to_have_value(text)
    query(page).fill('accuracy if context.subset in ("train", "x")')
    expect(form.get_by_role("button", name="x", exact=True)).to_have_attribute("aria-pressed", "true")
    form.get_by_role("button", name="x", exact=True).click()
    form.get_by_role("button", name="Remove accuracy").click()
    form.get_by_role("checkbox", name="loss").click()
    form.get_by_role("button", name="Search").click()
    expect(query(page)).to_have_value('loss if context.subset == "train"')
    expect(rows(page)).to_have_count(4)


def test_columns_are_hidden_pinned_and_sorted_in_the_link(shared_url: str, opened: Opened) -> None:
    page = opened(f"{shared_url}/?q=loss")
    page.get_by_role("button", name="Last: column menu").click()
    page.get_by_role("menuitem", name="Pin left").click()
    expect(page.locator(".table-head > .pinned .head-sort")).to_have_text(["Run", "Last"])
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("checkbox", name="Status").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("columnheader", name="Status")).to_have_count(0)
    page.get_by_role("button", name="Sort", exact=True).click()
    page.get_by_role("combobox", name="Sort by another column").select_option(label="Last")
    page.get_by_role("button", name="Last: ascending, reverse").click()
    expect(rows(page).first).to_contain_text("run 3")
    assert "left=last" in page.url and "without=run.status" in page.url and "sort=-last" in page.url


def test_the_table_and_the_charts_are_saved(shared_url: str, opened: Opened) -> None:
    page = opened(f"{shared_url}/?q=loss&find=0.06")
    expect(rows(page)).to_have_count(1)
    with page.expect_download() as saved:
        page.get_by_role("button", name="CSV").click()
    lines = Path(saved.value.path()).read_text("utf-8-sig").splitlines()
    assert len(lines) == 2 and lines[0].startswith("Run,hparams.lr,hparams.seed,Metric") and "0.06" in lines[1]
    page.get_by_role("button", name="Charts as a picture").click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save SVG").click()
    assert Path(saved.value.path()).read_text().startswith("<svg")


DRAWN = """() => {
    const canvas = document.querySelector('.export-preview canvas');
    return canvas && canvas.getContext('2d').getImageData(1, 1, 1, 1).data[3] > 0;
}"""


def test_a_button_pressed_while_the_preview_is_drawn_stays_under_the_pointer(shared_url: str, opened: Opened) -> None:
    page = opened(f"{shared_url}/?q=loss")
    expect(rows(page)).to_have_count(4)
    page.evaluate("() => { window.held = []; window.setTimeout = (run) => held.push(run); }")
    page.get_by_role("button", name="Charts as a picture").click()
    page.get_by_role("button", name="Save SVG").hover()
    page.mouse.down()
    assert not page.evaluate(DRAWN)
    page.evaluate("() => held.forEach((run) => run())")
    assert page.evaluate(DRAWN)
    with page.expect_download() as saved:
        page.mouse.up()
    assert Path(saved.value.path()).read_text().startswith("<svg")


def test_another_metric_as_axis_names_what_cannot_be_placed(shared_url: str, opened: Opened) -> None:
    page = opened(f"{shared_url}/?q=loss&x=metric:accuracy")
    expect(page.locator(".explorer-note")).to_have_count(0)
    page.get_by_role("button", name="X accuracy").click()
    page.get_by_role("searchbox", name="Find an axis").fill("los")
    page.get_by_role("radio", name="loss").click()
    page.wait_for_url(re.compile(r"x=metric%3Aloss"))
    page = opened(f"{shared_url}/?q=loss&x=metric:gone")
    expect(page.locator(".explorer-note")).to_contain_text("4 lines have no value of it")


def test_zooms_are_undone_one_by_one_and_a_held_point_is_in_the_link(shared_url: str, opened: Opened) -> None:
    page = opened(f"{shared_url}/?q=loss&zoom=5~40&zoom=10~20")
    page.get_by_role("button", name="Zoom out").click()
    page.wait_for_url(re.compile(r"zoom=5%7E40$"))
    page.get_by_role("button", name="Reset zoom").first.click()
    page.wait_for_url(re.compile(r"\?q=loss$"))
    rows(page).filter(has_text="run 1").locator(".cell").first.click()
    page.wait_for_url(re.compile(r"pin="))
    again = opened(page.url)
    expect(again.get_by_role("tooltip")).to_contain_text("run 1")


def test_archived_runs_are_brought_back_apart_from_the_others(url: str, repo: Path, opened: Opened) -> None:
    aim.Repo(repo).runs.archive(aim.Repo(repo).run("run 0").id)
    page = opened(f"{url}/?q=loss+if+run.archived+or+not+run.archived")
    page.get_by_role("checkbox", name="Select all rows").click()
    page.get_by_role("button", name="Unarchive 1").click()
    expect(page.get_by_text("1 run unarchived.")).to_be_visible()
    expect(rows(page).get_by_text("archived")).to_have_count(0)
    page.get_by_role("checkbox", name="Select all rows").click()
    expect(page.get_by_role("button", name="Unarchive")).to_have_count(0)
    page.get_by_role("button", name="Archive", exact=True).click()
    expect(rows(page).get_by_text("archived")).to_have_count(4)


def test_numbers_stand_on_colors_in_all_columns_or_in_one(shared_url: str, opened: Opened) -> None:
    page = opened(f"{shared_url}/?q=loss")
    expect(rows(page)).to_have_count(4)
    page.get_by_role("button", name="Scale").click()
    first, last = (row.locator(".cell.shaded") for row in (rows(page).first, rows(page).last))
    everywhere = first.count()
    color = "cell => getComputedStyle(cell).backgroundColor"
    assert everywhere > 2 and first.first.evaluate(color) != last.first.evaluate(color)
    page.get_by_role("button", name="Last: column menu").click()
    page.get_by_role("menuitemcheckbox", name="Color scale").click()
    expect(first).to_have_count(everywhere - 1)
    page.get_by_role("button", name="Scale").click()
    page.get_by_role("button", name="Min: column menu").click()
    page.get_by_role("menuitemcheckbox", name="Color scale").click()
    expect(first).to_have_count(1)
    page.wait_for_url(re.compile(r"scaled=min$"))


def test_a_held_point_gives_its_run_a_tag(url: str, repo: Path, opened: Opened) -> None:
    page = opened(f"{url}/?q=loss")
    rows(page).filter(has_text="run 1").locator(".cell").first.click()
    tip = page.get_by_role("tooltip")
    expect(tip).to_contain_text(re.compile(r"at\s*[A-Z][a-z]{2} \d"))
    until(lambda: lowest(tip) <= highest(page.locator(".split-bar")))
    tip.get_by_role("button", name="Tag", exact=True).click()
    page.get_by_role("textbox", name="Find or create a tag").fill("good")
    page.keyboard.press("Enter")
    expect(tip.locator(".tag-chip")).to_have_text("good")
    assert aim.Repo(repo).run("run 1").tags == ["good"]


def test_a_line_whose_steps_start_again_is_split_into_passes(url: str, repo: Path, opened: Opened) -> None:
    with aim.Run("passes", repo=repo) as run:
        for _ in range(3):
            for step in range(5):
                run.track(step / 4, "again", step=step)
    page = opened(f"{url}/?q=again")
    page.get_by_role("button", name="Split into passes").click()
    page.wait_for_url(re.compile(r"passes=1"))
    again = opened(page.url)
    expect(rows(again)).to_have_count(3)
    expect(rows(again).last).to_contain_text("pass=")
    again.get_by_role("button", name="Join passes").click()
    expect(rows(again)).to_have_count(1)
    page = opened(f"{url}/?page=run&run={run.id}&tab=metrics")
    page.get_by_role("button", name="Split into passes").click()
    expect(page.get_by_label("Contexts").get_by_role("listitem")).to_have_text(["pass=1", "pass=2", "pass=3"])
    page.wait_for_url(re.compile(r"passes=1"))


def lowest(place: Locator) -> float:
    box = place.bounding_box()
    assert box is not None
    return box["y"] + box["height"]


def highest(place: Locator) -> float:
    box = place.bounding_box()
    assert box is not None
    return box["y"]


def drag(page: Page, by: int) -> None:
    box = page.locator(".chart-host").bounding_box()
    assert box is not None
    x, y = box["x"] + 300, box["y"] + 80
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + by, y + 2, steps=4)
    page.mouse.up()


def test_dragging_zooms_once_and_then_moves_the_window(shared_url: str, opened: Opened) -> None:
    page = opened(f"{shared_url}/?q=loss")
    expect(rows(page)).to_have_count(4)
    page.get_by_role("button", name="Pointer and tooltip").click()
    page.get_by_role("combobox", name="Drag", exact=True).select_option(label="Zoom once, then pan")
    page.keyboard.press("Escape")
    widths = []
    for by in (200, -100):
        before = page.url
        drag(page, by)
        page.wait_for_url(lambda url, before=before: url != before)
        ends = [float(end) for end in re.findall(r"zoom=([^&]*)", page.url)[-1].split("%7E")]
        widths.append((ends[1] - ends[0], ends[0]))
    (first, start), (second, moved) = widths
    assert second == pytest.approx(first, rel=0.02) and moved > start


def test_a_link_of_aim_2_opens_with_its_window_and_its_held_point(shared_url: str, opened: Opened) -> None:
    circle = {"active": True, "runHash": "run 1", "metricName": "loss", "step": 12}
    circle["traceContext"] = base64.b64encode(b'{"subset":"train"}').decode()
    state = {
        "search": {"query": "loss"},
        "chart": {"settings": {"zoom": {"0": {"x": [5, 40], "y": [0, 0.5]}}}, "focused": {"circle": circle}},
    }
    page = opened(f"{shared_url}/explore?search={base64.urlsafe_b64encode(json.dumps(state).encode()).decode()}")
    tip = page.get_by_role("tooltip")
    expect(tip).to_contain_text("run 1")
    expect(tip).to_contain_text(re.compile(r"step\s*12"))
    expect(page.locator(".chart-host [role=img]")).to_have_attribute("aria-label", re.compile("0 to 0.5"))
