"""One daemon thread per process: heartbeats of quiet runs, and facts that take time.

It is stopped before a fork, so that forking stays clean under `-W error`, and started again in the parent.
"""

from __future__ import annotations

import math
import os
import threading
import time
from contextlib import suppress
from typing import Protocol
from weakref import WeakValueDictionary

from aim.handlers import let_through
from aim.log.status import PULSE_SECONDS

_POLL_SECONDS = 0.02
# Without a run, the thread sleeps as for one with the default interval: opening the next one then wakes it seldom.
_IDLE_SECONDS = 10.0


class HeartbeatTarget(Protocol):
    @property
    def pulse_seconds(self) -> float:
        """How long the thread may sleep between two beats."""

    def beat(self) -> None: ...

    def late_facts(self) -> bool:
        """Ask for facts that take time; False when no more can come."""

    def forked_in_child(self) -> None: ...


class _Alarm:
    """Ends a sleep of the thread early, and the thread itself if it `is_last`. A signal handler may ring while another
    ring is interrupted, which an Event does not allow."""

    def __init__(self) -> None:
        self.is_last = False
        self._silence = threading.Lock()
        self._silence.acquire()

    def ring(self, *, last: bool = False) -> None:
        self.is_last = self.is_last or last
        with suppress(RuntimeError):  # it rings already
            self._silence.release()

    def sleep(self, seconds: float) -> None:
        self._silence.acquire(timeout=seconds)


_targets: WeakValueDictionary[int, HeartbeatTarget] = WeakValueDictionary()
_thread: threading.Thread | None = None
_alarm = _Alarm()
_starting = threading.Lock()
_hooked = False
# When the thread wakes by itself.
_wakes_at = math.inf


def watch(target: HeartbeatTarget) -> None:
    """Call `target` until `unwatch`."""
    global _hooked
    _targets[id(target)] = target
    if not _hooked and hasattr(os, "register_at_fork"):
        os.register_at_fork(before=_before_fork, after_in_parent=_after_in_parent, after_in_child=_after_in_child)
        _hooked = True
    if time.monotonic() + target.pulse_seconds < _wakes_at:
        _alarm.ring()
    wake()


def unwatch(target: HeartbeatTarget) -> None:
    _targets.pop(id(target), None)


def wake() -> None:
    """Start the thread if it is not running. Without a thread only heartbeats and samples are missing."""
    global _thread, _alarm
    if (_thread is not None and _thread.is_alive()) or not _starting.acquire(blocking=False):
        return
    try:
        _alarm = _Alarm()
        _thread = threading.Thread(target=_pulse, args=(_alarm,), name="aim-pulse", daemon=True)
        _thread.start()
    except RuntimeError as error:
        _thread = None
        let_through(error)
    finally:
        _starting.release()


def _watched() -> list[HeartbeatTarget]:
    """The watched runs. `valuerefs` copies at once, so that another thread may open a run meanwhile."""
    return [target for ref in _targets.valuerefs() if (target := ref()) is not None]


def _pulse(alarm: _Alarm) -> None:
    """Runs that are opened may ring again and again, so a beat is due at a time, and not after a sleep."""
    global _wakes_at
    due = math.inf
    while not alarm.is_last:
        pending = any([target.late_facts() for target in _watched()])
        now = time.monotonic()
        rest = min((target.pulse_seconds for target in _watched()), default=_IDLE_SECONDS)
        due = min(due, now + min(rest, PULSE_SECONDS))
        _wakes_at = now + _POLL_SECONDS if pending else max(now, due)
        alarm.sleep(_wakes_at - now)
        if time.monotonic() >= due and not alarm.is_last:
            for target in _watched():
                target.beat()
            due = math.inf


def _before_fork() -> None:
    global _thread
    _alarm.ring(last=True)
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
    if _targets:
        from aim.sdk import forked

        forked.after_return(wake)


def _after_in_child() -> None:
    global _thread, _alarm, _starting
    _thread, _alarm, _starting = None, _Alarm(), threading.Lock()
    for target in _watched():
        target.forked_in_child()
