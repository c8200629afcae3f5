"""The pages about runs and the project, in a real browser with a real server."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import aim
from aim.repo import Repo
from tests.browsing import ROOT, Opened, Serve
from tests.ports import free_port

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
expect = playwright.expect
Page = playwright.Page

pytestmark = pytest.mark.browser


def heading(page: Page, name: str) -> playwright.Locator:
    return page.get_by_role("heading", level=1, name=name, exact=True)


def pages(page: Page) -> playwright.Locator:
    return page.get_by_role("navigation", name="Pages")


def test_each_page_has_an_address_a_title_and_a_history(shown: str, opened: Opened) -> None:
    page = opened(f"{shown}/?page=dashboard")
    for name in ("Experiments", "Tags", "Bookmarks", "Overview"):
        pages(page).get_by_role("link", name=name).click()
        expect(heading(page, name)).to_be_visible()
        expect(page).to_have_title(f"{name} · Aim")
        expect(pages(page).locator("[aria-current=page]")).to_have_text(name)
    page.go_back()
    expect(heading(page, "Bookmarks")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).not_to_have_count(0)


def test_a_link_of_the_navigation_leads_to_where_its_page_was_left(shown: str, opened: Opened) -> None:
    page = opened(f"{shown}/?q=loss&logY=1")
    expect(page.locator(".chart canvas").first).to_be_visible()
    pages(page).get_by_role("link", name="Tags").click()
    page.get_by_role("searchbox").fill("goo")
    pages(page).get_by_role("link", name="Metrics").click()
    page.wait_for_url(re.compile(r"\?q=loss&logY=1$"))
    expect(page.locator(".chart canvas").first).to_be_visible()
    pages(page).get_by_role("link", name="Tags").click()
    expect(page.get_by_role("searchbox")).to_have_value("goo")


def test_an_axis_over_two_decades_is_logarithmic_until_it_is_switched(shown: str, opened: Opened) -> None:
    page = opened(f"{shown}/?q=loss,accuracy")
    expect(page.locator(".chart canvas").first).to_be_visible()
    axes = page.get_by_role("button", name="Axes")
    expect(axes).not_to_contain_text("log y")
    page.goto(f"{shown}/?q=loss")
    expect(axes).to_contain_text("log y")
    axes.click()
    page.get_by_role("switch", name="Logarithmic y", checked=True).click()
    expect(axes).not_to_contain_text("log y")
    page.wait_for_url(re.compile("logY=0"))
    page.get_by_role("button", name="Choose scales by the values").click()
    expect(axes).to_contain_text("log y")
    page.wait_for_url(re.compile(r"\?q=loss$"))


def test_the_page_works_below_any_folder(shown: str, opened: Opened) -> None:
    page = opened(f"{shown}/some/folder/?page=experiments")
    page.get_by_role("link", name="second").click()
    expect(heading(page, "second")).to_be_visible()
    assert "/some/folder/?page=experiment&experiment=second" in page.url


def test_the_overview_and_the_way_to_a_run(shown: str, opened: Opened) -> None:
    page = opened(f"{shown}/?page=dashboard")
    numbers = page.get_by_role("region", name="Counts")
    expect(numbers.get_by_role("link", name="failed")).to_have_text("failed1")
    expect(page.get_by_role("region", name="Runs per day")).to_contain_text("3 runs on")
    expect(page.get_by_role("region", name="Bookmarks")).to_contain_text("All losses")
    page.get_by_role("region", name="Newest runs").first.get_by_role("link", name="broken").click()
    expect(heading(page, "broken")).to_be_visible()
    expect(page.locator(".banner.danger")).to_contain_text("CUDA out of memory")
    expect(page.locator(".sheet-line .status")).to_have_text(re.compile("^failed"))


def test_an_active_run_shows_itself_and_grows(repo: Path, serve: Serve, opened: Opened) -> None:
    script = (
        "import aim, sys\n"
        "run = aim.Run('live one', repo=sys.argv[1])\n"
        "run.track(1.0, 'loss')\n"
        "for value in sys.stdin: run.track(float(value), 'loss')\n"
    )
    with serve(repo) as url:
        page = opened(f"{url.rstrip('/')}/?page=dashboard")
        active = page.get_by_role("region", name="Active runs").first
        expect(active).to_contain_text("No active runs")
        command = [sys.executable, "-c", script, str(repo)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, text=True, cwd=ROOT) as training:
            assert training.stdin is not None
            active.get_by_role("link", name="live one").click()
            expect(page.locator(".sheet-line .status", has_text="running")).to_be_visible()
            row = page.get_by_role("row", name=re.compile("^loss"))
            expect(row).to_contain_text("1")
            training.stdin.write("0.25\n")
            training.stdin.flush()
            expect(row).to_contain_text("0.25")
            training.stdin.close()
        expect(page.locator(".sheet-line .status", has_text="finished")).to_be_visible()


def test_everything_about_a_run(shown: str, opened: Opened) -> None:
    page = opened(f"{shown}/?page=run&run=run+1")
    expect(page).to_have_title("run 1 · Aim")
    accuracy = page.get_by_role("row", name=re.compile("^accuracy"))
    expect(accuracy).to_contain_text("0.98")
    expect(accuracy.locator("canvas")).to_be_visible()
    expect(page.get_by_role("region", name="Environment", exact=True)).to_contain_text("Python")
    expect(page.get_by_role("region", name="Processes")).to_contain_text("2 attempts")

    page.get_by_role("tab", name="Params").click()
    page.get_by_role("searchbox").fill("adam")
    expect(page.locator(".param")).to_have_count(1)
    page.get_by_role("searchbox").fill("rows")
    expect(page.get_by_role("button", name='Copy params["data set"]["n of rows"] for a query')).to_be_attached()
    page.get_by_role("searchbox").fill("nothing like this")
    expect(page.get_by_text("No param contains")).to_be_visible()

    page.get_by_role("tab", name="Metrics").click()
    assert "tab=metrics" in page.url
    loss = page.locator("figure", has=page.get_by_role("heading", name="loss"))
    expect(loss.get_by_role("list", name="Contexts")).to_contain_text("subset=val")
    expect(loss.locator("canvas").first).to_be_visible()
    page.get_by_role("button", name="Pin loss").click()
    page.reload()
    expect(page.get_by_role("region", name="Pinned").get_by_role("heading", name="loss")).to_be_visible()

    page.get_by_role("tab", name="Settings").click()
    page.get_by_role("tab", name="Settings").press("ArrowLeft")
    expect(page.get_by_role("heading", name="No notes yet")).to_be_visible()
    expect(page.get_by_role("button", name="Write a note")).to_have_count(0)
    page.get_by_role("tab", name="Settings").click()
    expect(page.get_by_role("button", name="Delete run")).to_be_disabled()
    page.get_by_role("button", name="Open in explorer").click()
    page.get_by_role("link", name="Metrics of this run").click()
    expect(page.get_by_role("textbox", name="AimQL query")).to_have_value('accuracy, loss if run.hash == "run 1"')


def test_a_run_is_named_tagged_noted_moved_archived_and_deleted(url: str, repo: Path, opened: Opened) -> None:
    page = opened(f"{url}/?page=run&run=run+1")
    page.get_by_role("button", name="Edit name and description").click()
    page.get_by_role("textbox", name=re.compile("^Name")).fill("renamed")
    page.get_by_role("textbox", name="Description").fill("what was tried")
    page.get_by_role("button", name="Save").click()
    expect(heading(page, "renamed")).to_be_visible()
    expect(page.get_by_text("what was tried")).to_be_visible()

    page.get_by_role("button", name="Tag", exact=True).click()
    page.get_by_role("button", name="good").click()
    page.get_by_role("button", name="Remove tag good").click()
    expect(page.get_by_role("button", name="Remove tag good")).to_have_count(0)
    page.get_by_role("button", name="Tag", exact=True).click()
    page.get_by_label("Find or create a tag").fill("brand new")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Remove tag brand new")).to_be_visible()

    page.get_by_role("tab", name="Notes").click()
    page.get_by_role("button", name="Write a note").click()
    page.get_by_label("New note").fill("# Why\n\n- [x] because")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", name="Why")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("article").get_by_role("heading", name="Why")).to_be_visible()

    page.get_by_role("tab", name="Settings").click()
    page.get_by_label("Experiment", exact=True).fill("third")
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.locator(".facts-line")).to_contain_text("third")
    page.get_by_role("button", name="Archive run").click()
    expect(page.get_by_role("button", name="Restore")).to_be_visible()
    kept = Repo(repo).run("run 1")
    assert (kept.name, kept.description, kept.tags) == ("renamed", "what was tried", ["brand new"])
    assert (kept.experiment, kept.archived) == ("third", True)
    assert [note.text for note in Repo(repo).notes.of(kept.id)] == ["# Why\n\n- [x] because"]

    page.get_by_role("button", name="Delete run").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("status").get_by_text(re.compile("Deleted .*freed"))).to_be_visible()
    assert len(Repo(repo).select_runs()) == 2


def test_an_experiment_from_beginning_to_end(url: str, repo: Path, opened: Opened) -> None:
    page = opened(f"{url}/?page=experiments")
    page.get_by_role("button", name="New experiment").click()
    page.get_by_label("Name").fill("first")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("alert")).to_contain_text("exists")
    page.keyboard.press("Escape")
    page.get_by_label("Find an experiment").fill("nope")
    expect(page.get_by_role("heading", name="No experiment matches")).to_be_visible()
    page.get_by_label("Find an experiment").fill("")
    page.get_by_role("link", name="first", exact=True).click()
    expect(page.get_by_role("region", name="Overview", exact=True)).to_contain_text("Runs2")

    page.get_by_role("tab", name="Runs").click()
    expect(page.get_by_role("row")).to_have_count(3)
    page.get_by_label("Find in Runs of the experiment").fill("run 0")
    expect(page.get_by_role("row")).to_have_count(2)

    page.get_by_role("tab", name="Notes").click()
    page.get_by_role("button", name="Write notes").click()
    page.get_by_label("Notes of the experiment").fill("does *depth* help")
    page.keyboard.press("Control+Enter")
    expect(page.locator("article em")).to_have_text("depth")

    page.get_by_role("tab", name="Settings").click()
    page.get_by_label("Name", exact=True).fill("renamed")
    page.get_by_role("button", name="Rename").click()
    expect(heading(page, "renamed")).to_be_visible()
    page.get_by_role("button", name="Archive experiment").click()
    expect(page.get_by_role("button", name="Restore")).to_be_visible()
    page.get_by_role("button", name="Delete experiment").click()
    confirm = page.get_by_role("dialog").get_by_role("button", name="Delete")
    expect(confirm).to_be_disabled()
    page.get_by_label("Type its name to delete it").fill("renamed")
    confirm.click()
    expect(heading(page, "Experiments")).to_be_visible()
    expect(page.get_by_role("status").get_by_text(re.compile("2 runs.*freed"))).to_be_visible()
    assert [run.hash for run in Repo(repo).select_runs("run.archived in (True, False)")] == ["broken"]


def test_a_tag_from_beginning_to_end(url: str, repo: Path, opened: Opened) -> None:
    page = opened(f"{url}/?page=tags")
    page.get_by_role("button", name="New tag").click()
    page.get_by_label("Name").fill("x" * 60)
    expect(page.get_by_text("50 of 50 characters")).to_be_visible()
    page.get_by_label("Name").fill("baseline")
    page.get_by_label("Comment").fill("what all is compared with")
    page.get_by_role("button", name="#c62f3b").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row", name=re.compile("baseline"))).to_contain_text("what all is compared with")

    page.get_by_role("button", name="Edit good").click()
    page.get_by_label("Name").fill("better")
    page.get_by_role("button", name="Reset").click()
    expect(page.get_by_label("Name")).to_have_value("good")
    page.get_by_label("Name").fill("better")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="better", exact=True).click()
    expect(page.get_by_role("region", name="Runs with this tag").first).to_contain_text("run 0")

    page.get_by_role("button", name="Archive better").click()
    expect(page.get_by_role("row", name=re.compile("^better"))).to_have_count(0)
    page.get_by_role("searchbox", name="Find a tag").fill("compared ALL")
    expect(page.get_by_role("row", name=re.compile("^baseline"))).to_be_visible()
    page.get_by_role("searchbox", name="Find a tag").fill("better")
    expect(page.get_by_role("heading", name="No tag matches")).to_be_visible()
    page.get_by_role("searchbox", name="Find a tag").fill("")
    page.get_by_role("button", name="Archive baseline").click()
    expect(page.get_by_role("heading", name="No tag to show")).to_be_visible()
    page.get_by_role("switch", name="Show 2 archived").click()
    page.get_by_role("button", name="Delete better").click()
    page.get_by_label("Type its name to delete it").fill("better")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("row")).to_have_count(2)
    assert Repo(repo).run("run 0").tags == []


def test_a_view_is_bookmarked_found_updated_and_deleted(url: str, repo: Path, opened: Opened) -> None:
    page = opened(f"{url}/?q=accuracy&smooth=0.5")
    page.get_by_role("button", name="Bookmarks").click()
    page.get_by_role("menuitem", name="Bookmark this view").click()
    page.get_by_label("Name").fill("Smooth accuracy")
    page.get_by_label("Description").fill("at a half")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Show all").click()
    card = page.get_by_role("listitem").filter(has_text="Smooth accuracy")
    expect(card).to_contain_text("at a half")
    card.get_by_role("button", name="Edit Smooth accuracy").click()
    page.get_by_label("Name").fill("Smoother")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Smoother").click()
    page.wait_for_url(re.compile(r"\?q=accuracy&smooth=0.5$"))
    expect(page.get_by_role("textbox", name="AimQL query")).to_have_value("accuracy")

    page.goto(f"{url}/?q=accuracy&smooth=0.9")
    page.get_by_role("button", name="Bookmarks").click()
    page.get_by_role("menuitem", name="Update “Smoother”").click()
    expect(page.get_by_role("status").get_by_text("Updated “")).to_be_visible()
    searches = {bookmark.search for bookmark in Repo(repo).bookmarks}
    assert searches == {"?q=loss&logY=1", "?q=accuracy&smooth=0.9"}

    page.goto(f"{url}/?page=bookmarks")
    page.get_by_label("Find a bookmark").fill("smoother")
    page.get_by_role("button", name="Delete Smoother").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("heading", name="No bookmark matches")).to_be_visible()


def test_empty_pages_say_what_fills_them(tmp_path: Path, serve: Serve, opened: Opened) -> None:
    Repo.init(tmp_path)
    with serve(tmp_path) as url:
        page = opened(f"{url.rstrip('/')}/?page=dashboard")
        expect(page.get_by_role("heading", name="Record the first run")).to_be_visible()
        for search, words in [
            ("?page=compare", "Record the first run"),
            ("?page=tags", "No tags yet"),
            ("?page=bookmarks", "No bookmarks yet"),
            ("?page=dashboards", "No dashboards yet"),
            ("?page=run&run=nobody", "Run not found"),
            ("?page=experiment&experiment=nothing", "Experiment not found"),
            ("?page=queue&queue=nothing", "Queue not found"),
            ("?page=nothing", "There is no page with this name"),
        ]:
            page.goto(f"{url.rstrip('/')}/{search}")
            expect(page.get_by_role("heading", name=words)).to_be_visible()
        with aim.Run("first ever", repo=tmp_path) as run:
            run.track(1.0, "loss")
        page.goto(f"{url.rstrip('/')}/?page=dashboard")
        expect(page.get_by_role("link", name="first ever").first).to_be_visible()


@pytest.mark.parametrize(
    ("search", "heading", "way"),
    [
        ("?page=artifact", "Artifact not found", "All artifacts"),
        ("?page=artifact&artifact=", "Artifact not found", "All artifacts"),
        ("?page=artifact&artifact=..%2Fx&version=..", "Artifact not found", "All artifacts"),
        ("?page=artifact&artifact=model&version=v99", "Artifact not found", "All artifacts"),
        ("?page=run", "Run not found", "Go to the home page"),
        ("?page=run&run=%00%F0%9F%98%80", "Run not found", "Go to the home page"),
        ("?page=experiment", "Experiment not found", "All experiments"),
        ("?page=process", "Process not found", "All processes"),
        ("?page=queue", "Queue not found", "All queues"),
        ("?page=dashboards&id=", "Dashboard not found", "All dashboards"),
    ],
)
def test_an_address_that_names_nothing_leads_on(url: str, opened: Opened, search: str, heading: str, way: str) -> None:
    page = opened(f"{url}/{search}")
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("is not valid")
    page.get_by_role("link", name=way).click()
    expect(page.get_by_role("heading", name=heading)).to_have_count(0)


def test_a_server_that_goes_away_is_named_and_comes_back(repo: Path, serve: Serve, opened: Opened) -> None:
    port = free_port()
    with serve(repo, port=port) as url:
        page = opened(f"{url.rstrip('/')}/?page=experiments")
        expect(page.get_by_role("banner")).to_contain_text("3 runs")
    expect(page.get_by_text("The server does not respond. Pages show")).to_be_visible()
    pages(page).get_by_role("link", name="Overview").click()
    expect(page.get_by_role("heading", name="The server does not respond")).to_be_visible()
    with serve(repo, port=port):
        expect(heading(page, "Overview")).to_be_visible()


@pytest.mark.parametrize(("width", "height"), [(390, 800), (900, 700), (3840, 2160)])
@pytest.mark.parametrize("search", ["?page=dashboard", "?page=run&run=run+0", "?page=tags", "?page=experiments"])
def test_no_page_is_wider_than_its_window(shown: str, opened: Opened, search: str, width: int, height: int) -> None:
    page = opened(f"{shown}/{search}", viewport={"width": width, "height": height})
    expect(page.locator("h1")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.querySelector('.sheet').scrollWidth") <= width
    expect(pages(page).locator("[aria-current]")).to_be_in_viewport()
