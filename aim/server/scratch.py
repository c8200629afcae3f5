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
        self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        lock = regular.lock_file(self.folder / _LOCK)
        regular.lock(lock)
        finalize(self, _end, self.folder, lock, os.getpid())
        # Where nothing can be locked, the folders of others look free too.
        if not _is_free(self.folder):
            _remove_left()

    def is_there(self) -> bool:
        """Systems remove what is old from the folder for temporary files."""
        with suppress(OSError):
            return stat.S_ISDIR(self.folder.lstat().st_mode) and is_mine(self.folder)
        return False


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
    has_lock = (folder / _LOCK).exists()
    if _is_free(folder) if has_lock else time.time() - changed > _NEW_SECONDS:
        shutil.rmtree(folder, ignore_errors=True)


def _is_free(folder: Path) -> bool:
    lock = regular.lock_file(folder / _LOCK)
    try:
        return regular.lock(lock)
    finally:
        os.close(lock)
