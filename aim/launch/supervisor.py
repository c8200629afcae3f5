"""The supervisor of queues: one process per repository, machine and user (`python -m aim.launch.supervisor`). It starts
on demand and ends when nothing is left to do.

It keeps no state of its own. Requests, findings and existing runs are records, and living trials are separate
processes. It can be killed at any point: the next one reads the records and continues.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from aim import layout, regular
from aim.errors import LaunchError
from aim.launch import detached, runner

# A supervisor shows that it is at work twice a second, but not while it starts a trial on a busy machine.
SIGN_SECONDS = 5.0


def ensure(repo_root: Path) -> bool:
    """Start a supervisor unless one is at work. Call it after every change to a queue. True if one was started.

    Raises LaunchError if it cannot work: in a repository that is not writable, or on Windows.
    """
    runner.check_system()
    aim_dir = layout.resolve(repo_root)
    lock = _take_from_dying(aim_dir)
    if lock is None:
        return False
    lock.close()
    return bool(detached.start("aim.launch.supervisor", aim_dir, {}).get("started"))


def _take_from_dying(aim_dir: Path) -> IO[bytes] | None:
    """The lock, unless its holder shows that it is at work. A supervisor that was just killed keeps it for a moment."""
    begun = time.time()
    while (lock := take_lock(aim_dir)) is None and time.time() - begun < SIGN_SECONDS:
        if _lock_path(aim_dir).stat().st_mtime >= begun:
            return None
        time.sleep(0.02)
    return lock


def _show(lock: IO[bytes]) -> None:
    """The heartbeat of the supervisor: it will see everything written before."""
    now = time.time()
    os.utime(lock.fileno(), (now, now))


def take_lock(aim_dir: Path) -> IO[bytes] | None:
    """The supervisor's exclusive lock, which the system releases when the process ends; None while another one holds
    it.

    Raises LaunchError in a repository that is not writable.
    """
    import fcntl

    detached.place(aim_dir)
    path = _lock_path(aim_dir)
    try:
        file = open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | regular.FLAGS, 0o666), "ab")
    except OSError as error:
        raise LaunchError(f"cannot write {path}: {error.strerror}. Remove what is there and try again") from error
    try:
        # Unlike flock, this lock is not inherited: a child that is just starting must not hold it after this process is
        # gone.
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    if holds(file, aim_dir):
        return file
    file.close()
    return None


def holds(lock: IO[bytes], aim_dir: Path) -> bool:
    """Whether the lock is still the file that others would lock; the cache may have been cleared."""
    try:
        return os.path.samestat(os.fstat(lock.fileno()), os.stat(_lock_path(aim_dir)))
    except OSError:
        return False


def _lock_path(aim_dir: Path) -> Path:
    return layout.launch_dir(aim_dir) / detached.own_name("supervisor")


def work(aim_dir: Path, order: Mapping[str, Any], tell: detached.Tell) -> None:
    lock = take_lock(aim_dir)
    tell({"started": lock is not None})
    if lock is None:
        return
    from aim.launch.schedule import Schedule

    schedule = Schedule(aim_dir)
    while lock is not None:
        while holds(lock, aim_dir) and schedule.step():
            _show(lock)
            schedule.wait()
        lock.close()
        # Edits after the last check, but before the lock was released, started no supervisor.
        lock = take_lock(aim_dir) if schedule.changed() else None


if __name__ == "__main__":
    detached.begin(work)
