"""One daemon thread a process: a sign of life for quiet runs, and facts that come late.

It is stopped before a fork, so that forking stays clean under `-W error`, and comes back with the next call that
tracks.
"""

from __future__ import annotations

import os
import threading
from typing import Protocol
from weakref import WeakSet

from aim.log.status import PULSE_SECONDS

_POLL_SECONDS = 0.02


class Living(Protocol):
    def beat(self) -> None: ...

    def late_facts(self) -> bool:
        """Ask for facts that take time; False when there is nothing more to come."""

    def forked_in_child(self) -> None: ...

    def forked_in_parent(self) -> None: ...


_living: WeakSet[Living] = WeakSet()
_thread: threading.Thread | None = None
_stop = threading.Event()
_hooked = False


def watch(run: Living) -> None:
    """Keep a sign of life on `run` until `unwatch`."""
    global _hooked
    _living.add(run)
    if not _hooked and hasattr(os, "register_at_fork"):
        os.register_at_fork(before=_before_fork, after_in_parent=_after_in_parent, after_in_child=_after_in_child)
        _hooked = True
    wake()


def unwatch(run: Living) -> None:
    _living.discard(run)


def wake() -> None:
    """Start the thread if it does not run. A system that gives no thread costs the sign of life, nothing else."""
    global _thread, _stop
    if _thread is not None and _thread.is_alive():
        return
    _stop = threading.Event()
    _thread = threading.Thread(target=_beat, args=(_stop,), name="aim-pulse", daemon=True)
    try:
        _thread.start()
    except RuntimeError:
        _thread = None


def _beat(stop: threading.Event) -> None:
    while True:
        pending = any([run.late_facts() for run in list(_living)])
        if stop.wait(_POLL_SECONDS if pending else PULSE_SECONDS):
            return
        if not pending:
            for run in list(_living):
                run.beat()


def _before_fork() -> None:
    global _thread
    _stop.set()
    thread, _thread = _thread, None
    if thread is not None and thread is not threading.current_thread():
        thread.join(1.0)


def _after_in_parent() -> None:
    for run in list(_living):
        run.forked_in_parent()


def _after_in_child() -> None:
    global _thread, _stop
    _thread, _stop = None, threading.Event()
    for run in list(_living):
        run.forked_in_child()
