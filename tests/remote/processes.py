"""The shippers that a test started: they outlive the training, and a test ends them."""

from __future__ import annotations

import os
import signal
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


def _ships(pid: int, folder: str) -> bool:
    command = tree.command_line(pid) or []
    return any(word.endswith("/remote/ship.py") for word in command) and any(folder in word for word in command)
