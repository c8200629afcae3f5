"""The index of one repository: the catalog of this moment, and what changed since an earlier one."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Thread
from typing import NamedTuple, Protocol, TypeVar

from aim.deadline import whole
from aim.errors import AimError, EngineError
from aim.index.catalog import Catalog
from aim.index.state import WriterState
from aim.log.edits import Editing
from aim.threads import Turn

_REMEMBERED = 200
# Between two slices, others get their turn.
_REST_SECONDS = 0.05

T = TypeVar("T")
# A run or the repository, the name of a field, and its value.
FieldEdit = tuple[str | None, str, object]


class Ask(Protocol):
    def __call__(self, question: Callable[[Catalog], T]) -> T: ...


class Catalogs(Protocol):
    """What makes the catalogs of a repository: from its files (`local.py`), or from a database (`shared.py`)."""

    aim_dir: Path
    # Whether the files of the repository cannot be reached from here.
    elsewhere: bool

    def load(self) -> None:
        """Start over from what was kept."""

    def reload(self) -> Catalog:
        """Start over after something could not be read."""

    def current(self, before: Catalog | None) -> Catalog:
        """The catalog of this moment; `before` itself if nothing changed. Its `indexing` tells what is left out."""

    @property
    def place(self) -> str:
        """Where the repository is, for people."""

    def files_of(self, folder: Path, writers: Sequence[WriterState], what: str) -> Path:
        """Where the files of these writers are; `folder` if it is here. Raises FilesElsewhere with `what` if they
        cannot be reached."""

    def editor(self) -> Editing:
        """What keeps the edits of this process."""

    def why_not_edit(self) -> str | None:
        """Why this user may not edit; None if they may."""

    def settle(self, edits: Sequence[FieldEdit], refresh: Callable[[], Catalog]) -> None:
        """Wait until these edits of this process are in the catalog."""

    def notes(self) -> list[str]:
        """One sentence for each thing in the files of other trackers that cannot be shown."""


class _Revisions(NamedTuple):
    """The ids of the runs that changed in each of the last revisions, which are those after `since`."""

    revision: int = 0
    since: int = 0
    changes: tuple[tuple[int, frozenset[str]], ...] = ()

    def then(self, changed: frozenset[str] | None) -> _Revisions:
        """With one more revision; None: any run may have changed."""
        revision = self.revision + 1
        if changed is None:
            return _Revisions(revision, revision)
        changes = (*self.changes, (revision, changed))
        forgotten = changes[:-_REMEMBERED]
        return _Revisions(revision, forgotten[-1][0] if forgotten else self.since, changes[-_REMEMBERED:])


class Index:
    """`refresh()` gives a catalog of everything in a repository at this moment."""

    def __init__(self, catalogs: Catalogs) -> None:
        self.catalogs = catalogs
        self._turn = Turn()
        self._revisions = _Revisions()
        self._catalog: Catalog | None = None
        self._begun = self._finished = 0
        self._reader: Thread | None = None

    @property
    def revision(self) -> int:
        return self._revisions.revision

    def refresh(self, *, now: bool = False) -> Catalog:
        """Read what is new. A refresh by another thread counts too, if it began after this call. While a thread reads
        much that is new, the catalog has what was read so far; `now`: and the next part of it."""
        known = self._catalog
        if known is not None and self._reads_on and not now:
            return known
        asked = self._begun
        with self._turn, whole():
            if self._finished > asked and self._catalog is not None:
                return self._catalog
            self._begun += 1
            if self._turn.broken:
                self._forget()
                self.catalogs.load()
            try:
                catalog = self._take(self.catalogs.current(self._catalog))
            except EngineError:
                catalog = self.reload()
            self._finished = self._begun
            if catalog.indexing and not self._reads_on:
                self._reader = Thread(target=self._read_on, name="aim-index", daemon=True)
                self._reader.start()
            return catalog

    @property
    def _reads_on(self) -> bool:
        return self._reader is not None and self._reader.is_alive()

    def _read_on(self) -> None:
        """Read slices until none is left. After an error, the next question reads, and tells it."""
        try:
            while self._catalog is None or self._catalog.indexing:
                time.sleep(_REST_SECONDS)
                self.refresh(now=True)
        except (AimError, OSError):
            return

    def reload(self) -> Catalog:
        """Start over after something could not be read."""
        with self._turn, whole():
            self._forget()
            return self._take(self.catalogs.reload())

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

    def changes(self, since: int) -> frozenset[str] | None:
        """The ids of runs that changed after a revision; None if that is no longer known. It waits for no refresh."""
        revisions = self._revisions
        if not revisions.since <= since <= revisions.revision:
            return None
        return frozenset().union(*(runs for revision, runs in revisions.changes if revision > since))

    def settle(self, edits: Sequence[FieldEdit]) -> None:
        """Wait until these edits of this process are in the catalog."""
        if self._reads_on:
            self.refresh(now=True)
        self.catalogs.settle(edits, self.refresh)

    def notes(self) -> list[str]:
        """One sentence for each thing in the files of other trackers that cannot be shown."""
        with self._turn:
            return self.catalogs.notes()

    def _forget(self) -> None:
        self._catalog = None
        self._turn.broken = False

    def _take(self, catalog: Catalog) -> Catalog:
        """Count a new revision if runs changed. Before the first catalog, all of them are new."""
        before = self._catalog
        if before is catalog:
            return catalog
        changed = None if before is None else before.different(catalog)
        if changed is None or changed:
            self._revisions = self._revisions.then(changed)
        catalog.revision = self.revision
        self._catalog = catalog
        return catalog
