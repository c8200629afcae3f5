"""Runs with their params and the numbers of their metrics, for tables, parallel coordinates and scatter plots.

It is streamed, some runs at a time: most of the work is to put params into columns.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from aim.query.beside import SeriesName
from aim.query.plan import MetricColumn
from aim.query.select import Columns
from aim.server import wire
from aim.server.answer import Refused, read_query, revision_name
from aim.server.frames import frame
from aim.server.runs import runs_frame
from aim.server.series import distinct, run_ids
from aim.server.stream import streamed
from aim.server.work import Work

if TYPE_CHECKING:
    from aim.query.select import SeriesTable
    from aim.repo import Repo

# So many runs are in the first part, few so that rows show soon, and in each later one.
FIRST_PART = 200
LATER_PART = 1000


class Table:
    def __init__(self, repo: Repo, work: Work) -> None:
        self.repo = repo
        self.work = work

    async def rows(self, request: Request) -> Response:
        query = read_query(request, wire.TableQuery)
        search = await self.work.run(lambda: Search(self.repo, query))
        return streamed(self.work, search.frames())

    async def beside(self, request: Request) -> Response:
        query = read_query(request, wire.BesideQuery)
        content = await self.work.run(lambda: self._beside(query))
        return Response(content, media_type=wire.FRAMES, headers={"cache-control": "no-store"})

    async def page(self, request: Request) -> Response:
        query = read_query(request, wire.PageQuery)
        content = await self.work.run(lambda: page(self.repo, query))
        return Response(content, media_type=wire.FRAMES, headers={"cache-control": "no-store"})

    def _beside(self, query: wire.BesideQuery) -> bytes:
        shown, by = SeriesName(query.metric, context(query.context)), SeriesName(query.by, context(query.by_context))
        found = self.repo.beside(query.q, shown, by, query.side, only=run_ids(query.only))
        arrays: dict[str, tuple[wire.DType, Any]] = {"value": ("f8", found.values), "step": ("f8", found.steps)}
        return frame(wire.BesideFrame(runs=found.runs, arrays=[]), arrays)


def page(repo: Repo, query: wire.PageQuery) -> bytes:
    order = [(column(key), key.descending) for key in listed("order", query.order, wire.OrderKey)]
    metrics = listed("metrics", query.metrics, wire.Name)
    started = time.perf_counter()
    found = repo.runs_page(query.q, order=order, offset=query.offset, limit=query.limit, metrics=metrics)
    there = repo.columns() if query.columns else Columns([], [])
    columns = [wire.MetricColumn(name=name, context=context) for name, context in there.metrics]
    params = [list(path) for path in there.params]
    return (
        frame(wire.PageFrame(matched=found.matched, params=params, metrics=columns, arrays=[]))
        + runs_frame(
            found.runs,
            statement=query.q,
            revision=revision_name(found.revision),
            notes=found.notes,
            series=len(found.series),
            points=int(found.series.count.sum()),
        )
        + numbers(found.series, progress=1.0)
        + frame(wire.EndFrame(seconds=time.perf_counter() - started, checked=found.matched, arrays=[]))
    )


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


class Search:
    """One expression being answered. Wrong AimQL raises here, before anything was sent."""

    def __init__(self, repo: Repo, query: wire.TableQuery) -> None:
        self.started = time.perf_counter()
        self.query = query
        self.revision = revision_name(repo.revision())
        self.found = repo.runs_and_series(query.q, only=run_ids(query.only))

    def frames(self) -> Iterator[bytes]:
        runs, series = self.found.runs, self.found.series
        for start, end in parts(len(runs)):
            rows = series.of_runs(start, end)
            header = runs_frame(
                runs[start:end],
                statement=self.query.q,
                revision=self.revision,
                notes=self.found.notes,
                series=len(series),
                points=int(series.count.sum()),
            )
            yield header + numbers(rows, progress=end / len(runs) if runs else 1.0)
        yield frame(wire.EndFrame(seconds=time.perf_counter() - self.started, checked=len(runs), arrays=[]))


def parts(count: int) -> Iterator[tuple[int, int]]:
    """Ranges of runs; of none, one empty range."""
    start, end = 0, min(count, FIRST_PART)
    while True:
        yield start, end
        if end >= count:
            return
        start, end = end, min(count, end + LATER_PART)


def numbers(table: SeriesTable, *, progress: float) -> bytes:
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
    return frame(wire.TableFrame(progress=progress, names=names, contexts=contexts, arrays=[]), arrays)


def context(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        hint = 'Give a JSON object, such as {"subset": "val"}.'
        raise Refused(400, f"{text[:100]!r} is no context.", hint=hint)
    return found
