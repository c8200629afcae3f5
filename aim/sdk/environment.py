"""Facts about the run's environment, read in this process without a child, with secrets masked."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from aim.sdk.masking import masked, masked_argv
from aim.version import __version__

_ARGV_CHARACTERS = 1 << 16
_ARGUMENT_CHARACTERS = 1 << 12


def facts() -> dict[str, Any]:
    """The facts recorded when a run opens. Never raises; unreadable facts are left out."""
    recorded: dict[str, Any] = {
        "argv": masked_argv(shortened([str(argument) for argument in getattr(sys, "argv", [])])),
        "python": platform.python_version(),
        "executable": sys.executable,
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "aim": __version__,
    }
    if module := _module():
        recorded["module"] = module
    try:
        recorded["cwd"] = os.getcwd()
        if git := git_facts(Path(recorded["cwd"])):
            recorded["git"] = git
    except OSError:
        pass
    return recorded


def _module() -> str | None:
    """The argument of `python -m`; argv contains only the file that it resolved to."""
    name = getattr(getattr(sys.modules.get("__main__"), "__spec__", None), "name", None)
    return name.removesuffix(".__main__") if isinstance(name, str) and name != "__main__" else None


def shortened(argv: list[str]) -> list[str]:
    """A command line of limited length, with a mark at the cut."""
    shown: list[str] = []
    room = _ARGV_CHARACTERS
    for number, argument in enumerate(argv):
        shown.append(argument if len(argument) <= _ARGUMENT_CHARACTERS else argument[:_ARGUMENT_CHARACTERS] + "…")
        room -= len(shown[-1])
        if room < 0:
            return [*shown, f"… {len(argv) - number - 1} more"]
    return shown


def git_facts(folder: Path) -> dict[str, Any] | None:
    """Commit, branch and remote of the repository around `folder`, read from its files; None if there is no
    repository."""
    git_dir = git_folder(folder)
    if git_dir is None:
        return None
    common = git_dir
    if (pointer := _text(git_dir / "commondir")) is not None:
        common = (git_dir / pointer).resolve()
    head = _text(git_dir / "HEAD") or ""
    git: dict[str, Any] = {"commit": None, "branch": None, "remote": _remote(common)}
    if head.startswith("ref: "):
        ref = head[5:]
        git["branch"] = ref.removeprefix("refs/heads/")
        git["commit"] = _text(git_dir / ref) or _text(common / ref) or _packed(common / "packed-refs", ref)
    else:
        git["commit"] = head or None
    return git


def git_folder(folder: Path) -> Path | None:
    for place in (folder, *folder.parents):
        dot_git = place / ".git"
        if dot_git.is_dir():
            return dot_git
        pointer = _text(dot_git)
        if pointer is not None and pointer.startswith("gitdir: "):
            return (place / pointer[8:]).resolve()
    return None


class Asked:
    """The state of the working tree, asked from git once per process, without locks.

    The git process is the child of a shell that ends at once. It therefore never becomes a child of this process that
    the user's own os.wait() could return, and nobody waits for it. Its answer comes through a pipe.
    """

    def __init__(self, command: str, take: Callable[[bytes], None]) -> None:
        self._command = command
        self._take = take
        self._pipe = -1
        self._parts: list[bytes] = []
        self._asking = threading.Lock()
        self.asked = False

    def pending(self) -> bool:
        """Ask, or check whether the answer has come. False if it has, or never will."""
        if not self._asking.acquire(blocking=False):
            return True
        try:
            if not self.asked:
                self.asked = True
                self._ask()
            if self._pipe >= 0:
                self._look()
            return self._pipe >= 0
        finally:
            self._asking.release()

    def forget(self) -> None:
        """In a forked child: the answer belongs to the parent."""
        self._asking = threading.Lock()
        self.asked = True
        self._hang_up()

    def _hang_up(self) -> None:
        pipe, self._pipe = self._pipe, -1
        if pipe >= 0:
            os.close(pipe)

    def _look(self) -> None:
        try:
            while data := os.read(self._pipe, 1 << 16):
                self._parts.append(data)
        except BlockingIOError:
            return
        self._hang_up()
        self._take(b"".join(self._parts))
        self._parts.clear()

    def _ask(self) -> None:
        try:
            if os.name != "posix" or git_folder(Path(os.getcwd())) is None:
                return
            self._pipe, answer = os.pipe()
        except OSError:
            return
        try:
            os.set_blocking(self._pipe, False)
            subprocess.run(
                ["/bin/sh", "-c", self._command],
                stdin=subprocess.DEVNULL,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError:
            self._hang_up()
        finally:
            os.close(answer)


_GIT = "git --no-optional-locks -c core.fsmonitor=false"


class Dirty(Asked):
    """Whether there are uncommitted changes."""

    def __init__(self) -> None:
        super().__init__(f"({_GIT} diff --quiet --no-ext-diff --no-textconv HEAD -- >/dev/null; echo $?) &", self._said)
        self.answer: bool | None = None

    def _said(self, code: bytes) -> None:
        self.answer = {b"0": False, b"1": True}.get(code.strip())


dirty = Dirty()


def _remote(git_dir: Path) -> str | None:
    section = None
    for line in (_text(git_dir / "config") or "").splitlines():
        line = line.strip()
        if line.startswith("["):
            section = line
        elif section == '[remote "origin"]' and line.split("=")[0].strip() == "url":
            return masked(line.partition("=")[2].strip())
    return None


def _packed(path: Path, ref: str) -> str | None:
    try:
        return _packed_commit(path, ref, path.stat().st_mtime_ns)
    except OSError:
        return None


@lru_cache(maxsize=16)
def _packed_commit(path: Path, ref: str, changed: int) -> str | None:
    """The file may hold every branch of a large project, so it is not read again for every run."""
    for line in (_text(path) or "").splitlines():
        commit, _, name = line.partition(" ")
        if name == ref:
            return commit
    return None


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return None
