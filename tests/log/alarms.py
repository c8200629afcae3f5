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
    """SIGALRM goes to `handler` inside the block. The test's own time limit rests until its end."""
    left = signal.setitimer(signal.ITIMER_REAL, 0)
    before = signal.signal(signal.SIGALRM, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, *left)


def alarm_in(seconds: float) -> None:
    """And again each 50 ms: Python ignores an exception that is raised in a finalizer."""
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.05)


def interrupted(call: Callable[[int], object], *, times: int, every: float = 0.0003) -> list[int]:
    """Call with 1, 2, 3, ... until an exception came between `times` times; the numbers whose call returned."""
    returned: list[int] = []
    hits, number = 0, 0

    def interrupt(signum: int, frame: FrameType | None) -> None:
        raise Interruption

    with alarms(interrupt):
        while hits < times:
            try:
                alarm_in(every * (0.5 + hits % 17 / 17))
                while True:
                    number += 1
                    call(number)
                    returned.append(number)
            except Interruption:
                hits += 1
    return returned
