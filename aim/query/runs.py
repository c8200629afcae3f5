"""Rows of runs, as tables and Python code receive them. They are made when they are first used, because an answer may
have 100,000 of them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from functools import partial
from typing import Any, SupportsIndex, overload

import numpy as np
import numpy.typing as npt

from aim.deadline import checked
from aim.engine import Columns
from aim.errors import EngineError, RunError
from aim.index.catalog import Catalog
from aim.index.ints import Ints
from aim.index.params import CodedParam, coded_params
from aim.index.refresh import Ask
from aim.index.segment import rows_at
from aim.query.columns import FIELDS, durations, ends, objects
from aim.query.diverged import diverged
from aim.query.users import edited_by, started_by
from aim.threads import cached_property

Array = npt.NDArray[Any]
# Params of later runs are read for so many at a time.
_AHEAD = 50_000
# To read the params of one run by their text takes as long as those of so many runs in the table of params. For fewer
# runs than _FEW, neither takes long. A place of each run for each path takes memory.
_AS_LONG = 16
_FEW = 2_000
_MOST_CODES = 1 << 24
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
    diverged: bool
    dropped: int
    damaged: int
    started_by: str | None
    edited_by: str | None
    # How many runs began before it.
    position: int = field(compare=False)
    place: int = field(repr=False, compare=False)
    # The params or facts of the run at a place, as JSON.
    read_text: Callable[[str, int], str] = field(repr=False, compare=False)

    @cached_property
    def params(self) -> dict[str, Any]:
        return dict(json.loads(self.read_text("params", self.place)))

    @cached_property
    def facts(self) -> dict[str, Any]:
        return dict(json.loads(self.read_text("facts", self.place)))

    def __getstate__(self) -> dict[str, Any]:
        """For pickle and copy: with its params and facts, and without what reads them."""
        return {**self.__dict__, "params": self.params, "facts": self.facts, "read_text": None}


# The columns of a row between its id and its place.
_COLUMNS = tuple(field.name for field in fields(RunRow))[1:-2]


class RunRows(Sequence[RunRow]):
    """The rows of some runs of a catalog, with their statuses at the moment of the answer. Everything else is read when
    it is first needed. A slice is made anew each time. To look at a run that was deleted before raises RunError."""

    def __init__(self, catalog: Catalog, which: Ints, ask: Ask | None = None) -> None:
        """`ask`: answers from a later catalog, where files of this one are gone."""
        self._catalog, self._which, self._now = catalog, which, time.time()
        self._statuses = catalog.statuses(which, now=self._now)
        self._known: Columns = {}
        self._ahead = 0, objects([])
        self._coded_ahead: tuple[range, list[CodedParam]] = range(0), []
        # The places of runs that a later catalog does not have.
        self._gone: set[int] = set()
        self._ask: Ask = ask or (lambda question: question(catalog))

    def __len__(self) -> int:
        return len(self._which)

    def __repr__(self) -> str:
        return f"<{len(self)} runs>"

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, Sequence) else NotImplemented

    def __iter__(self) -> Iterator[RunRow]:
        return iter(self._all.values()) if len(self._all) == len(self) else map(self.__getitem__, range(len(self)))

    def __add__(self, other: Sequence[RunRow]) -> list[RunRow]:
        return [*self, *other]

    def __radd__(self, other: Sequence[RunRow]) -> list[RunRow]:
        return [*other, *self]

    def __reduce__(self) -> tuple[type[list[RunRow]], tuple[list[RunRow]]]:
        return list, (list(self),)

    def __deepcopy__(self, memo: object) -> RunRows:
        return self

    @overload
    def __getitem__(self, at: SupportsIndex) -> RunRow: ...

    @overload
    def __getitem__(self, at: slice) -> list[RunRow]: ...

    def __getitem__(self, at: SupportsIndex | slice) -> RunRow | list[RunRow]:
        if isinstance(at, slice):
            return self._made(self._columns, range(len(self))[at])
        place = range(len(self))[at]
        return self._all[place] if place in self._all else self._made(self._columns, [place])[0]

    @property
    def created_at(self) -> Array:
        return np.asarray(self._catalog.created_at[self._which])

    def columns(self, start: int, stop: int, *, params: bool = True) -> Columns:
        """The fields of consecutive rows and their params (JSON) as columns, without the rows."""
        places = range(len(self))[start:stop]
        columns = rows_at(self._columns, np.array(places, np.int64))
        texts = {"params": self._params(places)} if params else {}
        return {"id": objects(self._ids_there(places)), **columns, **texts, "tags": _tags(columns["tags"])}

    def coded_params(self, start: int, stop: int) -> list[CodedParam] | None:
        """The params of consecutive rows by path; None where to read their texts is faster, as of the first of many
        rows. Read for many later runs at once, as these are probably the next ones."""
        known, params = self._coded_ahead
        if start not in known or stop > known.stop:
            known = range(start, min(max(stop, start + _AHEAD), len(self)))
            catalog, first = self._catalog, start == 0 and stop < len(self)
            codes = len(known) * len(catalog.param_paths)
            if catalog.remote or first or len(known) < max(_FEW, len(catalog) / _AS_LONG) or codes > _MOST_CODES:
                return None
            try:
                params = coded_params(catalog, self._which[known.start : known.stop])
            except EngineError:
                return None
            self._coded_ahead = known, params
        parts = (param.of(start - known.start, stop - known.start) for param in checked(params))
        return [part for part in parts if part.values]

    def _params(self, places: range) -> Array:
        """Read for many later runs at once, as these are probably the next ones."""
        begin, texts = self._ahead
        if not begin <= places.start <= places.stop <= begin + len(texts):
            stop = places.stop if places.start == 0 else max(places.stop, places.start + _AHEAD)
            begin, wanted = places.start, np.arange(places.start, min(stop, len(self)))
            texts = self._asked(lambda catalog, which, _: catalog.some(["params"], which), wanted)["params"]
            self._ahead = begin, texts
        return texts[places.start - begin : places.stop - begin]

    @cached_property
    def _all(self) -> dict[int, RunRow]:
        """The rows of the runs that are there, by their places."""
        columns = self._columns  # which also tells what is gone
        there = [place for place in range(len(self)) if place not in self._gone]
        return dict(zip(there, self._made(columns, there), strict=True))

    def _made(self, columns: Columns, places: Sequence[int]) -> list[RunRow]:
        return _made(self._ids_there(places), rows_at(columns, np.array(places, np.int64)), places, self._text)

    def _ids_there(self, places: Sequence[int]) -> list[str]:
        ids = self._ids(places)
        for place, id in zip(places, ids, strict=True) if self._gone else ():
            if place in self._gone:
                raise _gone(id)
        return ids

    def _ids(self, places: Sequence[int]) -> list[str]:
        return [self._catalog.ids[i] for i in self._which[np.asarray(places, np.int64)].tolist()]

    @cached_property
    def _columns(self) -> Columns:
        statuses = self._statuses
        read = self._asked(
            lambda catalog, which, places: {
                **catalog.some(_SHORT, which),
                "diverged": diverged(catalog, which),
                "damaged": catalog.damaged(which, statuses["status"][places]),
                "started_by": objects(FIELDS["started_by"](catalog, which)),
            }
        )
        return {**read, **_beside(self._catalog, self._which, statuses, self._now)}

    def _text(self, name: str, place: int) -> str:
        """Of one of these runs; read of all when first needed."""
        if name not in self._known:
            self._known.update(self._asked(lambda catalog, which, places: catalog.some([name], which)))
        text: str | None = self._known[name][place]
        if text is None:
            raise _gone(*self._ids([place]))
        return text

    def _asked(self, question: Callable[[Catalog, Ints, Ints], Columns], places: Ints | None = None) -> Columns:
        """Columns of some of these rows (None: all) from this catalog, or from a later one where files of this one are
        gone. The question gets the places of the runs in the catalog, and among these rows."""
        mine = np.arange(len(self)) if places is None else places
        try:
            return question(self._catalog, self._which[mine], mine)
        except EngineError:
            return self._ask(partial(self._asked_later, question, mine))

    def _asked_later(
        self, question: Callable[[Catalog, Ints, Ints], Columns], places: Ints, catalog: Catalog
    ) -> Columns:
        """With None for the runs that the later catalog does not have."""
        now = np.array([catalog.index.get(id, -1) for id in self._ids(places.tolist())], np.int64)
        there = np.flatnonzero(now >= 0)
        self._gone.update(places[now < 0].tolist())
        columns = question(catalog, now[there], places[there])
        return {name: _spread(column, there, len(places)) for name, column in columns.items()}


def _spread(column: Array, there: Ints, count: int) -> Array:
    if len(there) == count:
        return column
    every = np.full(count, None, object)
    every[there] = column
    return every


def run_rows(catalog: Catalog, which: Ints) -> list[RunRow]:
    """Rows of which everything is read now, so that they keep no catalog."""
    now = time.time()
    known, statuses = catalog.some([*_SHORT, "params", "facts"], which), catalog.statuses(which, now=now)
    texts = {name: known.pop(name) for name in ("params", "facts")}
    known["diverged"] = diverged(catalog, which)
    known["damaged"] = catalog.damaged(which, statuses["status"])
    known["started_by"] = objects(
        started_by(catalog, which, dict(zip(which.tolist(), texts["facts"].tolist(), strict=True)))
    )
    ids = [catalog.ids[i] for i in which.tolist()]
    columns = {**known, **_beside(catalog, which, statuses, now)}
    return _made(ids, columns, range(len(which)), lambda name, place: str(texts[name][place]))


def _beside(catalog: Catalog, which: Ints, statuses: Columns, now: float) -> Columns:
    """The columns of rows that no table has."""
    return {
        **{name: statuses[name] for name in ("status", "error", "seen_at")},
        "created_at": catalog.created_at[which],
        "finished_at": objects(ends(statuses)),
        "duration": durations(catalog, which, statuses, now),
        "edited_by": objects(edited_by(catalog, which)),
        "position": catalog.positions[which],
    }


def _made(
    ids: list[str], columns: Columns, places: Sequence[int], read_text: Callable[[str, int], str]
) -> list[RunRow]:
    values = {name: (_tags(column) if name == "tags" else column).tolist() for name, column in columns.items()}
    rows = zip(ids, *(values[name] for name in _COLUMNS), places, [read_text] * len(ids), strict=True)
    return [RunRow(*row) for row in checked(rows)]


def _tags(column: Array) -> Array:
    """The tags of runs as tuples, from JSON."""
    texts = column.tolist()
    tags = {text: tuple(json.loads(text)) for text in set(texts)}
    return objects([tags[text] for text in texts])


def columns_of(rows: Sequence[RunRow], *, params: bool = True) -> Columns:
    """What `RunRows.columns` gives, of rows that were made."""
    columns = {name: objects([getattr(row, name) for row in rows]) for name in ("id", *_COLUMNS)}
    texts = [row.read_text("params", row.place) for row in rows] if params else None
    return columns if texts is None else {**columns, "params": objects(texts)}


def place_of(catalog: Catalog, id: str) -> int:
    """The catalog's place of a run that an earlier catalog had."""
    if id not in catalog.index:
        raise _gone(id)
    return catalog.index[id]


def _gone(id: str) -> RunError:
    return RunError(f"the run {id!r} was deleted since it was looked up: look the runs up again")
