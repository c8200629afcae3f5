"""Runs with their params and the values of their metrics, for tables, parallel coordinates and scatter plots.

It is streamed, some runs at a time: most of the work is to put params into columns.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from aim.query.beside import SeriesName
from aim.query.plan import MetricColumn
from aim.query.select import Columns
from aim.server import wire
from aim.server.frames import FrameData, read_context
from aim.server.problems import Refused
from aim.server.runs import revision_name, runs_part
from aim.server.series import distinct, run_ids

if TYPE_CHECKING:
    from aim.query.select import SeriesTable
    from aim.repo import Repo

# How many runs are in the first part, few so that rows show soon, and in each later one.
FIRST_PART = 200
LATER_PART = 1000


def rows(repo: Repo, query: wire.TableQuery) -> Iterator[FrameData]:
    started = time.perf_counter()
    selection = repo.runs_and_series(query.q, only=run_ids(query.only))
    revision = revision_name(selection.revision)
    runs, series = selection.runs, selection.series
    for start, end in parts(len(runs)):
        yield runs_part(
            runs[start:end],
            statement=query.q,
            revision=revision,
            notes=selection.notes,
            series=len(series),
            points=int(series.count.sum()),
        )
        yield numbers(series.of_runs(start, end), progress=end / len(runs) if runs else 1.0)
    yield FrameData(wire.EndFrame(seconds=time.perf_counter() - started, checked=len(runs), arrays=[]))


def page(repo: Repo, query: wire.PageQuery) -> Iterator[FrameData]:
    order = [(column(key), key.descending) for key in listed("order", query.order, wire.OrderKey)]
    metrics = listed("metrics", query.metrics, wire.Name)
    started = time.perf_counter()
    runs = repo.runs_page(query.q, order=order, offset=query.offset, limit=query.limit, metrics=metrics)
    there = repo.columns() if query.columns else Columns([], [])
    columns = [wire.MetricColumn(name=name, context=context) for name, context in there.metrics]
    params = [list(path) for path in there.params]
    yield FrameData(wire.PageFrame(matched=runs.matched, params=params, metrics=columns, arrays=[]))
    yield runs_part(
        runs.runs,
        statement=query.q,
        revision=revision_name(runs.revision),
        notes=runs.notes,
        series=len(runs.series),
        points=int(runs.series.count.sum()),
    )
    yield numbers(runs.series, progress=1.0)
    yield FrameData(wire.EndFrame(seconds=time.perf_counter() - started, checked=runs.matched, arrays=[]))


def column(key: wire.OrderKey) -> str | MetricColumn:
    if key.metric is not None and key.column is None:
        return MetricColumn(key.metric, key.context, key.reducer)
    if key.column is not None and key.metric is None:
        return key.column
    raise Refused(400, "A key of `order` names both a column and a metric, or neither.", hint="Name one of them.")


def listed(name: str, text: str, item: Any) -> Any:
    try:
        return msgspec.json.decode(text, type=list[item])
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise Refused(400, f"{name}={text[:100]!r} is not valid: {error}.", hint="Send a JSON list.") from None


def beside(repo: Repo, query: wire.BesideQuery) -> FrameData:
    shown = SeriesName(query.metric, read_context("context", query.context))
    by = SeriesName(query.by, read_context("by_context", query.by_context))
    values = repo.beside(query.q, shown, by, query.side, only=run_ids(query.only))
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
