"""One run without its points, and its notes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from aim.index.state import WriterState, last_sign
from aim.log.bounds import seconds, whole
from aim.log.status import stop_of
from aim.server import wire
from aim.server.frames import plain
from aim.server.problems import Refused
from aim.server.runs import refuse_unseen, wire_run

if TYPE_CHECKING:
    from aim.query import logged
    from aim.query.result import Run, Trace
    from aim.repo import Repo


REASONS = 10


def detail(repo: Repo, query: wire.RunQuery) -> wire.RunDetail:
    run = repo.run(query.run)
    writers = repo.logs.writers(run.id)
    reasons = repo.logs.reasons(run.id, writers)
    return wire.RunDetail(
        run=wire_run(run),
        params=plain(run.params),
        facts=plain(run.facts),
        metrics=wire_metrics(run),
        notes=[wire.Note(**note._asdict()) for note in repo.notes.of(run.id)],
        writers=wire_writers(writers),
        damaged=max(run.damaged, len(reasons)),
        reasons=reasons[:REASONS],
        environment=wire_environment(repo.logs.environment(run.id)),
        output=sum(writer.printed for writer in writers),
    )


def note(repo: Repo, given: wire.NoteRequest) -> wire.Saved:
    if given.note is not None and given.was is not None:
        texts = [note.text for note in repo.notes.of(given.run) if note.id == given.note]
        refuse_unseen(repo.run(given.run), "note", "".join(texts), given.was)
    if given.text is not None:
        return wire.Saved(id=repo.notes.save(given.run, given.text, id=given.note))
    if given.note is None:
        raise Refused(400, "A new note needs a text.", hint="To remove a note, give its id.")
    repo.notes.remove(given.run, given.note)
    return wire.Saved(id=given.note)


def wire_environment(recorded: logged.Environment | None) -> wire.Environment | None:
    return None if recorded is None else wire.Environment(**vars(recorded))


def wire_metrics(run: Run) -> list[wire.MetricSummary]:
    return [wire_metric(trace) for metric in run.metrics.values() for trace in metric]


def wire_metric(trace: Trace) -> wire.MetricSummary:
    return wire.MetricSummary(
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


def wire_writers(states: Sequence[WriterState]) -> list[wire.RunWriter]:
    """A stop ends the whole attempt: its script, which may have failed of it, and the `aim run` that started it."""
    stopped = {_attempt(state) for state in states if state.end and stop_of(state.end)}
    return [wire_writer(state, stopped=_attempt(state) in stopped) for state in states if not state.apart]


def _attempt(state: WriterState) -> str | None:
    return text(state.start.get("attempt"))


def wire_writer(state: WriterState, *, stopped: bool) -> wire.RunWriter:
    process = mapping(state.start.get("process"))
    end = state.end or {}
    word = text(end.get("status"))
    return wire.RunWriter(
        id=state.id,
        attempt=_attempt(state),
        role=text(state.start.get("role")),
        host=text(process.get("host")),
        pid=whole(process.get("pid")),
        started=state.started,
        ended=seconds(end.get("time")) or None,
        seen_at=last_sign(state),
        status="stopped" if stopped and word in ("failed", "killed") else word,
        dropped=state.dropped,
        damaged=len(state.damage) + len(state.invalid),
    )


def mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
