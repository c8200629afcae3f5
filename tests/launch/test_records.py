"""Creating, changing and removing templates and queues; invalid ones are refused."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from aim.errors import LaunchError, RepoError
from aim.launch import queue as queues
from aim.launch import records as module
from aim.launch.command import Template
from aim.launch.origin import Origin
from aim.launch.queue import Finding, TrialRequest, TrialState, states
from aim.launch.records import Records
from aim.log import edits
from aim.remote.trials import CANCELED, needed
from tests.launch.queues import BY, TEMPLATE, made


def test_templates_are_kept_changed_and_removed(records: Records) -> None:
    saved = records.save_template(TEMPLATE)
    assert queues.templates(records.aim_dir) == [saved]
    assert (saved.name, saved.params) == ("train", {"lr": None})
    assert records.template("train") == records.template(saved.id) == records.template(saved.id[:13]) == saved
    changed = records.save_template(Template(**{**vars(saved), "params": {"lr": 0.1}}))
    assert (changed.id, records.template("train").params) == (saved.id, {"lr": 0.1})
    for template, words in [
        (TEMPLATE, "a template named 'train' already exists"),
        (Template(argv=("p",), name=" "), "needs a name"),
        (Template(argv=("p",), name="a\nb"), "control characters"),
        (Template(argv=("p",), name="x" * 201), "200 characters"),
        (Template(argv=("p",), name="x", id="t0"), "no template 't0'"),
        (Template(argv=("p", "--token=hush"), name="x"), "looks like a secret"),
        (Template(argv=("p",), name="x", env={"WANDB_API_KEY": "k"}), "WANDB_API_KEY looks like a secret"),
    ]:
        with pytest.raises(LaunchError, match=words):
            records.save_template(template)
    records.remove_template(saved.id)
    assert queues.templates(records.aim_dir) == []
    assert edits.latest(records.aim_dir)[None, f"template:{saved.id}"].value["by"] == BY, "who removed it is kept"
    with pytest.raises(LaunchError, match="there is no template 'train'; existing: none yet"):
        records.template("train")
    with pytest.raises(LaunchError, match="may have been deleted"):
        records.remove_template(saved.id)


def test_of_two_queues_with_one_name_the_newest_is_used(records: Records) -> None:
    made(records, name="grid")
    assert records.queue("grid") != made(records, name="grid") == records.queue("grid")
    with pytest.raises(LaunchError, match="matches 2 queues"):
        records.queue(records.queue("grid").id[:4])
    with pytest.raises(LaunchError, match="there is no queue 'q'"):
        records.queue("q")


REFUSED: list[tuple[Template, list[dict[str, Any]], dict[str, Any], str]] = [
    (TEMPLATE, [], {}, "1 to 1000 trials, not 0"),
    (TEMPLATE, [{"lr": 1}] * 1_001, {}, "1 to 1000 trials, not 1001"),
    (TEMPLATE, [{"lr": 1}, {}], {}, "lr has no default"),
    (TEMPLATE, [{"lr": 1, "rl": 2}], {}, "no parameter 'rl'"),
    (TEMPLATE, [{"lr": "x\0"}], {}, "NUL"),
    (TEMPLATE, [{"lr": "x" * 2_000}] * 600, {}, "but a queue can have 1,048,572"),
    (TEMPLATE, [{"lr": 1}], {"slots": 257}, "0 to 256 slots, not 257"),
    (TEMPLATE, [{"lr": 1}], {"slots": 3, "gpus": ["0", "1"]}, "3 slots need 3 GPUs, not 2"),
    (TEMPLATE, [{"lr": 1}], {"gpus": ["0", "0"]}, "listed twice in 0, 0"),
    (Template(argv=("p", "{token}")), [{"token": "x"}], {}, "token looks like a secret"),
    (Template(argv=("p", "https://u:{word}@h")), [{"word": 5}, {"word": "x"}], {}, "looks like a secret"),
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
    assert (first.wish, second.wish, second.finding) == (TrialRequest(True), TrialRequest(True), None)
    records.note(queue.id, 1, Finding(f"{queue.id}-1", started=5.0, ended=9.0, state="stopped", why="said so"))
    assert records.queue(queue.id).trial(1).wish == TrialRequest(True)
    unknown = Finding(f"{queue.id}-2", state="failed")
    records.note(queue.id, 2, unknown)
    assert records.queue(queue.id).trial(2).finding == unknown, "a time that nobody noted is not 1970"


def test_order_cancel_and_retry(records: Records) -> None:
    queue = made(records)
    records.set_order(queue, [3, 1, 3])
    assert [trial.number for trial in records.queue(queue.id).trials] == [3, 1, 2, 4]
    records.set_order(records.queue(queue.id), [4])
    assert [trial.number for trial in records.queue(queue.id).trials] == [4, 3, 1, 2]
    trial_states: dict[int, TrialState] = {
        1: TrialState("failed"), 2: TrialState("canceled"), 3: TrialState("running"), 4: TrialState("finished"),
    }  # fmt: skip
    assert records.retry(queue, [1, 2, 3, 4], trial_states) == [1, 2, 4]
    again = records.queue(queue.id)
    assert [again.trial(number).wish for number in (1, 2, 3, 4)] == [
        TrialRequest(False, 2),
        TrialRequest(),
        TrialRequest(),
        TrialRequest(False, 2),
    ]
    assert again.trial(1).run == f"{queue.id}-1-2"
    assert records.cancel(again, [1, 3], {**trial_states, 1: TrialState("waiting")}) == [1, 3]
    assert records.queue(queue.id).trial(1).wish == TrialRequest(True, 2), "the try that was wished for is kept"
    for number in (0, 5, -1):
        with pytest.raises(LaunchError, match=f"no trial {number}; trials are numbered 1 to 4"):
            records.cancel(queue, [number], trial_states)
        with pytest.raises(LaunchError, match=f"no trial {number}"):
            records.set_order(queue, [number])


@pytest.mark.parametrize("word", CANCELED)
def test_records_of_canceled_queues_and_trials(records: Records, word: str) -> None:
    """They have the first spelling, which readers of any version know; both are read."""
    queue = made(records)
    records.set_state(queue, "canceled")
    records.cancel(queue, [1], states(queue, {}))
    kept = {edit.field: edit.value for edit in edits.latest(records.aim_dir).values()}
    state, wish = kept[f"queue_state:{queue.id}"], kept[f"trial_wish:{queue.id}/1"]
    assert (state["state"], wish["cancelled"]) == ("cancelled", True)
    changes = [(f"queue_state:{queue.id}", {**state, "state": word}), (f"trial_wish:{queue.id}/2", {word: True})]
    editor = edits.Editor(records.aim_dir)
    editor.edit_many([(None, *change) for change in changes], bond=Origin(records.aim_dir).bond)
    again = records.queue(queue.id)
    assert (again.state, again.trial(1).wish.canceled, again.trial(2).wish.canceled) == ("canceled", True, True)
    assert needed(records.aim_dir) == set()


def test_state_and_slots_of_a_queue(records: Records) -> None:
    queue = made(records)
    records.set_state(queue, "paused")
    records.set_slots(queue, 7)
    assert (records.queue(queue.id).state, records.queue(queue.id).slots) == ("paused", 7)
    with pytest.raises(LaunchError, match="allowed: running, paused, canceled"):
        records.set_state(queue, "gone")  # type: ignore[arg-type]
    with pytest.raises(LaunchError, match="trials 2 are still running"):
        records.remove(queue, {1: TrialState("finished"), 2: TrialState("running")})
    records.remove(queue, {1: TrialState("finished"), 2: TrialState("waiting")})
    assert queues.read(records.aim_dir) == []


def test_a_repository_that_cannot_be_written_refuses(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(RepoError, match="cannot be changed: this user may not write to it. Ask its owner"):
        made(records)


def test_ids_ascend(monkeypatch: pytest.MonkeyPatch) -> None:
    clock: Callable[[], float] = iter([1.0, 2.0, 1e10]).__next__
    monkeypatch.setattr(module.time, "time", clock)
    ids = [module.new_id("q") for _ in range(3)]
    assert ids == sorted(ids) and {len(id) for id in ids} == {16}
