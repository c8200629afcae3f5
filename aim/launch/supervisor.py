"""The supervisor of queues: one process a repository and machine (`python -m aim.launch.supervisor`), started on
demand, gone when nothing is left to do.

It keeps nothing to itself. What people wish, what it found, and which runs exist are records; the trials that live are
processes of their own. So it may be killed at any point: the next one looks at all of that, and goes on.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from aim import layout
from aim.launch import detached, runner

# A supervisor shows a sign of being at work twice a second, but not while it starts a trial on a busy machine.
SIGN_SECONDS = 5.0


def ensure(repo_root: Path) -> bool:
    """Start a supervisor unless one is at work: call it after every change to a queue. True when one was started.

    Raises LaunchError where it cannot work: in a repository that cannot be written, on Windows.
    """
    runner.check_system()
    aim_dir = layout.resolve(repo_root)
    lock = _take_from_dying(aim_dir)
    if lock is None:
        return False
    lock.close()
    return bool(detached.start("aim.launch.supervisor", aim_dir, {}).get("started"))


def _take_from_dying(aim_dir: Path) -> IO[bytes] | None:
    """The lock, unless its holder shows that it is at work: one that was just killed keeps it for a moment."""
    begun = time.time()
    while (lock := take_lock(aim_dir)) is None and time.time() - begun < SIGN_SECONDS:
        if _lock_path(aim_dir).stat().st_mtime >= begun:
            return None
        time.sleep(0.02)
    return lock


def _show(lock: IO[bytes]) -> None:
    """The heartbeat of the supervisor: it will see everything that was written before."""
    now = time.time()
    os.utime(lock.fileno(), (now, now))


def take_lock(aim_dir: Path) -> IO[bytes] | None:
    """The one supervisor's lock, which the system ends when the process does; None while another one holds it. Raises
    LaunchError in a repository that cannot be written."""
    import fcntl

    detached.place(aim_dir)
    file = open(_lock_path(aim_dir), "ab")
    try:
        # Unlike flock it is no child's too: what is just being started must not hold it when this process is gone.
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    if holds(file, aim_dir):
        return file
    file.close()
    return None


def holds(lock: IO[bytes], aim_dir: Path) -> bool:
    """Whether the lock is still what others would take: somebody may have cleared the cache."""
    try:
        return os.path.samestat(os.fstat(lock.fileno()), os.stat(_lock_path(aim_dir)))
    except OSError:
        return False


def _lock_path(aim_dir: Path) -> Path:
    return layout.launch_dir(aim_dir) / "supervisor"


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
        # What was written after the last look, but before the lock was free, started nobody.
        lock = take_lock(aim_dir) if schedule.changed() else None


if __name__ == "__main__":
    detached.begin(work)
