"""Stops work that nobody waits for any more: a query beyond its time, or one whose client has left. Lets work that
takes long rest, so that other work goes on beside it.

The server gives each query a `Cancellation`, which long loops read through `check` or `checked`. Elsewhere,
for example on the command line, there is none, and they do nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import Context, ContextVar, copy_context
from threading import Lock, Semaphore
from typing import TypeVar

from aim.errors import Stopped

T = TypeVar("T")

# Of the processor, before a rest; and the longest rest.
WORK_SECONDS = 0.005
REST_SECONDS = 0.2
LOOK_SECONDS = 0.05


class Cancellation:
    def __init__(self) -> None:
        self.requested = False
        self._interrupts: list[Callable[[], object]] = []
        self._lock = Lock()
        self._others: Callable[[], int] | None = None
        self._rested = 0.0

    def request(self) -> None:
        """The work ends at its next check; what an engine is doing is interrupted. May be called by any thread, and
        again if an interrupt came before the engine had started."""
        with self._lock:
            self.requested = True
            for interrupt in self._interrupts:
                interrupt()

    def give_way(self, others: Callable[[], int]) -> None:
        """From its next check on, the work rests `others()` times as long as its thread computes. Threads that evaluate
        queries take turns on one processor, and a short one among many long ones would wait for all of them at each of
        its own turns."""
        self._others = others

    @property
    def gives_way(self) -> bool:
        return self._others is not None

    def pause(self) -> None:
        """At a check, in the thread of the work."""
        if self._others is None or self.requested:
            return
        computed = time.thread_time() - self._rested
        if computed >= WORK_SECONDS:
            if self._rested:
                time.sleep(min(computed * self._others(), REST_SECONDS))
            self._rested = time.thread_time()

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
    """Raises Stopped if nobody waits for this thread's work. Rests if other work should go on."""
    stop = _current.get()
    if stop is not None:
        stop.pause()
        if stop.requested:
            raise Stopped("the work was stopped, because nobody waits for it any more")


def acquire(lock: Lock | Semaphore) -> None:
    """Take a lock, or a place, unless nobody waits for this thread's work any more."""
    while not lock.acquire(timeout=LOOK_SECONDS):
        check()


@contextmanager
def turn(lock: Lock) -> Iterator[None]:
    """Hold a lock, which is taken as by `acquire`."""
    acquire(lock)
    try:
        yield
    finally:
        lock.release()


def checked(items: Iterable[T]) -> Iterable[T]:
    """The items, with a check before each."""
    stop = _current.get()
    return items if stop is None else _stopping(items, stop)


def _stopping(items: Iterable[T], stop: Cancellation) -> Iterator[T]:
    for item in items:
        if stop.requested or stop.gives_way:
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
