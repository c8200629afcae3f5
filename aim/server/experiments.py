"""Experiments, and the overview of the repository or of one experiment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from aim.deadline import checked
from aim.server import wire
from aim.server.activity import activity
from aim.server.problems import Refused
from aim.server.runs import EVERY, wire_run

if TYPE_CHECKING:
    from aim.repo import Repo, RunRow
    from aim.repo.experiments import Experiment

RECENT = 10
NAMED = 20
ACTIVE = 50
# The first second of year 1 and the last of year 9999.
_FIRST, _LAST = -62_135_596_800, 253_402_300_799


def list_experiments(repo: Repo) -> wire.Experiments:
    runs: dict[str, list[RunRow]] = {}
    for run in repo.runs_table(EVERY).runs:
        runs.setdefault(run.experiment, []).append(run)
    return wire.Experiments(
        experiments=[wire_experiment(experiment, runs.get(experiment.name, [])) for experiment in repo.experiments]
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
    return wire.Deleted(runs=freed.runs, files=freed.files, bytes=freed.bytes)


def overview(repo: Repo, query: wire.OverviewQuery) -> wire.Overview:
    experiment = query.experiment
    if experiment is not None and experiment not in (names := repo.experiments.names()):
        there = ", ".join(names[:NAMED])
        raise Refused(404, f"there is no experiment {experiment!r}; there are: {there}", hint="Choose one of these.")
    runs = [run for run in repo.runs_table(EVERY).runs if experiment is None or run.experiment == experiment]
    shown = [run for run in runs if not run.archived]
    days = Counter(day_of(run.created_at) for run in checked(shown))
    return wire.Overview(
        runs=len(runs),
        archived=len(runs) - len(shown),
        metrics=len(repo.vocabulary().metrics),
        seconds=sum(run.duration for run in shown),
        statuses=dict(Counter(run.status for run in shown)),
        days=[wire.Day(day=day, runs=count) for day, count in sorted(days.items())],
        active=[wire_run(run) for run in shown if run.status == "running"][:ACTIVE],
        recent=[wire_run(run) for run in shown[:RECENT]],
        activity=activity(repo, runs, experiment=experiment),
    )


def wire_experiment(experiment: Experiment, runs: Sequence[RunRow]) -> wire.Experiment:
    starts = [run.created_at for run in runs]
    return wire.Experiment(
        **experiment._asdict(),
        runs=len(runs),
        archived_runs=sum(run.archived for run in runs),
        running=sum(run.status == "running" for run in runs),
        created_at=min(starts, default=None),
        last_at=max(starts, default=None),
    )


def day_of(moment: float) -> str:
    """A UTC day in AimQL's spelling; a click on a day becomes a query. Times outside the calendar get the nearest
    day."""
    return datetime.fromtimestamp(min(max(moment, _FIRST), _LAST), timezone.utc).date().isoformat()
