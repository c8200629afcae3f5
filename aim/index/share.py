"""What each of several processes does that fold the new folders of a repository: it reads a share of them, and writes
segments into the cache. They count once the process that asked commits them (`cache.py`).

So a process may be killed at any moment: its folders stay new, and are read again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from aim.index.cache_folder import CacheFolder
from aim.index.fold import Pending
from aim.index.partition import Partition
from aim.index.segment import Segment
from aim.index.sources.logs import Logs
from aim.index.sources.table import SOURCES
from aim.index.state import RunState
from aim.index.storage import Storage
from aim.processes import Task


def fold(task: Task) -> Task:
    """Fold some folders, or those of them that make one slice. Returns what the manifest says of their segments, and
    how many folders these have. Raises OSError if a segment cannot be written."""
    aim_dir = Path(task["aim_dir"])
    storage = UncommittedStorage(aim_dir, private=task["private"])
    part = Partition(aim_dir, SOURCES[0], aim_dir, {}, storage=storage, first=task["number"])
    part.source = SharedLogs(aim_dir, task["names"])
    part.refresh(partly=True)
    if part.in_memory():
        raise OSError(f"a segment cannot be written to the cache of {aim_dir}")
    return {"entries": storage.entries, "folders": len(storage.folders)}


class SharedLogs(Logs):
    """Some of the folders of a repository."""

    def __init__(self, aim_dir: Path, folders: list[str]) -> None:
        super().__init__(aim_dir)
        self._folders = folders

    def names(self) -> list[str]:
        return self._folders


class UncommittedStorage(Storage):
    """It writes and does not commit. The process that gave the task holds the lock of the cache."""

    def __init__(self, aim_dir: Path, *, private: bool) -> None:
        self._folder = CacheFolder(aim_dir)
        if private or not self._folder.writable:
            self._folder.leave()
        self.entries: list[dict[str, Any]] = []
        self.folders: set[str] = set()

    def load(self) -> list[Segment]:
        return []

    def writing(self, *, alone: bool = False) -> AbstractContextManager[bool]:
        return nullcontext(self._folder.writable)

    def is_due(self, pending: Pending, gone: Collection[str], *, urgent: bool) -> bool:
        return bool(pending.runs)

    def add(
        self, segments: Sequence[Segment], new: Segment, runs: Mapping[str, RunState], gone: Collection[str]
    ) -> list[Segment] | None:
        written = self._folder.write(new.number, new.memory)
        if written is None:
            return None
        self.entries.append(self._folder.entry(new.number))
        self.folders.update(new.memory["runs"]["dir"].tolist())
        return [*segments, written]
