"""The values of media that an explorer shows: of all that a statement selects, those in ranges of steps and places, at
steps spread evenly over the range."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from aim.engine import Columns
from aim.index.catalog import Catalog
from aim.index.content import Objects
from aim.index.ints import Ints, ascending
from aim.index.refresh import Ask
from aim.index.segment import rows_at
from aim.query.execute import Answer, execute
from aim.query.find_media import find_in
from aim.query.nodes import Statement
from aim.query.notes import notes_of_media
from aim.query.plan import Order, SortKey
from aim.query.regex import Pattern
from aim.query.runs import RunRows
from aim.query.vocabulary import vocabulary_of

Mask = npt.NDArray[np.bool_]
MOST = 10_000


@dataclass(frozen=True)
class MediaWindow:
    """Ends are included; None is no end. `places`: the range of places among values that were tracked together.
    `steps`: at most so many different steps, those of all runs together, so that the cells of runs stand side by side.
    `find`: of these, only what matches anywhere.
    """

    lo: int | None = None
    hi: int | None = None
    places: tuple[int | None, int | None] = (None, None)
    steps: int = 50
    find: Pattern | None = None


@dataclass(frozen=True)
class MediaCells:
    """At most MOST values, in the order of the runs, then by kind, name, context and step. `run`: the place of the run
    of each among `runs`. `matched` values match the statement, from `first_step` to `last_step` and up to `last_place`;
    `inside` of them, at `steps_found` steps, are in the window; `steps` are shown. `searched` of these values were
    searched, texts in their first `characters`."""

    runs: RunRows
    run: Ints
    objects: Objects
    rows: Ints
    columns: Columns
    ids: Sequence[str]
    matched: int
    inside: int
    steps_found: int
    steps: int
    first_step: int
    last_step: int
    last_place: int
    searched: int
    characters: int
    notes: Sequence[str]
    revision: int

    def content(self, i: int) -> bytes:
        """The bytes of the value at this place. Raises LogError if they are damaged or gone."""
        return self.objects.content(int(self.rows[i]))


def cells_of(
    catalog: Catalog,
    objects: Objects,
    *,
    statement: Statement | None,
    window: MediaWindow,
    order: Sequence[SortKey] = (),
    ask: Ask | None = None,
) -> MediaCells:
    """`objects`: what the statement selects."""
    step, place, count = objects.columns["step"], objects.columns["place"], len(objects)
    inside = _within(step, window.lo, window.hi) & _within(place, *window.places)
    chosen, steps_found = _spread_steps(step[inside], window.steps)
    rows = np.flatnonzero(inside & np.isin(step, chosen))
    rows, which, run = _first(catalog, objects, rows, order)
    searched = characters = 0
    if window.find is not None:
        keep, searched, characters = find_in(objects, rows, window.find)
        rows, which, run = _first(catalog, objects, rows[keep], order)
    return MediaCells(
        runs=RunRows(catalog, which, ask),
        run=run,
        objects=objects,
        rows=rows,
        columns=rows_at(objects.columns, rows),
        ids=_ids(objects, rows),
        matched=count,
        inside=int(inside.sum()),
        steps_found=steps_found,
        steps=len(chosen),
        first_step=int(step.min()) if count else 0,
        last_step=int(step.max()) if count else 0,
        last_place=int(place.max()) if count else 0,
        searched=searched,
        characters=characters,
        notes=[] if statement is None or count else notes_of_media(statement, vocabulary_of(catalog)),
        revision=catalog.revision,
    )


def _first(catalog: Catalog, objects: Objects, rows: Ints, order: Sequence[SortKey]) -> tuple[Ints, Ints, Ints]:
    """The first rows in the order of their runs, these runs, and the place of each row's run among them."""
    runs = objects.columns["run"][rows]
    which = _ordered(catalog, ascending(runs).astype(np.int64), order)
    ranks = np.zeros(len(catalog), np.int64)
    ranks[which] = np.arange(len(which))
    run = ranks[runs]
    first = np.argsort(run, kind="stable")[:MOST]
    rows, run = rows[first], run[first]
    return rows, which[: int(run[-1]) + 1 if len(run) else 0], run


def _within(values: Any, low: int | None, high: int | None) -> Mask:
    keep = np.ones(len(values), bool)
    if low is not None:
        keep &= values >= low
    if high is not None:
        keep &= values <= high
    return keep


def _spread_steps(steps: Ints, wanted: int) -> tuple[Ints, int]:
    """Steps from the first to the last, fewer if they have too many values, and how many there are."""
    distinct, counts = np.unique(steps, return_counts=True)
    shown = min(wanted, len(distinct))
    while shown > 1 and counts[spread(len(distinct), shown)].sum() > MOST:
        shown = shown * 3 // 4
    return distinct[spread(len(distinct), shown)], len(distinct)


def spread(count: int, shown: int) -> Ints:
    """The positions of `count` items, spread evenly from the first to the last."""
    return np.unique(np.linspace(0, count - 1, shown).round().astype(np.int64)) if count else np.empty(0, np.int64)


def _ordered(catalog: Catalog, runs: Ints, order: Sequence[SortKey]) -> Ints:
    return execute(catalog, (Order(tuple(order)),), begun=Answer(runs)).runs if order else runs


def _ids(objects: Objects, rows: Ints) -> list[str]:
    places = (objects.location(row) for row in rows.tolist())
    return [f"{place.writer}-{place.at}" for place in places]
