"""Queues as records: what a person wishes, what the supervisor finds out, and the states that come of both."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

import aim
from aim.launch import queue as queues
from aim.launch.command import Template
from aim.launch.origin import Origin
from aim.launch.queue import (
    Finding,
    Queue,
    QueueState,
    Trial,
    TrialRequest,
    TrialRun,
    TrialState,
    next_trials,
    state,
    states,
)
from aim.launch.records import Records
from aim.launch.rules import Halving, Median, Rules, Stop
from aim.log import edits, status
from aim.repo import Repo
from tests.launch.queues import BY, TEMPLATE, made


def test_a_queue_is_read_as_it_was_made(records: Records) -> None:
    rules = Rules((Stop("run.loss.last > 5", 100),), Median("loss.val", "max", 3), Halving("loss", min_steps=2, eta=4))
    queue = made(records, name="grid", gpus=["0", "1"], rules=rules)
    (shown,) = queues.read(records.aim_dir)
    assert shown == queue == records.queue("grid") == records.queue(queue.id)
    assert (shown.rules, shown.gpus, shown.slots, shown.state, shown.by) == (rules, ("0", "1"), 2, "running", BY)
    assert (shown.host, shown.here) == (status.hostname(), True)
    assert [(trial.number, trial.values, trial.run) for trial in shown.trials][:2] == [
        (1, {"lr": 0.1}, f"{queue.id}-1"),
        (2, {"lr": 0.2}, f"{queue.id}-2"),
    ]
    assert made(records, paused=True).state == "paused"
    assert made(records, slots=None, gpus=["3"]).slots == 1
    assert made(records, slots=None).slots == os.cpu_count()


def of(word: str, *, run: str = "r", ended: float | None = 9.0) -> TrialRun:
    errors = {"failed": "broke", "stopped": "enough"}
    return TrialRun(run, word, errors.get(word), 1.0, None if word == "running" else ended)


# wish, finding, state of the queue, the run, what the trial does, why
STATES: list[tuple[TrialRequest, Finding | None, QueueState, TrialRun | None, str, str | None]] = [
    (TrialRequest(), None, "running", None, "waiting", None),
    (TrialRequest(), None, "paused", None, "waiting", None),
    (TrialRequest(), None, "canceled", None, "canceled", None),
    (TrialRequest(True), None, "running", None, "canceled", None),
    (TrialRequest(), Finding("q-1", started=95.0, state="starting"), "running", None, "starting", None),
    (TrialRequest(), Finding("q-1", started=60.0, state="starting"), "running", None, "waiting", None),
    (TrialRequest(), Finding("q-1", started=95.0, state="starting"), "canceled", None, "canceled", None),
    (TrialRequest(), None, "running", of("running"), "running", None),
    (TrialRequest(True), None, "running", of("running"), "running", None),
    (TrialRequest(), None, "running", of("finished"), "finished", None),
    (TrialRequest(), None, "running", of("failed"), "failed", "broke"),
    (TrialRequest(), None, "running", of("killed"), "killed", "its process ended without an end record"),
    (TrialRequest(), None, "running", of("lost", ended=None), "killed", "no heartbeat for 3 minutes"),
    (TrialRequest(), None, "running", of("stopped"), "stopped", "enough"),
    (TrialRequest(), Finding("q-1", state="failed", why="no program"), "running", None, "failed", "no program"),
    (TrialRequest(), Finding("q-1", state="running", started=2.0), "running", None, "stopped", "its run was deleted"),
    (TrialRequest(), Finding("q-1", state="finished", ended=9.0), "canceled", None, "finished", None),
    (TrialRequest(False, 2), Finding("q-1", state="failed"), "running", None, "waiting", None),
    (TrialRequest(False, 2), Finding("q-1-2", state="failed"), "running", None, "failed", None),
]


@pytest.mark.parametrize(("wish", "finding", "queue_state", "seen", "word", "why"), STATES)
def test_the_state_of_a_trial_is_computed(
    wish: TrialRequest,
    finding: Finding | None,
    queue_state: QueueState,
    seen: TrialRun | None,
    word: str,
    why: str | None,
) -> None:
    trial = Trial("q", 1, {}, wish, finding)
    queue = Queue("q", "", TEMPLATE, (trial,), state=queue_state)
    computed = state(queue, trial, seen, now=100.0)
    assert (computed.word, computed.why) == (word, why)


def queue_of(*words: str, state: QueueState = "running", canceled: bool = False) -> tuple[Queue, dict[int, TrialState]]:
    trials = tuple(Trial("q", number, {}, TrialRequest(canceled)) for number in range(1, len(words) + 1))
    trial_states: Any = {number: TrialState(word) for number, word in enumerate(words, 1)}  # type: ignore[arg-type]
    return Queue("q", "", TEMPLATE, trials, state=state, host=status.hostname(), own=True), trial_states


def numbers(trials: list[Trial]) -> list[int]:
    return [trial.number for trial in trials]


def test_the_first_waiting_trials_are_next() -> None:
    queue, trial_states = queue_of("finished", "waiting", "running", "waiting", "waiting")
    assert numbers(next_trials(queue, trial_states, 2)) == [2, 4]
    assert next_trials(queue, trial_states, 0) == next_trials(queue, trial_states, -1) == []
    paused, trial_states = queue_of("waiting", state="paused")
    assert next_trials(paused, trial_states, 2) == []


@pytest.mark.parametrize(
    ("words", "state", "done"),
    [
        (("finished", "failed", "killed", "stopped", "canceled"), "running", True),
        (("finished", "waiting"), "running", False),
        (("finished", "waiting"), "paused", True),
        (("running", "waiting"), "paused", False),
        (("starting",), "canceled", False),
    ],
)
def test_a_queue_is_done_when_a_supervisor_has_nothing_to_do(
    words: tuple[str, ...], state: QueueState, done: bool
) -> None:
    assert queues.is_done(*queue_of(*words, state=state)) is done


def test_a_copy_of_the_repository_on_another_machine_starts_nothing(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = made(records)
    monkeypatch.setattr(status, "hostname", lambda: "elsewhere")
    trial_states = states(queue, {})
    assert not queue.here and next_trials(queue, trial_states, 2) == [] and queues.is_done(queue, trial_states)
    records.set_state(queue, "running")
    here = records.queue(queue.id)
    assert here.host == "elsewhere" and numbers(next_trials(here, trial_states, 2)) == [1, 2]
    assert not queues.is_done(here, trial_states)


def test_records_of_other_programs_are_validated(records: Records) -> None:
    queue = made(records)
    nonsense: list[Any] = [
        None,
        1,
        "x",
        [],
        {},
        {"trials": [1], "template": {}},
        {"trials": [], "template": {"argv": 1}},
    ]
    changes: list[tuple[str | None, str, Any]] = [
        (None, f"queue:x{i}", odd_value) for i, odd_value in enumerate(nonsense)
    ]
    odd: list[Any] = [
        1,
        "x",
        [1],
        {"run": 1},
        {"cancelled": "yes", "tries": -1},
        {"run": "q", "started": "x", "state": "?"},
    ]
    for number, odd_value in enumerate(odd):
        changes += [
            (None, f"trial:{queue.id}/{number % 4 + 1}", odd_value),
            (None, f"trial_wish:{queue.id}/{number % 4 + 1}", odd_value),
        ]
    changes += [(None, f"queue_order:{queue.id}", "x"), (None, f"queue_slots:{queue.id}", 1e9)]
    changes += [(None, f"queue_state:{queue.id}", "running")]
    editor = edits.Editor(records.aim_dir)
    editor.edit_many(changes)
    assert queues.read(records.aim_dir) == [queue], "what others wrote is no part of it"
    editor.edit_many(changes, bond=Origin(records.aim_dir).bond)
    (shown,) = queues.read(records.aim_dir)
    assert (shown.id, shown.slots, shown.state) == (queue.id, 1, "paused"), "what makes no sense starts nothing"
    assert [trial.number for trial in shown.trials] == [1, 2, 3, 4]
    assert {trial.wish for trial in shown.trials} == {TrialRequest()}


@pytest.mark.parametrize("odd", [{"gpus": 5}, {"created": 10**400}, {"rules": {"stop": 5}}, {"rules": {"stop": [1]}}])
def test_one_odd_part_costs_no_other_queue(records: Records, odd: dict[str, Any]) -> None:
    queue = made(records)
    value = edits.latest(records.aim_dir)[None, f"queue:{queue.id}"].value
    edits.Editor(records.aim_dir).edit_many(
        [
            (None, f"queue:{queue.id}", {**value, **odd}),
            (None, f"queue_order:{queue.id}", [[1], {}, 2]),
            (None, f"trial:{queue.id}/1", {"run": queue.trials[0].run, "state": "starting", "started": 10**400}),
        ],
        bond=Origin(records.aim_dir).bond,
    )
    (shown,) = queues.read(records.aim_dir)
    assert [trial.number for trial in shown.trials] == [2, 1, 3, 4]
    assert queues.states(shown, {})[1].word == "waiting"


def test_the_runs_of_a_queue_are_found(records: Records) -> None:
    queue = made(records)
    root = records.aim_dir.parent
    with aim.Run(f"{queue.id}-1", repo=root):
        pass
    with pytest.raises(ValueError), aim.Run(f"{queue.id}-2", repo=root):
        raise ValueError("broke")
    with aim.Run(f"{queue.id}-30", repo=root), aim.Run("other", repo=root):
        pass
    repo = Repo(root)
    repo.runs.archive(repo.run(f"{queue.id}-1").id)
    statuses = queues.seen(repo, [queue])
    assert set(statuses) == {f"{queue.id}-1", f"{queue.id}-2"}
    words = {number: (trial_state.word, trial_state.why) for number, trial_state in states(queue, statuses).items()}
    assert words == {
        1: ("finished", None),
        2: ("failed", "ValueError: broke"),
        3: ("waiting", None),
        4: ("waiting", None),
    }
    assert queues.seen(repo, []) == {}


def test_the_spec_of_a_trial(records: Records, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    template = Template(argv=("sh", "-c", "{lr}"), id="t1", name="t", cwd="sub", env={"A": "b"}, experiment="e")
    queue = records.create(template, [{"lr": "; rm x"}], gpus=["3", "5"])
    spec = queues.spec(queue, queue.trials[0], tmp_path, slot=1)
    assert (spec.argv[1:], spec.cwd, spec.hash) == (["-c", "; rm x"], str(tmp_path / "sub"), f"{queue.id}-1")
    assert os.path.isabs(spec.argv[0]) and spec.env == {"A": "b", "CUDA_VISIBLE_DEVICES": "5"}
    assert (spec.template, spec.queue, spec.trial, spec.params) == ("t1", queue.id, 1, {"lr": "; rm x"})
    assert (spec.experiment, spec.name, spec.asked_by) == ("e", "t #1", {**BY, "via": "queue"})
    without = records.create(template, [{"lr": 1}], slots=3)
    assert queues.spec(without, without.trials[0], tmp_path, slot=2).env == {"A": "b"}
    json.dumps(vars(spec))


GPUS: list[tuple[str, list[str]]] = [("0,1", ["0", "1"]), ("", []), ("-1", []), ("GPU-ab, 2", ["GPU-ab", "2"])]


@pytest.mark.parametrize(("visible", "expected"), GPUS)
def test_the_gpus_are_those_that_are_visible(
    monkeypatch: pytest.MonkeyPatch, visible: str, expected: list[str]
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert queues.gpus_here() == expected


@pytest.mark.parametrize(
    ("value", "finding"),
    [
        ({"run": "a"}, queues.Finding("a")),
        ({"run": "a", "started": 0, "ended": "x", "state": "odd", "why": "", "slot": "1"}, queues.Finding("a")),
        (
            {"run": "a", "started": 5, "state": "starting", "slot": 0},
            queues.Finding("a", 5.0, state="starting", slot=0),
        ),
        ({"run": "a", "ended": 6.5, "state": "failed", "why": 7}, queues.Finding("a", None, 6.5, "failed", "7")),
        ({"run": 1}, None),
        (["a"], None),
    ],
)
def test_what_a_supervisor_noted_about_a_trial(value: Any, finding: queues.Finding | None) -> None:
    assert queues._finding_of(value) == finding
