"""Supervisors with real runners and commands: trials are started once, in slots, whenever a supervisor is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from aim import layout
from aim.errors import LaunchError
from aim.launch import processes, supervisor
from aim.launch import queue as queues
from aim.launch.command import Template, Value
from aim.launch.queue import Queue, TrialState
from aim.launch.records import Records
from aim.launch.rules import Rules, Stop
from aim.repo import Repo
from aim.sdk import tree
from tests.commands import environment
from tests.launch.commands import lives, python, text_in
from tests.waiting import until

pytestmark = pytest.mark.skipif(os.name != "posix", reason="supervisors need process groups and signals")

BY = {"user": "ada", "via": "cli"}
QUICK = ("sh", "-c", "echo $0 >> started; sleep 0.05; echo $0 >> ended", "{n}")
WAITS = ("sh", "-c", "echo $0 $CUDA_VISIBLE_DEVICES >> started; while ! [ -e go ]; do sleep 0.05; done", "{n}")


class Place:
    """A repository with queues in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.aim_dir = folder / ".aim"
        layout.create(self.aim_dir)
        self.records = Records(self.aim_dir, BY)
        self.repo = Repo(folder)

    def queue(self, argv: Sequence[str], count: int, **options: Any) -> Queue:
        template = Template(argv=tuple(argv), name="quick")
        trials: list[dict[str, Value]] = [{"n": number} for number in range(1, count + 1)]
        return self.records.create(template, trials, **{"slots": 2, "gpus": (), **options})

    def states(self, queue: Queue) -> dict[int, TrialState]:
        now = self.records.queue(queue.id)
        return queues.states(now, queues.seen(self.repo, [now]))

    def words(self, queue: Queue) -> list[str]:
        return [state.word for _, state in sorted(self.states(queue).items())]

    def lines(self, name: str) -> list[str]:
        return text_in(self.folder / name).splitlines()

    def supervisors(self) -> list[int]:
        """The pids of the supervisors of this repository."""
        there = tree.living()
        return [
            pid
            for pid in there
            if (tree.command_line(pid) or [])[1:4] == ["-m", "aim.launch.supervisor", str(self.aim_dir)]
        ]

    def ended(self) -> bool:
        return not self.supervisors()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setenv("PYTHONPATH", environment()["PYTHONPATH"])
    made = Place(tmp_path / "here")
    yield made
    (made.folder / "go").touch()
    for pid in made.supervisors():
        os.kill(pid, signal.SIGKILL)
    for process in processes.processes(made.repo):
        if process.lives:
            processes.stop(made.repo, process.id, by={}, why="the test is over", now=True)


def test_trials_run_in_their_slots_and_the_supervisor_ends(place: Place) -> None:
    queue = place.queue(WAITS, 3, gpus=("4", "7"))
    assert supervisor.ensure(place.folder)
    assert not supervisor.ensure(place.folder), "one is at work"
    until(lambda: place.words(queue) == ["running", "running", "waiting"])
    until(lambda: sorted(place.lines("started")) == ["1 4", "2 7"])
    (place.folder / "go").touch()
    until(lambda: place.words(queue) == ["finished"] * 3)
    assert place.lines("started")[2] in ("3 4", "3 7")
    until(place.ended)
    assert [row.params for row in place.repo.table.rows(f'run.queue == "{queue.id}"').runs] == [
        {"trial": {"n": n}} for n in (3, 2, 1)
    ]
    findings = [trial.finding for trial in place.records.queue(queue.id).trials]
    assert [finding.state for finding in findings if finding is not None] == ["finished"] * 3


@pytest.mark.timeout(900)
def test_64_trials_on_2_slots_with_the_supervisor_killed_5_times(place: Place) -> None:
    queue = place.queue(QUICK, 64)
    for kill in range(5):
        supervisor.ensure(place.folder)
        until(lambda kill=kill: len(place.lines("ended")) >= 10 * (kill + 1))
        for pid in place.supervisors():
            os.kill(pid, signal.SIGKILL)
            until(lambda pid=pid: not lives(pid))
    supervisor.ensure(place.folder)
    until(lambda: len(place.lines("ended")) >= 64)
    until(place.ended)
    assert Counter(place.lines("started")) == Counter(str(n) for n in range(1, 65)), "none lost, none doubled"
    assert place.words(queue) == ["finished"] * 64
    assert place.repo.count() == 64
    spans = [(row.created_at, row.finished_at or 0) for row in place.repo.table.rows().runs]
    busy = [sum(begin <= at < end for begin, end in spans) for at, _ in spans]
    assert max(busy) <= 2, "and never more than the slots allow"


# Kills itself just before or behind the nth time that it comes to a step.
SUICIDE = """
import os, signal, sys
from pathlib import Path
from aim.launch import schedule, supervisor, runner
from aim.launch.records import Records

step, at, moment, aim_dir = sys.argv[1], int(sys.argv[2]), sys.argv[3], Path(sys.argv[4])
owner = {"note": Records, "start_detached": runner, "_look": schedule.Schedule}[step]
call, count = getattr(owner, step), 0

def deadly(*arguments, **options):
    global count
    count += 1
    if count == at and moment == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    found = call(*arguments, **options)
    if count == at and moment == "behind":
        os.kill(os.getpid(), signal.SIGKILL)
    return found

setattr(owner, step, deadly)
supervisor.work(aim_dir, {}, lambda told: None)
"""
STEPS = [
    (step, at, moment)
    for step, times in (("note", (1, 2, 3)), ("start_detached", (1, 2)), ("_look", (2,)))
    for at in times
    for moment in ("before", "behind")
]


@pytest.mark.parametrize("step, at, moment", STEPS)
def test_a_supervisor_that_dies_at_any_step_loses_and_doubles_nothing(
    place: Place, step: str, at: int, moment: str
) -> None:
    queue = place.queue(QUICK, 3)
    died = subprocess.run([sys.executable, "-c", SUICIDE, step, str(at), moment, str(place.aim_dir)], check=False)
    assert died.returncode == -signal.SIGKILL
    assert supervisor.ensure(place.folder)
    until(lambda: place.words(queue) == ["finished"] * 3)
    until(place.ended)
    assert sorted(place.lines("started")) == ["1", "2", "3"]


def test_a_new_supervisor_finds_running_trials(place: Place) -> None:
    queue = place.queue(WAITS, 3)
    supervisor.ensure(place.folder)
    until(lambda: len(place.lines("started")) == 2)
    (pid,) = place.supervisors()
    os.kill(pid, signal.SIGKILL)
    until(lambda: supervisor.ensure(place.folder))
    until(lambda: place.words(queue) == ["running", "running", "waiting"])
    (place.folder / "go").touch()
    until(lambda: place.words(queue) == ["finished"] * 3)
    assert len(place.lines("started")) == 3


def test_pause_order_cancel_and_retry(place: Place) -> None:
    queue = place.queue(QUICK, 4, slots=1, paused=True)
    supervisor.ensure(place.folder)
    until(place.ended)
    assert place.words(queue) == ["waiting"] * 4, "a paused queue starts nothing, and keeps nobody waiting"
    place.records.set_order(queue, [3, 2])
    place.records.cancel(queue, [4], place.states(queue))
    place.records.set_state(queue, "running")
    supervisor.ensure(place.folder)
    until(lambda: place.words(queue) == ["finished"] * 3 + ["canceled"])
    assert place.lines("started") == ["3", "2", "1"]
    place.records.retry(place.records.queue(queue.id), [4, 1], place.states(queue))
    supervisor.ensure(place.folder)
    until(lambda: sorted(place.lines("ended")) == ["1", "1", "2", "3", "4"])
    until(lambda: place.words(queue) == ["finished"] * 4)
    assert {row.hash for row in place.repo.table.rows().runs} == {
        *(f"{queue.id}-{n}" for n in (1, 2, 3, 4)), f"{queue.id}-1-2",
    }  # fmt: skip


def test_a_canceled_queue_stops_running_trials(place: Place) -> None:
    queue = place.queue(WAITS, 3)
    supervisor.ensure(place.folder)
    until(lambda: len(place.lines("started")) == 2)
    place.records.set_state(queue, "canceled")
    until(lambda: place.words(queue) == ["stopped", "stopped", "canceled"])
    assert place.states(queue)[1].why == "its queue was canceled"
    until(place.ended)


LOSSES = """
import aim, os, sys, time
for step in range(10):
    aim.track(float(sys.argv[1]), "loss", step=step)
while not os.path.exists("go"): time.sleep(0.05)
"""


def test_a_rule_stops_a_trial_and_says_why(place: Place) -> None:
    queue = place.queue(python(LOSSES, "{n}"), 2, rules=Rules(stop=(Stop("run.loss.last > 1", after=5),)))
    supervisor.ensure(place.folder)
    until(lambda: place.words(queue) == ["running", "stopped"])
    assert "run.loss.last > 1" in str(place.states(queue)[2].why)
    (place.folder / "go").touch()
    until(lambda: place.words(queue) == ["finished", "stopped"])
    until(lambda: place.records.queue(queue.id).trial(2).finding.state == "stopped")  # type: ignore[union-attr]


def test_a_runner_that_is_killed_leaves_a_trial_that_keeps_its_slot_while_it_lives(place: Place) -> None:
    queue = place.queue(WAITS, 2, slots=1)
    supervisor.ensure(place.folder)
    until(lambda: place.lines("started") == ["1"])
    (process,) = [entry for entry in processes.processes(place.repo) if entry.lives]
    os.kill(process.runner["pid"], signal.SIGKILL)
    until(lambda: place.words(queue) == ["killed", "waiting"])
    time.sleep(2 * 0.5)
    assert place.lines("started") == ["1"], "the orphan still works"
    processes.stop(place.repo, process.id, by=BY, why="left over", now=True)
    until(lambda: place.lines("started") == ["1", "2"])
    (place.folder / "go").touch()
    until(lambda: place.words(queue) == ["stopped", "finished"])


def test_a_missing_program_fails_the_trial(place: Place) -> None:
    queue = place.queue(("no-such-program", "{n}"), 2)
    supervisor.ensure(place.folder)
    until(lambda: place.words(queue) == ["failed", "failed"])
    assert "no-such-program" in str(place.states(queue)[1].why)
    until(place.ended)


def test_slots_can_be_changed_while_it_runs(place: Place) -> None:
    queue = place.queue(WAITS, 3, slots=1)
    supervisor.ensure(place.folder)
    until(lambda: len(place.lines("started")) == 1)
    place.records.set_slots(queue, 3)
    until(lambda: len(place.lines("started")) == 3)
    assert place.words(queue) == ["running"] * 3


def test_two_queues_do_not_share_a_gpu(place: Place) -> None:
    first = place.queue(WAITS, 1, slots=1, gpus=("0",))
    second = place.queue(WAITS, 2, slots=2, gpus=("0", "1"))
    supervisor.ensure(place.folder)
    until(lambda: len(place.lines("started")) == 2)
    time.sleep(2 * 0.5)
    assert sorted(place.lines("started")) == ["1 0", "1 1"]
    (place.folder / "go").touch()
    until(lambda: place.words(first) + place.words(second) == ["finished"] * 3)


def test_an_idle_supervisor_reads_only_the_list_of_edits(place: Place) -> None:
    """While nothing changes: no look at the repository, which is what costs."""
    from aim.launch.schedule import Schedule

    place.queue(WAITS, 2)
    schedule = Schedule(place.aim_dir)
    assert schedule.step()
    looks = []
    look = schedule._look
    schedule._look = lambda: (looks.append(1), look())  # type: ignore[method-assign,func-returns-value,assignment]
    assert schedule.step()
    looks.clear()
    for _ in range(20):
        assert schedule.step()
    assert looks == []
    (place.folder / "go").touch()
    until(lambda: not schedule.step())
    assert looks


def test_edits_during_the_end_of_a_supervisor_are_not_lost(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    from aim.launch.schedule import Schedule

    queue = place.queue(QUICK, 1, paused=True)
    step = Schedule.step
    resumed = []

    def step_then_resume(schedule: Schedule) -> bool:
        goes_on = step(schedule)
        if not goes_on and not resumed:
            resumed.append(1)
            place.records.set_state(queue, "running")
            code = "import sys; from aim.launch import supervisor; sys.exit(supervisor.ensure(sys.argv[1]))"
            assert subprocess.run(python(code, str(place.folder)), check=False).returncode == 0, "it is still held"
        return goes_on

    monkeypatch.setattr(Schedule, "step", step_then_resume)
    supervisor.work(place.aim_dir, {}, lambda told: None)
    assert place.words(queue) == ["finished"]


def test_a_repository_that_cannot_be_written_is_refused(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(LaunchError, match="cannot start commands: .* cannot be changed: this user may not write to it"):
        supervisor.ensure(place.folder)


def test_a_supervisor_whose_lock_was_cleared_away_makes_room(place: Place) -> None:

    queue = place.queue(WAITS, 1)
    supervisor.ensure(place.folder)
    until(lambda: place.words(queue) == ["running"])
    (first,) = place.supervisors()
    (place.aim_dir / "cache" / "launch" / f"{os.getuid()}-supervisor").unlink()
    assert supervisor.ensure(place.folder)
    until(lambda: first not in place.supervisors())
    assert len(place.supervisors()) == 1
    until(lambda: not lives(first))
