"""Rows of runs, as tables and Python code receive them. They are made when they are looked at, because an answer may
have 100,000 of them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar, overload

import numpy as np
import numpy.typing as npt

from aim.deadline import checked
from aim.engine import Columns
from aim.errors import RunError
from aim.index.catalog import Catalog
from aim.index.refresh import Ask
from aim.index.segment import Ints
from aim.query.columns import durations, ends, objects
from aim.query.users import edited_by, started_by
from aim.threads import cached_property

Array = npt.NDArray[Any]
T = TypeVar("T")
_SHORT = ("hash", "name", "experiment", "description", "tags", "archived", "dropped")


@dataclass(frozen=True)
class RunRow:
    """One run as tables show it. Params and facts are read and decoded on first use."""

    id: str
    hash: str
    name: str | None
    experiment: str
    description: str | None
    tags: tuple[str, ...]
    archived: bool
    status: str
    error: str | None
    created_at: float
    finished_at: float | None
    duration: float
    seen_at: float
    dropped: int
    damaged: int
    started_by: str | None
    edited_by: str | None
    place: int = field(repr=False, compare=False)
    texts: Callable[[str], Array] = field(repr=False, compare=False)

    @cached_property
    def params(self) -> dict[str, Any]:
        return dict(json.loads(self.texts("params")[self.place]))

    @cached_property
    def facts(self) -> dict[str, Any]:
        return dict(json.loads(self.texts("facts")[self.place]))


# The columns of a row between its id and its place.
_COLUMNS = tuple(field.name for field in fields(RunRow))[1:-2]


class RunRows(Sequence[RunRow]):
    """The rows of some runs of a catalog, with their statuses at the moment of the answer. Everything else is read when
    it is first needed. A slice is made anew each time."""

    def __init__(self, catalog: Catalog, which: Ints) -> None:
        self._catalog, self._which, self._now = catalog, which, time.time()
        self._statuses = catalog.statuses(which, now=self._now)
        self._known: Columns = {}
        self.ask: Ask = lambda question: question(catalog)
        self.texts: Callable[[str], Array] = self._text

    def __len__(self) -> int:
        return len(self._which)

    def __repr__(self) -> str:
        return f"<{len(self)} runs>"

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, Sequence) else NotImplemented

    def __iter__(self) -> Iterator[RunRow]:
        return iter(self._all)

    @overload
    def __getitem__(self, at: int) -> RunRow: ...

    @overload
    def __getitem__(self, at: slice) -> list[RunRow]: ...

    def __getitem__(self, at: int | slice) -> RunRow | list[RunRow]:
        return self._all[at] if isinstance(at, int) else self.made(np.arange(len(self))[at])

    @property
    def created_at(self) -> Array:
        return np.asarray(self._catalog.created_at[self._which])

    @cached_property
    def _all(self) -> list[RunRow]:
        return self.made(np.arange(len(self)))

    def made(self, places: Ints) -> list[RunRow]:
        ids = [self._catalog.ids[i] for i in self._which[places].tolist()]
        return _made(ids, {name: column[places] for name, column in self._columns.items()}, places, self.texts)

    @cached_property
    def _columns(self) -> Columns:
        statuses = self._statuses
        damaged = self._asked(lambda catalog, which: catalog.damaged(which, statuses["status"]))
        started = self._asked(lambda catalog, which: started_by(catalog, which))
        short = {**self.read(*_SHORT), "damaged": damaged, "started_by": objects(started)}
        return {**short, **_beside(self._catalog, self._which, statuses, self._now)}

    def _text(self, name: str) -> Array:
        return self._known[name] if name in self._known else self.read(name)[name]

    def read(self, *names: str) -> Columns:
        """Columns of all of these runs, such as their params and facts as JSON."""
        unread = [name for name in names if name not in self._known]
        if unread:
            self._known.update(self._asked(lambda catalog, which: catalog.some(unread, which)))
        return {name: self._known[name] for name in names}

    def _asked(self, question: Callable[[Catalog, Ints], T]) -> T:
        """An answer from this catalog, or from a later one where files of this one are gone."""

        def ask(catalog: Catalog) -> T:
            if catalog is self._catalog:
                return question(catalog, self._which)
            ids = [self._catalog.ids[i] for i in self._which.tolist()]
            return question(catalog, np.array([place_of(catalog, id) for id in ids], np.int64))

        return self.ask(ask)


def run_rows(catalog: Catalog, which: Ints) -> list[RunRow]:
    """Rows of which everything is read now, so that they keep no catalog."""
    now = time.time()
    known, statuses = catalog.some([*_SHORT, "params", "facts"], which), catalog.statuses(which, now=now)
    texts = {name: known.pop(name) for name in ("params", "facts")}
    known["damaged"] = catalog.damaged(which, statuses["status"])
    known["started_by"] = objects(started_by(catalog, which, texts["facts"]))
    ids = [catalog.ids[i] for i in which.tolist()]
    columns = {**known, **_beside(catalog, which, statuses, now)}
    return _made(ids, columns, np.arange(len(which)), texts.__getitem__)


def _beside(catalog: Catalog, which: Ints, statuses: Columns, now: float) -> Columns:
    """The columns of rows that no table has."""
    return {
        **{name: statuses[name] for name in ("status", "error", "seen_at")},
        "created_at": catalog.created_at[which],
        "finished_at": objects(ends(statuses)),
        "duration": durations(catalog, which, statuses, now),
        "edited_by": objects(edited_by(catalog, which)),
    }


def _made(ids: list[str], columns: Columns, places: Ints, texts: Callable[[str], Array]) -> list[RunRow]:
    values: dict[str, Sequence[Any]] = {name: column.tolist() for name, column in columns.items()}
    tags = {text: tuple(json.loads(text)) for text in set(values["tags"])}
    values["tags"] = [tags[text] for text in values["tags"]]
    rows = zip(ids, *(values[name] for name in _COLUMNS), places.tolist(), [texts] * len(ids), strict=True)
    return [RunRow(*row) for row in checked(rows)]


def place_of(catalog: Catalog, id: str) -> int:
    """The catalog's place of a run that an earlier catalog had."""
    if id not in catalog.index:
        raise RunError(f"the run {id!r} was deleted since it was looked up")
    return catalog.index[id]
