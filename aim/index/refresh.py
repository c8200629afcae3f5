"""Brings the index up to date with all sources, and gives a catalog of their content."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

import numpy as np

from aim.deadline import whole
from aim.errors import EngineError
from aim.index.catalog import Catalog
from aim.index.partition import Partition, Progress
from aim.index.sources.table import SOURCES
from aim.threads import Turn

_REMEMBERED = 200

T = TypeVar("T")


class Ask(Protocol):
    def __call__(self, question: Callable[[Catalog], T]) -> T: ...


class Indexing(NamedTuple):
    """How many runs of the repository are in the index, while others are left."""

    done: int
    total: int


class Index:
    """The index of one repository. `refresh()` gives a catalog of everything in its sources at this moment."""

    # Whether the files of the repository cannot be reached from here.
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
        thousands of runs are new, each refresh reads some of them, and `indexing` tells how many are left."""
        self.aim_dir = aim_dir
        self.partly = partly
        self.progress = progress
        self._heartbeats: dict[str, float] = {}
        self.partitions = self._parts({SOURCES[0].name: aim_dir, **(others or {})})
        self.revision = 0
        self._turn = Turn()
        self._changes: list[tuple[int, frozenset[str]]] = []
        self._remembered = 0
        self._catalog: Catalog | None = None
        self._begun = self._finished = 0

    def _parts(self, folders: Mapping[str, Path]) -> list[Partition]:
        rows = [row for row in SOURCES if row.name in folders]
        return [
            Partition(self.aim_dir, row, folders[row.name], self._heartbeats, progress=self.progress) for row in rows
        ]

    @property
    def indexing(self) -> Indexing | None:
        """None once everything is in the index."""
        left = sum(part.waiting for part in self.partitions)
        total = sum(part.folders() for part in self.partitions)
        return Indexing(total - left, total) if self.partly and left else None

    def refresh(self) -> Catalog:
        """Read what is new. A refresh by another thread counts too, if it began after this call, or if it reads the
        next part of much that is new."""
        known = self._catalog
        if known is not None and self.indexing and self._turn.taken():
            return known
        asked = self._begun
        with self._turn, whole():
            if self._finished > asked and self._catalog is not None:
                return self._catalog
            self._begun += 1
            if self._turn.broken:
                self._reload()
            try:
                catalog = self._refresh()
            except EngineError:
                catalog = self.reload()
            self._finished = self._begun
            return catalog

    def reload(self) -> Catalog:
        """Start over after a segment could not be read: from the current manifests, else from the sources alone."""
        with self._turn, whole():
            try:
                self._reload()
                catalog = self._refresh()
                catalog.probe()
                return catalog
            except EngineError:
                self._reload(believe=False)
                return self._refresh()

    def ask(self, question: Callable[[Catalog], T]) -> T:
        """Answer from the catalog of this moment. Segments are read while a question is answered, and another process
        may remove one meanwhile; then the question is asked again."""
        try:
            return question(self.refresh())
        except EngineError:
            return question(self.reload())

    def as_of(self, catalog: Catalog) -> Ask:
        """Answer from an earlier catalog. If one of its segments is gone, answer from the current one."""

        def ask(question: Callable[[Catalog], T]) -> T:
            try:
                return question(catalog)
            except EngineError:
                return self.ask(question)

        return ask

    def _reload(self, *, believe: bool = True) -> None:
        self._catalog = None
        for partition in self.partitions:
            partition.load(believe=believe)
        self._turn.broken = False

    def changes(self, since: int) -> frozenset[str] | None:
        """The ids of runs that changed after a revision; None if that is no longer known."""
        with self._turn:
            if not self._remembered <= since <= self.revision:
                return None
            return frozenset().union(*(runs for revision, runs in self._changes if revision > since))

    def settle(self, edits: Sequence[tuple[str | None, str, object]]) -> None:
        """Wait until these edits of this process are in the catalog. They are in the next one."""

    def notes(self) -> list[str]:
        """One sentence for each thing in the files of other trackers that cannot be shown."""
        with self._turn:
            return [note for partition in self.partitions for note in partition.notes()]

    def _refresh(self) -> Catalog:
        parts, before = self.partitions, self._catalog
        for part in parts:
            part.refresh(partly=self.partly)
        if before is not None and not any(part.stale for part in parts):
            return before
        segments = [segment for part in parts for segment in part.on_disk()]
        segments += [segment for part in parts for segment in part.in_memory()]
        alive = np.concatenate([part.numbers() for part in parts])
        states = {id: run for part in parts for id, run in part.states.items()}
        sources = {part.number: part.source for part in parts}
        self._catalog = catalog = Catalog(segments, alive, states, self._heartbeats, before, sources)
        for part in parts:
            part.stale = False
        self._count(before, catalog)
        return catalog

    def _count(self, before: Catalog | None, catalog: Catalog) -> None:
        """Count a new revision if runs changed; `before` is None for the first catalog."""
        changed = None if before is None else before.different(catalog)
        if changed is None:
            self.revision += 1
            self._remembered, self._changes = self.revision, []
        elif changed:
            self.revision += 1
            self._changes.append((self.revision, changed))
            if len(self._changes) > _REMEMBERED:
                self._remembered = self._changes.pop(0)[0]
        catalog.revision = self.revision
