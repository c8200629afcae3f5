"""Which folders to check for changes, so that a large repository does not cost a stat for each finished run.

A folder of finished runs rarely changes: when a run is resumed, or a file is copied into it or replaced by its seal.
All folders of a small repository are checked each time. Of a large one, the newest are, and of the others so many that
each is checked every PERIOD seconds while somebody asks; all are when nobody asked for that long.
"""

from __future__ import annotations

from collections.abc import Collection

from aim.index.folders import Folders

PERIOD = 30.0
# Up to so many folders are checked at once.
FEW = 2_000


class Sweep:
    """`complete`: every folder was checked at this time or later, in seconds since 1970."""

    def __init__(self, complete: float = 0.0) -> None:
        self.complete = self._asked = complete
        self._begun = 0.0
        self._names: list[str] = []
        self._at = 0

    def due(self, folders: Folders, now: float, *, every: bool) -> Collection[str]:
        """The folders to check now; `every`: all of them."""
        passed, self._asked = now - self._asked, now
        if every or len(folders) <= FEW or not 0 <= passed < PERIOD:
            self.complete, self._names, self._at = now, [], 0
            return folders
        if self._at >= len(self._names):
            self.complete = self._begun or self.complete
            self._begun, self._names, self._at = now, folders.newest_first(), 0
        start, self._at = self._at, self._at + int(len(self._names) * passed / PERIOD) + 1
        return {*self._names[:FEW], *self._names[start : self._at]}
