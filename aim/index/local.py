"""The catalogs of a repository whose files this process reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from aim import layout
from aim.errors import EngineError
from aim.index.catalog import Catalog, Indexing
from aim.index.partition import Partition, Progress
from aim.index.refresh import FieldEdit
from aim.index.rows import Rows
from aim.index.sources.table import SOURCES
from aim.index.state import WriterState
from aim.log.edits import Editing, Editor


class Local:
    elsewhere = False

    def __init__(
        self,
        aim_dir: Path,
        *,
        others: Mapping[str, Path] | None = None,
        progress: Progress | None = None,
        partly: bool = False,
    ) -> None:
        """`others`: the folders of further sources, by the name of their row in `sources/table.py`. `partly`: while
        thousands of runs are new, each catalog has some more of them, and its `indexing` tells how many are left."""
        self.aim_dir = aim_dir
        folders = {SOURCES[0].name: aim_dir, **(others or {})}
        self._partly = partly
        self._heartbeats: dict[str, float] = {}
        self.partitions = [
            Partition(aim_dir, row, folders[row.name], self._heartbeats, progress=progress)
            for row in SOURCES
            if row.name in folders
        ]

    def load(self, *, believe: bool = True) -> None:
        for part in self.partitions:
            part.load(believe=believe)

    def reload(self) -> Catalog:
        """If the current manifests have a segment that cannot be read, from the sources alone."""
        try:
            self.load()
            catalog = self.current(None)
            catalog.probe()
            return catalog
        except EngineError:
            self.load(believe=False)
            return self.current(None)

    def current(self, before: Catalog | None) -> Catalog:
        parts = self.partitions
        for part in parts:
            part.refresh(partly=self._partly)
        if before is not None and not any(part.stale for part in parts):
            before.indexing = self._left()
            return before
        segments = [segment for part in parts for segment in part.on_disk()]
        segments += [segment for part in parts for segment in part.in_memory()]
        alive = np.concatenate([part.numbers() for part in parts])
        states = {id: run for part in parts for id, run in part.states.items()}
        sources = {part.number: part.source for part in parts}
        rows = Rows(segments, [part.rows for part in parts])
        catalog = Catalog(segments, alive, states, self._heartbeats, before, sources, rows)
        for part in parts:
            part.rows, part.stale = rows, False
        catalog.indexing = self._left()
        return catalog

    def _left(self) -> Indexing | None:
        left = sum(part.waiting for part in self.partitions) if self._partly else 0
        total = sum(part.folders() for part in self.partitions) if left else 0
        return Indexing(total - left, total) if left else None

    @property
    def place(self) -> str:
        return str(self.aim_dir.parent)

    def files_of(self, folder: Path, writers: Sequence[WriterState], what: str) -> Path:
        return folder

    def editor(self) -> Editing:
        return Editor(self.aim_dir)

    def why_not_edit(self) -> str | None:
        return layout.why_not_write(self.aim_dir)

    def settle(self, edits: Sequence[FieldEdit], refresh: Callable[[], Catalog]) -> None:
        """They are in the next catalog."""

    def notes(self) -> list[str]:
        return [note for part in self.partitions for note in part.notes()]
