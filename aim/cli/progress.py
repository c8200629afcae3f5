"""One line on standard error with the progress of long work; silent without a terminal."""

from __future__ import annotations

import shutil
import sys
import time

from aim.cli.printer import draw

EVERY = 0.1
QUIET_FOR = 0.3
BAR = 24


class ProgressBar:
    """Call it with (done, total, text). Shows nothing for short work, and clears its line when done."""

    def __init__(self, text: str = "") -> None:
        self.text = text
        self.shown = False
        self.next_at = time.monotonic() + QUIET_FOR
        self.silent = not sys.stderr.isatty()

    def __call__(self, done: int, total: int, text: str = "") -> None:
        if done >= total:
            self.wipe()
        elif not self.silent and time.monotonic() >= self.next_at:
            self.next_at = time.monotonic() + EVERY
            self.draw(done / total, text or self.text)

    def draw(self, share: float, text: str) -> None:
        bar = "█" * int(share * BAR) + "░" * (BAR - int(share * BAR))
        line = f"{text} {bar} {share:4.0%}"
        draw(line[: shutil.get_terminal_size().columns - 1])
        self.shown = True

    def wipe(self) -> None:
        if self.shown:
            draw("")
            self.shown = False
