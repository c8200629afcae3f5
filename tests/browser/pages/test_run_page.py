"""The page of one run in a real browser."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import aim
from tests.browsing import ROOT, Opened, Serve

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
expect = playwright.expect
Page = playwright.Page
Locator = playwright.Locator

pytestmark = pytest.mark.browser


def visit(opened: Opened, url: str, tab: str, run: str = "rich") -> Page:
    return opened(f"{url}/?page=run&run={run}&tab={tab}")


def line(page: Page, text: str) -> Locator:
    return page.locator(".output-line", has_text=text)


def test_the_overview_shows_code_and_environment(rich: str, opened: Opened) -> None:
    page = visit(opened, rich, "overview")
    git = page.get_by_role("region", name="Git")
    expect(git.locator(".diff-file summary")).to_contain_text("train.py")
    expect(git.locator(".diff-line.removed")).to_have_text("-lr = 0.1\n")
    expect(git.locator(".diff-line.added")).to_have_text("+lr = 0.01\n")
    git.locator("summary").first.click()
    expect(git.locator(".diff-line")).to_have_count(0)
    packages = page.get_by_role("region", name="Packages")
    expect(packages.locator("dt")).to_have_count(12)
    packages.get_by_role("searchbox").fill("numpy")
    expect(packages.locator("dt", has_text=re.compile("^numpy$"))).to_have_count(1)
    packages.get_by_role("searchbox").fill("no such thing")
    expect(packages).to_contain_text("No package contains")
    expect(page.get_by_role("region", name="Status")).to_contain_text("finished: The process ended without an error.")
    expect(page.get_by_role("region", name="System metrics", exact=True)).to_contain_text("system/cpu_percent")


def test_the_output_looks_as_in_a_terminal(rich: str, opened: Opened) -> None:
    page = visit(opened, rich, "logs")
    expect(line(page, "step 2999: loss")).to_be_visible()
    expect(page.locator(".output-foot")).to_have_text("3,004 lines")
    assert page.locator(".output-line").count() < 200, "only lines in sight are in the page"
    page.locator(".output-scroll").press("Home")
    page.locator(".output-scroll").evaluate("element => element.scrollTo(0, 0)")
    expect(line(page, "training on")).to_be_visible()
    bold, blue = line(page, "training on").locator("span").all()
    assert bold.evaluate("one => getComputedStyle(one).fontWeight") == "700"
    assert blue.evaluate("one => getComputedStyle(one).color") == "rgb(10, 120, 200)"
    expect(line(page, "a link")).to_have_text("a link <b>not bold</b>\n")
    expect(page.locator(".output a, .output b")).to_have_count(0)
    page.get_by_label("Stream").select_option("stderr")
    expect(page.locator(".output-line.stderr")).to_have_text(["a warning\n", "100%|##########|\n"])
    page.get_by_role("button", name="Times").click()
    expect(line(page, "a warning")).to_have_attribute("data-time", re.compile(r"^\d\d-\d\d \d\d:\d\d:\d\d$"))


def test_the_output_is_searched_everywhere(rich: str, opened: Opened) -> None:
    page = visit(opened, rich, "logs")
    expect(line(page, "step 2999: loss")).to_be_visible()
    page.locator(".output-scroll").press("/")
    field = page.get_by_role("searchbox", name="Find in the output")
    expect(field).to_be_focused()
    field.fill("STEP 12")
    says = page.locator(".output-find [role=status]")
    expect(says).to_have_text("111 found")
    field.press("Enter")
    expect(says).to_have_text("1 of 111")
    expect(page.locator(".output-line.current")).to_have_text("step 12: loss 0.9763\n")
    expect(page.locator(".output-line.current mark")).to_have_text("step 12")
    expect(page.locator(".output-line.current")).to_be_in_viewport()
    field.press("Shift+Enter")
    expect(page.locator(".output-line.current")).to_have_text(re.compile("^step 1299:"))
    page.get_by_role("button", name="Next").click()
    expect(says).to_have_text("1 of 111")
    field.fill("100%")
    expect(says).to_have_text("1 found")
    field.fill("nowhere to be found")
    expect(says).to_have_text("Not found")
    field.press("Escape")
    expect(says).to_have_text("")


def test_all_of_the_output_is_downloaded_as_plain_text(rich: str, opened: Opened) -> None:
    page = visit(opened, rich, "logs")
    expect(line(page, "step 2999: loss")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename.startswith("Output-of-rich-")
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert "training on 1 GPU\na link <b>not bold</b>\n" in text and "a warning\n100%|##########|\n" in text
    assert "\r" not in text and "\x1b" not in text
    assert len(text.splitlines()) == 3004


LIVE = """
import aim, sys
run = aim.Run("live", repo=sys.argv[1], console=True)
for line in sys.stdin:
    for number in range(int(line)): print("line", number, flush=True)
"""


def test_output_of_a_running_run_is_followed_until_somebody_scrolls_up(
    repo: Path, serve: Serve, opened: Opened
) -> None:
    with (
        serve(repo) as url,
        subprocess.Popen(
            [sys.executable, "-c", LIVE, str(repo)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            cwd=ROOT,
        ) as training,
    ):
        assert training.stdin is not None

        def say(lines: int) -> None:
            assert training.stdin is not None
            training.stdin.write(f"{lines}\n")
            training.stdin.flush()

        page = opened(f"{url.rstrip('/')}/?page=dashboard")
        page.get_by_role("region", name="Active runs").first.get_by_role("link", name="live").click()
        page.get_by_role("tab", name="Logs").click()
        expect(page.get_by_text("aim.Run(console=True)")).to_be_visible()
        say(100)
        expect(line(page, "line 99")).to_be_in_viewport()
        expect(page.locator(".output-foot")).to_contain_text("following")
        say(150)
        expect(line(page, "line 149")).to_be_in_viewport()
        page.locator(".output-scroll").hover()
        page.mouse.wheel(0, -600)
        expect(page.locator(".output-foot")).to_contain_text("not following")
        say(200)
        expect(page.get_by_role("button", name="New output")).to_be_visible()
        expect(line(page, "line 199")).to_have_count(0)
        page.get_by_role("button", name="New output").click()
        expect(line(page, "line 199")).to_be_in_viewport()
        training.stdin.close()
        expect(page.locator(".sheet-line .status")).to_have_text("finished")


def test_messages_have_levels_and_values(rich: str, opened: Opened) -> None:
    page = visit(opened, rich, "messages")
    entries = page.locator(".message")
    expect(entries).to_have_count(4)
    page.get_by_role("button", name="debug").click()
    page.get_by_role("button", name="info").click()
    expect(entries).to_have_count(2)
    expect(page.get_by_text("2 of 4 messages")).to_be_visible()
    page.get_by_role("searchbox").fill("batch")
    expect(entries).to_have_count(1)
    entries.click()
    expect(page.locator(".message-params")).to_contain_text("batch")
    page.get_by_role("searchbox").fill("nothing")
    expect(page.get_by_text("No messages match")).to_be_visible()


def test_a_distribution_of_each_step(rich: str, opened: Opened) -> None:
    page = visit(opened, rich, "distributions")
    card = page.locator(".object-card").first
    expect(card).to_contain_text("5 distributions")
    surface = card.locator(".density-host canvas[aria-label]")
    expect(surface).to_have_attribute("aria-label", re.compile("5 steps from 0 to 40, values"))
    expect(card.locator("output")).to_have_text("Step 40 of 40")
    expect(card.locator(".bins-says")).to_contain_text("500 samples")
    before = card.locator(".bins-says").inner_text()
    surface.press("ArrowLeft")
    expect(card.locator("output")).to_have_text("Step 30 of 40")
    assert card.locator(".bins-says").inner_text() != before
    card.get_by_role("slider").press("Home")
    expect(card.locator("output")).to_have_text("Step 0 of 40")
    page.get_by_label("From step").fill("25")
    expect(surface).to_have_attribute("aria-label", re.compile("2 steps from 30 to 40"))


def test_images_of_each_step(rich: str, opened: Opened) -> None:
    page = visit(opened, rich, "images")
    card = page.locator(".object-card").first
    expect(card.locator("img")).to_have_count(3)
    expect(card.locator(".thumb-says").first).to_have_text("digit 0")
    for image in card.locator("img").all():
        expect(image).to_have_js_property("naturalWidth", 8)
    first = card.locator("img").first.get_attribute("src")
    card.get_by_role("slider").press("ArrowLeft")
    expect(card.locator("output")).to_have_text("Step 30 of 40")
    assert card.locator("img").first.get_attribute("src") != first
    card.locator("button.thumb").first.click()
    box = page.get_by_role("dialog")
    expect(box).to_contain_text("step 30 · 8 × 8 · png")
    expect(box).to_contain_text("1 of 3")
    page.keyboard.press("ArrowRight")
    expect(box).to_contain_text("digit 1")
    page.keyboard.press("+")
    expect(box.locator("output")).to_have_text("12800 %")
    page.keyboard.press("-")
    expect(box.locator("output")).to_have_text("6400 %")
    assert box.locator("img").bounding_box()["width"] == 8 * 64
    page.keyboard.press("Escape")
    expect(box).to_have_count(0)
    expect(card.locator("button.thumb").first).to_be_focused()
    page.get_by_label("Which images").select_option("all")
    expect(card.locator("img")).to_have_count(15)


PICTURES = """
import aim, sys
import numpy as np
run = aim.Run("live", repo=sys.argv[1])
for step, _ in enumerate(sys.stdin):
    run.track(aim.Image(np.full((8, 8), step, np.uint8)), name="samples", step=step)
"""


def test_the_chosen_step_stays_while_more_are_recorded(repo: Path, serve: Serve, opened: Opened) -> None:
    with (
        serve(repo) as url,
        subprocess.Popen(
            [sys.executable, "-c", PICTURES, str(repo)], stdin=subprocess.PIPE, text=True, cwd=ROOT
        ) as training,
    ):
        assert training.stdin is not None

        def record(count: int) -> None:
            assert training.stdin is not None
            training.stdin.write("\n" * count)
            training.stdin.flush()

        record(3)
        page = opened(f"{url.rstrip('/')}/?page=dashboard")
        page.get_by_role("region", name="Active runs").first.get_by_role("link", name="live").click()
        page.get_by_role("tab", name="Images").click()
        step = page.locator(".object-card output")
        expect(step).to_have_text("Step 2 of 2")
        page.locator(".object-card").get_by_role("slider").press("Home")
        record(1)
        expect(step).to_have_text("Step 0 of 3")
        page.locator(".object-card").get_by_role("slider").press("End")
        record(1)
        expect(step).to_have_text("Step 4 of 4")
        training.stdin.close()


def test_sounds_can_be_played(rich: str, opened: Opened) -> None:
    page = visit(opened, rich, "audios")
    player = page.locator("audio")
    expect(player).to_have_count(1)
    expect(page.locator(".player-facts")).to_contain_text("100 ms · 8 kHz · mono · wav")
    player.evaluate("one => { one.preload = 'auto'; one.load(); }")
    expect(player).to_have_js_property("readyState", 4)


def test_videos_can_be_played(rich: str, opened: Opened) -> None:
    page = visit(opened, rich, "videos")
    player = page.locator("video")
    expect(player).to_have_count(1)
    expect(page.locator(".player-facts")).to_contain_text("2.0 s · 10 × 8 · webm")
    player.evaluate("one => { one.muted = true; one.play(); }")
    expect(player).to_have_js_property("videoWidth", 10)
    page.wait_for_function("document.querySelector('video').currentTime > 0")


def test_a_page_of_html_runs_scripts_when_asked_and_reaches_nothing(rich: str, opened: Opened) -> None:
    page = visit(opened, rich, "htmls")
    shown = page.frame_locator(".html-frame iframe")
    expect(shown.get_by_role("heading", name="Report")).to_be_visible()
    expect(shown.locator("#said")).to_have_text("no script")
    page.get_by_role("button", name="Run scripts").click()
    expect(shown.locator("#said")).to_have_text("a script ran")
    expect(shown.locator("body")).to_contain_text("parent: SecurityError cookie: SecurityError fetch: TypeError")
    page.get_by_role("button", name="Stop scripts").click()
    expect(shown.locator("#said")).to_have_text("no script")
    assert page.title() != "harm"


def test_texts_are_text(rich: str, opened: Opened) -> None:
    page = visit(opened, rich, "texts")
    rows = page.locator(".texts tbody tr")
    expect(rows).to_have_count(5)
    expect(rows.first).to_contain_text("answer 0: **4** <script>window.harm = 1</script>")
    assert page.evaluate("window.harm") is None


def test_empty_tabs_say_what_fills_them(shown: str, opened: Opened) -> None:
    page = visit(opened, shown, "images", run="run+0")
    expect(page.get_by_role("heading", name="No images")).to_be_visible()
    expect(page.get_by_text("aim.Image(pixels")).to_be_visible()
    page.get_by_role("tab", name="Overview").click()
    expect(page.get_by_role("tab", name="Images")).to_have_count(0)
    page.get_by_role("tab", name="Logs").click()
    expect(page.get_by_text("aim.Run(console=True)")).to_be_visible()
    page.get_by_role("tab", name="Messages").click()
    expect(page.get_by_role("heading", name="No messages")).to_be_visible()


def test_the_way_to_another_run_keeps_the_tab(shown: str, opened: Opened) -> None:
    page = visit(opened, shown, "params", run="run+0")
    page.get_by_role("button", name="Switch to another run").click()
    panel = page.get_by_role("dialog")
    expect(panel.get_by_role("link")).to_have_count(2)
    panel.get_by_role("searchbox").fill("brok")
    expect(panel.get_by_role("link")).to_have_count(1)
    panel.get_by_role("searchbox").press("Enter")
    expect(page.get_by_role("heading", level=1, name="broken")).to_be_visible()
    expect(page.get_by_role("tab", name="Params", selected=True)).to_be_visible()
    page.get_by_role("button", name="Switch to another run").click()
    page.get_by_label("Experiment", exact=True).select_option("")
    expect(panel.get_by_role("link")).to_have_count(3)
    page.keyboard.press("ArrowDown")
    expect(panel.get_by_role("link").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)


def test_ways_into_the_explorers(shown: str, opened: Opened) -> None:
    page = visit(opened, shown, "overview", run="run+0")
    page.get_by_role("button", name="Open in explorer").click()
    page.get_by_role("region", name="With the other runs").get_by_role("link", name="loss").click()
    expect(page.locator(".chart canvas").first).to_be_visible()
    expect(page.get_by_role("grid").locator(".row").first).to_be_visible()
    assert "loss+if+experiment+%3D%3D+%22first%22" in page.url


def test_the_dashboard_shows_recent_activity(repo: Path, serve: Serve, opened: Opened) -> None:
    with serve(repo) as url:
        page = opened(f"{url.rstrip('/')}/?page=dashboard")
        activity = page.get_by_role("region", name="Activity").first
        expect(activity).to_contain_text("broken failed: “ValueError: CUDA out of memory”")
        expect(activity).to_contain_text("run 0 got the tag")
        expect(activity).to_contain_text("Bookmark “All losses” was saved")
        activity.get_by_role("link", name="broken").first.click()
        page.get_by_role("tab", name="Settings").click()
        page.get_by_role("button", name="Archive run").click()
        expect(page.get_by_text("Run archived.")).to_be_visible()
        page.go_back()
        page.go_back()
        expect(activity).to_contain_text("broken was archived")
        page.get_by_role("link", name="Archived runs").click()
        expect(page.get_by_role("grid").get_by_role("link", name="broken")).to_be_visible()


def test_metrics_have_the_controls_of_the_explorer(shown: str, opened: Opened) -> None:
    page = opened(f"{shown}/?page=run&run=run+0&tab=metrics")
    loss = page.locator("figure", has=page.get_by_role("heading", name="loss"))
    expect(loss.locator("canvas").first).to_be_visible()
    expect(loss).to_contain_text("2 lines")
    page.get_by_role("button", name=re.compile("^X ")).click()
    page.get_by_role("radio", name="Process time").click()
    page.wait_for_url(re.compile("x=process"))
    page.get_by_role("slider", name="Smoothing").press("ArrowRight")
    page.wait_for_url(re.compile("smooth=0.01"))
    axes = page.get_by_role("button", name="Axes")
    axes.click()
    page.get_by_role("switch", name="Logarithmic y").click()
    page.get_by_role("textbox", name="Max y").fill("2")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(axes).to_contain_text("range")
    page.get_by_role("tab", name="Overview").click()
    page.get_by_role("tab", name="Metrics").click()
    expect(axes).to_contain_text("range")
    page.reload()
    expect(axes).to_contain_text("range")
    expect(page.get_by_role("button", name=re.compile("^X "))).to_contain_text("Process time")

    expect(loss).to_contain_text("2 lines")
    host = loss.locator(".chart-host")
    box = host.bounding_box()
    assert box is not None
    host.hover(position={"x": box["width"] * 0.5, "y": 100})
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 100, steps=4)
    expect(page.get_by_role("tooltip")).to_contain_text("process time")
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + 100, steps=5)
    page.mouse.up()
    page.wait_for_url(re.compile("zoom="))
    page.get_by_role("button", name="Reset zoom").click()
    expect(page.get_by_role("button", name="Reset zoom")).to_be_disabled()


def test_a_long_series_is_smoothed_and_zoomed_where_all_its_points_are(
    tmp_path: Path, serve: Serve, opened: Opened
) -> None:
    with aim.Run("long", repo=tmp_path) as run:
        for step in range(10_000):
            run.track(float(step % 7), "loss", step=step)
    with serve(tmp_path) as url:
        page = opened(f"{url}/?page=run&run=long&tab=metrics")
        expect(page.locator("figure canvas").first).to_be_visible()
        with page.expect_request(re.compile(r"api/series\?.*smooth=0.01")):
            page.get_by_role("slider", name="Smoothing").press("ArrowRight")
        with page.expect_request(re.compile(r"api/series\?.*lo=1000&hi=1100")):
            page.goto(f"{url}/?page=run&run=long&tab=metrics&zoom=1000%7E1100")
        expect(page.get_by_role("button", name="Reset zoom")).to_be_enabled()
