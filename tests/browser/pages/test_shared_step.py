"""On the page of a run, all media show one step, unless one is let go."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import aim
from tests.browsing import Opened, up

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
expect = playwright.expect

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def run_page(tmp_path_factory: pytest.TempPathFactory, profile: object) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("steps")
    with aim.Run("r", repo=folder, system_interval=0) as run:
        for step in (0, 5, 10, 20):
            pixels = np.full((8, 8), step, np.uint8)
            run.track(aim.Image(pixels, caption=f"often at {step}"), "often", step=step)
            if step % 10 == 0:
                run.track(aim.Image(pixels, caption=f"seldom at {step}"), "seldom", step=step)
                run.track(aim.Audio(np.zeros(800), rate=8_000, caption=f"sound at {step}"), "sound", step=step)
    with up(folder, "--read-only") as url:
        yield f"{url.rstrip('/')}/?page=run&run=r&tab=images"


def test_one_slider_moves_all(run_page: str, opened: Opened) -> None:
    page = opened(run_page)
    captions = page.locator(".thumb-says")
    expect(captions).to_have_text(["often at 20", "seldom at 20"])
    page.get_by_role("slider", name="Step of all").fill("1")
    expect(captions).to_have_text(["often at 5", "seldom at 0"])
    page.get_by_role("slider", name="Step of seldom").fill("1")
    expect(captions).to_have_text(["often at 10", "seldom at 10"])
    page.get_by_role("tab", name="Audios").click()
    expect(page.get_by_text("sound at 10")).to_be_visible()


def test_a_card_is_let_go_and_comes_back(run_page: str, opened: Opened) -> None:
    page = opened(run_page)
    captions = page.locator(".thumb-says")
    page.get_by_role("region", name="seldom").get_by_role("button", name="Keep this step").click()
    page.get_by_role("slider", name="Step of all").fill("0")
    expect(captions).to_have_text(["often at 0", "seldom at 20"])
    page.get_by_role("slider", name="Step of seldom").fill("1")
    expect(captions).to_have_text(["often at 0", "seldom at 10"])
    page.get_by_role("button", name="Move with the others again").click()
    expect(captions).to_have_text(["often at 0", "seldom at 0"])
