"""Logged text is only text: nothing in it runs, loads, or leads anywhere, on any page."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from xml.etree import ElementTree

import numpy as np
import pytest

import aim
from aim.repo import Repo
from tests.browsing import ROOT, Opened, in_sight, up

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
expect = playwright.expect
pytestmark = pytest.mark.browser

HOSTILE = [
    "<script>window.harm = 1</script>",
    "<img src=x onerror='window.harm = 1'>",
    "javascript:window.harm=1",
    "<svg onload='window.harm = 1'><script>window.harm = 1</script></svg>",
    "\u001b[31mred\u001b[0m\u001b]8;;javascript:window.harm=1\u0007link\u001b]8;;\u0007",
    "\u202egnp.exe\u2066 \u200f מגיע",
    '"><iframe src="javascript:parent.harm=1"></iframe>',
]
MARKDOWN = "\n\n".join([*HOSTILE, *(f"[link]({text})" for text in HOSTILE), *(f"![image]({text})" for text in HOSTILE)])


PRINTS = """
import sys, aim
run = aim.Run("printed", repo=sys.argv[1], console=True)
for text in sys.argv[2:]:
    print(text)
    print(text, file=sys.stderr)
"""


def track_objects(run: aim.Run, text: str) -> None:
    """Media of every kind, with the text in every place for text."""
    context = {"subset": text}
    figure = {
        "data": [{"type": "scatter", "name": text, "x": [1, 2], "y": [1, 2]}, {"type": text, text: [text]}],
        "layout": {"title": {"text": text}, "xaxis": {"title": {"text": text}}, "yaxis": {"title": text}},
    }
    run.track(aim.Text(text), text, context=context)
    run.track(aim.Image(np.zeros((4, 4), np.uint8), caption=text), text, context=context)
    run.track(
        aim.Html(f"<script>parent.harm = 1; top.location = '/'</script>{text}", caption=text), text, context=context
    )
    run.track(aim.Video(ROOT / "tests" / "golden" / "video" / "noise.webm", caption=text), text, context=context)
    run.track(aim.Audio(np.zeros(100), rate=8000, caption=text), text, context=context)
    run.track(aim.Distribution([1.0, 2.0], caption=text), text, context=context)
    run.track(aim.Figure(figure, caption=text), text, context=context)


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory, browser: object) -> Iterator[str]:
    """A project in which every name that a person or script can choose is an attack."""
    folder = tmp_path_factory.mktemp("hostile")
    ids = []
    for number, text in enumerate(HOSTILE):
        name = f"{text}{number}" if text.isprintable() else f"attack {number}"
        try:
            with aim.Run(name, repo=folder) as run:
                ids.append(run.id)
                run[text] = {text: text, "plain": [text]}
                run.track(number, text, context={"subset": text, text.replace(":", ""): 1})
                run.track(number, "loss", context={"subset": text})
                track_objects(run, text)
                run.log_error(text, **{text: text})
                raise LookupError(text)
        except LookupError:
            pass
    repo = Repo(folder)
    for id, text in zip(ids, HOSTILE, strict=True):
        tag = "".join(letter for letter in text if ord(letter) >= 32)[:50]
        repo.runs.edit(id, "name", text)
        repo.runs.edit(id, "experiment", text)
        repo.runs.edit(id, "description", text)
        repo.runs.tag(id, tag)
        repo.tags.save(tag, color="#c62f3b", comment=text)
        repo.runs.edit(id, "note:00", MARKDOWN)
        repo.bookmarks.save(f"?q={text}", name=text, description=text)
        if "\u001b" not in text:
            repo.experiments.note(text, MARKDOWN)
    param = f'params["{HOSTILE[2]}"].plain'
    charts: list[dict[str, object]] = [
        *({"kind": kind, "title": HOSTILE[1], "metrics": ["loss"]} for kind in ("line", "bar", "number")),
        {"kind": "line", "metrics": [HOSTILE[0]]},
        {"kind": "scatter", "title": HOSTILE[3], "axes": [param, "metric:loss"]},
        {"kind": "parallel", "axes": [param, "metric:loss"]},
        *({"kind": kind, "title": f"{kind} {HOSTILE[6]}", "metrics": [HOSTILE[0]]} for kind in ("image", "text")),
        {"kind": "text", "title": "notes", "text": MARKDOWN},
    ]
    repo.dashboards.save(HOSTILE[1], charts, runs=f"run.name != '{HOSTILE[0]}!'", newest=50)
    command = [sys.executable, "-c", PRINTS, str(folder), *HOSTILE]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    with up(folder) as url:
        yield url.rstrip("/")


ACTIVE = "script, iframe:not([sandbox='']), object, embed, svg script, [onload], [onerror], [onmouseover]"
OURS = ("api/run/blob?", "api/run/page?")


def harmless(page: playwright.Page) -> None:
    assert page.evaluate("window.harm") is None
    assert page.locator(f"main :is({ACTIVE}), dialog :is({ACTIVE})").count() == 0
    sources = page.eval_on_selector_all("main [src], dialog [src]", "all => all.map(one => one.getAttribute('src'))")
    assert [source for source in sources if not source.startswith(OURS)] == []
    links = page.eval_on_selector_all("a[href]", "all => all.map(one => one.protocol)")
    assert set(links) <= {"http:", "https:"}


@pytest.mark.parametrize("search", ["home", "dashboard", "experiments", "tags", "bookmarks"])
def test_lists_show_attacks_as_text(hostile: str, opened: Opened, search: str) -> None:
    page = opened(f"{hostile}/?page={search}")
    expect(page.get_by_text(HOSTILE[0]).filter(visible=True).first).to_be_visible()
    harmless(page)
    if search == "tags":
        for name in page.locator(".tag-name").all():
            name.click()
            expect(page.get_by_role("region", name="Runs with this tag").first).to_be_visible()
            harmless(page)


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_a_run_shows_attacks_as_text(hostile: str, opened: Opened, number: int) -> None:
    page = opened(hostile)
    page.goto(f"{hostile}/?page=dashboard")
    page.get_by_role("region", name="Newest runs").first.locator("tbody th a").nth(len(HOSTILE) - number).click()
    expect(page.locator("h1 bdi")).to_have_text(HOSTILE[number], use_inner_text=False)
    expect(page.locator(".banner.danger pre")).to_be_visible()
    expect(page.locator(".sparkline").first).to_be_visible()
    harmless(page)
    for tab, ready in [
        ("Params", ".param-tree"),
        ("Metrics", ".tab-panel .chart"),
        ("Notes", ".markdown"),
        ("Messages", ".message"),
        ("Distributions", ".density-host canvas"),
        ("Images", ".thumb img"),
        ("HTML", ".html-frame iframe"),
        ("Videos", "video"),
        ("Audios", "audio"),
        ("Texts", ".object-text"),
        ("Figures", ".figure-host .main-svg"),
        ("Settings", ".setting"),
    ]:
        page.get_by_role("tab", name=tab).click()
        expect(page.locator(ready).first).to_be_visible()
        harmless(page)
    page.get_by_role("tab", name="Metrics").click()
    page.locator(".tab-panel .chart-host").first.hover()
    harmless(page)
    page.locator(".facts-line a").click()
    expect(page.get_by_role("tab", name="Notes")).to_be_visible()
    page.get_by_role("tab", name="Notes").click()
    expect(page.locator(".tab-panel > *").first).to_be_visible()
    harmless(page)


def test_messages_and_pictures_open_as_text(hostile: str, opened: Opened) -> None:
    page = opened(f"{hostile}/?page=run&run=attack+4&tab=messages")
    page.locator("summary.message").click()
    expect(page.locator(".message-params dd")).to_be_visible()
    harmless(page)
    page.get_by_role("tab", name="Images").click()
    page.locator(".thumb").first.click()
    expect(page.locator(".lightbox img")).to_be_visible()
    harmless(page)
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Figures").click()
    page.get_by_text("Figure data").first.click()
    page.locator(".json-tree summary").first.click()
    harmless(page)
    page.get_by_role("button", name="Open in explorer").click()
    expect(page.locator(".explore a").first).to_be_visible()
    harmless(page)


def test_the_controls_of_a_run_show_attacks_as_text(hostile: str, opened: Opened) -> None:
    page = opened(f"{hostile}/?page=run&run=attack+4&tab=metrics")
    chart = page.locator(".metric-grid .chart-host").first
    expect(chart.locator("canvas").first).to_be_visible()
    chart.click()
    expect(page.get_by_role("tooltip")).to_be_visible()
    harmless(page)
    for button, panel in (
        ("X Step", ".popover"),
        ("Axes", ".popover"),
        ("Switch to another run", ".switcher a"),
    ):
        page.keyboard.press("Escape")
        page.get_by_role("button", name=button).first.click()
        expect(page.locator(panel).first).to_be_visible()
        harmless(page)
    page.get_by_role("searchbox", name="Find a run").fill(HOSTILE[1])
    expect(page.locator(".switcher a").filter(has_text=HOSTILE[1]).first).to_be_visible()
    harmless(page)


def test_printed_attacks_are_text(hostile: str, opened: Opened) -> None:
    page = opened(f"{hostile}/?page=run&run=printed&tab=logs")
    for text in (HOSTILE[1], HOSTILE[3], HOSTILE[6]):
        expect(page.locator(".output-line", has_text=text)).to_have_count(2)
    expect(page.locator(".output-line", has_text="redlink")).to_have_count(2)
    expect(page.locator(".output-scroll a")).to_have_count(0)
    harmless(page)
    page.get_by_role("searchbox", name="Find in the output").fill("<img src=x")
    expect(page.locator(".output-line mark").first).to_be_visible()
    harmless(page)


def test_the_explorer_shows_attacks_as_text(hostile: str, opened: Opened) -> None:
    page = opened(f"{hostile}/?q=loss&color=run.name&color=run.tags&chart=context.subset&chart=experiment")
    expect(page.get_by_role("grid").locator(".row")).to_have_count(len(HOSTILE))
    harmless(page)
    page.locator(".legend-item button").first.hover()
    box = page.locator(".chart-host").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    harmless(page)


GROUPS = "color=run.name&color=run.tags&chart=experiment"


@pytest.mark.parametrize(
    "search", [f"runs&{GROUPS}", f"params&{GROUPS}&stroke=run.tags", f"scatter&{GROUPS}&px=duration&py=duration"]
)
def test_pages_of_runs_show_attacks_as_text(hostile: str, opened: Opened, search: str) -> None:
    page = opened(f"{hostile}/?page={search}")
    rows = page.locator(".table .row")
    expect(rows.first).to_be_visible()
    harmless(page)
    if search.startswith("runs"):
        page.get_by_role("button", name="List all runs").click()
        expect(rows.nth(len(HOSTILE) + 2)).to_be_visible()
        harmless(page)
        in_sight(page, page.get_by_role("button", name=re.compile(" last: column menu$")).first).click()
        page.get_by_role("menuitem", name="Where another metric is best…").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        return harmless(page)
    page.locator(".chart-host [role=img]").first.focus()
    page.keyboard.press("ArrowDown" if search.startswith("params") else "ArrowRight")
    expect(page.get_by_role("tooltip")).to_be_visible()
    harmless(page)
    page.get_by_role("button", name="Charts as a picture").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save SVG").click()
    picture = ElementTree.parse(download.value.path()).getroot()
    names = {element.tag.rpartition("}")[2] for element in picture.iter()}
    assert names.isdisjoint({"script", "image", "a", "foreignObject", "iframe", "use"})
    assert not any(name.startswith("on") for element in picture.iter() for name in element.attrib)
    assert HOSTILE[0] in "".join(picture.itertext())


FILLED = "canvas, .board-bars, .board-number, .board-none, .markdown, img, pre"


@pytest.mark.parametrize("width", [1300, 390])
def test_a_dashboard_shows_attacks_as_text(hostile: str, opened: Opened, width: int) -> None:
    page = opened(f"{hostile}/?page=dashboards", viewport={"width": width, "height": 900})
    page.get_by_role("link", name=HOSTILE[1]).click()
    tiles = page.locator(".board-tile")
    expect(tiles).to_have_count(9)
    for tile in tiles.all():
        tile.scroll_into_view_if_needed()
        expect(tile.locator(FILLED).first).to_be_visible()
        tile.hover()
        harmless(page)
    page.get_by_role("button", name=f"More of {HOSTILE[3]}").click()
    page.get_by_role("menuitem", name="Edit…").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    harmless(page)


def test_a_comparison_shows_attacks_as_text(hostile: str, opened: Opened) -> None:
    page = opened(f"{hostile}/?page=compare")
    for place in range(2):
        page.locator(".run-picker [role=checkbox]").nth(place + 1).click()
    expect(page.locator(".compare-value").first).to_be_visible()
    harmless(page)


def test_an_attack_in_the_address_is_text(hostile: str, opened: Opened) -> None:
    page = opened(f"{hostile}/?page=tags")
    for name in ("q", "page", "run", "find", "tab", "tag", "experiment"):
        for page_name in ("run", "tags", "experiments", "experiment", "bookmarks"):
            page.goto(f"{hostile}/?page={page_name}&{name}=%3Cimg%20src%3Dx%20onerror%3D%22window.harm%3D1%22%3E")
            expect(page.locator("main h1, main h2").first).to_be_visible()
            harmless(page)
