"""Queues in the UI: a preview of all combinations before anything starts, and the trials while they run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import msgspec

from aim.errors import LaunchError
from aim.launch import queue as queues
from aim.launch import space, supervisor
from aim.launch.queue import Queue, TrialState
from aim.launch.records import Records
from aim.launch.rules import Halving, Median, Rules, Stop, check
from aim.server import wire
from aim.server.launch import Launcher, check_agreed, command_of, preview_of, received, sent, template_of, wire_asked
from aim.server.problems import Refused


def list_queues(launcher: Launcher) -> wire.Queues:
    every = queues.read(launcher.repo.aim_dir)
    seen = queues.seen(launcher.repo, every)
    return wire.Queues(queues=[wire_queue(queue, queues.states(queue, seen)) for queue in reversed(every)])


def detail(launcher: Launcher, query: wire.QueueQuery) -> wire.QueueDetail:
    try:
        queue, states = read(launcher, query.queue)
    except LaunchError as error:
        raise Refused(404, str(error)) from error
    params = list(queue.template.params)
    return wire.QueueDetail(
        queue=wire_queue(queue, states),
        command=command_of(queue.template),
        params=params,
        trials=[wire_trial(trial, params, states[trial.number]) for trial in queue.trials],
        rules=wire_rules(queue.rules),
        digest=queue.digest,
    )


def preview(launcher: Launcher, given: wire.QueuePreviewRequest) -> wire.QueuePreview:
    template = template_of(given.command)
    texts = {axis.name: axis.text for axis in given.space}
    if len(texts) < len(given.space):
        raise LaunchError("a parameter is given twice; write all of its values with commas between them")
    trials = space.trials(texts, sample=given.sample, seed=given.seed)
    return wire.QueuePreview(
        params=list(trials.params),
        trials=[[sent(value) for value in row] for row in trials.rows],
        combinations=trials.combinations,
        first=preview_of(launcher.repo, template, trials.assignments()[0]),
    )


def add(launcher: Launcher, given: wire.QueueRequest) -> wire.Saved:
    check_agreed(launcher, given.template, agreed=given.agreed)
    template = template_of(given.command, id=given.template or "")
    if any(len(row) != len(given.params) for row in given.trials):
        raise LaunchError(f"every trial needs a value for each of {', '.join(given.params) or 'no parameters'}")
    rows = (zip(given.params, row, strict=True) for row in given.trials)
    trials = [{name: received(name, value) for name, value in row} for row in rows]
    preview_of(launcher.repo, template, trials[0])
    with launcher.records() as records:
        queue = records.create(
            template,
            trials,
            name=given.name,
            slots=given.slots,
            gpus=given.gpus,
            rules=rules_of(given.rules),
            paused=given.paused,
        )
    supervisor.ensure(launcher.repo.root)
    return wire.Saved(id=queue.id)


def edit(launcher: Launcher, change: wire.QueueEdit) -> wire.Changed:
    with launcher.records() as records:
        queue = records.queue(change.queue)
        if change.slots is not None:
            records.set_slots(queue, change.slots)
        if change.order is not None:
            records.set_order(queue, change.order)
        if change.agreed is not None and not queue.own:
            records.agree(queue, change.agreed)
        elif change.state is not None:
            records.set_state(queue, "canceled" if change.state == "cancelled" else change.state)
    supervisor.ensure(launcher.repo.root)
    return wire.Changed(changed=1)


def trials(launcher: Launcher, change: wire.TrialsRequest) -> wire.Changed:
    with launcher.records() as records:
        queue, states = read(launcher, change.queue)
        apply = records.cancel if change.action == "cancel" else records.retry
        changed = apply(queue, change.trials, states)
    supervisor.ensure(launcher.repo.root)
    return wire.Changed(changed=len(changed))


def delete(launcher: Launcher, given: wire.QueueName) -> wire.Changed:
    with launcher.records() as records:
        records.remove(*read(launcher, given.queue))
    return wire.Changed(changed=1)


def read(launcher: Launcher, id: str) -> tuple[Queue, dict[int, TrialState]]:
    queue = Records(launcher.repo.aim_dir).queue(id)
    return queue, queues.states(queue, queues.seen(launcher.repo, [queue]))


def wire_queue(queue: Queue, states: Mapping[int, TrialState]) -> wire.Queue:
    return wire.Queue(
        id=queue.id,
        name=queue.name,
        template=queue.template.id or None,
        template_name=queue.template.name,
        state=queue.state,
        word=queues.word(queue, states),
        slots=queue.slots,
        gpus=list(queue.gpus),
        by=wire_asked(queue.by),
        created_at=queue.created,
        trials=len(queue.trials),
        states=dict(Counter(state.word for state in states.values())),
        done=queues.is_done(queue, states),
        host=queue.host,
        here=queue.here,
        own=queue.own,
    )


def wire_trial(trial: queues.Trial, params: list[str], state: TrialState) -> wire.Trial:
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
    """Raises LaunchError for a number out of range, QueryError for an invalid rule."""
    if given is None:
        return Rules()
    return Rules(
        stop=tuple(check(Stop(stop.query, stop.after, stop.metric)) for stop in given.stop),
        median=check(Median(**msgspec.structs.asdict(given.median))) if given.median else None,
        halving=check(Halving(**msgspec.structs.asdict(given.halving))) if given.halving else None,
    )


def wire_rules(rules: Rules) -> wire.RuleSet:
    return wire.RuleSet(
        stop=[wire.StopRule(**vars(stop)) for stop in rules.stop],
        median=wire.MedianRule(**vars(rules.median)) if rules.median else None,
        halving=wire.HalvingRule(**vars(rules.halving)) if rules.halving else None,
    )
