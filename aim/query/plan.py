"""A query as operations: AimQL compiles to them, `execute` answers them, and `aim query --explain` prints them.

    Plan = (Scan, [Filter], [Having], [Group], [Find], [Order], [Page], [Join], [Sample])

Every operation takes the runs of the previous one; Join takes runs and gives their series, Sample takes series and
gives their points. Conditions and orders name values by References. A Reference with an `aggregate` groups the series
of a metric by run and reduces each group to one number: last, first, min, max, mean, count, the step of the best value,
or another metric at that step.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from numpy.typing import NDArray

from aim.errors import QueryError
from aim.query.aggregate import words
from aim.query.find import Find
from aim.query.format import format_node, format_path, quote
from aim.query.nodes import (
    REDUCERS,
    Aggregate,
    Boolean,
    Node,
    Reference,
    Selector,
    Statement,
    names_archived,
    references,
)
from aim.query.parse import parse_expression
from aim.query.smooth import Smoothing


@dataclass(frozen=True)
class Scan:
    """The runs of the repository, newest first; with `only`, just the ones with these ids."""

    archived: bool = False
    only: frozenset[str] | None = None


@dataclass(frozen=True)
class Filter:
    """The runs for which a condition about runs holds."""

    where: Node


@dataclass(frozen=True)
class Having:
    """The runs that have a series for which the condition holds. A run without series is treated as having one without
    name and context."""

    where: Node


MOST_KEYS = 20


@dataclass(frozen=True)
class SortKey:
    column: Node
    descending: bool = False


class MetricColumn(NamedTuple):
    """A number of each run: one metric in exactly one context. With `by`, the value at the step where that metric has
    its min, max or best; the reducer is then at_min, at_max or at_best."""

    metric: str
    context: Mapping[str, Any]
    reducer: str = "last"
    by: str | None = None
    by_context: Mapping[str, Any] = {}


class ParamColumn(NamedTuple):
    """The param of exactly this path."""

    path: tuple[str, ...]


# A text is AimQL.
TableColumn: TypeAlias = str | MetricColumn | ParamColumn | Node


def column_node(column: TableColumn) -> Node:
    """The expression of a column."""
    match column:
        case str():
            node = parse_expression(column)
            if node is None:
                raise QueryError("The column is empty.", hint="For example: run.duration, or hparams.lr.")
            return node
        case ParamColumn():
            return Reference("leaf", column.path)
        case MetricColumn():
            return Reference("aggregate", ("run", column.metric, column.reducer), aggregate_of(column))
        case _ if isinstance(column, Node):
            return column
        case _:
            raise TypeError(f"a column is AimQL, such as 'run.duration', not {column!r:.80}")


def column_nodes(columns: Sequence[TableColumn]) -> list[Node]:
    """Raises QueryError if they name too many values at the best steps of other metrics: each is found by reading all
    points of a metric."""
    nodes = [column_node(column) for column in columns]
    check_few({named.aggregate for node in nodes for named in references(node)})
    return nodes


def check_few(numbers: Collection[Aggregate | None]) -> None:
    if (count := sum(number is not None and number.by is not None for number in numbers)) > MOST_KEYS:
        raise QueryError(
            f"{count:,} values at the best steps of other metrics are asked for.",
            hint=f"At most {MOST_KEYS} can be given.",
        )


def aggregate_of(column: MetricColumn) -> Aggregate:
    allowed = REDUCERS if column.by is None else ("at_min", "at_max", "at_best")
    if column.reducer not in allowed:
        raise QueryError(f"A metric has no {column.reducer!r:.40}.", hint=f"There are {', '.join(allowed)}.")
    by = None if column.by is None else Aggregate(column.by, context=words(column.by_context))
    return Aggregate(column.metric, reducer=column.reducer, by=by, context=words(column.context))


def key(column: TableColumn, *, descending: bool = False) -> SortKey:
    return SortKey(column_node(column), descending)


@dataclass(frozen=True)
class Order:
    """Sorts runs by the first key, then the next. Ascending, numbers, also those written as text, precede other texts;
    descending, those texts precede numbers. NaN, then runs without a value or with an empty list, are always last. If
    all keys are equal, the newer run comes first."""

    keys: tuple[SortKey, ...]

    def __post_init__(self) -> None:
        if len(self.keys) > MOST_KEYS:
            raise QueryError(
                f"Runs are sorted by {len(self.keys):,} columns.", hint=f"At most {MOST_KEYS} can be given."
            )


@dataclass(frozen=True)
class Group:
    """Runs that share the values of all these columns stand together. A group has one value for each column: numbers of
    metrics are folded (`group.FOLDS`). `but`: all params in which the runs differ, except these and those below."""

    by: tuple[Node, ...]
    fold: str = "mean"
    but: bool = False

    def __post_init__(self) -> None:
        if len(self.by) > MOST_KEYS:
            raise QueryError(
                f"Runs are grouped by {len(self.by):,} columns.", hint=f"At most {MOST_KEYS} can be given."
            )


@dataclass(frozen=True)
class Page:
    """With `near`, the page starts `before` rows before the run with this id if it is listed, else at `offset`."""

    offset: int
    limit: int
    near: str | None = None
    before: int = 0


@dataclass(frozen=True)
class Join:
    """The series of the runs: those of the selected metrics (None: all), or with exactly one of these `names` from any
    source, for which the condition holds. Runs without such series are left out, unless `keep`."""

    metrics: tuple[Selector, ...] | None = None
    where: Node | None = None
    keep: bool = False
    names: tuple[str, ...] | None = None


AXES = ("step", "epoch", "relative", "process", "time")


@dataclass(frozen=True)
class Sample:
    """The points of the series along `x`: one of AXES, or another metric, as "metric:NAME". Points without a place on
    `x`, such as points without an epoch, are left out. `smoothing` uses all points along `x`. `window`: only points
    inside it, and one neighbor on each side. `columns`: of those, only the first, last, min and max of that many pixel
    columns. `spans`: where the axis of each series begins and ends, which its columns divide; without it, and without a
    window, they divide the range of all."""

    x: str = "step"
    columns: int | None = None
    window: tuple[float, float] | None = None
    smoothing: Smoothing = Smoothing()
    spans: tuple[NDArray[Any], NDArray[Any]] | None = field(default=None, compare=False)


Operation: TypeAlias = Scan | Filter | Having | Group | Find | Order | Page | Join | Sample
Plan: TypeAlias = tuple[Operation, ...]


def of_runs(where: Node | None, *, only: Collection[str] | None = None) -> Plan:
    """The runs for which an expression holds."""
    begin, series = _begun(where, only)
    return begin if series is None else (*begin, Having(series))


def of_list(
    where: Node | None,
    order: Sequence[SortKey],
    *,
    find: Find | None = None,
    group: Group | None = None,
    only: Collection[str] | None = None,
) -> Plan:
    """These runs in their own order, as a table lists them."""
    groups = () if group is None else (group,)
    search = (find,) if find is not None and find.words else ()
    ordered = (Order(tuple(order)),) if order or group is not None else ()
    return (*of_runs(where, only=only), *groups, *search, *ordered)


def listing(plan: Plan) -> Plan:
    """The operations that decide which runs are listed, and in which order."""
    ends = [place for place, operation in enumerate(plan) if isinstance(operation, Page | Join | Sample)]
    return plan[: ends[0]] if ends else plan


def columns_of(plan: Plan) -> list[Node]:
    """What the runs are grouped and sorted by."""
    groups = [node for operation in plan if isinstance(operation, Group) for node in operation.by]
    return groups + [key.column for operation in plan if isinstance(operation, Order) for key in operation.keys]


def of_page(listed: Plan, page: Page, metrics: Sequence[str]) -> Plan:
    """Some of the listed runs, with the series of some metrics."""
    return (*listed, page, Join(keep=True, names=tuple(metrics)))


def of_statement(statement: Statement, *, only: Collection[str] | None = None) -> Plan:
    """The series that a statement selects. Its items must be settled (`vocabulary.settle`)."""
    metrics = tuple(item for item in statement.select if item.kind != "param")
    if not metrics:
        return of_runs(statement.where, only=only)
    begin, series = _begun(statement.where, only)
    every = any(item.kind == "all" for item in metrics)
    return (*begin, Join(None if every else metrics, series))


def of_media(where: Node | None) -> tuple[Plan, Node | None]:
    """The runs whose media may match an expression, and the part of it that each media series must match."""
    return _begun(where, None)


def _begun(where: Node | None, only: Collection[str] | None) -> tuple[Plan, Node | None]:
    """The runs that match the part of a condition about runs, and its part about their series."""
    scan = Scan(names_archived(where), None if only is None else frozenset(only))
    runs, series = _split(where)
    return (scan,) if runs is None else (scan, Filter(runs)), series


def _of_series(where: Node) -> bool:
    """Whether a condition refers to something that differs between the series of a run."""
    return any(reference.kind in ("context", "metric", "media") for reference in references(where))


def _split(where: Node | None) -> tuple[Node | None, Node | None]:
    """Split a condition into one about runs and one about their series. Both must hold."""
    if where is None:
        return None, None
    parts = where.operands if isinstance(where, Boolean) and where.operator == "and" else (where,)
    return _all([part for part in parts if not _of_series(part)]), _all([part for part in parts if _of_series(part)])


def _all(parts: Sequence[Node]) -> Node | None:
    if len(parts) < 2:
        return parts[0] if parts else None
    return Boolean("and", tuple(parts))


def explain(plan: Plan) -> list[str]:
    """The plan in words, one line per operation, in the order in which they run."""
    return [_explained(operation) for operation in plan]


def _explained(operation: Operation) -> str:
    match operation:
        case Scan(archived=archived, only=only):
            chosen = "" if only is None else f", {len(only)} by id"
            return f"scan runs{chosen}" + (", archived ones too" if archived else ", not archived")
        case Filter(where=where):
            return f"filter runs: {format_node(where)}"
        case Having(where=where):
            return f"filter runs by their series: {format_node(where)}"
        case Order(keys=keys):
            shown = (format_node(key.column) + (" descending" if key.descending else "") for key in keys)
            return f"order by {', '.join(shown)}"
        case Group(by=by, fold=fold, but=but):
            columns = ", ".join(map(format_node, by))
            return f"group by {'all params that differ' + (', but ' if by else '') if but else ''}{columns}; {fold}"
        case Find():
            return f"find runs: {' '.join(map(quote, operation.words))}"
        case Page(offset=offset, limit=limit, near=near, before=before):
            from_ = offset if near is None else f"{before} before {near}, else from {offset}"
            return f"page of {limit} runs from {from_}"
        case Join(metrics=metrics, where=where, names=called):
            exact = None if called is None else [quote(name) for name in called]
            selected = exact if metrics is None else [_selected(item) for item in metrics]
            listed = "all" if selected is None else ", ".join(selected) or "none"
            return f"join series: {listed}" + (f" if {format_node(where)}" if where is not None else "")
        case Sample(x=x, columns=columns, window=window, smoothing=smoothing):
            smoothed = f", {smoothing}" if smoothing else ""
            inside = "" if window is None else f", from {window[0]:.15g} to {window[1]:.15g}"
            fewer = "" if columns is None else f", first, last, min and max of each of {columns} columns"
            return f"points along {x}{smoothed}{inside}{fewer}"


def _selected(item: Selector) -> str:
    name = quote(item.parts[0]) if item.quoted else format_path(item.parts)
    return f"{item.source}:{name}" if item.source else name
