"""Processes that outlive their parent, its terminal and its session."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from aim import layout, regular, user
from aim.errors import LaunchError, RepoError
from aim.remote import spool

# Variables that tell a process which run it belongs to. A process started from within a run must not inherit them.
IDENTITY = ("AIM_RUN", "AIM_PROCESS", "AIM_ATTEMPT", "__AIM_AUTOMATED_EXEC__", "__AIM_BRANCH__", "__AIM_COMMIT__",
            "__AIM_PROCESS_UUID__")  # fmt: skip
_LOG_BYTES = 1 << 20

Tell = Callable[[Mapping[str, Any]], None]


def start(module: str, aim_dir: Path, order: Mapping[str, Any]) -> dict[str, Any]:
    """Start `module`, which calls `begin`, on a repository; returns what it reports.

    The order goes through a pipe, because a command line could reveal secrets. Raises LaunchError if the process
    reports nothing.
    """
    place(aim_dir)
    answer = subprocess.run(
        [sys.executable, "-m", module, str(aim_dir)],
        input=json.dumps(order).encode(),
        capture_output=True,
        # `-m` imports an aim.py from the working folder as the package, so it must not be the caller's or a
        # repository's.
        cwd="/",
        env={name: value for name, value in spool.environment().items() if name not in IDENTITY},
        check=False,
    )
    try:
        return dict(json.loads(answer.stdout))
    except ValueError:
        said = answer.stderr.decode(errors="replace").strip()[-2000:]
        raise LaunchError(f"{module} exited during startup: {said or f'exit status {answer.returncode}'}") from None


def begin(work: Callable[[Path, Mapping[str, Any], Tell], None]) -> None:
    """Read the order, detach from the caller, and do the work, which must `tell` once what the caller waits for.

    Nothing that starts threads may be imported before this.
    """
    aim_dir, order = Path(sys.argv[1]), json.loads(sys.stdin.buffer.read())
    hear, told = os.pipe()
    if os.fork():
        os.close(told)
        with open(hear, "rb") as answer:
            sys.stdout.buffer.write(answer.read())
        sys.stdout.flush()
        os._exit(0)
    os.close(hear)
    _leave(aim_dir)

    def tell(what: Mapping[str, Any]) -> None:
        with contextlib.suppress(OSError), open(told, "wb") as out:
            out.write(json.dumps(what).encode())

    work(aim_dir, order, tell)


def place(aim_dir: Path) -> Path:
    """The folder in which detached processes work; created if missing. Raises LaunchError."""
    folder = layout.launch_dir(aim_dir)
    try:
        layout.check_writable(aim_dir)
        layout.make_folder(folder, aim_dir)
    except (OSError, RepoError) as error:
        why = error if isinstance(error, RepoError) else f"{folder} cannot be made: {error.strerror}"
        raise LaunchError(f"cannot start commands: {why}") from error
    return folder


def own_name(name: str) -> str:
    """The name of a file of this user, beside those of others who share the repository."""
    return f"{user.number()}-{name}"


def _leave(aim_dir: Path) -> None:
    """Start a new session; output goes to a file."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    try:
        said = _messages(place(aim_dir) / own_name("messages.log"))
    except OSError:
        said = os.dup(nothing)
    for fd, instead in ((0, nothing), (1, nothing), (2, said)):
        os.dup2(instead, fd)
    os.close(nothing)
    os.close(said)


def _messages(log: Path) -> int:
    """A file of our own, begun again when it is long: not another one that a repository linked to this name."""
    fd = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | regular.FLAGS, 0o600)
    about = os.fstat(fd)
    if not stat.S_ISREG(about.st_mode) or about.st_nlink > 1:
        os.close(fd)
        raise regular.NotRegular(errno.EINVAL, "it is not a regular file, or has several names", str(log))
    if about.st_size > _LOG_BYTES:
        os.ftruncate(fd, 0)
    return fd
