"""Starts a command, without a shell, and tells how it ended."""

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
# Python ignores these in itself, and a command that inherited that would not end with the pipe it writes to.
_PYTHONS = (signal.SIGPIPE, signal.SIGXFSZ)
_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class CannotStart(LaunchError):
    """`status` is what a shell gives: 127 for what is not there, 126 for what cannot be executed."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class Ended(NamedTuple):
    """`code` is None where a signal ended it, whose number is `by` then."""

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
        """As a shell gives it."""
        return 128 + self.by if self.code is None else self.code

    @property
    def error(self) -> str | None:
        if self.by:
            return f"ended by {self.signal}"
        return None if self.code == 0 else f"exit status {self.code}"


def spawn(
    argv: Sequence[str], env: Mapping[str, str], streams: Mapping[int, int], *, own_group: bool, undisturbed: bool
) -> int:
    """Start a command; returns its pid. Raises CannotStart.

    `streams`: which of its descriptors is which of ours; one that is not named is inherited. `undisturbed`: signals
    that this process was told to ignore, as by nohup, are ignored by the command too.
    """
    actions: list[tuple[int, ...]] = [(os.POSIX_SPAWN_DUP2, ours, its) for its, ours in streams.items()]
    options: dict[str, Any] = {
        "file_actions": actions,
        "setsigmask": [],
        "setsigdef": [*_PYTHONS, *(() if undisturbed else _STOPS)],
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
    """The file that is executed: `name` itself where it is a path, else found in the PATH that the command gets."""
    if os.sep in name:
        return name
    path = env.get("PATH", os.defpath)
    found = shutil.which(name, path=path)
    if found is not None:
        return found
    there = (os.path.join(folder, name) for folder in path.split(os.pathsep))
    if (blocked := next(filter(os.path.isfile, there), None)) is not None:
        raise CannotStart(f"{blocked} may not be executed; its owner allows it with chmod +x", CANNOT_EXECUTE)
    raise CannotStart(
        f"there is no program {name!r} in PATH; a script in this folder is started as ./{name} or python {name}",
        NOT_FOUND,
    )


def _why_not(name: str, error: OSError) -> CannotStart:
    if error.errno == errno.ENOENT:
        if os.path.isfile(name):
            return CannotStart(f"{name} names a program in its first line (#!) that does not exist", NOT_FOUND)
        return CannotStart(f"there is no file {name} to execute", NOT_FOUND)
    reasons = {
        errno.EACCES: "it may not be executed (chmod +x), or is a folder",
        errno.ENOEXEC: "it is no program; a script begins with a line like #!/bin/sh, or is given to its interpreter",
        errno.E2BIG: "arguments and environment are longer than the system takes",
    }
    return CannotStart(f"{name} cannot be executed: {reasons.get(error.errno or 0, error.strerror)}", CANNOT_EXECUTE)


def adopt_orphans() -> None:
    """Become the parent of what loses its own: so whatever a command starts can be found until this process ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap(pid: int) -> Ended | None:
    """How `pid` ended, if it did; orphans that ended are cleared away too."""
    ended = None
    while True:
        try:
            one, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if one == 0:
            return ended
        if one == pid:
            code = os.waitstatus_to_exitcode(status)
            ended = Ended(code) if code >= 0 else Ended(None, -code)
