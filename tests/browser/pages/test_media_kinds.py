"""Texts, sounds, distributions and figures of many runs on the page Media, and all that is shown as one zip."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator

import numpy as np
import pytest

import aim
from aim.media.filenames import safe_name
from tests.browser.pages.axe import violations_by_theme
from tests.browsing import ROOT, Opened, up

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
expect = playwright.expect
Page = playwright.Page

pytestmark = pytest.mark.browser

NAMES = ["<b>first</b>", "second"]
SAID = {
    0: "The **cat** sat on `the` mat.\n\n<img src=x onerror=alert(1)>\n\n"
    "[safe](https://example.org) [bad](javascript:alert(1))",
    10: "The **dog** sat on `the` mat.",
}
REPORT = "<h1>Report</h1><p id=said>static</p><script>said.textContent = 'a script ran'</script>"
VIDEO = ROOT / "tests" / "golden" / "video" / "noise.webm"
PLOT = {"data": [{"type": "bar", "x": ["a", "b"], "y": [1, 3]}], "layout": {"title": {"text": "Counts"}}}


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory, profile: object) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("kinds")
    draw = np.random.default_rng(0)
    for number, name in enumerate(NAMES):
        with aim.Run(f"run {number}", repo=folder, system_interval=0) as run:
            run.name = name
            run["hparams"] = {"lr": 10.0**-number}
            for step, text in SAID.items():
                run.track(aim.Text(text.replace("mat", f"mat {number}")), "answers", step=step)
                tone = np.sin(np.arange(4_000) * (1 + step) / 20) * np.linspace(0, 1, 4_000)
                run.track(aim.Audio(tone, rate=8_000), "speech", step=step)
                run.track(aim.Distribution(draw.normal(step, 1 + number, 500)), "weights", step=step)
                run.track(aim.Figure(PLOT), "counts", step=step)
                run.track(aim.Html(REPORT), "report", step=step)
                run.track(aim.Video(VIDEO), "rollouts", step=step)
    with up(folder, "--read-only") as url:
        yield f"{url.rstrip('/')}/?page=media"


def tiles(page: Page) -> playwright.Locator:
    return page.locator(".media-tile")


def choose(page: Page, label: str) -> None:
    page.get_by_role("group", name="Kind of media").get_by_role("button", name=label).click()


def test_each_kind_is_one_click_away(media: str, opened: Opened) -> None:
    page = opened(media)
    expect(page.get_by_text("No images")).to_be_visible()
    for label, of, count in [
        ("Texts", "text", 4),
        ("Sounds", "audio", 4),
        ("Videos", "video", 4),
        ("Distributions", "distribution", 2),
    ]:
        choose(page, label)
        expect(tiles(page)).to_have_count(count)
        expect(page).to_have_url(re.compile(f"kind={of}"))
    choose(page, "Figures")
    expect(page.locator(".media-tile .js-plotly-plot .barlayer").nth(3)).to_be_visible()


def test_a_query_of_another_kind_shows_that_kind(media: str, opened: Opened) -> None:
    page = opened(media)
    box = page.get_by_role("textbox", name="Query of images")
    box.fill("texts if texts.step > 5")
    box.press("Enter")
    expect(tiles(page)).to_have_count(2)
    choose(page, "Sounds")
    expect(page.get_by_role("textbox", name="Query of sounds")).to_have_value("audios if audios.step > 5")
    expect(tiles(page)).to_have_count(2)


def test_texts_as_markdown_code_and_changes(media: str, opened: Opened) -> None:
    page = opened(f"{media}&kind=text")
    first = tiles(page).first
    expect(first).to_contain_text("The **cat** sat on `the` mat 0.")
    look = page.get_by_label("How texts are shown")
    look.select_option("markdown")
    expect(first.locator("strong")).to_have_text("cat")
    assert page.locator(".media-tile img").count() == 0, "HTML stays text"
    assert [link.get_attribute("href") for link in first.locator("a").all()] == ["https://example.org"]
    look.select_option("code")
    expect(first.locator(".media-line")).to_have_count(5)
    look.select_option("steps")
    expect(tiles(page).nth(1).locator("del").first).to_have_text("cat")
    expect(tiles(page).nth(1).locator("ins").first).to_have_text("dog")
    look.select_option("runs")
    expect(tiles(page).nth(2).locator("ins").first).to_have_text("1")


def test_matches_of_a_pattern_are_marked(media: str, opened: Opened) -> None:
    page = opened(f"{media}&kind=text")
    find = page.get_by_label("Find in texts: a regular expression")
    find.fill("(?i)D.G")
    expect(tiles(page)).to_have_count(2)
    expect(page.locator(".media-tile mark")).to_have_text(["dog", "dog"])
    expect(page.get_by_text("4 texts searched")).to_be_visible()
    find.fill("horse")
    page.get_by_role("button", name="Show all texts").click()
    expect(tiles(page)).to_have_count(4)
    find.fill("a**")
    expect(page.locator("#page .notice")).to_contain_text("`a**` is not a pattern")
    find.fill("")
    expect(tiles(page)).to_have_count(4)


def test_a_text_is_opened_and_two_are_compared(media: str, opened: Opened) -> None:
    page = opened(f"{media}&kind=text&pattern=sat")
    tiles(page).first.hover()
    tiles(page).first.get_by_role("button", name="Open").click()
    view = page.get_by_role("dialog")
    expect(view.locator("mark")).to_have_text("sat")
    page.keyboard.press("ArrowRight")
    expect(view).to_contain_text("2 of 4")
    page.keyboard.press("Escape")
    for number in (0, 1):
        tiles(page).nth(number).hover()
        tiles(page).nth(number).get_by_role("checkbox").click()
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(view.locator("del").first).to_have_text("cat")
    view.get_by_label("How to compare").select_option("beside")
    expect(view.locator("figure")).to_have_count(2)
    expect(view.locator("figure").nth(1).locator("ins").first).to_have_text("dog")


def test_sounds_have_a_waveform_and_play_in_a_loop(media: str, opened: Opened) -> None:
    page = opened(f"{media}&kind=audio&look=loop")
    first = tiles(page).first
    expect(first.locator(".waveform path").first).to_have_attribute("d", re.compile("^M0 "))
    assert first.locator("audio").evaluate("audio => audio.loop")
    first.get_by_role("button", name="Play").click()
    expect(first.get_by_role("button", name="Pause")).to_be_visible()
    page.wait_for_function("() => document.querySelector('.media-tile audio').currentTime > 0")
    tiles(page).nth(1).get_by_role("button", name="Play").click()
    expect(first.get_by_role("button", name="Play")).to_be_visible()
    place = first.get_by_role("slider")
    place.press("End")
    expect(place).to_have_attribute("aria-valuenow", "100")


def test_distributions_over_steps_and_at_one(media: str, opened: Opened) -> None:
    page = opened(f"{media}&kind=distribution")
    expect(tiles(page).first.locator("canvas").last).to_have_attribute("aria-label", re.compile("2 steps from 0 to 10"))
    page.get_by_label("How distributions are shown").select_option("ridges")
    ridges = re.compile("as ridgelines: 2 steps from 0 to 10")
    expect(tiles(page).first.locator("canvas").last).to_have_attribute("aria-label", ridges)
    page.get_by_role("button", name="One step").click()
    expect(tiles(page).first.locator("canvas").last).to_have_attribute("aria-label", re.compile("Histogram"))
    tiles(page).first.hover()
    tiles(page).first.get_by_role("button", name="Open").click()
    expect(page.get_by_role("dialog").locator(".bars-host canvas").first).to_be_visible()


def test_a_figure_is_opened(media: str, opened: Opened) -> None:
    page = opened(f"{media}&kind=figure")
    tiles(page).first.hover()
    tiles(page).first.get_by_role("button", name="Open").click()
    expect(page.get_by_role("dialog").locator(".modebar-btn").first).to_be_visible()


def test_a_page_of_html_is_opened_and_runs_scripts_when_asked(media: str, opened: Opened) -> None:
    page = opened(f"{media}&kind=html")
    expect(tiles(page)).to_have_count(4)
    small = tiles(page).first.frame_locator("iframe")
    expect(small.locator("#said")).to_have_text("static")
    tiles(page).first.get_by_role("button", name="Open").click()
    dialog = page.get_by_role("dialog")
    whole = dialog.frame_locator("iframe")
    expect(whole.locator("#said")).to_have_text("static")
    dialog.get_by_role("button", name="Run scripts").click()
    expect(whole.locator("#said")).to_have_text("a script ran")


def test_a_video_is_opened_and_plays(media: str, opened: Opened) -> None:
    page = opened(f"{media}&kind=video")
    tiles(page).first.get_by_role("button", name="Open").click()
    expect(page.get_by_role("dialog").locator("video")).to_have_js_property("videoWidth", 10)
    page.wait_for_function("document.querySelector('dialog video').currentTime > 0")


def test_all_that_is_shown_is_downloaded(media: str, opened: Opened) -> None:
    page = opened(f"{media}&kind=text&pattern=dog&q=answers")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download 2 texts").click()
    assert download.value.suggested_filename == "texts.zip"
    with zipfile.ZipFile(download.value.path()) as file:
        assert sorted(file.namelist()) == [f"{safe_name(f'run {number}')}/answers/10-0.txt" for number in range(2)]
        assert file.read(file.namelist()[0]).startswith(b"The **dog**")


@pytest.mark.parametrize(
    "kind",
    [
        "text",
        "text&look=markdown",
        "text&look=code",
        "text&look=steps",
        "audio",
        "video",
        "distribution",
        "figure",
        "html",
    ],
)
def test_axe_finds_nothing(media: str, opened: Opened, kind: str) -> None:
    page = opened(f"{media}&kind={kind}")
    expect(tiles(page).first).to_be_visible()
    expect(page.locator(".media-wait")).to_have_count(0)
    assert violations_by_theme(page) == {"light": [], "dark": []}
