"""Answers to questions about a table of runs: its rows, pages and groups, and what its columns hold."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from aim.deadline import checked
from aim.errors import QueryError
from aim.index.catalog import STATUS, Catalog
from aim.index.ints import Ints, ascending
from aim.index.series import gather
from aim.index.tables import MetricCount, ParamCount, metrics_of, params_of
from aim.query import aggregate, keep, plan
from aim.query.columns import FIELDS, NUMBERS, Column, coded, durations, objects
from aim.query.direction import direction_of
from aim.query.execute import SHOWN, execute
from aim.query.find import VALUES
from aim.query.group import Blocks, Cells, Groups, cells_of
from aim.query.nodes import MISSING, Node, Statement
from aim.query.notes import notes
from aim.query.order import value_reader
from aim.query.plan import Plan
from aim.query.runs import RunRow, run_rows
from aim.query.select import SeriesTable, series_of, series_table
from aim.query.vocabulary import vocabulary_of

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class TableRows:
    """Runs, and notes about the expression and the columns that chose them. `values`: of each run in each of the
    requested columns, None where it has none."""

    runs: list[RunRow]
    values: list[list[Any]]
    notes: list[str]
    revision: int


def table_rows(catalog: Catalog, steps: Plan, statement: Statement, columns: Sequence[Node]) -> TableRows:
    runs = execute(catalog, steps).runs
    read = [value_reader(node)(catalog, runs) for node in columns]
    values = [[_plain(column.values[code]) for code in checked(column.codes.tolist())] for column in read]
    told = notes(statement, vocabulary_of(catalog), columns=[*plan.columns_of(steps), *columns], matched=len(runs))
    return TableRows(run_rows(catalog, runs), values, told, catalog.revision)


def _plain(value: object) -> object:
    return None if value is MISSING else value


class MetricsOfRuns(NamedTuple):
    """`sources`: what the sources that the runs come from have, by prefix; "" stands for the repository's own logs."""

    names: list[str]
    sources: dict[str, list[str]]


def metrics_of_runs(catalog: Catalog, steps: Plan) -> MetricsOfRuns:
    runs = execute(catalog, steps).runs
    names = list(dict.fromkeys(metric.name for metric in metrics_of(catalog, runs)))
    prefixes = sorted({catalog.prefixes[run] for run in runs.tolist()})
    several = len(prefixes) > 1
    return MetricsOfRuns(names, {prefix: catalog.names(prefix) if several else names for prefix in prefixes})


class RunColumns(NamedTuple):
    """Fields of runs, newest first, as columns: for questions about all runs at once."""

    ids: list[str]
    fields: dict[str, Array]

    def take(self, some: Ints) -> RunColumns:
        fields = {name: column[some] for name, column in self.fields.items()}
        return RunColumns([self.ids[i] for i in some.tolist()], fields)


def run_columns(catalog: Catalog, where: Node | None, names: Sequence[str]) -> RunColumns:
    if unknown := [name for name in names if name not in (*FIELDS, "duration")]:
        raise QueryError(
            f"A run has no field {unknown[0]!r:.80}.", hint=f"There are {', '.join(sorted({*FIELDS, 'duration'}))}."
        )
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


class TableColumns(NamedTuple):
    """The possible columns of a table of some runs. `described`, `tagged`, `unnamed`: whether a run has a description,
    has tags, has no name. `mixed`: whether they belong to several experiments. `damaged`: how many runs have damaged
    files."""

    params: list[ParamCount] = []
    metrics: list[MetricCount] = []
    described: bool = False
    tagged: bool = False
    unnamed: bool = False
    mixed: bool = False
    damaged: int = 0


def _columns_of(catalog: Catalog, where: Node | None, which: Ints, *, values: bool = False) -> TableColumns:
    """`which`: the runs for which the condition holds."""
    steps, what = plan.of_runs(where), "columns and values" if values else "columns"
    if (known := keep.recall(catalog, steps, what)) is None:
        known = TableColumns(
            params_of(catalog, which, values=values),
            metrics_of(catalog, which),
            described=any(FIELDS["description"](catalog, which)),
            tagged=any(FIELDS["tags"](catalog, which)),
            unnamed=_unnamed(*(FIELDS[field](catalog, which) for field in ("name", "hash", "id"))),
            mixed=len(coded(FIELDS["experiment"](catalog, which)).values) > 1,
        )
        keep.remember(catalog, steps, known, what)
    # Of a run without an end, a damaged tail counts from a certain time on.
    columns: TableColumns = known._replace(damaged=int(np.count_nonzero(FIELDS["damaged"](catalog, which))))
    return columns


def _unnamed(names: Iterable[Any], hashes: Iterable[Any], ids: Iterable[Any]) -> bool:
    return any(not name and hash == id for name, hash, id in checked(zip(names, hashes, ids, strict=True)))


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
        return Facts(len(which), TableColumns(), {}, [], ends)
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
    table = series_table(rows := gather(catalog, None, which.tolist(), stats=SHOWN), rows.columns["run"])
    places = {(metric.name, metric.context): place for place, metric in enumerate(metrics)}
    pairs = zip(rows.columns["name"].tolist(), rows.columns["context"].tolist(), strict=True)
    metric = np.array([places[pair] for pair in checked(pairs)], np.int64)
    order = np.argsort(metric, kind="stable")
    first = np.searchsorted(metric[order], np.arange(len(metrics)))
    different = {}
    falling = np.array([direction_of(catalog, metric.name) == "min" for metric in metrics], bool)[metric]
    for value in checked(VALUES):
        numbers = (aggregate.best(table.min, table.max, falling) if value == "best" else getattr(table, value))[order]
        begin = numbers[first[metric[order]]]
        same = (numbers == begin) | (np.isnan(numbers) & np.isnan(begin))
        different[value] = set(metric[order][~same].tolist())
    return [
        [value for value in VALUES if metric.runs < len(which) or place in different[value]]
        for place, metric in enumerate(metrics)
    ]


def runs_page(catalog: Catalog, steps: Plan, statement: Statement, *, columns: bool) -> RunsPage:
    answer = execute(catalog, steps)
    assert answer.series is not None
    which = execute(catalog, plan.of_runs(statement.where)).runs if columns else None
    return RunsPage(
        runs=run_rows(catalog, answer.runs),
        series=series_of(catalog, answer.series, answer.runs),
        matched=answer.matched,
        listed=answer.listed,
        start=answer.start,
        near=answer.near,
        columns=None if which is None else _columns_of(catalog, statement.where, which),
        groups=answer.groups,
        blocks=answer.blocks,
        notes=notes(statement, vocabulary_of(catalog), columns=plan.columns_of(steps), matched=answer.matched),
        revision=catalog.revision,
    )


@dataclass(frozen=True)
class GroupsPage:
    """Some groups of runs: the first run of each, and for each column a cell for each group."""

    runs: list[RunRow]
    cells: list[Cells]
    notes: list[str]
    revision: int


def groups_page(
    catalog: Catalog, steps: Plan, statement: Statement, columns: Sequence[Node], *, offset: int, limit: int
) -> GroupsPage:
    answer = execute(catalog, steps)
    assert answer.blocks is not None
    some = slice(offset, offset + limit)
    blocks = Blocks(answer.blocks.places[some], answer.blocks.sizes[some])
    begin = int(answer.blocks.sizes[:offset].sum())
    runs = answer.runs[begin : begin + int(blocks.sizes.sum())]
    cells = [cells_of(catalog, runs, blocks, node, answer.fold) for node in columns]
    asked = [*plan.columns_of(steps), *columns]
    told = notes(statement, vocabulary_of(catalog), columns=asked, matched=answer.matched)
    return GroupsPage(run_rows(catalog, runs[blocks.starts]), cells, told, catalog.revision)
