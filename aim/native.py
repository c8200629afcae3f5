"""The exit of Python while other threads are in a C++ library.

A daemon thread that comes back from C++ after Python has ended is unwound through code that allows no exception, which
aborts the process. So the exit waits for such threads, and they end instead of going on.
"""

from __future__ import annotations

import atexit
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, current_thread, main_thread
from typing import Any
from weakref import WeakSet

_EXIT_SECONDS = 5.0
_AGAIN_SECONDS = 0.1
_gate = Condition()
_inside = 0
_exiting = False
# What the exit interrupts: everything here has a method `interrupt`.
interruptible: WeakSet[Any] = WeakSet()
# Kept for the main thread to destroy: a thread that ends would destroy it too late, with its traceback.
_kept: set[Any] = set()


@contextmanager
def entered() -> Iterator[None]:
    """Calls in this block are waited for at the exit. From then on, the block ends the threads that are not the main
    one."""
    global _inside
    with _gate:
        _end_at_exit()
        _inside += 1
    try:
        yield
    finally:
        with _gate:
            _inside -= 1
            _gate.notify_all()
            _end_at_exit()


def _end_at_exit() -> None:
    if _exiting and current_thread() is not main_thread():
        raise SystemExit


def _leave() -> None:
    global _exiting
    until = time.monotonic() + _EXIT_SECONDS
    with _gate:
        _exiting = True
        while _inside and time.monotonic() < until:
            _kept.update(interruptible)
            for busy in _kept:
                busy.interrupt()
            _gate.wait(_AGAIN_SECONDS)


def _in_child() -> None:
    """The parent's other threads do not exist after a fork."""
    global _gate, _inside
    _gate, _inside = Condition(), 0
    interruptible.clear()


atexit.register(_leave)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
