"""A folder for files that only the processes of this server read. One that was left by a server that was killed is
removed when the next one needs such a folder."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from weakref import finalize

from aim import regular
from aim.user import is_mine

_PREFIX = "aim-tables-"
_LOCK = "lock"
# Between the folder and its lock.
_NEW_SECONDS = 3600.0


class Scratch:
    def __init__(self) -> None:
        _remove_left()
        self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        lock = regular.lock_file(self.folder / _LOCK)
        regular.lock(lock)
        finalize(self, _end, self.folder, lock, os.getpid())


def _end(folder: Path, lock: int, owner: int) -> None:
    if owner == os.getpid():
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _remove_left() -> None:
    """The lock of a folder ends with the process that has it."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):
            about = folder.lstat()
            if stat.S_ISDIR(about.st_mode) and is_mine(folder):
                _remove_unlocked(folder, about.st_mtime)


def _remove_unlocked(folder: Path, changed: float) -> None:
    if not (folder / _LOCK).exists():
        if time.time() - changed > _NEW_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
        return
    lock = regular.lock_file(folder / _LOCK)
    try:
        if regular.lock(lock):
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)
