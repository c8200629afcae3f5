"""The table of runs: found by a condition, sorted by what metrics reached, chosen for what comes next."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest

import aim
from tests.browsing import Opened, Serve, in_sight
from tests.ui import wide

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
expect = playwright.expect
Page = playwright.Page

pytestmark = pytest.mark.browser


def rows(page: Page) -> playwright.Locator:
    return page.get_by_role("grid", name="Runs").locator(".row")


def menu(page: Page, column: str) -> None:
    page.get_by_role("button", name=f"{column}: column menu").click()


def test_from_a_condition_to_a_sorted_table_and_its_file(shared_url: str, opened: Opened) -> None:
    page = opened(f"{shared_url}/?page=runs")
    expect(rows(page)).to_have_count(4)
    query = page.get_by_role("textbox", name="AimQL query")
    query.fill("hparams.lr < 0.05")
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_count(2)
    expect(page.get_by_role("alert")).to_have_count(0)

    page.get_by_role("button", name="Metrics: last").click()
    page.get_by_role("checkbox", name="min").click()
    page.keyboard.press("Escape")
    head = page.get_by_role("button", name="loss (subset=train) min", exact=True)
    in_sight(page, head).click()
    in_sight(page, head).click()
    expect(rows(page).first).to_contain_text("run 3")
    page.get_by_role("button", name="Scale").click()
    expect(page.locator(".shaded").first).to_be_visible()

    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    table = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig"))))
    assert [(row["Run"], float(row["loss (subset=train) min"])) for row in table] == [("run 3", 0.08), ("run 2", 0.06)]

    again = opened(page.url)
    expect(rows(again).first).to_contain_text("run 3")
    page.go_back()
    expect(page.locator(".shaded")).to_have_count(0)


IN_SIGHT = """cell => {
    const text = document.createRange();
    text.selectNodeContents(cell);
    const end = cell.getBoundingClientRect().right - parseFloat(getComputedStyle(cell).paddingRight);
    return text.getBoundingClientRect().right <= end;
}"""
TIP = """button => {
    const tip = getComputedStyle(button, '::after');
    const box = button.getBoundingClientRect();
    const shift = tip.translate.startsWith('-50%') ? parseFloat(tip.width) / 2 : 0;
    return [tip.content, box.left + parseFloat(tip.left) - shift + parseFloat(tip.width) <= innerWidth];
}"""


def test_times_and_the_tip_at_the_edge_are_not_cut(shared_url: str, opened: Opened) -> None:
    page = opened(f"{shared_url}/?page=runs")
    place = page.get_by_role("columnheader", name="Created").get_attribute("aria-colindex")
    cells = page.locator(f'[role="gridcell"][aria-colindex="{place}"]')
    expect(cells).to_have_count(4)
    assert [cell.evaluate(IN_SIGHT) for cell in cells.all()] == [True] * 4
    button = page.get_by_role("button", name="CSV")
    button.hover()
    assert button.evaluate(TIP) == ['"These rows and columns as CSV"', True]


def test_no_match_and_wrong_text_each_say_what_to_do(shared_url: str, opened: Opened) -> None:
    page = opened(f"{shared_url}/?page=runs&q=hparams.lrr+%3D%3D+1")
    expect(page.get_by_role("heading", name="No runs match")).to_be_visible()
    page.get_by_role("button", name="Search hparams.lr == 1", exact=True).click()
    page.wait_for_url(re.compile(r"q=hparams\.lr\+"))
    page.get_by_role("button", name="Show all runs").click()
    expect(rows(page)).to_have_count(4)
    page.get_by_role("textbox", name="AimQL query").fill("hparams.lr = 1")
    expect(page.get_by_role("alert")).to_contain_text("==")
    assert page.locator(".syntax-wrong").all_inner_texts() == ["="]


def test_selected_runs_are_compared_and_archived_and_news_arrive(repo: Path, serve: Serve, opened: Opened) -> None:
    with serve(repo) as url:
        page = opened(f"{url}/?page=runs", viewport={"width": 2400, "height": 900})
        expect(rows(page)).to_have_count(4)
        for name in ("run 0", "run 1"):
            page.get_by_role("checkbox", name=f"Select {name}").click()
        page.get_by_role("link", name="Compare", exact=True).last.click()
        page.wait_for_url(re.compile("page=compare"))
        expect(page.get_by_role("radio", name="baseline")).to_have_count(2)
        page.go_back()
        page.get_by_role("checkbox", name="Select run 0").click()
        page.get_by_role("button", name="Archive").click()
        expect(rows(page)).to_have_count(3)
        page.get_by_role("button", name="Undo").click()
        expect(rows(page)).to_have_count(4)
        for name in ("run 0", "run 1"):
            page.get_by_role("checkbox", name=f"Select {name}").click()
        page.get_by_role("button", name="Tag", exact=True).click()
        page.get_by_label("Find or create a tag").fill("paper")
        page.keyboard.press("Enter")
        expect(rows(page).filter(has_text="paper")).to_have_count(2)
        page.get_by_role("button", name="Clear selection").click()
        with aim.Run("fresh", repo=repo) as run:
            run.track(7.0, "loss", step=0)
            expect(rows(page)).to_have_count(5)
            expect(rows(page).first).to_contain_text("fresh")


def test_a_column_shows_a_metric_where_another_one_is_best(shared_url: str, opened: Opened) -> None:
    page = opened(f"{shared_url}/?page=runs&q=hparams.seed < 2")
    expect(rows(page)).to_have_count(2)
    menu(page, "accuracy last")
    page.get_by_role("menuitemcheckbox", name="Show max").click()
    expect(page.get_by_role("button", name="accuracy max", exact=True)).to_be_visible()
    menu(page, "accuracy last")
    page.get_by_role("menuitem", name="Where another metric is best…").click()
    page.get_by_label("Which point").select_option(label="is highest")
    page.get_by_role("button", name="Add column").click()
    column = page.get_by_role("columnheader", name="accuracy at max loss (subset=train)")
    expect(column).to_be_visible()
    place = int(column.get_attribute("aria-colindex") or 0)
    cell = rows(page).first.locator(f'[aria-colindex="{place}"]')
    expect(cell).to_have_text("0")
    assert "at step 0" in (cell.get_attribute("title") or "")
    again = opened(page.url)
    expect(rows(again).first.locator(f'[aria-colindex="{place}"]')).to_have_text("0")
    menu(page, "accuracy at max loss (subset=train)")
    page.get_by_role("menuitem", name="Remove this column").click()
    expect(column).to_have_count(0)
    menu(page, "accuracy last")
    page.get_by_role("menuitemcheckbox", name="Show last").click()
    expect(page.get_by_role("button", name="accuracy last", exact=True)).to_have_count(0)
    menu(page, "accuracy max")
    page.get_by_role("menuitemcheckbox", name="Color scale").click()
    expect(page.locator(".shaded")).to_have_count(2)


def test_runs_in_groups_with_one_number_for_each(shared_url: str, opened: Opened) -> None:
    page = opened(f"{shared_url}/?page=runs")
    page.get_by_role("button", name=re.compile("^Group")).click()
    page.get_by_role("checkbox", name="hparams.lr").click()
    page.keyboard.press("Escape")
    groups = page.get_by_role("treegrid", name="Runs").locator(".row")
    expect(groups).to_have_count(2)
    expect(groups.first).to_contain_text("lr=0.01 2 runs")
    page.get_by_role("button", name="loss (subset=train) last", exact=True).click()
    expect(groups.first).to_contain_text("lr=0.1 2 runs")
    expect(groups.first).to_contain_text("0.03")
    page.get_by_role("button", name=re.compile("^Group")).click()
    page.get_by_label("Group values").select_option(label="Maximum")
    page.keyboard.press("Escape")
    expect(groups.first).to_contain_text("0.04")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    table = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig"))))
    assert [float(row["loss (subset=train) last"]) for row in table] == [0.04, 0.08]
    groups.first.get_by_role("button", name="List the runs").click()
    expect(groups).to_have_count(4)
    expect(groups.nth(1)).to_contain_text("run 0")
    page.get_by_role("searchbox", name="Find in table").fill("0.98")
    expect(groups).to_have_count(2)
    expect(groups.nth(1)).to_contain_text("run 0")


def test_a_slow_answer_is_canceled_and_a_broken_one_asked_again(shared_url: str, opened: Opened) -> None:
    page = opened("about:blank")
    page.route("**/api/page*", lambda route: None)
    page.goto(f"{shared_url}/?page=runs")
    expect(page.get_by_role("progressbar", name="Search")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", name="Search canceled")).to_be_visible()
    page.unroute("**/api/page*")
    page.route("**/api/page*", lambda route: route.fulfill(status=500, json={"error": BROKEN}))
    page.get_by_role("button", name="Load runs").click()
    expect(page.get_by_text("A disk is full.")).to_be_visible()
    page.unroute("**/api/page*")
    page.get_by_role("button", name="Try again").click()
    expect(rows(page)).to_have_count(4)


BROKEN = {"message": "A disk is full.", "hint": None, "start": None, "end": None}


def test_a_table_by_keyboard(shared_url: str, opened: Opened) -> None:
    page = opened(f"{shared_url}/?page=runs")
    page.get_by_role("grid", name="Runs").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Space")
    expect(page.get_by_text("2 runs selected")).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("page=run&"))
    page.go_back()
    expect(rows(page)).to_have_count(4)


def test_a_value_where_another_metric_is_best_follows_a_running_run(repo: Path, serve: Serve, opened: Opened) -> None:
    beside = quote(json.dumps(["accuracy", "min", "loss subset=train"]))
    with serve(repo) as url, aim.Run("live", repo=repo) as run:
        run.track(0.5, "accuracy", step=0)
        run.track(0.3, "loss", step=0, context={"subset": "train"})
        page = opened(f"{url}/?page=runs&beside={beside}&left=beside.{beside}")
        cell = rows(page).filter(has_text="live").locator('[title^="accuracy at min"]')
        expect(cell).to_have_text("0.5")
        run.track(0.7, "accuracy", step=1)
        run.track(0.1, "loss", step=1, context={"subset": "train"})
        expect(cell).to_have_text("0.7")
        assert cell.get_attribute("title") == "accuracy at min loss (subset=train): 0.7, at step 1"


MANY = 600


def test_of_many_runs_only_those_in_sight_are_loaded(tmp_path: Path, serve: Serve, opened: Opened) -> None:
    wide.generate(tmp_path, MANY, steps=2, series=2, more=False)
    repo = aim.Repo(tmp_path)
    listed = repo.table.page(limit=MANY).runs
    newest, names = [run.hash for run in listed], [run.name for run in listed]
    with serve(tmp_path) as url:
        page = opened(f"{url}/?page=runs", viewport={"width": 4000, "height": 900})
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url) if "/api/" in request.url else None)
        expect(page.locator(".summary")).to_contain_text(f"{MANY:,} runs")
        table = page.get_by_role("grid", name="Runs")
        assert table.get_attribute("aria-rowcount") == str(MANY + 1)

        table.evaluate("element => (element.scrollTop = 450 * 30)")
        row = page.locator('.row[aria-rowindex="452"]')
        expect(row).to_have_attribute("aria-selected", "false")
        expect(row.locator('[title*="· "]').first).to_have_attribute("title", re.compile(re.escape(newest[450])))
        expect(page.locator(".row.waiting")).to_have_count(0)

        with aim.Run("arrives", repo=tmp_path) as run:
            run.track(1.0, "loss", step=0)
            expect(table).to_have_attribute("aria-rowcount", str(MANY + 2))
            moved = page.locator('.row[aria-rowindex="453"]')
            expect(moved.locator('[title*="· "]').first).to_have_attribute("title", re.compile(newest[450]))
            assert table.evaluate("element => element.scrollTop") == 451 * 30
            table.evaluate("element => (element.scrollTop = 0)")
            expect(rows(page).first).to_contain_text("arrives")

        page.get_by_role("button", name="Created", exact=True).click()
        oldest = re.compile(re.escape(newest[-1]))
        expect(rows(page).first.locator('[title*="· "]').first).to_have_attribute("title", oldest)
        assert not [address for address in asked if "/api/table" in address]

        page.get_by_role("searchbox", name="Find in table").fill("arrives")
        expect(page.locator(".table-bar .count")).to_have_text(f"1 of {MANY + 1:,} runs")
        page.get_by_role("searchbox", name="Find in table").fill("")
        expect(page.locator(".table-bar .count")).to_have_text(f"{MANY + 1:,} runs")
        with page.expect_download() as download:
            page.get_by_role("button", name="CSV").click()
        saved = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig"))))
        assert [row["Run"] for row in saved] == [*reversed(names), "arrives"]

        page.get_by_role("checkbox", name="Select all rows").click()
        expect(page.get_by_text(f"{MANY + 1:,} runs selected")).to_be_visible()
        page.get_by_role("button", name="Archive").click()
        expect(page.get_by_role("heading", name="No runs match")).to_be_visible()
        page.get_by_role("button", name="Show archived runs").click()
        expect(page.locator(".table-bar .count")).to_have_text(f"{MANY + 1:,} runs")


def test_groups_of_many_runs(tmp_path: Path, serve: Serve, opened: Opened) -> None:
    wide.generate(tmp_path, 600, steps=2, series=2, more=False)
    with serve(tmp_path) as url:
        page = opened(f"{url}/?page=runs&color=params.hparams.optimizer&color=experiment")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url) if "/api/" in request.url else None)
        groups = page.get_by_role("treegrid", name="Runs").locator(".row")
        expect(groups.first).to_contain_text(re.compile(r"optimizer=\w+ · \w+ \d+ runs"))
        count = groups.count()
        size = int(re.search(r"([\d,]+) runs", groups.first.inner_text())[1].replace(",", ""))  # type: ignore[index]
        groups.first.get_by_role("checkbox").click()
        expect(page.get_by_text(f"{size} runs selected")).to_be_visible()
        expect(groups.first).to_have_attribute("aria-selected", "true")
        groups.first.get_by_role("button", name="List the runs").click()
        expect(page.get_by_role("treegrid", name="Runs")).to_have_attribute("aria-rowcount", str(count + size + 1))
        expect(groups.nth(1)).to_have_attribute("aria-selected", "true")
        groups.nth(1).get_by_role("checkbox").click()
        expect(page.get_by_text(f"{size - 1} runs selected")).to_be_visible()
        expect(groups.first).to_have_attribute("aria-selected", "false")
        page.get_by_role("button", name="Clear selection").click()
        page.get_by_role("button", name="Groups only").click()
        page.get_by_role("button", name="List all runs").click()
        expect(page.get_by_role("treegrid", name="Runs")).to_have_attribute("aria-rowcount", str(count + 601))
        with page.expect_download() as download:
            page.get_by_role("button", name="CSV").click()
        saved = csv.reader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig")))
        assert len(list(saved)) == count + 601
        page.get_by_role("checkbox", name="Select all rows").click()
        expect(page.get_by_text("600 runs selected")).to_be_visible()
        again = opened(page.url)
        expect(again.get_by_role("treegrid", name="Runs")).to_have_attribute("aria-rowcount", str(count + 601))
        assert not [address for address in asked if "/api/table" in address]


def test_a_range_of_rows_that_were_never_in_sight_is_selected(tmp_path: Path, serve: Serve, opened: Opened) -> None:
    wide.generate(tmp_path, 300, steps=2, series=2, more=False)
    with serve(tmp_path, "--read-only") as url:
        page = opened(f"{url}/?page=runs")
        table = page.get_by_role("grid", name="Runs")
        rows(page).first.get_by_role("checkbox").click()
        table.evaluate("element => (element.scrollTop = element.scrollHeight)")
        last = page.locator('.row[aria-rowindex="301"]')
        expect(last).to_be_visible()
        last.get_by_role("checkbox").click(modifiers=["Shift"])
        expect(page.get_by_text("300 runs selected")).to_be_visible()
        expect(page.get_by_role("checkbox", name="Select all rows")).to_be_checked()
        every = page.get_by_role("button", name="Select all 300")
        expect(every).not_to_be_visible()
        last.get_by_role("checkbox").click()
        expect(page.get_by_text("299 runs selected")).to_be_visible()
        every.click()
        expect(page.get_by_text("300 runs selected")).to_be_visible()
        expect(every).not_to_be_visible()
        last.get_by_role("checkbox").click()
        expect(page.get_by_text("299 runs selected")).to_be_visible()
        table.focus()
        page.keyboard.press("End")
        page.keyboard.press("Home")
        expect(rows(page).first).to_have_class(re.compile("active"))


def test_differing_columns_and_color_scales_are_those_of_all_runs(repo: Path, serve: Serve, opened: Opened) -> None:
    with aim.Run("odd", repo=repo) as run:
        run["hparams"] = {"lr": 0.1, "seed": 9}
        run.track(100.0, "accuracy", step=0)
    with serve(repo, "--read-only") as url:
        page = opened(f"{url}/?page=runs&diff=1&scale=1")
        heads = page.get_by_role("columnheader")
        expect(heads.filter(has_text="hparams.seed")).to_be_visible()
        expect(heads.filter(has_text="Hash")).to_have_count(0)
        expect(heads.filter(has_text="Status")).to_have_count(0)
        expect(page.locator(".shaded").first).to_be_visible()
        page.get_by_role("searchbox", name="Find in table").fill("odd")
        expect(rows(page)).to_have_count(1)
        expect(page.locator(".shaded")).not_to_have_count(0)
        page.get_by_role("button", name=re.compile("^Group")).click()
        picked = page.get_by_role("checkbox", name="hparams.lr")
        expect(picked).to_contain_text("2 values")


def test_rows_that_cannot_be_loaded_say_why(tmp_path: Path, serve: Serve, opened: Opened) -> None:
    wide.generate(tmp_path, 300, steps=2, series=2, more=False)
    with serve(tmp_path, "--read-only") as url:
        page = opened(f"{url}/?page=runs")
        expect(page.locator(".summary")).to_contain_text("300 runs")
        page.route("**/api/page*", lambda route: route.fulfill(status=500, json={"error": BROKEN}))
        page.get_by_role("grid", name="Runs").evaluate("element => (element.scrollTop = element.scrollHeight)")
        expect(page.get_by_text("A disk is full.")).to_be_visible()
        page.unroute("**/api/page*")
        page.get_by_role("button", name="Try again").click()
        expect(page.get_by_text("A disk is full.")).to_have_count(0)
        expect(page.locator('.row[aria-rowindex="301"]')).to_be_visible()


@pytest.mark.stress
def test_ten_thousand_runs_of_three_hundred_columns(tmp_path: Path, serve: Serve, opened: Opened) -> None:
    wide.generate(tmp_path, 10_000)
    with serve(tmp_path, "--read-only") as url:
        page = opened(f"{url}/?page=runs&value=last&value=min&value=max&value=mean&value=first")
        expect(page.locator(".summary")).to_contain_text("10,000 runs", timeout=120_000)
        table = page.get_by_role("grid", name="Runs")
        assert int(table.get_attribute("aria-colcount") or 0) >= 300
        assert rows(page).count() < 60
        table.evaluate("element => (element.scrollTop = element.scrollHeight)")
        expect(rows(page).last).to_have_attribute("aria-rowindex", "10001")
        table.evaluate("element => (element.scrollLeft = element.scrollWidth)")
        expect(page.get_by_role("columnheader", name="more.switch_219")).to_be_visible()
        page.get_by_role("searchbox", name="Find in table").fill("adamw gelu 0.123")
        expect(page.locator(".table-bar .count")).to_contain_text(" of 10,000 runs")


def heads(page: Page) -> list[str]:
    """The names of the columns, without their menus."""
    return [str(name) for name in page.get_by_role("columnheader").locator(".head-sort").all_inner_texts()]


def test_the_table_starts_with_what_differs_and_says_nothing_twice(
    tmp_path: Path, serve: Serve, opened: Opened
) -> None:
    for number in range(2):
        with aim.Run(f"run {number}", repo=tmp_path) as run:
            run["hparams"] = {"batch": 32, "lr": 0.1 / (number + 1)}
            for value in (0.5, 0.25, 0.75):
                run.track(value, "loss")
                run.track(value, "accuracy")
                run.track(value, "system/cpu")
    with serve(tmp_path) as url:
        page = opened(f"{url}/?page=runs", viewport={"width": 2400, "height": 700})
        expect(rows(page)).to_have_count(2)
        known = ["Run", "hparams.lr", "accuracy last", "accuracy best", "loss last", "loss best", "Status", "Created"]
        assert heads(page)[:8] == known
        last = ["Duration", "Experiment", "system/cpu last", "system/cpu best", "hparams.batch"]
        assert heads(page)[8:] == last
        assert rows(page).first.get_by_role("gridcell").all_inner_texts()[3:6] == ["0.75", "0.75", "0.75"]
        expect(rows(page).first.locator(".run-cell .status.finished")).to_have_attribute(
            "title", re.compile("finished")
        )
        repo = aim.Repo(tmp_path)
        repo.runs.tag([repo.run("run 0").id], "good")
        expect(page.get_by_role("columnheader", name="Tags")).to_be_visible()
        with aim.Run(repo=tmp_path, experiment="other") as run:
            run.track(float("nan"), "loss")
        expect(page.get_by_role("columnheader", name="Hash")).to_be_visible()
        assert heads(page)[7:12] == ["Status", "Experiment", "Created", "Duration", "Tags"]
        expect(rows(page).first.locator(".run-cell").get_by_label("diverged")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1440])
def test_the_first_columns_of_a_thousand_runs(tmp_path: Path, serve: Serve, opened: Opened, width: int) -> None:
    wide.generate(tmp_path, 1000, steps=2, series=2, more=False)
    with serve(tmp_path, "--read-only") as url:
        page = opened(f"{url}/?page=runs", viewport={"width": width, "height": 844})
        expect(page.locator(".table-bar .count")).to_have_text("1,000 runs")
        first, second, *_ = heads(page)
        assert first == "Run" and second not in ("Experiment", "Status", "Created", "Hash")
        column = page.get_by_role("columnheader").nth(1)
        expect(column).to_be_in_viewport(ratio=0.5)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
