"""The tables of a catalog for an engine: runs, params and series, in files and in memory, with edits."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from aim import engine
from aim.deadline import checked
from aim.engine import Columns, Condition
from aim.index import state
from aim.index.catalog import Catalog
from aim.index.ints import Ints, ascending
from aim.index.schema import PARAMS, RUNS, SEPARATOR
from aim.index.segment import column, stored
from aim.natural import natural

_EDITED = ("name", "experiment", "description", "tags")


def matching(catalog: Catalog, condition: Condition, *, any_point: bool = False) -> Ints:
    """The runs for which a condition holds, and the runs for which the tables alone cannot tell. `any_point`: points
    that a resume hid count too; then the tables can tell for all runs."""
    undecided = np.zeros(len(catalog), bool) if any_point else catalog.unsettled
    runs = {**catalog.as_rows(np.arange(len(catalog))), "sure": undecided}
    more = {"runs": [_edited(catalog)], "params": [_given(catalog)], "series": []}
    tables = {name: [*stored(catalog.segments, name), *others] for name, others in more.items()}
    return np.asarray(engine.matching(runs, tables, condition), np.int64)


class ParamCount(NamedTuple):
    """A param of some runs: the number of runs that have it, whether they differ in it, also where some lack it, and
    the number of its distinct values; 0 if they were not counted."""

    path: tuple[str, ...]
    runs: int
    differing: bool
    values: int


class MetricCount(NamedTuple):
    """A metric in one context (JSON), and the number of runs that have it."""

    name: str
    context: str
    runs: int


def params_of(catalog: Catalog, runs: Ints, *, values: bool = False) -> list[ParamCount]:
    """The params of some runs, by path."""
    parts = stored(catalog.segments, "params")
    counts = engine.counted(catalog.as_rows(runs), parts, ["path"], latest=True, column="value", values=values)
    many = counts.get("values", np.zeros_like(counts["runs"]))
    told = zip(counts["runs"].tolist(), counts["differing"].tolist(), many.tolist(), strict=True)
    params = dict(zip(counts["path"].tolist(), told, strict=True))
    params.update(_counts_of_given(catalog, runs))
    return [
        ParamCount(tuple(path.split(SEPARATOR)), having, bool(differing) or having < len(runs), several)
        for path, (having, differing, several) in sorted(params.items(), key=lambda item: natural(item[0]))
        if having
    ]


def _counts_of_given(catalog: Catalog, runs: Ints) -> dict[str, tuple[int, bool, int]]:
    """For params that people gave to runs: the number of runs, whether they differ, and the number of values."""
    edited = {path for mine in catalog.given.values() for path in mine}
    owners, paths, texts = catalog.params(edited, runs)
    mine = np.isin(owners, runs).tolist()
    values: dict[str, list[str]] = {SEPARATOR.join(path): [] for path in edited}
    for path, text, counts in zip(paths, texts, mine, strict=True):
        if counts:
            values[path].append(text)
    return {path: (len(some), len(set(some)) > 1, len(set(some))) for path, some in values.items()}


def metrics_of(catalog: Catalog, runs: Ints) -> list[MetricCount]:
    """The metrics of some runs, by name and context."""
    parts = stored(catalog.segments, "series")
    counts = engine.counted(catalog.as_rows(runs), parts, ["name", "context"], latest=False)
    return [
        MetricCount(*row) for row in zip(*(counts[name].tolist() for name in ("name", "context", "runs")), strict=True)
    ]


def with_param_text(catalog: Catalog, text: str, fits: Callable[[str], bool] | None = None) -> Ints:
    """The runs with a recorded param whose JSON contains a lowercase text, ignoring case, and fits. Params that people
    gave to runs are left out."""
    columns = ["segment", "run"] if fits is None else ["segment", "run", "value"]
    rows = engine.containing(stored(catalog.segments, "params"), "value", text, columns)
    owners = catalog.places.of_params(rows)
    if fits is not None:
        values = rows["value"].tolist()
        fitting = {value: fits(value) for value in checked(set(values))}
        owners = owners[np.array([fitting[value] for value in values], bool)]
    return ascending(owners[owners >= 0])


def _edited(catalog: Catalog) -> Columns:
    """Rows of the runs table after edits from outside. Such a run then has two rows, and one of them matching is
    enough."""
    rows = [[fields.get(name) for name in _EDITED] for fields in catalog.edited.values()]
    texts = {name: column([row[at] for row in rows], RUNS[name]) for at, name in enumerate(_EDITED)}
    return {**_of(catalog, list(catalog.edited)), **texts}


def _given(catalog: Catalog) -> Columns:
    """The params that people gave to runs later."""
    rows = [(run, SEPARATOR.join(path), value) for run, mine in catalog.given.items() for path, value in mine.items()]
    return {
        **_of(catalog, [run for run, _, _ in rows]),
        "path": column([path for _, path, _ in rows], PARAMS["path"]),
        "value": column([state.dumps(value) for _, _, value in rows], PARAMS["value"]),
        "number": column([state.numeric(value) for _, _, value in rows], PARAMS["number"]),
    }


def _of(catalog: Catalog, runs: list[int]) -> Columns:
    return {"run": catalog.numbers[runs], "segment": catalog.counting["newest"][runs]}
