"""From a statement to an answer: the runs and series, then the points of the drawn ones.

`plan.py` compiles a statement to operations, `execute.py` executes them; this file holds the answers about series, and
`table.py` those about tables of runs.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from aim.deadline import checked
from aim.index.catalog import Catalog
from aim.index.ints import Ints
from aim.index.refresh import Ask
from aim.index.series import SeriesRows, gather
from aim.query import plan
from aim.query.aggregate import mean
from aim.query.execute import SHOWN, Answer, execute
from aim.query.nodes import Statement
from aim.query.notes import notes
from aim.query.plan import Plan, Sample
from aim.query.points import Points
from aim.query.runs import RunRows, place_of
from aim.query.vocabulary import settle, vocabulary_of

Array = npt.NDArray[Any]
_EVERY_POINT = Sample()


@dataclass(frozen=True)
class SeriesTable:
    """One row per series, grouped by run in the order of the runs, then by name, then by context."""

    run: npt.NDArray[np.int32]
    name: list[str]
    context: list[dict[str, Any]]
    count: Ints
    first: Array
    last: Array
    min: Array
    max: Array
    mean: Array
    first_step: Ints
    last_step: Ints
    min_step: Ints
    max_step: Ints
    nonfinite: Ints

    def __len__(self) -> int:
        return len(self.run)

    def of_runs(self, start: int, end: int) -> SeriesTable:
        """The rows of consecutive runs. Their places still count among all runs."""
        rows = slice(*np.searchsorted(self.run, (start, end)).tolist())
        return SeriesTable(**{column.name: getattr(self, column.name)[rows] for column in fields(self)})


def series_table(rows: SeriesRows, run: npt.NDArray[np.int32]) -> SeriesTable:
    columns = rows.columns
    texts = columns["context"].tolist()
    contexts = {text: json.loads(text) for text in checked(set(texts))}
    same = ("count", "first", "last", "min", "max", "first_step", "last_step", "min_step", "max_step", "nonfinite")
    return SeriesTable(
        run=run, name=columns["name"].tolist(), context=[contexts[text] for text in texts], mean=mean(columns),
        **{name: columns[name] for name in same},
    )  # fmt: skip


@dataclass
class Selection:
    """The answer to a statement at one moment."""

    runs: RunRows
    series: SeriesTable
    selected_params: list[tuple[str, ...]]
    notes: list[str]
    rows: SeriesRows = field(repr=False)
    catalog: Catalog = field(repr=False)

    @property
    def revision(self) -> int:
        return self.catalog.revision

    def points(self, rows: Sequence[int] | Array | None = None, *, sample: Sample = _EVERY_POINT) -> Points:
        """The points of the given rows of `series` (None: all rows)."""
        series = self.rows if rows is None else self.rows.take(np.asarray(rows, np.int64))
        points = execute(self.catalog, (sample,), begun=Answer(series.columns["run"], series=series)).points
        assert points is not None
        return points


def select(
    catalog: Catalog, statement: Statement, *, only: Collection[str] | None = None, ask: Ask | None = None
) -> Selection:
    """`ask`: as in `RunRows`."""
    vocabulary = vocabulary_of(catalog)
    settled = replace(statement, select=settle(statement.select, vocabulary))
    answer = execute(catalog, plan.of_statement(settled, only=only))
    params = [item.parts for item in settled.select if item.kind == "param"]
    told = notes(statement, vocabulary, matched=len(answer.runs))
    rows = gather(catalog, []) if answer.series is None else answer.series
    table = series_of(catalog, rows, answer.runs)
    return Selection(RunRows(catalog, answer.runs, ask), table, params, told, rows, catalog)


def runs_and_series(
    catalog: Catalog, statement: Statement, *, only: Collection[str] | None = None, ask: Ask | None = None
) -> Selection:
    """The runs of the statement's condition with all their series."""
    which = execute(catalog, plan.of_runs(statement.where, only=only)).runs
    told = notes(statement, vocabulary_of(catalog), matched=len(which))
    return replace(all_series(catalog, which, ask), notes=told)


def planned(catalog: Catalog, statement: Statement) -> Plan:
    return plan.of_statement(replace(statement, select=settle(statement.select, vocabulary_of(catalog))))


def all_series(catalog: Catalog, which: Ints, ask: Ask | None = None) -> Selection:
    """Some runs with everything that they recorded."""
    rows = gather(catalog, None, which.tolist(), stats=SHOWN)
    return Selection(RunRows(catalog, which, ask), series_of(catalog, rows, which), [], [], rows, catalog)


def series_of_run(catalog: Catalog, id: str) -> Selection:
    return all_series(catalog, np.array([place_of(catalog, id)], np.int64))


def series_of(catalog: Catalog, rows: SeriesRows, runs: Ints) -> SeriesTable:
    """The table of series of these runs, in the order of the runs."""
    place = np.zeros(len(catalog), np.int32)
    place[runs] = np.arange(len(runs))
    return series_table(rows, place[rows.columns["run"]])
