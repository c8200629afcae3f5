"""The folders of a source as the index knows them. Most are rows of columns, because there may be 100,000."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, repeat
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from aim.index import quiet
from aim.index.ints import Ints
from aim.index.quiet import Process, Rest
from aim.index.schema import run_number
from aim.index.sources.source import UNKNOWN, Stamp
from aim.log.status import is_recent

# The columns of the runs table that folders are made of.
COLUMNS = ("segment", "run", "id", "dir", "dir_mtime", "dir_inode", "ended", "quiet", "seen_at", "created_at")

_FOLDER = ("dir_mtime", "dir_inode", "id", "ended", "quiet")


class Folder(NamedTuple):
    """`ended`: nothing writes to its files any more. `rests`: its writers without an end, which may go on."""

    stamp: Stamp
    runs: tuple[str, ...]
    ended: bool
    rests: tuple[Rest, ...] = ()

    @property
    def settled(self) -> bool:
        return self.ended and self.stamp != UNKNOWN


class Folders:
    """`watched`: the names of folders that may change at any moment; the others have ended. `resting`: those of quiet
    runs."""

    def __init__(self, rows: Mapping[str, npt.NDArray[Any]], now: float) -> None:
        """`rows`: columns of the newest row of each run, as the cache has them."""
        self._rows = rows
        self._row: dict[str, int] = {}
        self.resting: set[str] = set()
        self._now: dict[str, Folder] = {}
        self._gone: set[str] = set()
        self.watched: set[str] = set()
        self._take(0, now)

    def add(self, rows: Mapping[str, npt.NDArray[Any]], now: float) -> None:
        """Add the rows of runs in new folders."""
        begin = len(self._rows["run"])
        self._rows = {name: np.concatenate([column, rows[name]]) for name, column in self._rows.items()}
        self._take(begin, now)

    def _take(self, begin: int, now: float) -> None:
        """Take the folders of the rows from `begin` on."""
        rows = {name: column[begin:] for name, column in self._rows.items()}
        resting = rows["quiet"] != ""
        self.resting.update(map(str, rows["dir"][resting]))
        names = rows["dir"].tolist()
        new = dict(zip(names, range(begin, begin + len(names)), strict=True))
        self._row = {**self._row, **new} if self._row else new
        if len(new) < len(names):
            self._join(names, begin)
        open_rows = ~rows["ended"] & ~resting | (rows["dir_mtime"] == UNKNOWN.changed)
        open_rows[_living(rows, np.flatnonzero(resting), now)] = True
        self.watched.update(names[row] for row in np.flatnonzero(open_rows).tolist() if names[row] in self._row)

    def _join(self, names: list[str], begin: int) -> None:
        """Folders with several runs."""
        rows_of: dict[str, list[int]] = {}
        for row, name in enumerate(names, begin):
            rows_of.setdefault(name, []).append(row)
        for name, rows in rows_of.items():
            if len(rows) > 1:
                parts = [self._at(row) for row in rows]
                same = all(part.stamp == parts[0].stamp for part in parts)
                runs = tuple(run for part in parts for run in part.runs)
                rests = tuple(rest for part in parts for rest in part.rests)
                ended = all(part.ended for part in parts)
                self[name] = Folder(parts[0].stamp if same else UNKNOWN, runs, ended, rests)

    def _at(self, row: int) -> Folder:
        changed, inode, id, ended, text = (self._rows[name][row] for name in _FOLDER)
        return Folder(Stamp(int(changed), int(inode)), (id,), bool(ended) or text != "", tuple(quiet.read(text)))

    def __len__(self) -> int:
        return len(self._row) + len(self._now)

    def __iter__(self) -> Iterator[str]:
        yield from self._row
        yield from self._now

    def __contains__(self, name: object) -> bool:
        return name in self._row or name in self._now

    def unknown(self, names: Iterable[str]) -> list[str]:
        """Those of the names that no folder here has."""
        rows, now = self._row, self._now
        return [name for name in names if name not in rows and name not in now]

    def get(self, name: str) -> Folder | None:
        row = self._row.get(name)
        return self._now.get(name) if row is None else self._at(row)

    def changed(self, stamps: Mapping[str, tuple[int, int]]) -> set[str]:
        """The folders that are new or have another stamp now, or one that tells nothing."""
        rows = np.fromiter(map(self._row.get, stamps, repeat(-1)), np.int64, len(stamps))
        now = np.fromiter(chain.from_iterable(stamps.values()), np.int64, 2 * len(stamps)).reshape(-1, 2)
        there = rows >= 0
        same = there & (now[:, 0] != UNKNOWN.changed)
        for at, name in enumerate(("dir_mtime", "dir_inode")):
            same[there] &= self._rows[name][rows[there]] == now[there, at]
        names = list(stamps)
        unlike = [names[at] for at in np.flatnonzero(~same).tolist()]
        return {name for name in unlike if not self._is_as(name, stamps[name])}

    def _is_as(self, name: str, stamp: tuple[int, int]) -> bool:
        known = self._now.get(name)
        return known is not None and stamp != UNKNOWN and known.stamp == stamp

    def quiet(self, names: Iterable[str]) -> list[tuple[str, Rest]]:
        """The writers without an end in those of the folders that are not watched, each with the name of its folder."""
        known = ((name, self._rests(name)) for name in self.resting.intersection(names) - self.watched)
        return [(name, rest) for name, rests in known for rest in rests]

    def quiet_since(self, moment: float) -> list[str]:
        """The folders of quiet runs, without those that were silent since before that moment."""
        rows = self._rows
        names = rows["dir"][(rows["quiet"] != "") & ~(rows["seen_at"] < moment)].tolist()
        return [name for name in [*names, *self._now] if name in self.resting]

    def _rests(self, name: str) -> Sequence[Rest]:
        row = self._row.get(name)
        return self._now[name].rests if row is None else quiet.read(self._rows["quiet"][row])

    def __setitem__(self, name: str, folder: Folder) -> None:
        self._row.pop(name, None)
        self._now[name] = folder
        (self.resting.add if folder.rests else self.resting.discard)(name)
        (self.watched.discard if folder.settled else self.watched.add)(name)

    def pop(self, name: str) -> Folder | None:
        folder = self.get(name)
        if self._row.pop(name, None) is not None:
            self._gone.add(name)
        self._now.pop(name, None)
        self.resting.discard(name)
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

    def unlike_rows(self) -> set[str]:
        """The names of folders that may have changed since their rows were read."""
        return self._gone.union(self._now)

    def newest_first(self, most: int | None = None) -> list[str]:
        """The names of all folders, or so many: those that changed here, then the others by the start of their runs."""
        rows = np.fromiter(self._row.values(), np.int64, len(self._row))
        order = rows[np.argsort(-self._rows["created_at"][rows], kind="stable")][:most]
        return [*reversed(self._now.keys()), *self._rows["dir"][order].tolist()][:most]


def _living(rows: Mapping[str, npt.NDArray[Any]], resting: Ints, now: float) -> list[int]:
    """Of these rows, those of runs that are quiet for another machine, or were so once, and go on for this one."""
    texts, seen_at = rows["quiet"].tolist(), rows["seen_at"].tolist()
    here = quiet.mark_of_here()
    dead, told, living = set[Process](), set[str](), list[int]()
    for row in resting.tolist():
        text = texts[row]
        if not (here in text or is_recent(seen_at[row], now)):
            continue
        # The text of one writer ends with its id, file, size and time.
        process = text.rsplit(",", 4)[0]
        if process in told:
            continue
        rests = quiet.read(text)
        if any(rest.lives(now, dead) for rest in rests):
            living.append(row)
        elif len(rests) == 1 and rests[0].process in dead:
            told.add(process)
    return living
