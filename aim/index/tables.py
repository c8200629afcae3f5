"""The tables of a catalog for an engine: runs, params and series, in files and in memory, with edits."""

from __future__ import annotations

import numpy as np

from aim import engine
from aim.engine import Columns, Condition
from aim.index import state
from aim.index.catalog import Catalog
from aim.index.schema import PARAMS, RUNS, SEPARATOR
from aim.index.segment import Ints, column, stored

_EDITED = ("name", "experiment", "description", "tags")


def matching(catalog: Catalog, condition: Condition) -> Ints:
    """The runs for which a condition holds, and the runs that the tables alone cannot decide."""
    places = np.arange(len(catalog))
    runs = {"run": catalog.numbers, "place": places, "sure": catalog.unsettled, **catalog.counting}
    more = {"runs": [_edited(catalog)], "params": [_given(catalog)], "series": []}
    tables = {name: [*stored(catalog.segments, name), *others] for name, others in more.items()}
    return np.asarray(engine.matching(runs, tables, condition), np.int64)


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
