"""Runs with their params and the numbers of their metrics, for tables, parallel coordinates and scatter plots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from aim.server import wire
from aim.server.answer import read_query, revision_name
from aim.server.frames import frame
from aim.server.runs import runs_frame
from aim.server.series import distinct, run_ids
from aim.server.work import Work

if TYPE_CHECKING:
    from aim.query.select import SeriesTable
    from aim.repo import Repo


class Table:
    def __init__(self, repo: Repo, work: Work) -> None:
        self.repo = repo
        self.work = work

    async def rows(self, request: Request) -> Response:
        query = read_query(request, wire.TableQuery)
        content = await self.work.run(lambda: self._rows(query.q, run_ids(query.only)))
        return Response(content, media_type=wire.FRAMES, headers={"cache-control": "no-store"})

    def _rows(self, expression: str, only: list[str] | None) -> bytes:
        revision = revision_name(self.repo.revision())
        found = self.repo.runs_and_series(expression, only=only)
        runs = runs_frame(
            found.runs,
            statement=expression,
            revision=revision,
            notes=found.notes,
            series=len(found.series),
            points=int(found.series.count.sum()),
        )
        return runs + numbers(found.series)


def numbers(table: SeriesTable) -> bytes:
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
    return frame(wire.TableFrame(names=names, contexts=contexts, arrays=[]), arrays)
