"""Stops processes: SIGINT first (like Ctrl-C), then SIGTERM, then SIGKILL, with waits in between."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence

from aim.sdk import tree

_LOOK_SECONDS = 0.05
_GIVE_UP_SECONDS = 10.0

FindNodes = Callable[[], Sequence[tree.Node]]


class Ending:
    """Ends everything that `find` finds, repeatedly, until nothing is left. Begins with the first `step`."""

    def __init__(self, find: FindNodes, waits: Sequence[float]) -> None:
        self._find = find
        self._due = list(zip((signal.SIGINT, signal.SIGTERM, signal.SIGKILL), (0.0, *waits), strict=True))
        self._since = time.monotonic()
        self._last: int | None = None

    def hurry(self) -> None:
        """Skip to SIGKILL."""
        self._due = [(signal.SIGKILL, 0.0)] if self._last != signal.SIGKILL else []

    def step(self) -> float | None:
        """Send what is due. Returns the seconds until the next step, or None if nothing is left or can be done."""
        there = self._find()
        now = time.monotonic()
        if not there or (self._last == signal.SIGKILL and now - self._since > _GIVE_UP_SECONDS):
            return None
        if self._due and now - self._since >= self._due[0][1]:
            self._last, self._since = self._due.pop(0)[0], now
            send(there, self._last)
        elif self._last == signal.SIGKILL:
            send(there, self._last)
        return _LOOK_SECONDS


def send(there: Sequence[tree.Node], number: int) -> None:
    """Send a signal to all of them, and wake suspended ones so that they can end."""
    for node in there:
        try:
            tree.send(node, number)
            tree.send(node, signal.SIGCONT)
        except PermissionError:
            continue
