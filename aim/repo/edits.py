"""Edits of a repository: the current values of fields, and new edits, each newer than every edit in the index."""

from __future__ import annotations

import copy
import secrets
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from aim import layout, user
from aim.errors import EditError, EngineAway, EngineError, RepoError, RunError
from aim.index.catalog import Catalog, Fields
from aim.index.refresh import Index
from aim.index.rows import SOME_ROWS
from aim.log.edits import Edit, Editing
from aim.plain import builtin, shown, text_of
from aim.threads import Turn

# A run's id (None for the repository itself), a field and its value.
Change = tuple[str | None, str, Any]


class Edited(NamedTuple):
    """The winning value of one field, and when it was set, in seconds since 1970."""

    value: Any
    at: float


class Edits:
    def __init__(self, index: Index, *, read_only: bool = False) -> None:
        self.index = index
        self.aim_dir = index.catalogs.aim_dir
        self.read_only = read_only
        self.by: str | None = None
        self._editor = index.catalogs.editor()
        self._editing = Turn()

    def acting(self, by: str) -> Edits:
        """The same edits, which carry another user's name."""
        other = copy.copy(self)
        other.by = by
        return other

    @property
    def writable(self) -> bool:
        return not self.read_only and self.index.catalogs.why_not_edit() is None

    def check_writable(self) -> None:
        read_only = "it was opened read-only. Open it without read_only=True, or without --read-only"
        if why := read_only if self.read_only else self.index.catalogs.why_not_edit():
            raise RepoError(f"{self.index.catalogs.place} cannot be changed: {why}")

    def fields(self, run_id: str | None = None) -> dict[str, Edited]:
        """Every edited field of a run, or of the repository itself."""

        def answer(catalog: Catalog) -> Fields:
            return catalog.edits.get("", {}) if run_id is None else catalog.fields(places(catalog, [run_id])[0])

        fields = self.index.ask(answer)
        return {field: Edited(value, stamp / 1e6) for field, (stamp, _, value) in fields.items()}

    def items(self, kind: str) -> dict[str, Edited]:
        """The repository's fields `kind:<name>` by name, where the value is an object. Other programs write fields
        too, so the value can be anything."""
        start = kind + ":"
        own = {field[len(start) :]: edited for field, edited in self.fields().items() if field.startswith(start)}
        return {name: edited for name, edited in own.items() if isinstance(edited.value, dict) and edited.value}

    def latest(self) -> list[Edit]:
        """The winning edits of all fields, except those in the files of runs."""

        def answer(catalog: Catalog) -> list[Edit]:
            return [
                Edit(stamp, writer, run or None, field, value)
                for run, fields in catalog.edits.items()
                for field, (stamp, writer, value) in fields.items()
            ]

        return self.index.ask(answer)

    def known(self, ids: Sequence[str]) -> list[str]:
        """The ids without repetition. Raises RunError for an id without a run."""

        def answer(catalog: Catalog) -> list[str]:
            return [catalog.ids[i] for i in places(catalog, ids)]

        return self.index.ask(answer)

    @contextmanager
    def in_turn(self) -> Iterator[None]:
        """For a change that depends on what is there: no other thread edits meanwhile."""
        with self._editing:
            yield

    def write(self, changes: Collection[Change]) -> None:
        self.check_writable()

        def highest(catalog: Catalog) -> int:
            known = np.array(places(catalog, [run for run, _, _ in changes if run is not None]), np.int64)
            parts = (known[start : start + SOME_ROWS] for start in range(0, len(known), SOME_ROWS))
            return max(map(catalog.highest_stamp, parts), default=catalog.highest_edit)

        seen = self.index.ask(highest)
        try:
            with self.editor() as editor:
                editor.edit_many(list(changes), seen=seen, by=user.name() if self.by is None else self.by)
            self.index.settle(list(changes))
        except OSError as error:
            raise RepoError(layout.not_written(self.aim_dir / "edits", error)) from error
        except EngineAway:
            raise
        except EngineError as error:
            raise RepoError(f"{self.index.catalogs.place} cannot be changed: {error}") from error

    @contextmanager
    def editor(self) -> Iterator[Editing]:
        """The writer of this process's edits, for one thread at a time."""
        with self._editing:
            yield self._editor


def places(catalog: Catalog, ids: Sequence[str]) -> list[int]:
    """The places of the runs with these ids, without repetition. Raises RunError for an id without a run."""
    known = dict.fromkeys(text_of(id) for id in ids)
    for id in known:
        if id not in catalog.index:
            raise RunError(f"there is no run with the id {id!r}; list the ids with: aim runs ls --json")
    return [catalog.index[id] for id in known]


def check_name(kind: str, name: object) -> str:
    """Names of tags, bookmarks and notes become parts of field names and of terminal lines."""
    text = builtin(name)
    if not isinstance(text, str) or not text.strip() or any(ord(letter) < 32 for letter in text):
        raise EditError(f"{kind} needs a name without control characters, not {shown(name)}")
    return text


def new_id() -> str:
    """Ids ascend with time, so items sort in the order they were made, also after a merge."""
    return f"{time.time_ns() // 1000:014x}{secrets.token_hex(4)}"
