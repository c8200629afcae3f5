"""A zoomed density is there at once: the picture of before, stretched, until its own is painted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

# Whether there is ink left of the middle of the plot, where the lines of before began at its left edge, in the frame
# after a zoom out, how many pictures of densities were painted by then, and whether there is ink in the end.
ZOOM_OUT = """async () => {
  await stage.show('crowd', false);
  let pictures = 0;
  const put = CanvasRenderingContext2D.prototype.putImageData;
  CanvasRenderingContext2D.prototype.putImageData = function (...given) { pictures++; return put.apply(this, given); };
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const painted = async () => {
    while (pictures === 0) await frame();
    await frame();
    pictures = 0;
  };
  const x = Float64Array.from({ length: 30 }, (_, i) => i);
  const look = { label: '', color: '#3083da', dash: [] };
  made.setLines(
    Array.from({ length: 20_000 }, (_, key) => ({ ...look, key: `${key}`, x, y: x.map((at) => at + key % 50) })),
  );
  await painted();
  const lines = document.querySelectorAll('#host canvas')[1];
  const ink = (from, to) => {
    const { width, height } = lines;
    const { data } = lines.getContext('2d').getImageData(width * from, 0, width * (to - from), height);
    return data.some((value, at) => at % 4 === 3 && value > 0);
  };
  const before = ink(0.15, 0.4);
  made.setOptions({ xRange: [-29, 29] });
  await frame();
  const seen = { before, left: ink(0.15, 0.4), right: ink(0.6, 0.9), pictures };
  await painted();
  return { ...seen, later: ink(0.15, 0.4) };
}"""


def test_a_zoomed_density_is_stretched_until_it_is_painted(stage: Page) -> None:
    assert stage.evaluate(ZOOM_OUT) == {"before": True, "left": False, "right": True, "pictures": 0, "later": False}
