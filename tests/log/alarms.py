"""Signals at any moment, and exceptions that their handlers raise."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

Handler = Callable[[int, FrameType | None], object]


class Interruption(BaseException):
    """Like KeyboardInterrupt, not an Exception."""


@contextmanager
def alarms(handler: Handler) -> Iterator[None]:
    """SIGALRM goes to `handler` inside the block."""
    before = signal.signal(signal.SIGALRM, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def interrupted(call: Callable[[int], object], *, times: int, every: float = 0.0003) -> list[int]:
    """Call with 1, 2, 3, ... until an exception came between `times` times; the numbers whose call returned."""
    returned: list[int] = []
    hits, number = 0, 0

    def interrupt(signum: int, frame: FrameType | None) -> None:
        raise Interruption

    with alarms(interrupt):
        while hits < times:
            try:
                signal.setitimer(signal.ITIMER_REAL, every * (0.5 + hits % 17 / 17))
                while True:
                    number += 1
                    call(number)
                    returned.append(number)
            except Interruption:
                hits += 1
    return returned
