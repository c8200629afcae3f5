"""Queues of trials, as records. Requests by people and findings of the supervisor are separate fields, so that neither
overwrites the other. The state of a trial is computed from both and from its run, and is not stored.

A trial's run is called `<queue>-<number>`, and `<queue>-<number>-<try>` from the second try on. Creating that run
claims the trial: a run that exists is never started again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

from aim.errors import LaunchError
from aim.launch import command
from aim.launch import rules as rules_of
from aim.launch.command import Template, Value
from aim.launch.origin import Origin, digest
from aim.launch.rules import Rules
from aim.launch.runner import Spec
from aim.log import edits, status
from aim.log.bounds import seconds, whole
from aim.log.edits import Edit
from aim.remote.trials import CANCELED, RECORDED_CANCELED, run_name
from aim.remote.trials import ENDED as ENDED

if TYPE_CHECKING:
    from aim.repo import Repo, RunRow

State = Literal["waiting", "starting", "running", "finished", "failed", "killed", "stopped", "canceled"]
QueueState = Literal["running", "paused", "canceled"]
KINDS = ("template", "queue", "queue_state", "queue_slots", "queue_order", "trial_wish", "trial")
QUEUE_STATES: tuple[QueueState, ...] = ("running", "paused", "canceled")
MAX_SLOTS = 256
# A runner without a run after this time never began: the trial waits again, and the claim keeps it from running twice.
STARTING_SECONDS = 30.0


@dataclass(frozen=True)
class TrialRequest:
    """A person's request. A retry increments `tries`."""

    canceled: bool = False
    tries: int = 1

    @property
    def record(self) -> dict[str, Any]:
        return {RECORDED_CANCELED: self.canceled, "tries": self.tries}


@dataclass(frozen=True)
class Finding:
    """The supervisor's notes about the try whose run is called `run`. `slot` counts from 0."""

    run: str
    started: float | None = None
    ended: float | None = None
    state: State | None = None
    why: str | None = None
    slot: int | None = None


@dataclass(frozen=True)
class Trial:
    queue: str
    number: int
    values: Mapping[str, Value]
    wish: TrialRequest = TrialRequest()
    finding: Finding | None = None

    @property
    def run(self) -> str:
        """The hash of the current try's run, whether or not it exists."""
        return run_name(self.queue, self.number, self.wish.tries)


@dataclass(frozen=True)
class Queue:
    """`trials` are in start order; their numbers count from 1 in creation order. `gpus` has one index per slot, and is
    empty if trials get no GPU. `host` is the machine that starts them: the one where a person last set the state, so
    that a copy of the repository elsewhere starts nothing.

    `own`: this user made the queue here or agreed to it (origin.py). A queue that came with the repository is paused,
    and only shown; `told` is the state that its records tell for a host. `record` is the record with the template and
    the trials."""

    id: str
    name: str
    template: Template
    trials: tuple[Trial, ...]
    gpus: tuple[str, ...] = ()
    rules: Rules = Rules()
    by: Mapping[str, Any] = field(default_factory=dict)
    created: float = 0.0
    state: QueueState = "running"
    slots: int = 1
    host: str | None = None
    own: bool = False
    told: QueueState = "paused"
    record: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def here(self) -> bool:
        """Whether this machine starts its trials."""
        return self.own and self.host == status.hostname()

    @property
    def digest(self) -> str:
        """Names the command and the trials that a person agrees to."""
        return digest(self.record)

    def trial(self, number: int) -> Trial:
        for trial in self.trials:
            if trial.number == number:
                return trial
        raise LaunchError(f"queue {self.id} has no trial {number}; trials are numbered 1 to {len(self.trials)}")


class TrialRun(NamedTuple):
    """The run of a trial as the repository shows it."""

    id: str
    status: str
    error: str | None
    started: float
    ended: float | None


class TrialState(NamedTuple):
    """`run` is the id of the run, once there is one."""

    word: State
    why: str | None = None
    run: str | None = None
    started: float | None = None
    ended: float | None = None


def state(queue: Queue, trial: Trial, seen: TrialRun | None, *, now: float | None = None) -> TrialState:
    """The state of the current try of a trial. `seen` is its run; None if there is none yet."""
    if seen is not None:
        return _of_run(seen)
    finding = trial.finding if trial.finding is not None and trial.finding.run == trial.run else None
    if finding is not None and finding.state in ENDED:
        return TrialState(finding.state, finding.why, None, finding.started, finding.ended)
    if finding is not None and finding.state == "running":
        return TrialState("stopped", "its run was deleted", None, finding.started, finding.ended)
    if trial.wish.canceled or queue.state == "canceled":
        return TrialState("canceled")
    now = time.time() if now is None else now
    if finding is not None and finding.state == "starting" and abs(now - (finding.started or 0)) < STARTING_SECONDS:
        return TrialState("starting", None, None, finding.started, None)
    return TrialState("waiting")


def _of_run(seen: TrialRun) -> TrialState:
    rest = (seen.id, seen.started, seen.ended)
    if seen.status == "running":
        return TrialState("running", None, *rest)
    if seen.status in ("finished", "failed", "stopped"):
        return TrialState(cast(State, seen.status), seen.error, *rest)
    why = "no heartbeat for 3 minutes" if seen.status == "lost" else "its process ended without an end record"
    return TrialState("killed", seen.error or why, *rest)


def states(queue: Queue, seen: Mapping[str, TrialRun], *, now: float | None = None) -> dict[int, TrialState]:
    """The states of all trials by number; `seen` has the repository's runs by hash."""
    return {trial.number: state(queue, trial, seen.get(trial.run), now=now) for trial in queue.trials}


def next_trials(queue: Queue, states: Mapping[int, TrialState], free_slots: int) -> list[Trial]:
    """The trials to start now on this machine, in order, at most `free_slots`. None while the queue is paused."""
    if queue.state != "running" or not queue.here:
        return []
    waiting = (trial for trial in queue.trials if states[trial.number].word == "waiting")
    return [trial for trial, _ in zip(waiting, range(max(0, free_slots)), strict=False)]


def spec(queue: Queue, trial: Trial, root: Path, *, slot: int) -> Spec:
    """The spec for a runner to start the current try of a trial. Raises LaunchError if its folder or program is
    missing."""
    template = queue.template
    argv = command.fill(template, trial.values)
    where = command.place(root, argv, cwd=template.cwd, env=template.env)
    gpu = {"CUDA_VISIBLE_DEVICES": queue.gpus[slot]} if slot < len(queue.gpus) else {}
    label = queue.name or template.name
    return Spec(
        argv=[str(where.program), *argv[1:]],
        cwd=str(where.cwd),
        env={**template.env, **gpu},
        experiment=template.experiment,
        hash=trial.run,
        name=f"{label} #{trial.number}" if label else None,
        params=dict(trial.values),
        template=template.id or None,
        queue=queue.id,
        trial=trial.number,
        asked_by={**queue.by, "via": "queue"},
    )


def is_done(queue: Queue, states: Mapping[int, TrialState]) -> bool:
    """Whether this machine's supervisor has nothing to do for it until a person changes something."""
    starts = queue.state == "running" and queue.here
    alive = {"starting", "running", "waiting"} if starts else {"starting", "running"}
    return not any(state.word in alive for state in states.values())


def word(queue: Queue, states: Mapping[int, TrialState]) -> str:
    """What a person reads of a queue: its state, or done. Of one from elsewhere, what its records tell."""
    if queue.own:
        return "done" if queue.state == "running" and is_done(queue, states) else queue.state
    is_over = all(state.word in (*ENDED, "canceled") for state in states.values())
    return "done" if queue.told == "running" and is_over else queue.told


def seen(repo: Repo, queues: Iterable[Queue]) -> dict[str, TrialRun]:
    """The runs of these queues' trials by hash."""
    wanted = {trial.run for queue in queues for trial in queue.trials}
    if not wanted:
        return {}
    rows = repo.table.rows(_RUNS_OF_TRIALS).runs
    return {row.hash: _seen(row) for row in rows if row.hash in wanted}


_RUNS_OF_TRIALS = 'run.archived in (True, False) and search(run.hash, "^q[0-9a-f]+-[0-9]+")'


def _seen(row: RunRow) -> TrialRun:
    return TrialRun(row.id, row.status, row.error, row.created_at, row.finished_at)


def read(aim_dir: Path) -> list[Queue]:
    """All queues of a repository, the oldest first, with wishes and findings."""
    fields = RecordedFields(aim_dir)
    queues = (_queue(name.partition(":")[2], fields) for name in fields.names("queue"))
    return sorted((queue for queue in queues if queue is not None), key=lambda queue: queue.id)


def templates(aim_dir: Path) -> list[Template]:
    """All templates of a repository, by name."""
    fields = RecordedFields(aim_dir)
    decoded = (_template(name.partition(":")[2], fields) for name in fields.names("template"))
    return sorted(
        (template for template in decoded if template is not None), key=lambda template: (template.name, template.id)
    )


def gpus_here() -> list[str]:
    """The indices of this machine's GPUs, limited by CUDA_VISIBLE_DEVICES."""
    if (visible := os.environ.get("CUDA_VISIBLE_DEVICES")) is not None:
        return [gpu.strip() for gpu in visible.split(",") if gpu.strip() and gpu.strip() != "-1"]
    gpus = (path.name.removeprefix("nvidia") for path in Path("/dev").glob("nvidia[0-9]*"))
    return sorted((name for name in gpus if name.isdigit()), key=int)


class RecordedFields:
    """The records of templates and queues in one repository. Of a field that this user wrote here, what others wrote
    does not count, however late it is: a merge replaces nothing."""

    def __init__(self, aim_dir: Path) -> None:
        self._origin = Origin(aim_dir)
        self._edits: dict[str, list[Edit]] = {}
        for edit in edits.every(aim_dir):
            if edit.run is None and edit.field.partition(":")[0] in KINDS:
                self._edits.setdefault(edit.field, []).append(edit)

    def names(self, kind: str) -> list[str]:
        return [name for name in self._edits if name.startswith(f"{kind}:")]

    def own(self, name: str) -> Edit | None:
        """The latest that this user wrote here."""
        latest_first = sorted(self._edits.get(name, ()), key=lambda edit: edit[:2], reverse=True)
        return next((edit for edit in latest_first if self._origin.made(edit)), None)

    def latest(self, name: str) -> Edit | None:
        return max(self._edits.get(name, ()), key=lambda edit: edit[:2], default=None)


def _template(id: str, fields: RecordedFields) -> Template | None:
    name = f"template:{id}"
    own = fields.own(name)
    edit = own or fields.latest(name)
    return None if edit is None else command.of_record(id, edit.value, own=own is not None, saved=edit.stamp / 1e6)


def _queue(id: str, fields: RecordedFields) -> Queue | None:
    """The queue in the records; None if they are invalid. Other programs may have written them."""
    own = fields.own(f"queue:{id}") is not None
    read = fields.own if own else fields.latest

    def value_of(name: str) -> Any:
        edit = read(name)
        return None if edit is None else edit.value

    value = value_of(f"queue:{id}")
    if not isinstance(value, dict) or not isinstance(value.get("trials"), list):
        return None
    copied = value.get("template")
    template = command.of_record(str(copied.get("id") or ""), copied, own=own) if isinstance(copied, dict) else None
    if template is None or not all(isinstance(values, dict) for values in value["trials"]):
        return None
    trials = [_trial(id, number, values, value_of) for number, values in enumerate(value["trials"], 1)]
    state, slots = value_of(f"queue_state:{id}"), value_of(f"queue_slots:{id}")
    chosen = state if isinstance(state, dict) else {}
    host = chosen["host"] if isinstance(chosen.get("host"), str) else None
    said = "canceled" if chosen.get("state") in CANCELED else chosen.get("state")
    known = QUEUE_STATES if own else ("canceled",)
    return Queue(
        id=id,
        name=str(value.get("name") or ""),
        template=template,
        trials=_ordered(trials, value_of(f"queue_order:{id}")),
        gpus=tuple(map(str, value["gpus"])) if isinstance(value.get("gpus"), list) else (),
        rules=rules_of.of_record(value.get("rules")),
        by=value["by"] if isinstance(value.get("by"), dict) else {},
        created=seconds(value.get("created")),
        state=cast(QueueState, said) if said in known else "paused",
        slots=slots if isinstance(slots, int) and 0 <= slots <= MAX_SLOTS else 1,
        host=host,
        own=own,
        told=cast(QueueState, said) if host and said in QUEUE_STATES else "paused",
        record=value,
    )


def _trial(queue: str, number: int, values: Mapping[str, Any], value_of: Callable[[str], Any]) -> Trial:
    wish = value_of(f"trial_wish:{queue}/{number}")
    return Trial(
        queue=queue,
        number=number,
        values={str(name): value for name, value in values.items() if isinstance(value, str | int | float)},
        wish=_wish_of(wish) if isinstance(wish, dict) else TrialRequest(),
        finding=_finding_of(value_of(f"trial:{queue}/{number}")),
    )


def _wish_of(value: Mapping[str, Any]) -> TrialRequest:
    return TrialRequest(any(value.get(word) is True for word in CANCELED), max(1, whole(value.get("tries")) or 1))


def _finding_of(value: Any) -> Finding | None:
    if not isinstance(value, dict) or not isinstance(value.get("run"), str):
        return None
    known = value.get("state") if value.get("state") in (*ENDED, "starting", "running") else None
    return Finding(
        run=value["run"],
        started=seconds(value.get("started")) or None,
        ended=seconds(value.get("ended")) or None,
        state=cast("State | None", known),
        why=str(value["why"]) if value.get("why") else None,
        slot=whole(value.get("slot")),
    )


def _ordered(trials: Sequence[Trial], order: Any) -> tuple[Trial, ...]:
    places = {str(number): place for place, number in enumerate(order)} if isinstance(order, list) else {}
    return tuple(sorted(trials, key=lambda trial: (places.get(str(trial.number), len(places)), trial.number)))
