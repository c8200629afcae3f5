"""The table of runs: rows, pages and groups in any order, and what its columns hold."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from numbers import Integral
from typing import TypeAlias, TypeVar

from aim.index.refresh import Index
from aim.plain import shown
from aim.query import plan
from aim.query.beside import Beside, SeriesName, Side, beside
from aim.query.execute import execute, explained
from aim.query.find import Find
from aim.query.nodes import Statement
from aim.query.parse import parse_expression
from aim.query.plan import Group, MetricColumn, ParamColumn, TableColumn
from aim.query.select import Selection, runs_and_series
from aim.query.table import (
    Facts,
    GroupsPage,
    MetricsOfRuns,
    RunColumns,
    RunsPage,
    TableRows,
    facts_of,
    groups_page,
    metrics_of_runs,
    run_columns,
    runs_page,
    table_rows,
)

SortColumns: TypeAlias = Sequence[tuple[TableColumn, bool]]
GroupColumns: TypeAlias = Group | Sequence[TableColumn]

T = TypeVar("T")

_EXAMPLES = {
    "order": "[('run.duration', True)]",
    "group": "['hparams.lr']",
    "columns": "['hparams.lr']",
    "metrics": "['loss']",
    "names": "['status', 'created_at']",
}


class RunsTable:
    """Every question is about the runs for which an expression holds; without one, about all but archived runs. `only`:
    just those of them with these ids.

    `order`: columns, and whether each descends. A column is AimQL, such as `run.duration` or `hparams.lr`, a number of
    a metric in one context, or the param of one path. `group`: columns; the runs of a group stand together. `find`:
    only runs that show a text."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def rows(
        self,
        expression: str | None = None,
        *,
        only: Collection[str] | None = None,
        order: SortColumns = (),
        group: GroupColumns | None = None,
        columns: Sequence[TableColumn] = (),
    ) -> TableRows:
        """All runs, with their values in some columns."""
        statement = about_runs(expression)
        steps = plan.of_list(statement.where, _keys(order), group=_group(group), only=only)
        nodes = plan.column_nodes(_list("columns", columns))
        return self._index.ask(partial(table_rows, steps=steps, statement=statement, columns=nodes))

    def page(
        self,
        expression: str | None = None,
        *,
        order: SortColumns = (),
        find: Find | str | None = None,
        group: GroupColumns | None = None,
        offset: int = 0,
        limit: int = 100,
        near: str | None = None,
        before: int = 0,
        metrics: Sequence[str] = (),
        columns: bool = False,
    ) -> RunsPage:
        """Some of the runs, with the series of some metrics; nothing else is read.

        `near`: the id of a run; where it is among them, the page begins `before` rows before it instead of at `offset`.
        `columns`: also say which params and metrics all of these runs have."""
        statement = about_runs(expression)
        listed = plan.of_list(statement.where, _keys(order), find=_find(find), group=_group(group))
        steps = plan.of_page(
            listed, plan.Page(_count("offset", offset), _count("limit", limit), near, before), _names(metrics)
        )
        return self._index.ask(partial(runs_page, steps=steps, statement=statement, columns=columns))

    def groups(
        self,
        expression: str | None = None,
        *,
        group: GroupColumns,
        order: SortColumns = (),
        find: Find | str | None = None,
        offset: int = 0,
        limit: int = 100,
        columns: Sequence[TableColumn] = (),
    ) -> GroupsPage:
        """Some groups of the runs, with one value of each for some columns."""
        statement = about_runs(expression)
        steps = plan.of_list(statement.where, _keys(order), find=_find(find), group=_group(group))
        offset, limit = _count("offset", offset), _count("limit", limit)
        nodes = plan.column_nodes(_list("columns", columns))
        return self._index.ask(
            partial(groups_page, steps=steps, statement=statement, columns=nodes, offset=offset, limit=limit)
        )

    def facts(self, expression: str | None = None, *, bounds: Sequence[TableColumn] = (), values: bool = True) -> Facts:
        """How many values each column has, and the min and max of some."""
        nodes = plan.column_nodes(bounds)
        return self._index.ask(partial(facts_of, where=parse_expression(expression), bounds=nodes, values=values))

    def fields(self, expression: str | None, names: Sequence[str]) -> RunColumns:
        """Some fields of all runs as arrays, such as status and created_at."""
        return self._index.ask(partial(run_columns, where=parse_expression(expression), names=_list("names", names)))

    def metrics(self, expression: str | None = None, *, only: Collection[str] | None = None) -> MetricsOfRuns:
        """The names of the metrics of the runs."""
        steps = plan.of_runs(parse_expression(expression), only=only)
        return self._index.ask(partial(metrics_of_runs, steps=steps))

    def series(self, expression: str | None = None, *, only: Collection[str] | None = None) -> Selection:
        """The runs with all their series."""
        question = partial(runs_and_series, statement=about_runs(expression), only=only, ask=self._index.ask)
        return self._index.ask(question)

    def beside(
        self,
        expression: str | None,
        shown: SeriesName,
        by: SeriesName,
        side: Side,
        *,
        only: Collection[str] | None = None,
    ) -> Beside:
        """The value of one series of each run at the step where another one has its min or max."""
        steps = plan.of_runs(parse_expression(expression), only=only)
        return self._index.ask(lambda catalog: beside(catalog, execute(catalog, steps).runs, shown, by, side))

    def explain(
        self, expression: str | None = None, *, order: SortColumns = (), group: GroupColumns | None = None
    ) -> list[str]:
        """How `rows` answers, a line for each operation."""
        steps = plan.of_list(parse_expression(expression), _keys(order), group=_group(group))
        return self._index.ask(partial(explained, plan=steps))


def about_runs(expression: str | None) -> Statement:
    """An expression as a statement that selects no metrics."""
    return Statement((), parse_expression(expression), expression or "")


def _keys(order: SortColumns) -> list[plan.SortKey]:
    for key in _list("order", order):
        if not (isinstance(key, tuple | list) and len(key) == 2 and isinstance(key[1], bool)):
            raise TypeError(
                f"order is pairs of a column and whether it descends, such as {_EXAMPLES['order']}, not {shown(key)}"
            )
    return [plan.key(column, descending=down) for column, down in order]


def _group(given: GroupColumns | None) -> Group | None:
    if given is None or isinstance(given, Group):
        return given
    return Group(tuple(map(plan.column_node, _list("group", given))))


def _find(given: Find | str | None) -> Find | None:
    if not isinstance(given, Find | str | None):
        raise TypeError(f"find is text that runs show, not {shown(given)}")
    return Find(given) if isinstance(given, str) else given


def _names(metrics: Sequence[str]) -> Sequence[str]:
    for name in _list("metrics", metrics):
        if not isinstance(name, str):
            raise TypeError(f"metrics is a list of names, such as {_EXAMPLES['metrics']}, not {shown(name)}")
    return metrics


def _list(argument: str, given: Sequence[T]) -> Sequence[T]:
    if not isinstance(given, list | tuple) or isinstance(given, MetricColumn | ParamColumn):
        raise TypeError(f"{argument} is a list, such as {_EXAMPLES[argument]}, not {shown(given)}")
    return given


def _count(argument: str, given: int) -> int:
    if isinstance(given, bool) or not isinstance(given, Integral) or given < 0:
        raise TypeError(f"{argument} is a whole number from 0 on, not {shown(given)}")
    return given
