"""The shippers that a test started: they outlive the training, and a test ends them."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from aim.log import status
from aim.sdk import tree


def shippers(folder: Path) -> list[int]:
    """The processes that ship spools below `folder`."""
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    return [pid for pid in pids if _ships(pid, str(folder)) and status.started(pid) is not None]


def end_shippers(folder: Path) -> None:
    for pid in shippers(folder):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def until(what: Callable[[], object], seconds: float = 60.0, *, besides: tuple[type[Exception], ...] = ()) -> None:
    """Wait for something that happens in another process. `besides`: errors that mean that it did not happen yet."""
    end = time.monotonic() + seconds
    while True:
        with suppress(*besides):
            if what():
                return
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def _ships(pid: int, folder: str) -> bool:
    command = tree.command_line(pid) or []
    return any(word.endswith("/remote/ship.py") for word in command) and any(folder in word for word in command)
