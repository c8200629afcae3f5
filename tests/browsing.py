"""A real `aim up`, and pages of one browser. A test fails if its page throws or violates the server's policy."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import aim

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page

Serve = Callable[..., AbstractContextManager[str]]
Opened = Callable[..., "Page"]

ROOT = Path(aim.__file__).parent.parent
VIEWPORT = {"width": 1300, "height": 900}
HARMLESS = ("Failed to load resource", "net::ERR_")
FORGET = "() => { localStorage.clear(); sessionStorage.clear(); }"


@contextlib.contextmanager
def up(repo: Path, *words: str, port: int = 0) -> Iterator[str]:
    """`aim up` in a process of its own, and the address it printed."""
    command = [sys.executable, "-m", "aim", "up", "--repo", str(repo), "-p", str(port), *words]
    plain = {name: value for name, value in os.environ.items() if not name.startswith("AIM_")}
    environment = {**plain, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(repo / ".user-state")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=repo) as process:
        try:
            assert process.stdout is not None
            lines = (line for line in process.stdout if line.startswith("Open "))
            yield next(lines).split()[1]
        finally:
            process.terminate()
            process.wait()


class Visit:
    """The pages that a test opens. They share only the browser's cache with pages of other tests."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.trouble: list[str] = []
        self.pages: list[Page] = []

    def open(self, url: str, *, viewport: dict[str, int] | None = None, **media: Any) -> Page:
        """`media` is passed to `page.emulate_media`: color_scheme, reduced_motion."""
        if not self.context.pages:
            # It stays open, and so does the process that draws the pages of this and later tests.
            self.context.new_page().goto(urljoin(url, "/api/openapi.json"))
        page = self.context.new_page()
        self.pages.append(page)
        page.set_viewport_size(viewport or VIEWPORT)
        page.emulate_media(**media)
        page.on("pageerror", lambda error: self.trouble.append(str(error)))
        page.on("console", self._listen)
        page.on("dialog", lambda dialog: self.trouble.append(dialog.message))
        page.goto(url)
        return page

    def _listen(self, said: ConsoleMessage) -> None:
        # A page of HTML that a run recorded is told in its frame what it may not do.
        if said.type == "error" and "/api/run/page?" not in said.location["url"]:
            self.trouble.append(said.text)

    def end(self) -> list[str]:
        """Close the pages and clear their storage; returns their errors."""
        self.context.clear_cookies()
        for page in self.pages:
            if not page.is_closed():
                page.evaluate(FORGET)
                page.close()
        return [text for text in self.trouble if not any(word in text for word in HARMLESS)]


def in_sight(page: Page, cell: Locator) -> Locator:
    """A cell of the table, which is scrolled to the right until it is there: only columns in sight are."""
    for _ in range(30):
        if cell.is_visible():
            break
        page.locator(".table").evaluate("element => { element.scrollLeft += 300; }")
        page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return cell
