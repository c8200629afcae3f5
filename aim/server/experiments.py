"""Experiments, and what happened in the repository or in one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from aim.server import wire
from aim.server.activity import activity
from aim.server.answer import answer, read_query
from aim.server.runs import described
from aim.server.shelf import Shelf

if TYPE_CHECKING:
    from aim.repo import RunRow
    from aim.repo.experiments import Experiment

EVERY = "run.archived in (True, False)"
RECENT = 10
ACTIVE = 50


class Experiments(Shelf):
    def everything(self) -> wire.Experiments:
        runs: dict[str, list[RunRow]] = {}
        for run in self.repo.runs_table(EVERY).runs:
            runs.setdefault(run.experiment, []).append(run)
        return wire.Experiments(
            experiments=[described_experiment(one, runs.get(one.name, [])) for one in self.repo.experiments]
        )

    async def add(self, request: Request) -> Response:
        body = await self.write(request, wire.ExperimentName)
        await self.work.run(lambda: self.repo.experiments.add(body.name))
        return answer(wire.Changed(changed=1))

    async def edit(self, request: Request) -> Response:
        body = await self.write(request, wire.ExperimentRequest)
        await self.work.run(lambda: self._edit(body))
        return answer(wire.Changed(changed=1))

    def _edit(self, body: wire.ExperimentRequest) -> None:
        if body.archived is not None:
            self.repo.experiments.archive(body.name, body.archived)
        if body.note is not None:
            self.repo.experiments.note(body.name, body.note or None)
        if body.rename is not None:
            self.repo.experiments.rename(body.name, body.rename)

    async def delete(self, request: Request) -> Response:
        body = await self.write(request, wire.ExperimentName)
        freed = await self.work.run(lambda: self.repo.experiments.remove(body.name))
        return answer(wire.Deleted(runs=freed.runs, files=freed.files, bytes=freed.bytes))

    async def overview(self, request: Request) -> Response:
        query = read_query(request, wire.OverviewQuery)
        return answer(await self.work.run(lambda: self._overview(query.experiment)))

    def _overview(self, experiment: str | None) -> wire.Overview:
        every = self.repo.runs_table(EVERY).runs
        mine = [run for run in every if experiment is None or run.experiment == experiment]
        shown = [run for run in mine if not run.archived]
        days = Counter(day_of(run.created_at) for run in shown)
        return wire.Overview(
            runs=len(mine),
            archived=len(mine) - len(shown),
            metrics=len(self.repo.vocabulary().metrics),
            seconds=sum(run.duration for run in shown),
            statuses=dict(Counter(run.status for run in shown)),
            days=[wire.Day(day=day, runs=runs) for day, runs in sorted(days.items())],
            active=[described(run) for run in shown if run.status == "running"][:ACTIVE],
            recent=[described(run) for run in shown[:RECENT]],
            activity=activity(self.repo, mine, experiment=experiment),
        )


def described_experiment(experiment: Experiment, runs: Sequence[RunRow]) -> wire.Experiment:
    begun = [run.created_at for run in runs]
    return wire.Experiment(
        **experiment._asdict(),
        runs=len(runs),
        archived_runs=sum(run.archived for run in runs),
        running=sum(run.status == "running" for run in runs),
        created_at=min(begun, default=None),
        last_at=max(begun, default=None),
    )


def day_of(moment: float) -> str:
    """A day of UTC, as AimQL names it: a click on a day becomes a query."""
    return datetime.fromtimestamp(moment, timezone.utc).date().isoformat()
