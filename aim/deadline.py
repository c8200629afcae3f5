"""Stops work that nobody waits for any more: a query beyond its time, or one whose client has left.

The server gives each query a `Cancellation`, which long loops read through `check` or `checked`. Elsewhere,
for example on the command line, there is none, and they do nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import Context, ContextVar, copy_context
from threading import Lock
from typing import TypeVar

from aim.errors import Stopped

T = TypeVar("T")


class Cancellation:
    def __init__(self) -> None:
        self.requested = False
        self._interrupts: list[Callable[[], object]] = []
        self._lock = Lock()

    def request(self) -> None:
        """The work ends at its next check; what an engine is doing is interrupted. May be called by any thread, and
        again if an interrupt came before the engine had started."""
        with self._lock:
            self.requested = True
            for interrupt in self._interrupts:
                interrupt()

    def context(self) -> Context:
        """What runs in this context can be stopped."""
        context = copy_context()
        context.run(_current.set, self)
        return context

    @contextmanager
    def interrupting(self, interrupt: Callable[[], object]) -> Iterator[None]:
        with self._lock:
            self._interrupts.append(interrupt)
        try:
            check()
            yield
        finally:
            with self._lock:
                self._interrupts.remove(interrupt)


_current: ContextVar[Cancellation | None] = ContextVar("aim_stop", default=None)


def stopped() -> bool:
    """Whether nobody waits for this thread's work any more."""
    stop = _current.get()
    return stop is not None and stop.requested


def check() -> None:
    """Raises Stopped if nobody waits for this thread's work."""
    if stopped():
        raise Stopped("the work was stopped, because nobody waits for it any more")


def checked(items: Iterable[T]) -> Iterable[T]:
    """The items, with a check before each."""
    stop = _current.get()
    return items if stop is None else _stopping(items, stop)


def _stopping(items: Iterable[T], stop: Cancellation) -> Iterator[T]:
    for item in items:
        if stop.requested:
            check()
        yield item


@contextmanager
def interrupting(interrupt: Callable[[], object]) -> Iterator[None]:
    """While an engine works: `interrupt` ends what it is doing if nobody waits for it."""
    stop = _current.get()
    if stop is None:
        yield
        return
    with stop.interrupting(interrupt):
        yield


@contextmanager
def whole() -> Iterator[None]:
    """For work that others need too, such as bringing the index up to date: it is not stopped halfway."""
    before = _current.set(None)
    try:
        yield
    finally:
        _current.reset(before)
