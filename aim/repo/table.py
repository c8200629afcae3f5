"""The table of runs: rows, pages and groups in any order, and what its columns hold."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial

from aim.index.refresh import Index
from aim.query import plan
from aim.query.beside import Beside, SeriesName, Side, beside
from aim.query.execute import execute, explained
from aim.query.find import Find
from aim.query.nodes import Statement
from aim.query.parse import parse_expression
from aim.query.plan import Group, TableColumn
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

SortColumns = Sequence[tuple[TableColumn, bool]]


class RunsTable:
    """Every question is about the runs for which an expression holds; without one, about all but archived runs. `only`:
    just those of them with these ids.

    `order`: columns, and whether each descends. A column is AimQL, such as `run.duration` or `hparams.lr`, a number of
    a metric in one context, or the param of one path. `group`: the runs of a group stand together. `find`: only runs
    that show a text."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def rows(
        self,
        expression: str | None = None,
        *,
        only: Collection[str] | None = None,
        order: SortColumns = (),
        group: Group | None = None,
        columns: Sequence[TableColumn] = (),
    ) -> TableRows:
        """All runs, with their values in some columns."""
        statement = about_runs(expression)
        steps = plan.of_list(statement.where, _keys(order), group=group, only=only)
        nodes = plan.column_nodes(columns)
        return self._index.ask(partial(table_rows, steps=steps, statement=statement, columns=nodes))

    def page(
        self,
        expression: str | None = None,
        *,
        order: SortColumns = (),
        find: Find | None = None,
        group: Group | None = None,
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
        listed = plan.of_list(statement.where, _keys(order), find=find, group=group)
        steps = plan.of_page(listed, plan.Page(offset, limit, near, before), metrics)
        return self._index.ask(partial(runs_page, steps=steps, statement=statement, columns=columns))

    def groups(
        self,
        expression: str | None = None,
        *,
        group: Group,
        order: SortColumns = (),
        find: Find | None = None,
        offset: int = 0,
        limit: int = 100,
        columns: Sequence[TableColumn] = (),
    ) -> GroupsPage:
        """Some groups of the runs, with one value of each for some columns."""
        statement = about_runs(expression)
        steps = plan.of_list(statement.where, _keys(order), find=find, group=group)
        nodes = plan.column_nodes(columns)
        return self._index.ask(
            partial(groups_page, steps=steps, statement=statement, columns=nodes, offset=offset, limit=limit)
        )

    def facts(self, expression: str | None = None, *, bounds: Sequence[TableColumn] = (), values: bool = True) -> Facts:
        """How many values each column has, and the min and max of some."""
        nodes = plan.column_nodes(bounds)
        return self._index.ask(partial(facts_of, where=parse_expression(expression), bounds=nodes, values=values))

    def fields(self, expression: str | None, names: Sequence[str]) -> RunColumns:
        """Some fields of all runs as arrays, such as status and created_at."""
        return self._index.ask(partial(run_columns, where=parse_expression(expression), names=names))

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
        self, expression: str | None = None, *, order: SortColumns = (), group: Group | None = None
    ) -> list[str]:
        """How `rows` answers, a line for each operation."""
        steps = plan.of_list(parse_expression(expression), _keys(order), group=group)
        return self._index.ask(partial(explained, plan=steps))


def about_runs(expression: str | None) -> Statement:
    """An expression as a statement that selects no metrics."""
    return Statement((), parse_expression(expression), expression or "")


def _keys(order: SortColumns) -> list[plan.SortKey]:
    return [plan.key(column, descending=down) for column, down in order]
