"""One daemon thread per process: heartbeats of quiet runs, and facts that take time.

It is stopped before a fork, so that forking stays clean under `-W error`, and started again in the parent.
"""

from __future__ import annotations

import os
import threading
import time
from typing import Protocol
from weakref import WeakValueDictionary

from aim.handlers import let_through
from aim.log.status import PULSE_SECONDS

_POLL_SECONDS = 0.02


class Living(Protocol):
    @property
    def pulse_seconds(self) -> float:
        """How long the thread may sleep between two beats."""

    def beat(self) -> None: ...

    def late_facts(self) -> bool:
        """Ask for facts that take time; False when no more can come."""

    def forked_in_child(self) -> None: ...


_living: WeakValueDictionary[int, Living] = WeakValueDictionary()
_thread: threading.Thread | None = None
_stop = threading.Event()
_starting = threading.Lock()
_hooked = False
_rest = PULSE_SECONDS


def watch(heart: Living) -> None:
    """Call `heart` until `unwatch`."""
    global _hooked, _thread
    _living[id(heart)] = heart
    if not _hooked and hasattr(os, "register_at_fork"):
        os.register_at_fork(before=_before_fork, after_in_parent=_after_in_parent, after_in_child=_after_in_child)
        _hooked = True
    if heart.pulse_seconds < _rest and _thread is not None:
        # A thread that sleeps longer ends; the next one sleeps as this run requires.
        _stop.set()
        _thread = None
    wake()


def unwatch(heart: Living) -> None:
    _living.pop(id(heart), None)


def wake() -> None:
    """Start the thread if it is not running. Without a thread only heartbeats and samples are missing."""
    global _thread, _stop
    if (_thread is not None and _thread.is_alive()) or not _starting.acquire(blocking=False):
        return
    try:
        _stop = threading.Event()
        _thread = threading.Thread(target=_beat, args=(_stop,), name="aim-pulse", daemon=True)
        _thread.start()
    except RuntimeError as error:
        _thread = None
        let_through(error)
    finally:
        _starting.release()


def _hearts() -> list[Living]:
    """The watched runs. `valuerefs` copies at once, so that another thread may open a run meanwhile."""
    return [heart for ref in _living.valuerefs() if (heart := ref()) is not None]


def _beat(stop: threading.Event) -> None:
    global _rest
    while True:
        pending = any([heart.late_facts() for heart in _hearts()])
        _rest = min((heart.pulse_seconds for heart in _hearts()), default=PULSE_SECONDS)
        if stop.wait(_POLL_SECONDS if pending else min(_rest, PULSE_SECONDS)):
            return
        if not pending:
            for heart in _hearts():
                heart.beat()


def _before_fork() -> None:
    global _thread
    _stop.set()
    thread, _thread = _thread, None
    if thread is not None and thread is not threading.current_thread():
        thread.join(1.0)
        _until_gone(thread.native_id)


def _until_gone(native_id: int | None) -> None:
    """Python's join returns a moment before the system's thread ends, and a fork counts the system's threads."""
    for _ in range(50):
        if not os.path.exists(f"/proc/self/task/{native_id}"):
            return
        time.sleep(0.0002)


def _after_in_parent() -> None:
    if _living:
        from aim.sdk import forked

        forked.after_return(wake)


def _after_in_child() -> None:
    global _thread, _stop, _starting
    _thread, _stop, _starting = None, threading.Event(), threading.Lock()
    for heart in _hearts():
        heart.forked_in_child()
