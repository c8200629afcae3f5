"""The servers of `aim up` that run on this machine: a small file for each, outside the repositories.

A file is valid only while the process it names lives: same boot, same pid namespace, same pid, same start time. A crash
therefore leaves nothing to clean up, and no signal can reach a process that merely reused the pid.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from aim import regular, user
from aim.clickhouse.address import of_place
from aim.errors import ServerError
from aim.log import status

END_SECONDS = 10.0
EVERY = 0.05
_MOST = 1 << 16


@dataclass(frozen=True)
class Served:
    """A server of the repository `aim_dir`. `url` is empty until it answers."""

    aim_dir: str
    process: dict[str, Any]
    host: str
    port: int
    url: str = ""

    @property
    def name(self) -> str:
        """The repository, or the engine of a server that reads from one alone."""
        return of_place(Path(self.aim_dir)) or self.aim_dir

    @property
    def pid(self) -> int:
        return int(self.process["pid"])

    def lives(self) -> bool:
        return self.process.get("started") is not None and identity(self.pid) == self.process

    def end(self) -> None:
        """Ask the server to stop, insist after `END_SECONDS`, and return when it is gone."""
        for number in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
            if not self.lives():
                break
            self._signal(number)
            deadline = time.monotonic() + END_SECONDS
            while self.lives() and time.monotonic() < deadline:
                time.sleep(EVERY)
        if self.lives():
            raise ServerError(f"process {self.pid} did not end within {2 * END_SECONDS:g} seconds; end it manually")
        forget(self)

    def _signal(self, number: int) -> None:
        """Signal exactly this process: a pidfd, where the system has it, cannot refer to a later process."""
        try:
            if not hasattr(os, "pidfd_open"):
                os.kill(self.pid, number)
                return
            handle = os.pidfd_open(self.pid)
            try:
                if self.lives():
                    signal.pidfd_send_signal(handle, number)
            finally:
                os.close(handle)
        except ProcessLookupError:
            return
        except PermissionError:
            raise ServerError(f"process {self.pid} belongs to another user; only that user can end it") from None


def identity(pid: int) -> dict[str, Any]:
    """The pid and start time of a process, because pids are reused."""
    return {**status.this_process(), "pid": pid, "started": status.started(pid) or started_by_ps(pid)}


def started_by_ps(pid: int) -> str | None:
    """The start time of a process according to `ps`, for systems without /proc (macOS, BSD)."""
    if os.path.isdir("/proc/self") or os.name != "posix":
        return None
    command = ["ps", "-o", "lstart=", "-p", str(pid)]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or None
    except OSError:
        return None


def of_repo(aim_dir: Path) -> Served | None:
    """The living server of this repository on this machine, if there is one."""
    served = _read(_file(aim_dir))
    return served if served is not None and served.lives() else None


def on_port(port: int) -> Served | None:
    """The living server that listens on this port."""
    servers = [_read(path) for path in folder().glob("*.json")]
    return next((served for served in servers if served is not None and served.port == port and served.lives()), None)


def below(place: Path) -> list[Served]:
    """The living servers on this machine that serve something in `place`."""
    every = (_read(path) for path in folder().glob("*.json"))
    return [served for served in every if served and place in Path(served.aim_dir).parents and served.lives()]


@contextlib.contextmanager
def claimed(aim_dir: Path, *, host: str, port: int) -> Iterator[Served]:
    """Record that this process serves the repository. Raises ServerError if another one does."""
    mine = Served(str(aim_dir), identity(os.getpid()), host, port)
    with _turn(aim_dir):
        other = of_repo(aim_dir)
        if other is not None and other.process != mine.process:
            raise ServerError(f"Aim UI was started on {mine.name} at the same time by process {other.pid}")
        _write(mine)
    try:
        yield mine
    finally:
        forget(mine)


def answers(mine: Served, url: str) -> None:
    """Record that the server now answers at `url`."""
    _write(replace(mine, url=url))


def forget(served: Served) -> None:
    """Remove the file, unless it already belongs to another server."""
    with _turn(Path(served.aim_dir)):
        path = _file(Path(served.aim_dir))
        there = _read(path)
        if there is not None and there.process == served.process:
            path.unlink(missing_ok=True)


def output_file(aim_dir: Path) -> Path:
    """The output file of a detached server."""
    return _file(aim_dir).with_suffix(".log")


def folder() -> Path:
    """The user's folder for program state, or one in the temporary folder without a home."""
    state = user.state() or user.home() / ".local" / "state"
    for place in (Path(state, "aim", "servers"), Path(tempfile.gettempdir(), f"aim-servers-{user.number()}")):
        try:
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(place, os.W_OK) and user.is_mine(place):
            return place
    raise ServerError("no writable folder for the server's state: set XDG_STATE_HOME to a folder that you can write to")


def _file(aim_dir: Path) -> Path:
    """Named by host and real path: machines may share a home folder, and links may lead to a repository."""
    key = f"{status.hostname()}\0{os.path.realpath(aim_dir)}"
    return folder() / f"{hashlib.sha256(os.fsencode(key)).hexdigest()[:32]}.json"


def _read(path: Path) -> Served | None:
    try:
        served = Served(**json.loads(regular.read(path, most=_MOST)))
        sound = isinstance(served.process, dict) and isinstance(served.process["pid"], int)
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
    return served if sound and isinstance(served.aim_dir, str) and isinstance(served.url, str) else None


def _write(served: Served) -> None:
    path = _file(Path(served.aim_dir))
    try:
        with regular.replacing(path, mode=0o600) as file:
            file.write(json.dumps(asdict(served)).encode())
    except OSError as error:
        raise ServerError(f"cannot write {path}: {error.strerror}. Remove what is there and try again") from error


@contextlib.contextmanager
def _turn(aim_dir: Path) -> Iterator[None]:
    """One process at a time, between reading and writing. The system releases the lock when the process ends."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    try:
        file = open(_file(aim_dir).with_suffix(".turn"), "w")
    except OSError:
        yield
        return
    with file:
        with contextlib.suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
