"""Everything about one run that is no points, and its notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from aim.index.state import WriterState, last_sign
from aim.server import wire
from aim.server.answer import Refused, answer, read_query
from aim.server.frames import plain
from aim.server.runs import described
from aim.server.work import Work

if TYPE_CHECKING:
    from aim.query import logged
    from aim.query.result import Run, Trace
    from aim.repo import Repo
    from aim.server.runs import Write


class Detail:
    def __init__(self, repo: Repo, work: Work, write: Write) -> None:
        self.repo = repo
        self.work = work
        self.write = write

    async def run(self, request: Request) -> Response:
        query = read_query(request, wire.RunQuery)
        return answer(await self.work.run(lambda: self._run(query.run)))

    def _run(self, name: str) -> wire.RunDetail:
        run = self.repo.run(name)
        writers = self.repo.writers(run.id)
        return wire.RunDetail(
            run=described(run),
            params=plain(run.params),
            facts=plain(run.facts),
            metrics=metrics(run),
            notes=[wire.Note(**note._asdict()) for note in self.repo.notes.of(run.id)],
            writers=[writer(one) for one in writers],
            damaged=run.damaged,
            environment=environment(self.repo.environment(run.id)),
            output=sum(one.printed for one in writers),
        )

    async def note(self, request: Request) -> Response:
        body = await self.write(request, wire.NoteRequest)
        return answer(wire.Saved(id=await self.work.run(lambda: self._note(body))))

    def _note(self, body: wire.NoteRequest) -> str:
        if body.text is not None:
            return self.repo.notes.save(body.run, body.text, id=body.note)
        if body.note is None:
            raise Refused(400, "A new note needs a text.", hint="To remove a note, name it.")
        self.repo.notes.remove(body.run, body.note)
        return body.note


def environment(found: logged.Environment | None) -> wire.Environment | None:
    return None if found is None else wire.Environment(**vars(found))


def metrics(run: Run) -> list[wire.Metric]:
    return [described_metric(trace) for metric in run.metrics.values() for trace in metric]


def described_metric(trace: Trace) -> wire.Metric:
    return wire.Metric(
        name=trace.name,
        context=plain(trace.context),
        count=len(trace),
        first=plain(trace.first),
        last=plain(trace.last),
        min=plain(trace.min),
        max=plain(trace.max),
        mean=plain(trace.mean),
        last_step=trace.last_step,
        nonfinite=trace.nonfinite,
    )


def writer(state: WriterState) -> wire.Writer:
    process = mapping(state.start.get("process"))
    end = state.end or {}
    return wire.Writer(
        id=state.id,
        attempt=text(state.start.get("attempt")),
        role=text(state.start.get("role")),
        host=text(process.get("host")),
        pid=process["pid"] if isinstance(process.get("pid"), int) else None,
        started=state.started,
        ended=number(end.get("time")),
        seen_at=last_sign(state),
        status=text(end.get("status")),
        dropped=state.dropped,
        damaged=len(state.damage),
    )


def mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None
