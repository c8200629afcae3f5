"""Queues as records: what a person wishes, what the supervisor finds out, and the states that come of both."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import aim
from aim import layout
from aim.errors import LaunchError, RepoError
from aim.launch import queue as queues
from aim.launch.command import Template, Value
from aim.launch.queue import (
    Finding,
    Queue,
    QueueState,
    Records,
    Seen,
    Trial,
    TrialState,
    Wish,
    next_trials,
    state,
    states,
)
from aim.launch.rules import Halving, Median, Rules, Stop
from aim.log import edits, status
from aim.repo import Repo

TEMPLATE = Template(argv=("python", "train.py", "--lr", "{lr}"), name="train")
BY = {"user": "ada", "via": "cli", "address": None}


@pytest.fixture
def records(tmp_path: Path) -> Records:
    layout.create(tmp_path / ".aim")
    return Records(tmp_path / ".aim", BY)


def made(records: Records, count: int = 4, **options: Any) -> Queue:
    trials: list[dict[str, Value]] = [{"lr": number / 10} for number in range(1, count + 1)]
    return records.create(TEMPLATE, trials, **{"slots": 2, **options})


def test_templates_are_kept_changed_and_removed(records: Records) -> None:
    saved = records.save_template(TEMPLATE)
    assert queues.templates(records.aim_dir) == [saved]
    assert (saved.name, saved.params) == ("train", {"lr": None})
    assert records.template("train") == records.template(saved.id) == records.template(saved.id[:13]) == saved
    changed = records.save_template(Template(**{**vars(saved), "params": {"lr": 0.1}}))
    assert (changed.id, records.template("train").params) == (saved.id, {"lr": 0.1})
    for template, words in [
        (TEMPLATE, "there is a template 'train' already"),
        (Template(argv=("p",), name=" "), "needs a name"),
        (Template(argv=("p",), name="a\nb"), "control characters"),
        (Template(argv=("p",), name="x" * 201), "200 characters"),
        (Template(argv=("p",), name="x", id="t0"), "no template 't0'"),
        (Template(argv=("p",), name="x", env={"WANDB_API_KEY": "k"}), "WANDB_API_KEY looks like a secret"),
    ]:
        with pytest.raises(LaunchError, match=words):
            records.save_template(template)
    records.remove_template(saved.id)
    assert queues.templates(records.aim_dir) == []
    assert edits.latest(records.aim_dir)[None, f"template:{saved.id}"].value["by"] == BY, "who removed it is kept"
    with pytest.raises(LaunchError, match="there is no template 'train'; there are: none yet"):
        records.template("train")
    with pytest.raises(LaunchError, match="deleted already"):
        records.remove_template(saved.id)


def test_a_queue_is_read_as_it_was_made(records: Records) -> None:
    rules = Rules((Stop("run.loss.last > 5", 100),), Median("loss.val", "max", 3), Halving("loss", min_steps=2, eta=4))
    queue = made(records, name="grid", gpus=["0", "1"], rules=rules)
    (found,) = queues.read(records.aim_dir)
    assert found == queue == records.queue("grid") == records.queue(queue.id)
    assert (found.rules, found.gpus, found.slots, found.state, found.by) == (rules, ("0", "1"), 2, "running", BY)
    assert (found.host, found.here) == (status.hostname(), True)
    assert [(trial.number, trial.values, trial.run) for trial in found.trials][:2] == [
        (1, {"lr": 0.1}, f"{queue.id}-1"),
        (2, {"lr": 0.2}, f"{queue.id}-2"),
    ]
    assert made(records, paused=True).state == "paused"
    assert made(records, slots=None, gpus=["3"]).slots == 1
    assert made(records, slots=None).slots == os.cpu_count()


def test_of_two_queues_of_a_name_the_newest_is_meant(records: Records) -> None:
    made(records, name="grid")
    assert records.queue("grid") != made(records, name="grid") == records.queue("grid")
    with pytest.raises(LaunchError, match="means 2 queues"):
        records.queue(records.queue("grid").id[:4])
    with pytest.raises(LaunchError, match="there is no queue 'q'"):
        records.queue("q")


REFUSED: list[tuple[Template, list[dict[str, Any]], dict[str, Any], str]] = [
    (TEMPLATE, [], {}, "1 to 1000 trials, not 0"),
    (TEMPLATE, [{"lr": 1}] * 1_001, {}, "1 to 1000 trials, not 1001"),
    (TEMPLATE, [{"lr": 1}, {}], {}, "lr must be given"),
    (TEMPLATE, [{"lr": 1, "rl": 2}], {}, "no parameter 'rl'"),
    (TEMPLATE, [{"lr": "x\0"}], {}, "NUL"),
    (TEMPLATE, [{"lr": "x" * 2_000}] * 600, {}, "and a queue can have 1,048,572"),
    (TEMPLATE, [{"lr": 1}], {"slots": 257}, "0 to 256 slots, not 257"),
    (TEMPLATE, [{"lr": 1}], {"slots": 3, "gpus": ["0", "1"]}, "3 slots need 3 GPUs, not 2"),
    (TEMPLATE, [{"lr": 1}], {"gpus": ["0", "0"]}, "named twice in 0, 0"),
    (Template(argv=("p", "{token}")), [{"token": "x"}], {}, "token looks like a secret"),
    (Template(argv=("p",), env={"HF_TOKEN": "x"}), [{}], {}, "HF_TOKEN looks like a secret"),
]


@pytest.mark.parametrize(("template", "trials", "options", "words"), REFUSED)
def test_a_queue_that_could_not_run_is_not_made(
    records: Records, template: Template, trials: list[dict[str, Any]], options: dict[str, Any], words: str
) -> None:
    with pytest.raises(LaunchError, match=words):
        records.create(template, trials, **options)
    assert queues.read(records.aim_dir) == []


def test_the_largest_queue_fits_one_record(records: Records) -> None:
    queue = records.create(TEMPLATE, [{"lr": "x" * 900}] * 1_000, slots=1)
    assert len(records.queue(queue.id).trials) == 1_000


def test_wishes_and_findings_do_not_overwrite_each_other(records: Records) -> None:
    queue = made(records)
    records.note(queue.id, 1, Finding(f"{queue.id}-1", started=5.0, state="starting", slot=1))
    assert records.cancel(queue, [1, 2], states(queue, {})) == [1, 2]
    first, second = records.queue(queue.id).trials[:2]
    assert first.finding == Finding(f"{queue.id}-1", started=5.0, state="starting", slot=1)
    assert (first.wish, second.wish, second.finding) == (Wish(True), Wish(True), None)
    records.note(queue.id, 1, Finding(f"{queue.id}-1", started=5.0, ended=9.0, state="stopped", why="said so"))
    assert records.queue(queue.id).trial(1).wish == Wish(True)


def of(word: str, *, run: str = "r", stop: float | None = None, ended: float | None = 9.0) -> Seen:
    why = None if stop is None else {"time": stop, "by": BY, "why": "enough"}
    return Seen(run, word, "broke" if word == "failed" else None, 1.0, None if word == "running" else ended, why)


# wish, finding, state of the queue, the run, what the trial does, why
STATES: list[tuple[Wish, Finding | None, QueueState, Seen | None, str, str | None]] = [
    (Wish(), None, "running", None, "waiting", None),
    (Wish(), None, "paused", None, "waiting", None),
    (Wish(), None, "cancelled", None, "cancelled", None),
    (Wish(True), None, "running", None, "cancelled", None),
    (Wish(), Finding("q-1", started=95.0, state="starting"), "running", None, "starting", None),
    (Wish(), Finding("q-1", started=60.0, state="starting"), "running", None, "waiting", None),
    (Wish(), Finding("q-1", started=95.0, state="starting"), "cancelled", None, "cancelled", None),
    (Wish(), None, "running", of("running"), "running", None),
    (Wish(True), None, "running", of("running"), "running", None),
    (Wish(), None, "running", of("finished"), "finished", None),
    (Wish(), None, "running", of("failed"), "failed", "broke"),
    (Wish(), None, "running", of("killed"), "killed", "its process is gone without an end"),
    (Wish(), None, "running", of("lost", ended=None), "killed", "no sign of life for minutes"),
    (Wish(), None, "running", of("killed", stop=5.0), "stopped", "enough"),
    (Wish(), None, "running", of("failed", stop=5.0), "stopped", "enough"),
    (Wish(), None, "running", of("finished", stop=5.0), "stopped", "enough"),
    (Wish(), None, "running", of("finished", stop=10.0), "finished", None),
    (Wish(), None, "running", of("running", stop=5.0), "running", None),
    (Wish(), Finding("q-1", state="failed", why="no program"), "running", None, "failed", "no program"),
    (Wish(), Finding("q-1", state="running", started=2.0), "running", None, "stopped", "its run was deleted"),
    (Wish(), Finding("q-1", state="finished", ended=9.0), "cancelled", None, "finished", None),
    (Wish(False, 2), Finding("q-1", state="failed"), "running", None, "waiting", None),
    (Wish(False, 2), Finding("q-1-2", state="failed"), "running", None, "failed", None),
]


@pytest.mark.parametrize(("wish", "finding", "queue_state", "seen", "word", "why"), STATES)
def test_the_state_of_a_trial_is_computed(
    wish: Wish, finding: Finding | None, queue_state: QueueState, seen: Seen | None, word: str, why: str | None
) -> None:
    trial = Trial("q", 1, {}, wish, finding)
    queue = Queue("q", "", TEMPLATE, (trial,), state=queue_state)
    found = state(queue, trial, seen, now=100.0)
    assert (found.word, found.why) == (word, why)


def queue_of(
    *words: str, state: QueueState = "running", cancelled: bool = False
) -> tuple[Queue, dict[int, TrialState]]:
    trials = tuple(Trial("q", number, {}, Wish(cancelled)) for number in range(1, len(words) + 1))
    found: Any = {number: TrialState(word) for number, word in enumerate(words, 1)}  # type: ignore[arg-type]
    return Queue("q", "", TEMPLATE, trials, state=state), found


def numbers(trials: list[Trial]) -> list[int]:
    return [trial.number for trial in trials]


def test_the_next_trials_are_the_first_that_wait() -> None:
    queue, found = queue_of("finished", "waiting", "running", "waiting", "waiting")
    assert numbers(next_trials(queue, found, 2)) == [2, 4]
    assert next_trials(queue, found, 0) == next_trials(queue, found, -1) == []
    paused, found = queue_of("waiting", state="paused")
    assert next_trials(paused, found, 2) == []


@pytest.mark.parametrize(
    ("words", "state", "done"),
    [
        (("finished", "failed", "killed", "stopped", "cancelled"), "running", True),
        (("finished", "waiting"), "running", False),
        (("finished", "waiting"), "paused", True),
        (("running", "waiting"), "paused", False),
        (("starting",), "cancelled", False),
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
    found = states(queue, {})
    assert not queue.here and next_trials(queue, found, 2) == [] and queues.is_done(queue, found)
    records.set_state(queue, "running")
    here = records.queue(queue.id)
    assert here.host == "elsewhere" and numbers(next_trials(here, found, 2)) == [1, 2]
    assert not queues.is_done(here, found)


def test_order_cancel_and_retry(records: Records) -> None:
    queue = made(records)
    records.set_order(queue, [3, 1, 3])
    assert [trial.number for trial in records.queue(queue.id).trials] == [3, 1, 2, 4]
    records.set_order(records.queue(queue.id), [4])
    assert [trial.number for trial in records.queue(queue.id).trials] == [4, 3, 1, 2]
    found: dict[int, TrialState] = {
        1: TrialState("failed"), 2: TrialState("cancelled"), 3: TrialState("running"), 4: TrialState("finished"),
    }  # fmt: skip
    assert records.retry(queue, [1, 2, 3, 4], found) == [1, 2, 4]
    again = records.queue(queue.id)
    assert [again.trial(number).wish for number in (1, 2, 3, 4)] == [Wish(False, 2), Wish(), Wish(), Wish(False, 2)]
    assert again.trial(1).run == f"{queue.id}-1-2"
    assert records.cancel(again, [1, 3], {**found, 1: TrialState("waiting")}) == [1, 3]
    assert records.queue(queue.id).trial(1).wish == Wish(True, 2), "the try that was wished for is kept"
    for number in (0, 5, -1):
        with pytest.raises(LaunchError, match=f"no trial {number}; they are numbered 1 to 4"):
            records.cancel(queue, [number], found)
        with pytest.raises(LaunchError, match=f"no trial {number}"):
            records.set_order(queue, [number])


def test_state_and_slots_of_a_queue(records: Records) -> None:
    queue = made(records)
    records.set_state(queue, "paused")
    records.set_slots(queue, 7)
    assert (records.queue(queue.id).state, records.queue(queue.id).slots) == ("paused", 7)
    with pytest.raises(LaunchError, match="it is running, paused, cancelled"):
        records.set_state(queue, "gone")  # type: ignore[arg-type]
    with pytest.raises(LaunchError, match="trials 2 of the queue still run"):
        records.remove(queue, {1: TrialState("finished"), 2: TrialState("running")})
    records.remove(queue, {1: TrialState("finished"), 2: TrialState("waiting")})
    assert queues.read(records.aim_dir) == []


def test_what_another_program_wrote_is_read_with_care(records: Records) -> None:
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
    changes: list[tuple[str | None, str, Any]] = [(None, f"queue:x{i}", one) for i, one in enumerate(nonsense)]
    odd: list[Any] = [
        1,
        "x",
        [1],
        {"run": 1},
        {"cancelled": "yes", "tries": -1},
        {"run": "q", "started": "x", "state": "?"},
    ]
    for number, one in enumerate(odd):
        changes += [
            (None, f"trial:{queue.id}/{number % 4 + 1}", one),
            (None, f"trial_wish:{queue.id}/{number % 4 + 1}", one),
        ]
    changes += [(None, f"queue_order:{queue.id}", "x"), (None, f"queue_slots:{queue.id}", 1e9)]
    changes += [(None, f"queue_state:{queue.id}", "running")]
    editor = edits.Editor(records.aim_dir)
    editor.edit_many(changes)
    (found,) = queues.read(records.aim_dir)
    assert (found.id, found.slots, found.state) == (queue.id, 1, "paused"), "what makes no sense starts nothing"
    assert [trial.number for trial in found.trials] == [1, 2, 3, 4]
    assert {trial.wish for trial in found.trials} == {Wish()}


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
    repo.archive(repo.run(f"{queue.id}-1").id)
    found = queues.seen(repo, [queue])
    assert set(found) == {f"{queue.id}-1", f"{queue.id}-2"}
    words = {number: (one.word, one.why) for number, one in states(queue, found).items()}
    assert words == {
        1: ("finished", None),
        2: ("failed", "ValueError: broke"),
        3: ("waiting", None),
        4: ("waiting", None),
    }
    assert queues.seen(repo, []) == {}


def test_what_a_keeper_is_to_start(records: Records, tmp_path: Path) -> None:
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


def test_a_repository_that_cannot_be_written_refuses(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(RepoError, match="may not write"):
        made(records)


GPUS: list[tuple[str, list[str]]] = [("0,1", ["0", "1"]), ("", []), ("-1", []), ("GPU-ab, 2", ["GPU-ab", "2"])]


@pytest.mark.parametrize(("visible", "expected"), GPUS)
def test_the_gpus_are_those_that_are_visible(
    monkeypatch: pytest.MonkeyPatch, visible: str, expected: list[str]
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert queues.gpus_here() == expected


def test_ids_ascend(monkeypatch: pytest.MonkeyPatch) -> None:
    clock: Callable[[], float] = iter([1.0, 2.0, 1e10]).__next__
    monkeypatch.setattr(queues.time, "time", clock)
    ids = [queues.new_id("q") for _ in range(3)]
    assert ids == sorted(ids) and {len(id) for id in ids} == {16}
