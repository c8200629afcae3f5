"""Recent activity: runs that began and ended, and people's changes, newest first.

It is computed from stored edits: if a field was changed several times, only the last change is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from aim.log import edits
from aim.server import wire
from aim.server.runs import wire_run

if TYPE_CHECKING:
    from aim.repo import Repo, RunRow

MOST = 40
# Changes of many runs at once, and several edits of one change, follow each other within this time.
MOMENT = 3.0

_ENDS: Mapping[str, wire.EventKind] = {
    "finished": "finished",
    "failed": "failed",
    "stopped": "stopped",
    "killed": "killed",
    "lost": "lost",
}
_SETS: Mapping[str, wire.EventKind] = {"name": "renamed", "description": "described", "experiment": "moved"}
_SHARED: Mapping[str, wire.EventKind] = {
    "experiment": "experiment",
    "experiment_note": "experiment noted",
    "bookmark": "bookmarked",
}


class Happened(NamedTuple):
    at: float
    kind: wire.EventKind
    run: RunRow | None
    subject: str | None


def activity(repo: Repo, runs: Sequence[RunRow], *, experiment: str | None = None) -> list[wire.ActivityEvent]:
    """`runs`: the runs to report on, of one experiment or all."""
    known = {run.id: run for run in runs}
    changed = edits.latest(repo.aim_dir).values()
    events = [*_ran(runs), *(event for edit in changed if (event := _changed(edit, known, experiment)) is not None)]
    events.sort(key=lambda event: event.at, reverse=True)
    return _gathered(events)


def _ran(runs: Iterable[RunRow]) -> Iterator[Happened]:
    for run in runs:
        yield Happened(run.created_at, "started", run, None)
        if run.status != "running":
            ended = run.finished_at if run.finished_at is not None else run.seen_at
            yield Happened(ended, _ENDS[run.status], run, run.error)


def _changed(edit: edits.Edit, known: Mapping[str, RunRow], experiment: str | None) -> Happened | None:
    at = edit.stamp / 1e6
    if edit.run is None:
        return _shared_change(at, edit.field, edit.value, experiment)
    run = known.get(edit.run)
    if run is None:
        gone = edit.field == "deleted" and edit.value and experiment is None
        return Happened(at, "deleted", None, None) if gone else None
    kind, subject = _meaning(edit.field, edit.value)
    return None if kind is None else Happened(at, kind, run, subject)


def _meaning(field: str, value: Any) -> tuple[wire.EventKind | None, str | None]:
    """The kind and the subject of a change of a run's field. None for changes that are not worth reporting."""
    name, _, rest = field.partition(":")
    if field in _SETS and isinstance(value, str):
        return _SETS[field], value
    if field == "archived":
        return ("archived" if value else "brought back"), None
    if name == "tag" and rest:
        return ("tagged" if value else "untagged"), rest
    if name == "note" and isinstance(value, str):
        return "noted", value[:200]
    return None, None


def _shared_change(at: float, field: str, value: Any, experiment: str | None) -> Happened | None:
    name, _, rest = field.partition(":")
    kind = _SHARED.get(name)
    if kind is None or not value or (experiment is not None and (kind == "bookmarked" or rest != experiment)):
        return None
    subject = value.get("name") if isinstance(value, dict) else rest
    return Happened(at, kind, None, subject if isinstance(subject, str) else None)


def _gathered(happened: Iterable[Happened]) -> list[wire.ActivityEvent]:
    """The newest events. Events of one kind about one subject that follow each other immediately are merged."""
    events: list[wire.ActivityEvent] = []
    for at, kind, run, subject in happened:
        last = events[-1] if events else None
        if last is not None and (last.kind, last.subject) == (kind, subject) and last.at - at <= MOMENT:
            last.runs += 1
        elif len(events) == MOST:
            break
        else:
            shown = None if run is None else wire_run(run)
            events.append(wire.ActivityEvent(at=at, kind=kind, runs=1, run=shown, subject=subject))
    return events
