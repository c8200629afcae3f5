"""The boundary between tracking and training: errors are printed once by name, counted, and never raised."""

from __future__ import annotations

import sys
from collections import Counter

from aim.handlers import let_through
from aim.plain import text_of, visible

_TOLD = 20
_LISTED = 3
_CALL = 200
_REASON = 1000


class Trouble:
    """The errors of one run. `lost` counts calls that recorded nothing. Only the first kinds are printed."""

    def __init__(self) -> None:
        self.lost = 0
        self.counts: Counter[str] = Counter()
        self._losses: Counter[str] = Counter()

    def tell(self, key: str, text: str, *, lost: int = 0) -> None:
        """Print `text` the first time that `key` occurs."""
        self.lost += lost
        if key not in self.counts and len(self.counts) >= _TOLD:
            key, text = "more", "further errors are counted and not printed"
        self.counts[key] += 1
        self._losses[key] += lost
        if self.counts[key] == 1:
            say(text)

    def losses(self) -> str:
        """How many calls were lost, and the most frequent reasons."""
        often = [f"{key} {count:,}" for key, count in self._losses.most_common(_LISTED) if count]
        reasons = f" ({', '.join(often)})" if often else ""
        return f"{self.lost:,} calls or points were not recorded{reasons}"

    def failed(self, call: str, error: BaseException) -> None:
        """Count a call that recorded nothing because of `error`. `call` is what the script wrote: `track(loss)`."""
        kind, call = type(error).__name__, call[:_CALL]
        self.tell(f"{call}:{kind}", f"{call} recorded nothing: {text_of(error)[:_REASON] or kind}", lost=1)


def say(text: str) -> None:
    """Print one line to standard error, if there is one."""
    if sys.stderr is None:
        return
    try:
        print(f"aim: {visible(text)}", file=sys.stderr, flush=True)
    except (OSError, ValueError, AttributeError) as error:
        let_through(error)
