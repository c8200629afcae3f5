"""Recent activity: runs that began and ended, and people's changes, newest first.

It is computed from stored edits: if a field was changed several times, only the last change is known.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from heapq import merge
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from aim.log import edits
from aim.server import wire
from aim.server.runs import wire_run

if TYPE_CHECKING:
    from aim.query.table import RunColumns
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
    "dashboard": "dashboard saved",
}

# Changes of a shared thing that belong to one experiment.
_OF_ONE = ("experiment", "experiment noted")

_TOLD = ("created_at", "finished_at", "seen_at", "status", "error")


class Activity(NamedTuple):
    """`run`: its id."""

    at: float
    kind: wire.EventKind
    run: str | None
    subject: str | None


def latest_events(repo: Repo, runs: RunColumns, *, experiment: str | None = None) -> list[tuple[Activity, int]]:
    """The newest events, each with its number of runs. `runs`: those to report on, of one experiment or all."""
    changed = repo.edits.latest()
    known = set(runs.ids) if changed else set()
    changes = [event for edit in changed if (event := _changed(edit, known, experiment)) is not None]
    changes.sort(key=_latest_first)
    return _gathered(merge(_ran(runs), changes, key=_latest_first))


def wire_events(events: Iterable[tuple[Activity, int]], rows: Mapping[str, RunRow]) -> list[wire.ActivityEvent]:
    """`rows`: of the events' runs that exist, by id."""
    return [
        wire.ActivityEvent(
            at=event.at,
            kind=event.kind,
            runs=count,
            run=wire_run(rows[event.run]) if event.run else None,
            subject=event.subject,
        )
        for event, count in events
        if event.run is None or event.run in rows
    ]


def _latest_first(event: Activity) -> float:
    return -event.at


def _ran(runs: RunColumns) -> Iterator[Activity]:
    """How runs began and ended, latest first. Only the first few are asked for."""
    created, finished, seen, word, error = (runs.fields[name] for name in _TOLD)
    ends = np.where(np.isnan(finished), seen, finished)
    moments = np.stack([created, ends], axis=1).ravel()
    told = np.flatnonzero(np.stack([np.ones(len(word), bool), word != "running"], axis=1).ravel())
    for place in told[np.argsort(-moments[told], kind="stable")].tolist():
        at, ended = divmod(place, 2)
        kind: wire.EventKind = _ENDS[word[at]] if ended else "started"
        yield Activity(float(moments[place]), kind, runs.ids[at], error[at] if ended else None)


def _changed(edit: edits.Edit, known: Container[str], experiment: str | None) -> Activity | None:
    at = edit.stamp / 1e6
    if edit.run is None:
        return _shared_change(at, edit.field, edit.value, experiment)
    if edit.run not in known:
        gone = edit.field == "deleted" and edit.value and experiment is None
        return Activity(at, "deleted", None, None) if gone else None
    kind, subject = _meaning(edit.field, edit.value)
    return None if kind is None else Activity(at, kind, edit.run, subject)


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


def _shared_change(at: float, field: str, value: Any, experiment: str | None) -> Activity | None:
    name, _, rest = field.partition(":")
    kind = _SHARED.get(name)
    if kind is None or not value or (experiment is not None and (kind not in _OF_ONE or rest != experiment)):
        return None
    subject = value.get("name") if isinstance(value, dict) else rest
    return Activity(at, kind, None, subject if isinstance(subject, str) else None)


def _gathered(happened: Iterable[Activity]) -> list[tuple[Activity, int]]:
    """The newest events, with the number of runs of each. Events of one kind about one subject that follow each other
    immediately are merged."""
    events: list[tuple[Activity, int]] = []
    for event in happened:
        last, count = events[-1] if events else (None, 0)
        if (
            last is not None
            and (last.kind, last.subject) == (event.kind, event.subject)
            and last.at - event.at <= MOMENT
        ):
            events[-1] = last, count + 1
        elif len(events) == MOST:
            break
        else:
            events.append((event, 1))
    return events
