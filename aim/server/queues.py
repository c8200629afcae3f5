"""Queues in the UI: several values at once, listed before anything starts, and the trials while they run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from aim.errors import LaunchError
from aim.launch import queue as queues
from aim.launch import space, supervisor
from aim.launch.queue import Queue, TrialState
from aim.launch.records import Records
from aim.launch.rules import Halving, Median, Rules, Stop, check
from aim.server import wire
from aim.server.answer import Refused, answer, read_query
from aim.server.launch import Door, command_of, described_asked, preview, received, sent, template_of
from aim.server.work import Work

if TYPE_CHECKING:
    from aim.repo import Repo


class Queues:
    def __init__(self, repo: Repo, work: Work, door: Door) -> None:
        self.repo = repo
        self.work = work
        self.door = door

    async def list(self, request: Request) -> Response:
        read_query(request, None)
        return answer(await self.work.run(self._list))

    def _list(self) -> wire.Queues:
        found = queues.read(self.repo.aim_dir)
        seen = queues.seen(self.repo, found)
        return wire.Queues(queues=[described_queue(one, queues.states(one, seen)) for one in reversed(found)])

    async def queue(self, request: Request) -> Response:
        query = read_query(request, wire.QueueQuery)
        return answer(await self.work.run(lambda: self._queue(query.queue)))

    def _queue(self, id: str) -> wire.QueueDetail:
        try:
            queue, states = self._states(id)
        except LaunchError as error:
            raise Refused(404, str(error)) from error
        params = list(queue.template.params)
        return wire.QueueDetail(
            queue=described_queue(queue, states),
            command=command_of(queue.template),
            params=params,
            trials=[described_trial(one, params, states[one.number]) for one in queue.trials],
            rules=described_rules(queue.rules),
        )

    def _states(self, id: str) -> tuple[Queue, dict[int, TrialState]]:
        queue = Records(self.repo.aim_dir).queue(id)
        return queue, queues.states(queue, queues.seen(self.repo, [queue]))

    async def preview(self, request: Request) -> Response:
        body = await self.door.body(request, wire.QueuePreviewRequest)
        return answer(await self.work.run(lambda: self._preview(body)))

    def _preview(self, body: wire.QueuePreviewRequest) -> wire.QueuePreview:
        template = template_of(body.command)
        named = {one.name: one.text for one in body.space}
        if len(named) < len(body.space):
            raise LaunchError("a parameter is given twice; write all of its values with commas between them")
        found = space.trials(named, sample=body.sample, seed=body.seed)
        first = preview(self.repo, template, found.assignments()[0])
        return wire.QueuePreview(
            params=list(found.params),
            trials=[[sent(value) for value in row] for row in found.rows],
            combinations=found.combinations,
            first=first,
        )

    async def add(self, request: Request) -> Response:
        body = await self.door.body(request, wire.QueueRequest)
        return answer(wire.Saved(id=await self.work.run(lambda: self._add(request, body))))

    def _add(self, request: Request, body: wire.QueueRequest) -> str:
        template = template_of(body.command, id=body.template or "")
        if any(len(row) != len(body.params) for row in body.trials):
            raise LaunchError(f"every trial needs a value for each of {', '.join(body.params) or 'no parameters'}")
        rows = (zip(body.params, row, strict=True) for row in body.trials)
        trials = [{name: received(name, value) for name, value in row} for row in rows]
        preview(self.repo, template, trials[0])
        made: Queue = self.door.record(
            request,
            lambda pen: pen.create(
                template,
                trials,
                name=body.name,
                slots=body.slots,
                gpus=body.gpus,
                rules=rules_of(body.rules),
                paused=body.paused,
            ),
        )
        supervisor.ensure(self.repo.root)
        return made.id

    async def edit(self, request: Request) -> Response:
        body = await self.door.body(request, wire.QueueEdit)
        await self.work.run(lambda: self.door.record(request, lambda pen: self._edit(pen, body)))
        return answer(wire.Changed(changed=1))

    def _edit(self, pen: Records, body: wire.QueueEdit) -> None:
        queue = pen.queue(body.queue)
        if body.slots is not None:
            pen.set_slots(queue, body.slots)
        if body.order is not None:
            pen.set_order(queue, body.order)
        if body.state is not None:
            pen.set_state(queue, body.state)
        supervisor.ensure(self.repo.root)

    async def trials(self, request: Request) -> Response:
        body = await self.door.body(request, wire.TrialsRequest)
        changed = await self.work.run(lambda: self.door.record(request, lambda pen: self._trials(pen, body)))
        return answer(wire.Changed(changed=changed))

    def _trials(self, pen: Records, body: wire.TrialsRequest) -> int:
        queue, states = self._states(body.queue)
        change = pen.cancel if body.action == "cancel" else pen.retry
        changed = change(queue, body.trials, states)
        supervisor.ensure(self.repo.root)
        return len(changed)

    async def delete(self, request: Request) -> Response:
        body = await self.door.body(request, wire.QueueName)
        await self.work.run(lambda: self.door.record(request, lambda pen: pen.remove(*self._states(body.queue))))
        return answer(wire.Changed(changed=1))


def described_queue(queue: Queue, states: Mapping[int, TrialState]) -> wire.Queue:
    return wire.Queue(
        id=queue.id,
        name=queue.name,
        template=queue.template.id or None,
        template_name=queue.template.name,
        state=queue.state,
        slots=queue.slots,
        gpus=list(queue.gpus),
        by=described_asked(queue.by),
        created_at=queue.created,
        trials=len(queue.trials),
        states=dict(Counter(state.word for state in states.values())),
        done=queues.is_done(queue, states),
        host=queue.host,
        here=queue.here,
    )


def described_trial(trial: queues.Trial, params: list[str], state: TrialState) -> wire.Trial:
    return wire.Trial(
        number=trial.number,
        values=[sent(trial.values.get(name, "")) for name in params],
        state=state.word,
        why=state.why,
        run=state.run,
        hash=trial.run,
        tries=trial.wish.tries,
        started_at=state.started,
        ended_at=state.ended,
    )


def rules_of(given: wire.RuleSet | None) -> Rules:
    """Raises LaunchError for a number that makes no sense, QueryError for a rule that is no AimQL."""
    if given is None:
        return Rules()
    return Rules(
        stop=tuple(check(Stop(one.query, one.after, one.metric)) for one in given.stop),
        median=check(Median(**msgspec.structs.asdict(given.median))) if given.median else None,
        halving=check(Halving(**msgspec.structs.asdict(given.halving))) if given.halving else None,
    )


def described_rules(rules: Rules) -> wire.RuleSet:
    return wire.RuleSet(
        stop=[wire.StopRule(**vars(one)) for one in rules.stop],
        median=wire.MedianRule(**vars(rules.median)) if rules.median else None,
        halving=wire.HalvingRule(**vars(rules.halving)) if rules.halving else None,
    )
