"""Starts a command without a shell, and reports how it ended."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import signal
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from aim.errors import LaunchError

CANNOT_EXECUTE, NOT_FOUND = 126, 127
_PR_SET_CHILD_SUBREAPER = 36
# Python ignores these signals itself. A command that inherited that would not end when its pipe closes.
_PYTHONS = (signal.SIGPIPE, signal.SIGXFSZ)
_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT)


class CannotStart(LaunchError):
    """`status` is the exit status of a shell: 127 for a missing program, 126 for one that cannot be executed."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class Ended(NamedTuple):
    """`code` is None if signal number `by` ended it."""

    code: int | None
    by: int = 0

    @property
    def signal(self) -> str | None:
        if not self.by:
            return None
        try:
            return signal.Signals(self.by).name
        except ValueError:
            return f"SIG{self.by}"

    @property
    def status(self) -> int:
        """The exit status as a shell reports it."""
        return 128 + self.by if self.code is None else self.code

    @property
    def error(self) -> str | None:
        if self.by:
            return f"ended by {self.signal}"
        return None if self.code == 0 else f"exit status {self.code}"


def spawn(
    argv: Sequence[str], env: Mapping[str, str], streams: Mapping[int, int], *, own_group: bool, keep_hangup: bool
) -> int:
    """Start a command; returns its pid. Raises CannotStart.

    `streams` maps descriptors of the command to ours; others are inherited. `keep_hangup`: if nohup made this process
    ignore SIGHUP, the command ignores it too. Other signals that end a process have their default effect: shells start
    the background jobs of a script with SIGINT ignored, and a stop begins with SIGINT.
    """
    actions: list[tuple[int, ...]] = [(os.POSIX_SPAWN_DUP2, ours, its) for its, ours in streams.items()]
    options: dict[str, Any] = {
        "file_actions": actions,
        "setsigmask": [],
        "setsigdef": [*_PYTHONS, *_STOPS, *(() if keep_hangup else (signal.SIGHUP,))],
        **({"setpgroup": 0} if own_group else {}),
    }
    program = _program(argv[0], env)
    try:
        return os.posix_spawn(program, list(argv), dict(env), **options)
    except OSError as error:
        raise _why_not(argv[0], error) from error
    except ValueError as error:
        raise CannotStart(f"{argv[0]!r} cannot be started: {error}", CANNOT_EXECUTE) from error


def _program(name: str, env: Mapping[str, str]) -> str:
    """The file to execute: `name` if it is a path, else the program of that name in the command's PATH."""
    if os.sep in name:
        return name
    path = env.get("PATH", os.defpath)
    program = shutil.which(name, path=path)
    if program is not None:
        return program
    there = (os.path.join(folder, name) for folder in path.split(os.pathsep))
    if (blocked := next(filter(os.path.isfile, there), None)) is not None:
        raise CannotStart(f"{blocked} is not executable; run: chmod +x {blocked}", CANNOT_EXECUTE)
    raise CannotStart(
        f"program {name!r} was not found in PATH; to start a script in this folder, use ./{name} or python {name}",
        NOT_FOUND,
    )


def _why_not(name: str, error: OSError) -> CannotStart:
    if error.errno == errno.ENOENT:
        if os.path.isfile(name):
            return CannotStart(f"{name} has a first line (#!) with a program that does not exist", NOT_FOUND)
        return CannotStart(f"the file {name} does not exist", NOT_FOUND)
    reasons = {
        errno.EACCES: "it is not executable (chmod +x) or is a folder",
        errno.ENOEXEC: "it is not a program; add a first line like #!/bin/sh, or pass the script to its interpreter",
        errno.E2BIG: "arguments and environment are longer than the system allows",
    }
    return CannotStart(f"{name} cannot be executed: {reasons.get(error.errno or 0, error.strerror)}", CANNOT_EXECUTE)


def adopt_orphans() -> None:
    """Become the parent of orphaned descendants, so that everything a command starts can be found until this process
    ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap(pid: int) -> Ended | None:
    """How `pid` ended, or None while it runs. Also reaps orphans that ended."""
    ended = None
    while True:
        try:
            child, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if child == 0:
            return ended
        if child == pid:
            code = os.waitstatus_to_exitcode(status)
            ended = Ended(code) if code >= 0 else Ended(None, -code)
