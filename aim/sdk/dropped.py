"""Runs whose handle was dropped without `close()`: finished, until the process ends with a failure.

`sys.exit(main())` drops the run of `main()` before it gives its status. Such a run has its END and holds no file. At a
failure another writer of the same attempt records it, so nothing is to be repaired if the process is killed before.
"""

from __future__ import annotations

import os
import sys
import time
from typing import NamedTuple

from aim.handlers import let_through
from aim.log import edits
from aim.sdk.recording import Recording
from aim.sdk.trouble import say


class _Dropped(NamedTuple):
    recording: Recording
    at: float


_dropped: list[_Dropped] = []
_place: tuple[int, int, int] | None = None


def note(recording: Recording) -> None:
    """Remember a run that `Run.__del__` has ended. Runs that were dropped elsewhere in the script are settled: only
    those of one function that returns, or of one list, are dropped at one place."""
    global _place
    place = _where(2)
    if place != _place:
        _dropped.clear()
    _place = place
    attempt = recording.attempt._replace(role="join", earlier={}, resume_from=None)
    experiment = recording.fields["experiment"]
    again = Recording(recording.aim_dir, attempt, experiment, variables=None, stopped=False)
    _dropped.append(_Dropped(again, time.time()))


def forget() -> None:
    """The process goes on with another run."""
    _dropped.clear()


def fail(error: BaseException | str) -> None:
    """Record that the process of the runs that were dropped last ended with `error`."""
    if _place is None or _place[0] != os.getpid():
        return
    for recording, at in _dropped:
        try:
            if recording.attempt.folder.is_dir() and recording.id not in edits.deleted(recording.aim_dir):
                recording.start(at)
                recording.end(error)
        except Exception as trouble:
            let_through(trouble)
            say(f"run {recording.hash!r}: its failure could not be recorded: {trouble}")


def _where(depth: int) -> tuple[int, int, int]:
    """The process, and the instruction that the caller's caller of this function interrupts."""
    try:
        frame = sys._getframe(depth + 1)
    except ValueError:
        return os.getpid(), 0, 0
    return os.getpid(), id(frame), frame.f_lasti
