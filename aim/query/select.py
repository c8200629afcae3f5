"""From a statement to an answer: the runs and series, then the points of the drawn ones.

`plan.py` compiles a statement to operations, `execute.py` executes them; this file holds the answers.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from aim.deadline import checked
from aim.index.catalog import STATUS, Catalog
from aim.index.ints import Ints, ascending
from aim.index.refresh import Ask
from aim.index.series import SeriesRows, gather
from aim.index.tables import MetricCount, ParamCount, metrics_of, params_of
from aim.query import keep, plan
from aim.query.aggregate import mean
from aim.query.columns import FIELDS, NUMBERS, Column, coded, durations, objects
from aim.query.execute import Answer, execute
from aim.query.find import VALUES
from aim.query.group import Blocks, Cells, Groups, cells_of
from aim.query.nodes import Node, Statement
from aim.query.notes import notes
from aim.query.order import value_reader
from aim.query.plan import Plan, Sample
from aim.query.points import Points
from aim.query.runs import RunRow, RunRows, place_of, run_rows
from aim.query.vocabulary import settle, vocabulary_of

Array = npt.NDArray[Any]
_EVERY_POINT = Sample()


@dataclass(frozen=True)
class RunsTable:
    """Runs, newest first, and notes about the expression that chose them."""

    runs: list[RunRow]
    notes: list[str]
    revision: int


class RunColumns(NamedTuple):
    """Fields of runs, newest first, as columns: for questions about all runs at once."""

    ids: list[str]
    fields: dict[str, Array]

    def take(self, some: Ints) -> RunColumns:
        fields = {name: column[some] for name, column in self.fields.items()}
        return RunColumns([self.ids[i] for i in some.tolist()], fields)


def run_columns(catalog: Catalog, where: Node | None, names: Sequence[str]) -> RunColumns:
    which = execute(catalog, plan.of_runs(where)).runs
    now = time.time()
    known = catalog.statuses(which, now=now) if {*STATUS, "duration"} & set(names) else {}
    if "duration" in names:
        known["duration"] = durations(catalog, which, known, now)
    fields = {name: known[name] if name in known else _column(catalog, which, name) for name in names}
    return RunColumns([catalog.ids[i] for i in which.tolist()], fields)


def _column(catalog: Catalog, which: Ints, name: str) -> Array:
    values = FIELDS[name](catalog, which)
    return np.array(values, NUMBERS[name]) if name in NUMBERS else objects(values)


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


class TableColumns(NamedTuple):
    """The possible columns of a table of some runs. `described`: whether a run has a description,
    `damaged`: how many runs have damaged files."""

    params: list[ParamCount]
    metrics: list[MetricCount]
    described: bool
    damaged: int = 0


def _columns_of(catalog: Catalog, where: Node | None, which: Ints, *, values: bool = False) -> TableColumns:
    """`which`: the runs for which the condition holds."""
    steps, what = plan.of_runs(where), "columns and values" if values else "columns"
    if (names := keep.recall(catalog, steps, what)) is None:
        names = params_of(catalog, which, values=values), metrics_of(catalog, which)
        keep.remember(catalog, steps, names, what)
    described = any(FIELDS["description"](catalog, which))
    damaged = np.count_nonzero(FIELDS["damaged"](catalog, which))
    params, metrics = names
    return TableColumns(params, metrics, described, int(damaged))


@dataclass(frozen=True)
class RunsPage:
    """Some of the `matched` runs of an expression in the requested order, with a row in `series` for every series of
    the requested metrics. `listed` of the runs contain the text to find. The page starts at `start` of those, and the
    run it should be near is at `near`, if it is listed. `columns`: the columns of all matched runs, if requested.
    `groups` and `blocks`: if the runs are grouped, what the groups share, and their order."""

    runs: list[RunRow]
    series: SeriesTable
    matched: int
    listed: int
    start: int
    near: int | None
    columns: TableColumns | None
    groups: Groups | None
    blocks: Blocks | None
    notes: list[str]
    revision: int


class Facts(NamedTuple):
    """The columns of a table of `runs` runs. `fields`: the number of distinct values of each field. `differing`: for
    each metric of `columns`, the values in which the runs differ. `bounds`: the min and max of each requested column,
    None if it has no two different numbers."""

    runs: int
    columns: TableColumns
    fields: dict[str, int]
    differing: list[list[str]]
    bounds: list[tuple[float, float] | None]


TOLD = ("name", "experiment", "status", "created_at", "duration", "tags", "description")


def facts_of(catalog: Catalog, where: Node | None, bounds: Sequence[Node], *, values: bool) -> Facts:
    which = execute(catalog, plan.of_runs(where)).runs
    ends = [_bounds(value_reader(node)(catalog, which)) for node in bounds]
    if not values:
        return Facts(len(which), TableColumns([], [], described=False), {}, [], ends)
    columns = _columns_of(catalog, where, which, values=True)
    fields = {name: len(coded(FIELDS[name](catalog, which)).values) for name in TOLD}
    return Facts(len(which), columns, fields, _differing(catalog, which, columns.metrics), ends)


def _bounds(column: Column) -> tuple[float, float] | None:
    some = (column.values[code] for code in ascending(column.codes).tolist())
    numbers = [value for value in some if isinstance(value, int | float) and not isinstance(value, bool)]
    finite = [float(value) for value in numbers if abs(value) < math.inf]
    return (min(finite), max(finite)) if finite and min(finite) < max(finite) else None


def _differing(catalog: Catalog, which: Ints, metrics: Sequence[MetricCount]) -> list[list[str]]:
    """For each metric the values in which these runs differ: all, where some lack it."""
    table = series_table(rows := gather(catalog, None, which.tolist()), rows.columns["run"])
    places = {(metric.name, metric.context): place for place, metric in enumerate(metrics)}
    pairs = zip(rows.columns["name"].tolist(), rows.columns["context"].tolist(), strict=True)
    metric = np.array([places[pair] for pair in checked(pairs)], np.int64)
    order = np.argsort(metric, kind="stable")
    first = np.searchsorted(metric[order], np.arange(len(metrics)))
    different = {}
    for value in checked(VALUES):
        numbers = getattr(table, value)[order]
        begin = numbers[first[metric[order]]]
        same = (numbers == begin) | (np.isnan(numbers) & np.isnan(begin))
        different[value] = set(metric[order][~same].tolist())
    return [
        [value for value in VALUES if metric.runs < len(which) or place in different[value]]
        for place, metric in enumerate(metrics)
    ]


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
    table = _table_of(catalog, rows, answer.runs)
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
    rows = gather(catalog, None, which.tolist())
    return Selection(RunRows(catalog, which, ask), _table_of(catalog, rows, which), [], [], rows, catalog)


def series_of_run(catalog: Catalog, id: str) -> Selection:
    return all_series(catalog, np.array([place_of(catalog, id)], np.int64))


def _table_of(catalog: Catalog, rows: SeriesRows, runs: Ints) -> SeriesTable:
    place = np.zeros(len(catalog), np.int32)
    place[runs] = np.arange(len(runs))
    return series_table(rows, place[rows.columns["run"]])


def runs_page(catalog: Catalog, steps: Plan, statement: Statement, *, columns: bool) -> RunsPage:
    answer = execute(catalog, steps)
    assert answer.series is not None
    which = execute(catalog, plan.of_runs(statement.where)).runs if columns else None
    return RunsPage(
        runs=run_rows(catalog, answer.runs),
        series=_table_of(catalog, answer.series, answer.runs),
        matched=answer.matched,
        listed=answer.listed,
        start=answer.start,
        near=answer.near,
        columns=None if which is None else _columns_of(catalog, statement.where, which),
        groups=answer.groups,
        blocks=answer.blocks,
        notes=notes(statement, vocabulary_of(catalog), matched=answer.matched),
        revision=catalog.revision,
    )


@dataclass(frozen=True)
class GroupsPage:
    """Some groups of runs: the first run of each, and for each column a cell for each group."""

    runs: list[RunRow]
    cells: list[Cells]
    revision: int


def groups_page(catalog: Catalog, steps: Plan, columns: Sequence[Node], *, offset: int, limit: int) -> GroupsPage:
    answer = execute(catalog, steps)
    assert answer.blocks is not None
    some = slice(offset, offset + limit)
    blocks = Blocks(answer.blocks.places[some], answer.blocks.sizes[some])
    begin = int(answer.blocks.sizes[:offset].sum())
    runs = answer.runs[begin : begin + int(blocks.sizes.sum())]
    cells = [cells_of(catalog, runs, blocks, node, answer.fold) for node in columns]
    return GroupsPage(run_rows(catalog, runs[blocks.starts]), cells, catalog.revision)
