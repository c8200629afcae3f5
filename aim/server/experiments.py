"""Experiments, and the overview of the repository or of one experiment."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from aim.query.shown import zone_of
from aim.server import wire
from aim.server.activity import latest_events, wire_events
from aim.server.problems import Refused
from aim.server.runs import EVERY, wire_run

if TYPE_CHECKING:
    from aim.query.table import RunColumns
    from aim.repo import Repo
    from aim.repo.experiments import Experiment

RECENT = 10
NAMED = 20
ACTIVE = 50
FIELDS = ("experiment", "archived", "status", "error", "created_at", "finished_at", "seen_at", "duration", "diverged")
# The offsets of all time zones are multiples of a quarter of an hour.
_QUARTER = 900
# Two days inside of years 1 and 9999, which no time zone leaves.
_FIRST, _LAST = -62_135_424_000, 253_402_128_000


def list_experiments(repo: Repo) -> wire.Experiments:
    runs = repo.table.fields(EVERY, ["experiment", "archived", "status", "created_at"])
    names, codes = np.unique(runs.fields["experiment"].astype(str), return_inverse=True)
    order = np.argsort(codes, kind="stable")
    bounds = np.searchsorted(codes[order], np.arange(len(names) + 1))
    of_name = {name: order[start:end] for name, start, end in zip(names.tolist(), bounds, bounds[1:], strict=False)}
    nobody = order[:0]
    return wire.Experiments(
        experiments=[
            wire_experiment(experiment, runs.take(of_name.get(experiment.name, nobody)))
            for experiment in repo.experiments
        ]
    )


def add(repo: Repo, given: wire.ExperimentName) -> wire.Changed:
    repo.experiments.add(given.name)
    return wire.Changed(changed=1)


def edit(repo: Repo, change: wire.ExperimentRequest) -> wire.Changed:
    if change.archived is not None:
        repo.experiments.archive(change.name, change.archived)
    if change.note is not None:
        repo.experiments.note(change.name, change.note or None)
    if change.rename is not None:
        repo.experiments.rename(change.name, change.rename)
    return wire.Changed(changed=1)


def delete(repo: Repo, given: wire.ExperimentName) -> wire.Deleted:
    freed = repo.experiments.remove(given.name)
    return wire.Deleted(runs=freed.runs, files=freed.files, bytes=freed.bytes, left=freed.left)


def overview(repo: Repo, query: wire.OverviewQuery) -> wire.Overview:
    experiment = query.experiment
    if experiment is not None and experiment not in (names := repo.experiments.names()):
        there = ", ".join(names[:NAMED])
        raise Refused(404, f"there is no experiment {experiment!r}; there are: {there}", hint="Choose one of these.")
    runs = repo.table.fields(EVERY, FIELDS)
    if experiment is not None:
        runs = runs.take(np.flatnonzero(runs.fields["experiment"] == experiment))
    shown = runs.take(np.flatnonzero(~runs.fields["archived"]))
    running = [shown.ids[i] for i in np.flatnonzero(shown.fields["status"] == "running").tolist()][:ACTIVE]
    recent = shown.ids[:RECENT]
    events = latest_events(repo, runs, experiment=experiment)
    wanted = {*running, *recent, *(event.run for event, _ in events if event.run)}
    rows = {run.id: run for run in repo.table.rows(EVERY, only=wanted).runs}
    return wire.Overview(
        runs=len(runs.ids),
        archived=len(runs.ids) - len(shown.ids),
        metrics=len(set(repo.vocabulary().names)),
        seconds=float(shown.fields["duration"].sum()),
        statuses=dict(Counter(shown.fields["status"].tolist())),
        diverged=int(np.count_nonzero(shown.fields["diverged"])),
        days=[wire.Day(day=day, runs=count) for day, count in days_of(shown.fields["created_at"], zone_of(query.zone))],
        active=[wire_run(rows[id]) for id in running if id in rows],
        recent=[wire_run(rows[id]) for id in recent if id in rows],
        activity=wire_events(events, rows),
    )


def wire_experiment(experiment: Experiment, runs: RunColumns) -> wire.Experiment:
    starts = runs.fields["created_at"].tolist()
    return wire.Experiment(
        **experiment._asdict(),
        runs=len(runs.ids),
        archived_runs=int(runs.fields["archived"].sum()),
        running=int((runs.fields["status"] == "running").sum()),
        created_at=min(starts, default=None),
        last_at=max(starts, default=None),
    )


def days_of(moments: npt.NDArray[np.float64], zone: tzinfo) -> list[tuple[str, int]]:
    """The days on which runs began, with their numbers of runs."""
    quarters, counts = np.unique(np.clip(moments, _FIRST, _LAST) // _QUARTER, return_counts=True)
    days: Counter[str] = Counter()
    for quarter, count in zip(quarters.tolist(), counts.tolist(), strict=True):
        days[day_of(quarter * _QUARTER, zone)] += count
    return sorted(days.items())


def day_of(moment: float, zone: tzinfo) -> str:
    """A day in AimQL's spelling; a click on a day becomes a query."""
    return datetime.fromtimestamp(moment, zone).date().isoformat()
