"""Runs axe on an open page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browsing import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

THEMES = ("light", "dark")
AXE = ROOT / "ui" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The rules about what a theme changes.
CONTRAST = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
# Describing each element that passes would take eight times as long as the rules themselves.
RUN = """(runOnly) => axe.run(document, {runOnly, resultTypes: ['violations']}).then((result) => result.violations)"""

# Colors that elements inherit change one level a frame, as transitions.
SETTLED = """async () => {
  do {
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  } while (document.getAnimations().some((one) => one instanceof CSSTransition));
}"""


def violations(page: Page, *, rules: object = RULES) -> list[tuple[str, str, list[str]]]:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: run 'npm ci' in ui/")
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    broken = page.evaluate(RUN, rules)
    return [(rule["id"], rule["impact"], [node["html"][:120] for node in rule["nodes"]][:3]) for rule in broken]


def violations_by_theme(page: Page) -> dict[str, list[tuple[str, str, list[str]]]]:
    """What axe finds in light and in dark, on a page that follows the system."""
    told = {}
    for theme in THEMES:
        turn(page, theme)
        told[theme] = violations(page, rules=CONTRAST if told else RULES)
    return told


def turn(page: Page, theme: str) -> None:
    from playwright.sync_api import expect

    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    expect(page.locator("html")).to_have_attribute("data-theme", theme)
    page.evaluate(SETTLED)
