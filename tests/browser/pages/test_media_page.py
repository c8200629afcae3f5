"""Images of many runs on one page: rows and columns, ranges, one step for all, full view, and two compared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import aim
from tests.browser.pages.axe import violations_by_theme
from tests.browsing import Opened, up

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
expect = playwright.expect
Page = playwright.Page

pytestmark = pytest.mark.browser

NAMES = ["<img src=x onerror=alert(1)>", "b &amp; c", "third", "{{fourth}}", "fifth"]
STILL = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def gray(value: int, size: int = 24) -> aim.Image:
    return aim.Image(np.full((size, size), value, np.uint8), caption=f"gray {value}")


def record(folder: Path) -> Path:
    """Five runs with two images at each of three steps, and names that are markup."""
    for number in range(5):
        with aim.Run(f"run {number}", repo=folder, system_interval=0) as run:
            run.name = NAMES[number]
            run["hparams"] = {"lr": 10.0**-number, "model": "ab"[number % 2]}
            for step in (0, 10, 20):
                run.track([gray(10 * number + step), gray(255)], "samples", step=step, context={"subset": "val"})
    return folder


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory, profile: object) -> Iterator[str]:
    with up(record(tmp_path_factory.mktemp("pictures")), "--read-only") as url:
        yield url.rstrip("/")


def tiles(page: Page) -> playwright.Locator:
    return page.locator(".media-tile")


def loaded(page: Page) -> None:
    expect(page.locator(".media-picture img").first).to_be_visible()
    page.wait_for_function("() => [...document.querySelectorAll('.media-picture img')].every(img => img.naturalWidth)")


def test_images_over_steps_of_five_runs_take_one_click(pictures: str, opened: Opened) -> None:
    page = opened(pictures)
    page.get_by_role("link", name="Media").click()
    expect(page.locator(".media-row-head")).to_have_text(NAMES)
    expect(page.locator(".media-heads span")).to_have_text(["0", "10", "20"])
    expect(page.get_by_text("30 images of 5 runs")).to_be_visible()
    loaded(page)


def test_rows_columns_and_ranges_are_in_the_address(pictures: str, opened: Opened) -> None:
    page = opened(f"{pictures}/?page=media&row=params.hparams.model&column=media.index&lo=10&high=0")
    expect(page.locator(".media-row-head")).to_have_text(["a", "b"])
    expect(page.locator(".media-heads span")).to_have_text(["0"])
    expect(page.get_by_text("10 of 30 images of 5 runs")).to_be_visible()
    expect(tiles(page)).to_have_count(10)
    page.get_by_role("slider", name="End of Index").fill("1")
    expect(tiles(page)).to_have_count(20)
    expect(page).to_have_url(re.compile(r"lo=10(?!.*high=)"))
    page.go_back()
    expect(tiles(page)).to_have_count(10)


def test_a_query_of_single_images(pictures: str, opened: Opened) -> None:
    page = opened(f"{pictures}/?page=media")
    box = page.get_by_role("textbox", name="Query of images")
    box.fill("images if hparams.lr < 0.1 and images.step > 10 and images.index == 0")
    box.press("Enter")
    expect(tiles(page)).to_have_count(3)
    box.fill("sampels")
    box.press("Enter")
    page.get_by_role("button", name="Search samples").click()
    expect(tiles(page).nth(9)).to_be_visible()
    box.fill("samples if images.stp > 1")
    box.press("Enter")
    expect(page.locator("#page [role=alert]").first).to_contain_text("There is no `images.stp`")


def test_the_query_of_images_is_completed_and_checked_while_typing(pictures: str, opened: Opened) -> None:
    page = opened(f"{pictures}/?page=media")
    box = page.get_by_role("textbox", name="Query of images")
    box.press_sequentially("sam")
    expect(page.locator(".completion")).to_have_text(["Msamplesimage"])
    box.press("Tab")
    box.press_sequentially(" if images.st")
    expect(page.locator(".completion")).to_have_text(["Mstepits step"])
    box.press_sequentially("p > 1")
    expect(page.locator(".query [role=alert]")).to_contain_text("There is no `images.stp`")
    expect(page.locator(".query .syntax-wrong")).to_have_text("images.stp")


def test_all_show_one_step(pictures: str, opened: Opened) -> None:
    page = opened(f"{pictures}/?page=media")
    page.get_by_role("button", name="One step").click()
    expect(tiles(page)).to_have_count(10)
    expect(page.get_by_role("group", name="Step of all images")).to_contain_text("Step 20 of 20")
    first = page.locator(".media-picture").first
    expect(first).to_have_attribute("title", f"{NAMES[0]} · samples · subset=val · step 20 · #0 · gray 20")
    page.get_by_role("button", name="Step before").click()
    expect(first).to_have_attribute("title", f"{NAMES[0]} · samples · subset=val · step 10 · #0 · gray 10")
    expect(page).to_have_url(re.compile("at=10"))
    page.get_by_role("button", name="Play the steps").click()
    expect(first).to_have_attribute("title", re.compile("step 20 "))


def test_full_view_moves_with_the_keys(pictures: str, opened: Opened) -> None:
    page = opened(f"{pictures}/?page=media")
    tiles(page).first.locator(".media-picture").click()
    view = page.get_by_role("dialog")
    expect(view).to_contain_text(f"{NAMES[0]} · samples")
    expect(view).to_contain_text("1 of 30")
    page.keyboard.press("ArrowRight")
    expect(view).to_contain_text("2 of 30")
    with page.expect_download() as download:
        view.get_by_role("link", name="Download").click()
    assert Path(download.value.path()).read_bytes() == gray(255).data
    page.keyboard.press("Escape")
    expect(view).to_have_count(0)


DIFFERENCE = """async () => {
    const shown = [...document.querySelectorAll('.compare-box img')];
    await Promise.all(shown.map(img => img.decode()));
    return shown.map(img => [img.getBoundingClientRect().width, getComputedStyle(img).mixBlendMode]);
}"""


def test_two_pictures_are_compared_at_one_zoom(pictures: str, opened: Opened) -> None:
    page = opened(f"{pictures}/?page=media")
    for number in (0, 1):
        tiles(page).nth(number).hover()
        tiles(page).nth(number).get_by_role("checkbox").click()
    page.get_by_role("button", name="Compare", exact=True).click()
    (first, _), (second, _) = page.evaluate(DIFFERENCE)
    assert first == second > 24
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Compare", exact=True).click()
    page.get_by_label("How to compare").select_option("difference")
    (_, below), (_, above) = page.evaluate(DIFFERENCE)
    assert (below, above) == ("normal", "difference")
    page.get_by_role("button", name="Larger").click()
    assert {width for width, _ in page.evaluate(DIFFERENCE)} == {24 * 64}


@pytest.mark.parametrize("search", ["", "&at=10", "&q=nothing", "&lo=1000"])
def test_axe_finds_nothing(pictures: str, opened: Opened, search: str) -> None:
    page = opened(f"{pictures}/?page=media{search}")
    expect(page.locator(".media-picture, .notice").first).to_be_visible()
    assert violations_by_theme(page) == {"light": [], "dark": []}


def test_new_images_appear(tmp_path: Path, opened: Opened) -> None:
    run = aim.Run("live", repo=tmp_path, system_interval=0)
    run.track(gray(0), "samples", step=0)
    with up(tmp_path) as url:
        page = opened(f"{url.rstrip('/')}/?page=media")
        expect(tiles(page)).to_have_count(1)
        run.track(gray(50), "samples", step=1)
        expect(tiles(page)).to_have_count(2)
    run.close()


def test_ten_thousand_pictures_scroll_in_little_memory(tmp_path: Path, opened: Opened) -> None:
    images = [gray(value, size=8) for value in range(4)]
    for number in range(100):
        with aim.Run(f"run {number}", repo=tmp_path, system_interval=0) as run:
            for step in range(25):
                run.track(images, "samples", step=step)
    with up(tmp_path, "--read-only") as url:
        page = opened(f"{url.rstrip('/')}/?page=media&size=96&row=&column=")
        expect(page.get_by_text("10,000 images of 100 runs")).to_be_visible()
        loaded(page)
        counts = []
        for share in (0.2, 0.5, 0.8, 1.0):
            page.locator(".media-scroll").evaluate(
                "(area, share) => { area.scrollTop = area.scrollHeight * share }", share
            )
            page.evaluate(STILL)
            counts.append(tiles(page).count())
        assert 30 < max(counts) < 400, "only what is in sight is in the page"
        loaded(page)
        page.locator(".media-scroll").press("Home")
        expect(tiles(page).first).to_be_visible()
