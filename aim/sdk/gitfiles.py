"""Commit, branch and remote, read from git's files if git does not answer: it is not installed, or takes longer than
the run. `git.py` asks git itself."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from aim.sdk.masking import masked

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_TEXT_BYTES = 1 << 20
_PACKED_BYTES = 1 << 26
_SYMBOLIC = 5


def near(folder: str) -> bool:
    """Whether asking git is worth a process: something called `.git` is in this folder or above, or GIT_DIR is set."""
    return "GIT_DIR" in os.environ or any(_upward(folder))


def facts(folder: str) -> dict[str, Any] | None:
    """None outside a repository. Unreadable facts are None."""
    folders = _git_folder(folder)
    if folders is None:
        return None
    git_dir, common = folders
    ref, commit = _head(git_dir, common)
    branch = None if ref is None else ref.removeprefix("refs/heads/")
    return {"commit": commit, "branch": branch, "remote": _remote(common)}


def _upward(folder: str) -> Iterator[str]:
    """Whatever is called `.git` in this folder and above."""
    last = None
    while folder != last:
        place = os.path.join(folder, ".git")
        if os.path.lexists(place):
            yield place
        last, folder = folder, os.path.dirname(folder)


def _git_folder(folder: str) -> tuple[Path, Path] | None:
    """The git folder of this folder, and the one that it shares with other worktrees."""
    given = os.environ.get("GIT_DIR")
    places = [Path(folder, given)] if given else (_led_to(Path(place)) for place in _upward(folder))
    for git_dir in places:
        pointer = _text(git_dir / "commondir")
        common = git_dir if pointer is None else (git_dir / pointer).resolve()
        if _text(git_dir / "HEAD") and (common / "objects").is_dir() and (common / "refs").is_dir():
            return git_dir, common
    return None


def _led_to(dot_git: Path) -> Path:
    """In worktrees and submodules, `.git` is a file that names the folder."""
    pointer = None if dot_git.is_dir() else _text(dot_git)
    return (dot_git.parent / pointer[8:]).resolve() if pointer and pointer.startswith("gitdir: ") else dot_git


def _head(git_dir: Path, common: Path) -> tuple[str | None, str | None]:
    """The ref of HEAD, None if it is detached, and its commit. A reftable has no files of refs."""
    text, ref = _text(git_dir / "HEAD") or "", None
    if (common / "reftable").is_dir():
        return None, None
    for _ in range(_SYMBOLIC):
        if not text.startswith("ref: "):
            break
        ref = text[5:].strip()
        if not ref.startswith("refs/") or ".." in ref.split("/"):
            return None, None
        text = _text(git_dir / ref) or _text(common / ref) or _packed(common / "packed-refs", ref) or ""
    return ref, text if _COMMIT.fullmatch(text) else None


def _remote(common: Path) -> str | None:
    section = None
    for line in (_text(common / "config") or "").splitlines():
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
    for line in (_text(path, _PACKED_BYTES) or "").splitlines():
        commit, _, name = line.partition(" ")
        if name == ref:
            return commit
    return None


def _text(path: Path, most: int = _TEXT_BYTES) -> str | None:
    """The beginning of a regular file: a pipe or a device would never end."""
    try:
        file = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except (OSError, ValueError):
        return None
    try:
        content = os.read(file, most) if stat.S_ISREG(os.fstat(file).st_mode) else None
    except OSError:
        return None
    finally:
        os.close(file)
    return None if content is None else content.decode("utf-8", "replace").strip()
