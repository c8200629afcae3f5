"""The one boundary between tracking and training: what goes wrong is told once by name, counted, and never raised."""

from __future__ import annotations

import sys
from collections import Counter

_TOLD = 20


class Trouble:
    """What went wrong in one run. `lost` counts the calls that recorded nothing. Told are the first kinds only."""

    def __init__(self) -> None:
        self.lost = 0
        self.counts: Counter[str] = Counter()

    def tell(self, key: str, text: str, *, lost: int = 0) -> None:
        """Print `text` the first time that `key` comes up."""
        self.lost += lost
        if key not in self.counts and len(self.counts) >= _TOLD:
            key, text = "more", "more went wrong, which is counted and no longer told one by one"
        self.counts[key] += 1
        if self.counts[key] == 1:
            say(text)

    def failed(self, call: str, error: BaseException, *, about: str = "") -> None:
        """A call that recorded nothing because of `error`."""
        kind = type(error).__name__
        self.tell(f"{call}:{about}:{kind}", f"{call}({about}) recorded nothing: {error or kind}", lost=1)


def say(text: str) -> None:
    """One line on standard error; silence where there is none."""
    try:
        print(f"aim: {text}", file=sys.stderr, flush=True)
    except (OSError, ValueError, AttributeError):
        pass
