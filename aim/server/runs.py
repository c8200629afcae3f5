"""Questions about the repository and its runs, and the edits that a person makes in the UI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from starlette.requests import Request
from starlette.responses import Response

from aim.errors import QueryError
from aim.query.complete import complete
from aim.query.parse import parse_statement
from aim.server import wire
from aim.server.answer import Refused, answer, problem, read_body, read_query, revision_name
from aim.server.frames import frame, param_columns
from aim.server.work import Work
from aim.version import __version__

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from aim.query.result import Run
    from aim.repo import Repo, RunRow

    Write = Callable[[Request, type[Any]], Awaitable[Any]]


class Runs:
    def __init__(self, repo: Repo, work: Work, *, read_only: bool) -> None:
        self.repo = repo
        self.work = work
        self.read_only = read_only

    @property
    def reason(self) -> str | None:
        """Why nothing can be changed, or None."""
        if self.read_only:
            return "The server was started to only show, not change."
        return None if self.repo.edits.writable else "This user may not write to the repository."

    async def read_write(self, request: Request, shape: type[Any]) -> Any:
        if self.reason is not None:
            raise Refused(403, self.reason, hint="To change it, start `aim up` as a user who may write.")
        return read_body(await request.body(), shape)

    async def project(self, request: Request) -> Response:
        read_query(request, None)
        return answer(await self.work.run(self._project))

    def _project(self) -> wire.Project:
        repo = self.repo
        found = repo.overview()
        return wire.Project(
            root=str(repo.root),
            version=__version__,
            runs=found.runs,
            running=len(found.running),
            experiments=found.experiments,
            active_experiment=repo.experiments.active,
            writable=self.reason is None,
            reason=self.reason,
            revision=revision_name(found.revision),
        )

    async def complete(self, request: Request) -> Response:
        query = read_query(request, wire.CompleteQuery)
        cursor = len(query.q) if query.at is None else min(query.at, len(query.q))
        found = await self.work.run(lambda: complete(query.q, cursor, self.repo.vocabulary()))
        items = [wire.CompletionItem(text=text, kind=kind, detail=detail) for text, kind, detail in found.items]
        return answer(wire.Completion(start=found.start, end=found.end, items=items))

    async def check(self, request: Request) -> Response:
        query = read_query(request, wire.Query)
        try:
            parse_statement(query.q)
        except QueryError as error:
            return answer(wire.Check(error=problem(error)[1]))
        return answer(wire.Check(error=None))

    async def list(self, request: Request) -> Response:
        query = read_query(request, wire.RunsQuery)
        return Response(await self.work.run(lambda: self._list(query.q, query.params)), media_type=wire.FRAMES)

    def _list(self, expression: str, params: bool) -> bytes:
        revision = revision_name(self.repo.revision())
        table = self.repo.runs_table(expression)
        return runs_frame(table.runs, statement=expression, revision=revision, notes=table.notes, params=params)

    async def archive(self, request: Request) -> Response:
        body = await self.read_write(request, wire.ArchiveRequest)
        await self.work.run(lambda: self.repo.runs.archive(body.runs, archived=body.archived))
        return answer(wire.Changed(changed=len(body.runs)))

    async def delete(self, request: Request) -> Response:
        body = await self.read_write(request, wire.DeleteRequest)
        freed = await self.work.run(lambda: self.repo.runs.delete(body.runs))
        return answer(wire.Deleted(runs=freed.runs, files=freed.files, bytes=freed.bytes))

    async def edit(self, request: Request) -> Response:
        body = await self.read_write(request, wire.EditRequest)
        await self.work.run(lambda: self.repo.runs.edit(body.runs, body.field, body.value))
        return answer(wire.Changed(changed=len(body.runs)))

    async def params(self, request: Request) -> Response:
        body = await self.read_write(request, wire.ParamsRequest)
        await self.work.run(lambda: self.repo.runs.give_params(body.runs, body.params))
        return answer(wire.Changed(changed=len(body.runs)))


def runs_frame(
    runs: Sequence[RunRow],
    *,
    statement: str,
    revision: str,
    notes: Sequence[str] = (),
    series: int = 0,
    points: int = 0,
    params: bool = True,
) -> bytes:
    columns, codes = param_columns([run.params for run in runs] if params else [])
    header = wire.RunsFrame(
        runs=[described(run) for run in runs],
        params=columns,
        series=series,
        points=points,
        notes=list(notes),
        revision=revision,
        statement=statement,
        arrays=[],
    )
    return frame(header, {"params": ("i4", codes)})


def described(run: RunRow | Run) -> wire.Run:
    return wire.Run(
        id=run.id,
        hash=run.hash,
        name=run.name,
        experiment=run.experiment,
        description=run.description,
        tags=list(run.tags),
        archived=run.archived,
        status=cast(wire.Status, run.status),
        error=run.error,
        created_at=run.created_at,
        finished_at=run.finished_at,
        duration=run.duration,
        seen_at=run.seen_at,
        dropped=run.dropped,
    )
