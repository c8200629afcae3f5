"""The media that a statement selects: series by their names and kinds, single values by a condition on them."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from aim.deadline import checked
from aim.errors import QueryError
from aim.index.catalog import Catalog
from aim.index.content import Objects
from aim.media import KINDS, PLURALS
from aim.query import plan
from aim.query.columns import Column, coded, series_reader
from aim.query.execute import execute, fitting
from aim.query.nodes import MISSING, Node, Reference, Selector, Statement, references
from aim.query.vocabulary import is_called

Array = npt.NDArray[Any]


def kinds_of(kind: str | None) -> Collection[str] | None:
    if kind is not None and kind not in KINDS:
        raise QueryError(f"kind={kind!r:.40} is none of {', '.join(KINDS)}")
    return None if kind is None else [kind]


def select_objects(catalog: Catalog, statement: Statement | None, kind: str | None) -> Objects:
    """Without a statement, everything of runs that are not archived. The statement is parsed with `media`."""
    runs_plan, where = plan.of_media(statement.where if statement else None)
    runs = execute(catalog, runs_plan).runs
    objects = catalog.objects(runs.tolist(), kinds=kinds_of(kind))
    if statement is not None:
        objects = _of_series(objects, _selected(catalog, objects, statement.select))
    if where is None:
        return objects
    if any(reference.kind == "media" for reference in references(where)):
        return objects.take(_holds(catalog, where, objects.columns))
    first = {name: objects.columns[name][objects.offsets[:-1]] for name in ("run", "name", "context")}
    return _of_series(objects, _holds(catalog, where, first))


def _of_series(objects: Objects, keep: npt.NDArray[np.bool_]) -> Objects:
    return objects if keep.all() else objects.take(np.repeat(keep, np.diff(objects.offsets)))


def _selected(catalog: Catalog, objects: Objects, select: tuple[Selector, ...]) -> npt.NDArray[np.bool_]:
    """Which series are selected."""
    run, name, kind = (objects.columns[column][objects.offsets[:-1]].tolist() for column in ("run", "name", "kind"))
    called = checked(zip(name, kind, (catalog.prefixes[number] for number in run), strict=True))
    return np.fromiter((any(_selects(item, *series) for item in select) for series in called), bool, len(run))


def _selects(item: Selector, name: str, kind: str, prefix: str) -> bool:
    if item.kind == "all":
        return True
    asked = ".".join(item.parts)
    if item.source:
        return item.source == prefix and is_called(name, asked)
    return name == asked or not item.quoted and PLURALS.get(asked) == kind


def _holds(catalog: Catalog, where: Node, rows: Mapping[str, Array]) -> npt.NDArray[np.bool_]:
    runs = rows["run"].astype(np.int64)
    columns = [
        _read(reference, rows) if reference.kind == "media" else series_reader(reference, rows)(catalog, runs)
        for reference in references(where)
    ]
    return fitting(where, columns, len(runs))


def _read(reference: Reference, rows: Mapping[str, Array]) -> Column:
    """A field of each value; missing where the value is of another kind."""
    kind, field, *keys = reference.parts
    column = _READ.get(field, _described(field))(rows)
    if keys:
        column = Column(column.codes, [json.loads(text).get(keys[0], MISSING) for text in column.values])
    codes = np.where(rows["kind"] == PLURALS[kind], column.codes, len(column.values))
    return Column(codes, [*column.values, MISSING])


def _own(name: str) -> Callable[[Mapping[str, Array]], Column]:
    return lambda rows: coded(rows[name])


def _epochs(rows: Mapping[str, Array]) -> Column:
    column = coded(rows["epoch"])
    return Column(column.codes, [MISSING if epoch != epoch else epoch for epoch in column.values])


def _described(field: str) -> Callable[[Mapping[str, Array]], Column]:
    """A field of the description of each value."""

    def read(rows: Mapping[str, Array]) -> Column:
        column = coded(rows["about"])
        return Column(column.codes, [json.loads(text).get(field, MISSING) for text in checked(column.values)])

    return read


# The fields that are columns of the index. The others are in the description.
_READ: dict[str, Callable[[Mapping[str, Array]], Column]] = {
    **{name: _own(name) for name in ("name", "context", "step", "time", "size")},
    "index": _own("place"),
    "epoch": _epochs,
}
