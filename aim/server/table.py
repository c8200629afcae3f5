"""Runs with their params and the values of their metrics: all of them for parallel coordinates and scatter plots, or
pages of a table.

All of them are streamed, some runs at a time: most of the work is to put params into columns.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

import msgspec
import numpy as np

from aim.deadline import checked
from aim.query.aggregate import words
from aim.query.beside import SeriesName
from aim.query.columns import coded
from aim.query.find import Find, Numbers
from aim.query.nodes import MISSING, Reference
from aim.query.plan import Group, MetricColumn, ParamColumn, TableColumn, aggregate_of, check_few, column_node
from aim.query.runs import columns_of
from aim.query.table import TableColumns
from aim.server import wire
from aim.server.frames import FrameData, plain, read_context
from aim.server.problems import Refused
from aim.server.runs import revision_name, rows_part, run_ids, runs_part
from aim.server.series import distinct

if TYPE_CHECKING:
    from aim.index.tables import MetricCount, ParamCount
    from aim.query.group import Blocks, Groups
    from aim.query.select import SeriesTable
    from aim.query.table import RunsPage
    from aim.repo import Repo

# How many runs are in the first part, few so that rows show soon, and in each later one.
FIRST_PART = 200
LATER_PART = 1000


def rows(repo: Repo, query: wire.TableQuery) -> Iterator[FrameData]:
    started = time.perf_counter()
    selection = repo.table.series(query.q, only=run_ids(query.only))
    revision = revision_name(selection.revision)
    runs, series = selection.runs, selection.series
    for start, end in parts(len(runs)):
        yield rows_part(
            runs,
            start,
            end,
            statement=query.q,
            revision=revision,
            notes=selection.notes,
            series=len(series),
            points=int(series.count.sum()),
        )
        yield numbers(series.of_runs(start, end), progress=end / len(runs) if runs else 1.0)
    yield FrameData(wire.EndFrame(seconds=time.perf_counter() - started, checked=len(runs), arrays=[]))


def page(repo: Repo, query: wire.PageQuery) -> Iterator[FrameData]:
    started = time.perf_counter()
    answer = repo.table.page(
        query.q,
        **listing(query),
        offset=query.offset,
        limit=query.limit,
        near=query.near,
        before=query.before,
        metrics=decoded("metrics", query.metrics, list[wire.Name]),
        columns=query.columns,
    )
    yield page_header(answer)
    if query.groups and answer.groups is not None and answer.blocks is not None:
        yield groups_part(answer.groups, answer.blocks)
    yield runs_part(
        columns_of(answer.runs, params=query.params),
        statement=query.q,
        revision=revision_name(answer.revision),
        notes=answer.notes,
        series=len(answer.series),
        points=int(answer.series.count.sum()),
    )
    yield numbers(answer.series, progress=1.0)
    yield FrameData(wire.EndFrame(seconds=time.perf_counter() - started, checked=answer.matched, arrays=[]))


def listing(query: wire.ListQuery) -> dict[str, Any]:
    """What says which runs are listed, and how."""
    grouping = decoded("group", query.group, wire.Grouping) if query.group else None
    return {
        "order": [(column(key), key.descending) for key in decoded("order", query.order, list[wire.OrderKey])],
        "find": Find(query.find, numbers_of(query.numbers), query.zone),
        "group": grouping
        and Group(tuple(column_node(column(key)) for key in grouping.by), grouping.fold, grouping.but),
    }


def page_header(answer: RunsPage) -> FrameData:
    columns = answer.columns or TableColumns()
    header = wire.PageFrame(
        matched=answer.matched,
        listed=answer.listed,
        start=answer.start,
        near=-1 if answer.near is None else answer.near,
        params=param_columns(columns.params),
        metrics=[metric_column(metric) for metric in columns.metrics],
        described=columns.described,
        tagged=columns.tagged,
        unnamed=columns.unnamed,
        mixed=columns.mixed,
        damaged=columns.damaged,
        arrays=[],
    )
    return FrameData(header)


def groups_part(groups: Groups, blocks: Blocks) -> FrameData:
    paths = [list(node.parts) for node in groups.by if isinstance(node, Reference) and node.kind == "leaf"]
    shared = [[groups.values[place][at] for place in checked(blocks.places.tolist())] for at in range(len(groups.by))]
    columns = [coded(values) for values in shared]
    codes = [np.array([-1 if column.values[code] is MISSING else code for code in column.codes]) for column in columns]
    values = [[None if value is MISSING else plain(value) for value in column.values] for column in columns]
    header = wire.GroupsFrame(groups=len(groups.values), values=values, paths=paths, arrays=[])
    value = np.concatenate(codes) if codes else np.zeros(0, np.int32)
    return FrameData(header, {"size": ("i4", blocks.sizes), "place": ("i4", blocks.places), "value": ("i4", value)})


def groups(repo: Repo, query: wire.GroupsQuery) -> Iterator[FrameData]:
    started = time.perf_counter()
    given = listing(query)
    if given["group"] is None:
        raise Refused(
            400, "There are no groups without `group`.", hint='For example: {"by": [{"column": "experiment"}]}.'
        )
    columns = [column(key) for key in decoded("columns", query.columns, list[wire.OrderKey])]
    answer = repo.table.groups(query.q, **given, offset=query.offset, limit=query.limit, columns=columns)
    revision = revision_name(answer.revision)
    yield runs_part(columns_of(answer.runs), statement=query.q, revision=revision, notes=answer.notes)
    told = [
        wire.GroupColumn(
            number=cells.numbers is not None,
            distinct=cells.distinct,
            some=[[plain(value) for value in some] for some in cells.some],
        )
        for cells in answer.cells
    ]
    nothing = np.zeros(len(answer.runs))
    numbers = [cells.numbers if cells.numbers is not None else nothing for cells in answer.cells]
    arrays: dict[str, tuple[wire.DType, Any]] = {
        "value": ("f8", joined(numbers)),
        "low": ("f8", joined([cells.low for cells in answer.cells])),
        "high": ("f8", joined([cells.high for cells in answer.cells])),
        "there": ("i4", joined([cells.there for cells in answer.cells])),
        "diverged": ("i4", joined([cells.diverged for cells in answer.cells])),
    }
    yield FrameData(wire.CellsFrame(columns=told, arrays=[]), arrays)
    yield FrameData(wire.EndFrame(seconds=time.perf_counter() - started, checked=len(answer.runs), arrays=[]))


def joined(arrays: Sequence[Any]) -> Any:
    return np.concatenate(arrays) if arrays else np.zeros(0)


def facts(repo: Repo, query: wire.FactsQuery) -> wire.Facts:
    bounds = [column(key) for key in decoded("bounds", query.bounds, list[wire.OrderKey])]
    answer = repo.table.facts(query.q, bounds=bounds, values=query.values)
    metrics = zip(answer.columns.metrics, answer.differing, strict=True)
    return wire.Facts(
        runs=answer.runs,
        fields=answer.fields,
        params=param_columns(answer.columns.params),
        metrics=[metric_column(metric, values) for metric, values in metrics],
        bounds=[None if ends is None else wire.Ends(low=ends[0], high=ends[1]) for ends in answer.bounds],
    )


def param_columns(params: Sequence[ParamCount]) -> list[wire.ParamColumn]:
    return [
        wire.ParamColumn(path=list(path), runs=runs, differing=differing, values=values)
        for path, runs, differing, values in params
    ]


def metric_column(metric: MetricCount, differing: Sequence[str] = ()) -> wire.MetricColumn:
    context = json.loads(metric.context)
    shown = cast(list[wire.Shown], list(differing))
    return wire.MetricColumn(name=metric.name, context=context, runs=metric.runs, differing=shown)


def column(key: wire.OrderKey) -> TableColumn:
    named = [name for name in (key.column, key.param, key.metric) if name is not None]
    if len(named) != 1:
        hint = "Name one of `column`, `param` and `metric`."
        raise Refused(400, f"A key of `order` or `bounds` names {len(named)} columns.", hint=hint)
    if key.param is not None:
        return ParamColumn(tuple(key.param))
    return key.column if key.column is not None else metric_of(key)


def metric_of(key: wire.OrderKey) -> MetricColumn:
    return MetricColumn(key.metric or "", key.context, key.reducer, key.by, key.by_context)


def numbers_of(text: str) -> Numbers:
    given = decoded("numbers", text, wire.Numbers)
    own = [(item.metric, words(item.context), tuple(item.values)) for item in given.own]
    besides = tuple(aggregate_of(metric_of(key)) for key in given.besides)
    check_few(besides)
    return Numbers(tuple(given.values), tuple(own), besides)


def decoded(name: str, text: str, shape: Any) -> Any:
    try:
        return msgspec.json.decode(text, type=shape)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        hint = "Send JSON (see api/openapi.json)."
        raise Refused(400, f"{name}={text[:100]!r} is not valid: {error}.", hint=hint) from None


def beside(repo: Repo, query: wire.BesideQuery) -> FrameData:
    shown = SeriesName(query.metric, read_context("context", query.context))
    by = SeriesName(query.by, read_context("by_context", query.by_context))
    values = repo.table.beside(query.q, shown, by, query.side, only=run_ids(query.only))
    header = wire.BesideFrame(runs=values.runs, arrays=[])
    return FrameData(header, {"value": ("f8", values.values), "step": ("f8", values.steps)})


def parts(count: int) -> Iterator[tuple[int, int]]:
    """Ranges of runs; of none, one empty range."""
    start, end = 0, min(count, FIRST_PART)
    while True:
        yield start, end
        if end >= count:
            return
        start, end = end, min(count, end + LATER_PART)


def numbers(table: SeriesTable, *, progress: float) -> FrameData:
    names, name = distinct(table.name)
    contexts, context = distinct(table.context)
    arrays: dict[str, tuple[wire.DType, Any]] = {
        "run": ("i4", table.run),
        "name": ("i4", name),
        "context": ("i4", context),
        "count": ("i4", table.count),
        "first": ("f8", table.first),
        "last": ("f8", table.last),
        "min": ("f8", table.min),
        "max": ("f8", table.max),
        "mean": ("f8", table.mean),
        "last_step": ("f8", table.last_step),
    }
    return FrameData(wire.TableFrame(progress=progress, names=names, contexts=contexts, arrays=[]), arrays)
