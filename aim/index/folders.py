"""The folders of a source as the index knows them. Most are rows of columns, because there may be 100,000."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from aim.index.schema import run_number
from aim.index.segment import Ints
from aim.index.sources.source import UNKNOWN, Stamp

# The columns of the runs table that folders are made of.
COLUMNS = ("segment", "run", "id", "dir", "dir_mtime", "dir_inode", "ended", "created_at")


class Folder(NamedTuple):
    """`ended`: all writers in it have ended, so its files no longer change."""

    stamp: Stamp
    runs: tuple[str, ...]
    ended: bool

    @property
    def settled(self) -> bool:
        return self.ended and self.stamp != UNKNOWN


class Folders:
    """`watched`: the names of folders that may change at any moment; the others have ended."""

    def __init__(self, rows: Mapping[str, npt.NDArray[Any]]) -> None:
        """`rows`: columns of the newest row of each run, as the cache has them."""
        self._rows = rows
        names = rows["dir"].tolist()
        self._row = dict(zip(names, range(len(names)), strict=True))
        self._now: dict[str, Folder] = {}
        self.watched: set[str] = set()
        if len(self._row) < len(names):
            self._join(names)
        for row in np.flatnonzero(~rows["ended"] | (rows["dir_mtime"] == UNKNOWN.changed)).tolist():
            if names[row] in self._row:
                self.watched.add(names[row])

    def _join(self, names: list[str]) -> None:
        """Folders with several runs."""
        rows_of: dict[str, list[int]] = {}
        for row, name in enumerate(names):
            rows_of.setdefault(name, []).append(row)
        for name, rows in rows_of.items():
            if len(rows) > 1:
                parts = [self._at(row) for row in rows]
                same = all(part.stamp == parts[0].stamp for part in parts)
                runs = tuple(run for part in parts for run in part.runs)
                self[name] = Folder(parts[0].stamp if same else UNKNOWN, runs, all(part.ended for part in parts))

    def _at(self, row: int) -> Folder:
        changed, inode, id, ended = (self._rows[name][row] for name in ("dir_mtime", "dir_inode", "id", "ended"))
        return Folder(Stamp(int(changed), int(inode)), (id,), bool(ended))

    def __len__(self) -> int:
        return len(self._row) + len(self._now)

    def __iter__(self) -> Iterator[str]:
        yield from self._row
        yield from self._now

    def __contains__(self, name: object) -> bool:
        return name in self._row or name in self._now

    def get(self, name: str) -> Folder | None:
        row = self._row.get(name)
        return self._now.get(name) if row is None else self._at(row)

    def changed(self, stamps: Mapping[str, Stamp]) -> set[str]:
        """The folders that are new or have another stamp now, or one that tells nothing."""
        rows = np.array([self._row.get(name, -1) for name in stamps], np.int64)
        now = np.array(list(stamps.values()), np.int64).reshape(-1, 2)
        there = rows >= 0
        same = there & (now[:, 0] != UNKNOWN.changed)
        for at, name in enumerate(("dir_mtime", "dir_inode")):
            same[there] &= self._rows[name][rows[there]] == now[there, at]
        names = list(stamps)
        unlike = {names[at] for at in np.flatnonzero(~same).tolist()}
        return {name for name in unlike if not self._is_as(name, stamps[name])}

    def _is_as(self, name: str, stamp: Stamp) -> bool:
        known = self._now.get(name)
        return known is not None and stamp != UNKNOWN and known.stamp == stamp

    def __setitem__(self, name: str, folder: Folder) -> None:
        self._row.pop(name, None)
        self._now[name] = folder
        (self.watched.discard if folder.settled else self.watched.add)(name)

    def pop(self, name: str) -> Folder | None:
        folder = self.get(name)
        self._row.pop(name, None)
        self._now.pop(name, None)
        self.watched.discard(name)
        return folder

    def runs(self) -> list[str]:
        """The ids of all runs."""
        rows = np.fromiter(self._row.values(), np.int64, len(self._row))
        ids: list[str] = self._rows["id"][rows].tolist()
        return ids + [id for folder in self._now.values() for id in folder.runs]

    def numbers(self) -> Ints:
        """The numbers of all runs."""
        rows = np.fromiter(self._row.values(), np.int64, len(self._row))
        changed = [run_number(id) for folder in self._now.values() for id in folder.runs]
        return np.concatenate([self._rows["run"][rows], np.array(changed, np.int64)])

    def newest_first(self) -> list[str]:
        """The names of all folders: those that changed here, then the others by the start of their runs."""
        rows = np.fromiter(self._row.values(), np.int64, len(self._row))
        order = rows[np.argsort(-self._rows["created_at"][rows], kind="stable")]
        return [*reversed(self._now.keys()), *map(str, self._rows["dir"][order])]
