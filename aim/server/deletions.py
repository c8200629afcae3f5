"""Which runs people deleted, for a server that is asked with every request: edits are read on from where they ended."""

from __future__ import annotations

import threading
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

from aim.errors import LogError
from aim.log import edits, record
from aim.log.reader import LogFile, OpenLog, writers


class Deletion(NamedTuple):
    """Later ones win."""

    stamp: int
    writer: str
    value: bool


class Deletions:
    """`unswept` are runs that were deleted since the server began, whose files may still be here."""

    def __init__(self, aim_dir: Path) -> None:
        self._folder = aim_dir / "edits"
        self._read: dict[str, tuple[int, int]] = {}
        self._latest: dict[str, Deletion] = {}
        self._lock = threading.Lock()
        self.unswept: set[str] = set()
        self.refresh()
        self.unswept.clear()

    def __contains__(self, run: str) -> bool:
        """As of the last refresh."""
        deletion = self._latest.get(run)
        return deletion is not None and deletion.value

    def refresh(self) -> None:
        """Read what is new."""
        with self._lock:
            for file in writers(self._folder):
                size, end = self._read.get(file.path.name, (0, 0))
                if file.size != size:
                    with suppress(OSError, LogError):
                        end = self._read_on(file, end if end <= file.size else 0)
                        self._read[file.path.name] = file.size, end

    def _read_on(self, file: LogFile, end: int) -> int:
        """Read the edits from `end` on, and return where the last one ends."""
        with closing(OpenLog(file.path)) as log:
            for edit in log.forward(record.EDIT, end):
                self._take(edit.payload, file.writer)
                end = edit.end
        return end

    def _take(self, payload: bytes, writer: str) -> None:
        edit = edits.parse(payload, writer, None) if b"deleted" in payload or b"\\u" in payload else None
        if edit is None or edit.field != "deleted" or edit.run is None:
            return
        deletion, before = Deletion(edit.stamp, writer, bool(edit.value)), self._latest.get(edit.run)
        if before is None or deletion[:2] > before[:2]:
            self._latest[edit.run] = deletion
            (self.unswept.add if deletion.value else self.unswept.discard)(edit.run)
