"""The files with certain names below a folder. A folder is listed again only when its time changed.

Links to folders are followed after all real folders, under their own name, and not to a folder that holds the top one,
such as the whole disk. A folder or file that was met before is the same one; the link is another name of it.
"""

from __future__ import annotations

import heapq
import os
import re
import stat
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

from aim import regular

_DEEPEST = 64
_MOST_FOLDERS = 200_000
# What has a more recent time may change again without getting a new time.
_RACY_NS = 2_000_000_000

Identity = tuple[int, int]


class FoundFile(NamedTuple):
    """`where` is the path as text, because thousands of them are often listed."""

    where: str
    name: str
    size: int
    mtime: int
    identity: Identity

    @property
    def path(self) -> Path:
        return Path(self.where)


class Found(NamedTuple):
    """Files, and the names of links to folders, by the relative folder."""

    files: Mapping[str, list[FoundFile]]
    links: Mapping[str, list[str]]


class _Inside(NamedTuple):
    changed: int
    files: tuple[str, ...]
    folders: tuple[str, ...]
    links: tuple[str, ...]


class Tree:
    """The files below `top` whose name has the `pattern`, which `re.search` finds. Folders called as in `skip` are left
    out, and of those as in `alone` all folders inside."""

    def __init__(self, top: Path, pattern: str, *, skip: Collection[str] = (), alone: Collection[str] = ()) -> None:
        self._top = top
        self._wanted = re.compile(pattern).search
        self._skip, self._alone = frozenset(skip), frozenset(alone)
        self._known: dict[Identity, _Inside] = {}

    def find(self) -> Found:
        files: dict[str, list[FoundFile]] = {}
        links: dict[str, list[str]] = {}
        top, known = os.path.realpath(self._top), self._known
        seen: dict[Identity, str] = {}
        waiting = [(os.fspath(self._top), ".", 0)] if self._top.is_dir() else []
        linked: list[tuple[str, str, int]] = []
        self._known = {}
        while (waiting or linked) and len(seen) < _MOST_FOLDERS:
            if waiting:
                folder, name, depth = waiting.pop()
            else:
                name, folder, depth = heapq.heappop(linked)
            try:
                about = os.stat(folder)
                identity = identity_of(about)
                if identity in seen:
                    links.setdefault(seen[identity], []).append(name)
                    continue
                seen[identity] = name
                names = self._known[identity] = self._names(folder, about, known.get(identity))
            except OSError:
                continue
            wanted = list(names.files)
            for inner in names.links:
                path = os.path.join(folder, inner)
                real = os.path.realpath(path)
                if os.path.isdir(real):
                    if depth < _DEEPEST and not _holds(real, top):
                        heapq.heappush(linked, (_joined(name, inner), path, depth + 1))
                elif self._wanted(inner) and not (_holds(top, real) and self._wanted(os.path.basename(real))):
                    wanted.append(inner)
            there = [file for inner in sorted(wanted) if (file := _file(folder, inner)) is not None]
            if there:
                files[name] = there
            if depth < _DEEPEST and os.path.basename(folder) not in self._alone:
                waiting += [(os.path.join(folder, inner), _joined(name, inner), depth + 1) for inner in names.folders]
        return Found(files, links)

    def _names(self, folder: str, about: os.stat_result, known: _Inside | None) -> _Inside:
        if known is not None and known.changed == about.st_mtime_ns:
            return known
        files: list[str] = []
        folders: list[str] = []
        links: list[str] = []
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_symlink():
                    links.append(entry.name)
                elif entry.is_dir():
                    if entry.name not in self._skip:
                        folders.append(entry.name)
                elif self._wanted(entry.name):
                    files.append(entry.name)
        changed = about.st_mtime_ns if is_settled(about.st_mtime_ns) else -1
        return _Inside(changed, tuple(files), tuple(sorted(folders)), tuple(sorted(links)))


def is_settled(mtime: int) -> bool:
    """Whether what was changed then, in nanoseconds since 1970, gets another time when it changes again."""
    return mtime < time.time_ns() - _RACY_NS


def changed_at(path: str) -> int:
    """When a file or folder was changed, in nanoseconds since 1970; 0 if there is none."""
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0


def identity_of(about: os.stat_result) -> Identity:
    return about.st_dev, about.st_ino


def _file(folder: str, name: str) -> FoundFile | None:
    """None for what is not a file, or is gone."""
    where = os.path.join(folder, name)
    try:
        about = os.stat(where)
    except OSError:
        return None
    if not stat.S_ISREG(about.st_mode):
        return None
    return FoundFile(where, name, about.st_size, regular.changed(about), identity_of(about))


def _joined(folder: str, name: str) -> str:
    return name if folder == "." else f"{folder}/{name}"


def _holds(folder: str, inner: str) -> bool:
    return os.path.join(inner, "").startswith(os.path.join(folder, ""))
