"""Which folders to check for changes, so that a large repository does not cost a stat for each finished run.

A folder of finished runs rarely changes: when a run is resumed, or a file is copied into it or replaced by its seal.
All folders of a small repository are checked each time. Of a large one, the newest are, and of the others so many that
each is checked every PERIOD seconds while somebody asks; all are when nobody asked for that long. A process that
checked all leaves a note, so that those that begin within this time check the newest only. Those that begin within
BELIEVED seconds check the newest and those of runs that became quiet lately, if no run, resume, merge or copy gave the
folder of all runs another time since.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import NamedTuple

from aim.index.folders import Folders
from aim.index.sources.source import UNKNOWN, Stamp

PERIOD = 30.0
BELIEVED = 300.0
# A quiet run that was silent for longer hardly goes on: it is checked like one that finished.
LATELY = 86_400.0
# Up to so many folders are checked at once.
FEW = 2_000


class SweepNote(NamedTuple):
    """Every folder was checked at this time or later, in seconds since 1970. Those of `but` may be unlike their rows in
    the cache. `listing`: the stamp at this time of the folder that has them."""

    complete: float
    listing: Stamp
    but: tuple[str, ...]

    def written(self) -> str:
        return json.dumps(self)


def read_note(text: str) -> SweepNote | None:
    """The note in a text that this user wrote, maybe with another version."""
    try:
        complete, listing, but = json.loads(text)
        return SweepNote(float(complete), Stamp(*map(int, listing)), tuple(map(str, but)))
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None


class Sweep:
    """`complete`: every folder was checked at this time or later, in seconds since 1970; given, by another process.
    `listing`: their listing at this time."""

    def __init__(self, complete: float = 0.0, listing: Stamp = UNKNOWN) -> None:
        self.complete = self._asked = complete
        self.listing = listing
        self._given = complete > 0
        self._begun = (complete, listing)
        self._names: list[str] = []
        self._at = 0

    def due(self, folders: Folders, now: float, listing: Stamp, *, every: bool) -> Collection[str]:
        """The folders to check now; `listing`: theirs at this moment. `every`: all of them."""
        passed, given = now - self._asked, self._given
        self._given = False
        same = listing == self.listing != UNKNOWN
        if given and not every and 0 <= passed < (BELIEVED if same else PERIOD):
            newest = folders.newest_first(FEW)
            if passed < PERIOD:
                return newest
            self._asked = now
            return {*newest, *folders.quiet_since(now - LATELY)}
        self._asked = now
        if every or len(folders) <= FEW or not 0 <= passed < PERIOD:
            self.complete, self.listing = self._begun = (now, listing)
            self._names, self._at = [], 0
            return folders
        if self._at >= len(self._names):
            self.complete, self.listing = self._begun
            self._begun, self._names, self._at = (now, listing), folders.newest_first(), 0
        start, self._at = self._at, self._at + int(len(self._names) * passed / PERIOD) + 1
        return {*self._names[:FEW], *self._names[start : self._at]}
