"""Points in space and embeddings: seen small on the page Media, turned and projected when they are opened."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest

import aim
from tests.browser.pages.axe import violations_by_theme
from tests.browsing import Opened, up

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
expect = playwright.expect
Page = playwright.Page

pytestmark = pytest.mark.browser

# The number of opaque pixels, and a sum that changes when they move.
INK = """host => {
  const canvas = host.querySelector('canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let [count, sum] = [0, 0];
  for (let i = 3; i < data.length; i += 4) if (data[i]) { count += 1; sum = (sum + i * data[i - 3]) % 1e9; }
  return [count, sum];
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, profile: object) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("clouds")
    draw = np.random.default_rng(0)
    with aim.Run("run 0", repo=folder, system_interval=0) as run:
        sphere = draw.normal(size=(3_000, 3))
        sphere /= np.linalg.norm(sphere, axis=1, keepdims=True)
        run.track(aim.Points3D(sphere, (sphere + 1) / 2), "sphere")
        kinds = draw.integers(0, 3, 200)
        vectors = draw.normal(size=(200, 20)) + 4 * np.eye(20)[kinds]
        run.track(aim.Embedding(vectors, [("<b>cat</b>", "dog", "owl")[kind] for kind in kinds]), "words")
    with up(folder, "--read-only") as url:
        yield url.rstrip("/")


def ink(page: Page) -> list[int]:
    page.wait_for_timeout(400)
    return list(page.locator(".classifier-host.cloud").evaluate(INK))


def opened_cloud(server: str, opened: Opened, name: str) -> Page:
    page = opened(f"{server}/?page=media&kind=figure&q={name}")
    page.get_by_role("button", name=re.compile(f"^Open .*{name}")).click()
    expect(page.locator(".classifier-host.cloud canvas").first).to_be_visible()
    return page


def test_points_are_turned_by_mouse_and_keys(server: str, opened: Opened) -> None:
    page = opened_cloud(server, opened, "sphere")
    first = ink(page)
    assert first[0] > 2_000
    box = page.locator(".classifier-host.cloud").bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 90, middle[1] + 20, steps=3)
    page.mouse.up()
    turned = ink(page)
    assert turned != first
    canvas = page.get_by_role("dialog").get_by_role("img", name=re.compile("3,000 points"))
    canvas.focus()
    page.keyboard.press("ArrowLeft")
    assert ink(page) not in (first, turned)
    page.keyboard.press("+")
    assert ink(page) != turned
    page.keyboard.press("0")
    page.mouse.move(5, 5)
    assert ink(page) == first
    expect(page.get_by_role("dialog")).to_be_visible()


def test_the_wheel_scrolls_the_page_until_a_cloud_is_pressed(server: str, opened: Opened) -> None:
    page = opened(f"{server}/?page=run&run=run%200&tab=figures")
    cloud = page.get_by_role("region", name="sphere").locator(".classifier-host.cloud")
    cloud.hover()
    page.wait_for_timeout(400)
    first = cloud.evaluate(INK)
    top = cloud.bounding_box()
    page.mouse.wheel(0, 120)
    page.wait_for_timeout(400)
    moved = cloud.bounding_box()
    assert top is not None and moved is not None and moved["y"] < top["y"]
    assert cloud.evaluate(INK) == first
    cloud.click()
    page.mouse.wheel(0, 120)
    page.wait_for_timeout(400)
    assert cloud.bounding_box() == moved and cloud.evaluate(INK) != first


def test_an_embedding_is_projected(server: str, opened: Opened) -> None:
    page = opened_cloud(server, opened, "words")
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".cloud-legend li")).to_have_count(3)
    expect(dialog.locator(".cloud-legend")).to_contain_text("<b>cat</b>")
    expect(dialog.locator(".cloud-bar")).to_contain_text(re.compile(r"Explains \d+\.\d %"))
    space = ink(page)
    dialog.get_by_label("Dimensions").select_option("plane")
    assert ink(page) != space
    dialog.get_by_label("Projection").select_option("umap")
    expect(dialog.get_by_text("pip install umap-learn").or_(dialog.locator(".cloud-legend")).first).to_be_visible()


def test_the_page_of_a_run(server: str, opened: Opened) -> None:
    page = opened(f"{server}/?page=run&run=run%200&tab=figures")
    expect(page.locator(".classifier-host.cloud")).to_have_count(2)
    assert violations_by_theme(page) == {"light": [], "dark": []}
