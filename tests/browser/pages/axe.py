"""Runs axe on an open page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browsing import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = ROOT / "ui" / "node_modules" / "axe-core" / "axe.min.js"
# Describing each element that passes would take eight times as long as the rules themselves.
RUN = """axe.run(document, {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  resultTypes: ['violations'],
}).then((result) => result.violations)"""


def violations(page: Page) -> list[tuple[str, str, list[str]]]:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: run 'npm ci' in ui/")
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    broken = page.evaluate(RUN)
    return [(rule["id"], rule["impact"], [node["html"][:120] for node in rule["nodes"]][:3]) for rule in broken]
