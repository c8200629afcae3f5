"""The work of a supervisor: it starts trials in free slots, stops trials, and notes how they ended.

The process may die after any step. The next supervisor reads the records and continues. A trial that two supervisors
begin runs once, because only one of its runners can create the run.
"""

from __future__ import annotations

import contextlib
import math
import os
import select
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from aim import layout
from aim.errors import AimError, LaunchError, RunExists
from aim.launch import processes, runner
from aim.launch import queue as queues
from aim.launch.processes import Process
from aim.launch.queue import ENDED, Finding, Queue, State, Trial, TrialRun, TrialState
from aim.launch.records import Records
from aim.launch.verdicts import Curves, verdicts
from aim.log import status
from aim.repo import Repo
from aim.sdk.trouble import say

TICK_SECONDS = 0.5
RULES_SECONDS = 1.0
ELSEWHERE_SECONDS = 5.0
TROUBLE_SECONDS = 5.0
_LOOKS = 20

EditStamps = tuple[tuple[str, int, int], ...]
States = dict[int, TrialState]


class Schedule:
    """The schedule of the queues that this user made or agreed to in one repository. Queues that came from elsewhere
    start and stop nothing."""

    def __init__(self, aim_dir: Path) -> None:
        self.aim_dir = aim_dir
        self.repo = Repo(aim_dir)
        self._records = Records(aim_dir, {"via": "queue"})
        self._edits: EditStamps | None = None
        self._queues: list[tuple[Queue, States]] = []
        self._living: dict[str, Process] = {}
        self._looked_at = self._ruled_at = -math.inf
        self._sizes: list[int] = []
        self._curves: dict[str, Curves] = {}
        self._told: set[str] = set()
        self._unseen: set[str] = set()

    def step(self) -> bool:
        """Do the pending work; False if nothing is left, not even to wait for."""
        try:
            if self._news():
                self._look()
            for _ in range(_LOOKS):
                if not self.changed():
                    break
                self._look()
            if self._rules_are_due():
                self._apply_rules()
        except (AimError, OSError) as error:
            say(f"retrying the queues of {self.aim_dir} in {TROUBLE_SECONDS:g} seconds: {error}")
            time.sleep(TROUBLE_SECONDS)
            self._edits = None
            return True
        return bool(self._living) or not all(queues.is_done(queue, states) for queue, states in self._queues)

    def wait(self) -> None:
        """Wait until a command ends, or a moment has passed."""
        with contextlib.ExitStack() as stack:
            poll = select.poll()
            for process in self._living.values():
                if (handle := _handle(process)) is not None:
                    stack.callback(os.close, handle)
                    poll.register(handle, select.POLLIN)
            poll.poll(TICK_SECONDS * 1000)

    def changed(self) -> bool:
        """Whether an edit was written since the last check, by a person or by this process."""
        return self._edits != _signature(self.aim_dir)

    # Looking

    def _news(self) -> bool:
        """Whether a command ended: processes here can be asked, others only leave files."""
        here = [process for process in self._living.values() if process.here]
        if any(status.alive(process.child if process.orphan else process.runner) is False for process in here):
            return True
        if any(trial.run not in self._living for queue, states in self._queues for trial in _running(queue, states)):
            # It ended between two questions of the last check.
            return True
        return len(here) < len(self._living) and time.monotonic() - self._looked_at > ELSEWHERE_SECONDS

    def _look(self) -> None:
        """Read everything; note what ended, stop what is not wanted, start what fits."""
        self._edits = _signature(self.aim_dir)
        self._looked_at = time.monotonic()
        read = [queue for queue in queues.read(self.aim_dir) if queue.own]
        seen = self._see(read)
        # A trial that an earlier supervisor was about to start waits again.
        self._queues = [(queue, queues.states(queue, seen, now=math.inf)) for queue in read]
        for queue, states in self._queues:
            self._note(queue, states)
            for trial in self._unwanted(queue):
                self._stop(trial, "its queue was canceled" if queue.state == "canceled" else "canceled")
        for queue, states in self._queues:
            if startable := list(self._startable(queue, states)):
                for trial, slot in startable:
                    self._start(queue, trial, slot)
                # The next queue may depend on these; the next check reads them.
                break

    def _see(self, listed: list[Queue]) -> dict[str, TrialRun]:
        """The runs of all trials by hash; living ones are kept."""
        seen = queues.seen(self.repo, listed)
        maybe = [run.id for run in seen.values() if run.status not in ("finished", "failed")]
        there = processes.processes(self.repo, only=maybe) if maybe else []
        self._living = {process.hash: process for process in there if process.lives}
        self._unseen -= set(seen)
        return seen

    def _note(self, queue: Queue, states: States) -> None:
        """Write down changes of trials that run or ended."""
        for trial in queue.trials:
            state, known = states[trial.number], _finding(trial)
            if state.word in ENDED or state.word == "running":
                slot = known.slot if known is not None else None
                finding = Finding(trial.run, state.started, state.ended, state.word, state.why, slot)
                if finding != known:
                    self._records.note(queue.id, trial.number, finding)

    # Starting

    def _startable(self, queue: Queue, states: States) -> Iterator[tuple[Trial, int]]:
        """The next trials, each with a slot. A trial that was about to start keeps its slot."""
        free = self._free_slots(queue)
        for trial in queues.next_trials(queue, states, len(free)):
            known = _finding(trial)
            slot = known.slot if known is not None and known.slot in free else free[0]
            assert slot is not None
            free.remove(slot)
            yield trial, slot

    def _free_slots(self, queue: Queue) -> list[int]:
        """A slot is taken by a living trial of this queue, and by a trial of any queue on the same GPU."""
        taken = [(other, trial) for other, _ in self._queues for trial in other.trials if trial.run in self._living]
        gpus = {gpu for other, trial in taken if (gpu := _gpu(other, _slot(trial))) is not None}
        mine = [trial for other, trial in taken if other.id == queue.id]
        used = {_slot(trial) for trial in mine}
        free = [slot for slot in range(queue.slots) if slot not in used and _gpu(queue, slot) not in gpus]
        return free[: max(0, queue.slots - len(mine))]

    def _start(self, queue: Queue, trial: Trial, slot: int) -> None:
        begun = Finding(trial.run, time.time(), None, "starting", None, slot)
        self._records.note(queue.id, trial.number, begun)
        try:
            spec = queues.spec(queue, trial, self.aim_dir.parent, slot=slot)
        except LaunchError as error:
            self._end_early(queue, trial, begun, "failed", str(error))
            return
        try:
            runner.start_detached(self.aim_dir.parent, spec)
        except RunExists:
            # The runner of an earlier supervisor was first; the next check sees its run.
            if trial.run in self._unseen:
                self._end_early(queue, trial, begun, "killed", "its run was created but cannot be read")
            self._unseen.add(trial.run)

    def _end_early(self, queue: Queue, trial: Trial, begun: Finding, word: State, why: str) -> None:
        ended = Finding(begun.run, begun.started, time.time(), word, why, begun.slot)
        self._records.note(queue.id, trial.number, ended)

    # Stopping

    def _unwanted(self, queue: Queue) -> Iterator[Trial]:
        for trial in queue.trials:
            if trial.run in self._living and (trial.wish.canceled or queue.state == "canceled"):
                yield trial

    def _rules_are_due(self) -> bool:
        """Whether running trials of queues with rules have recorded something new."""
        if time.monotonic() - self._ruled_at < RULES_SECONDS:
            return False
        self._ruled_at = time.monotonic()
        ruled = [trial for queue, states in self._queues if _has_rules(queue) for trial in _running(queue, states)]
        before, self._sizes = self._sizes, [_size(layout.run_dir(self.aim_dir, trial.run)) for trial in ruled]
        return before != self._sizes

    def _apply_rules(self) -> None:
        for queue, states in self._queues:
            if _has_rules(queue):
                curves = self._curves.setdefault(queue.id, Curves())
                for trial, why in verdicts(self.repo, queue, states, curves):
                    self._stop(trial, why)

    def _stop(self, trial: Trial, why: str) -> None:
        """Tell its runner once. A command without a runner takes time to end."""
        process = self._living.get(trial.run)
        if process is None or not process.here or process.id in self._told:
            return
        self._told.add(process.id)
        if process.orphan:
            threading.Thread(target=self._tell, args=(process, why), daemon=True).start()
        else:
            self._tell(process, why)

    def _tell(self, process: Process, why: str) -> None:
        try:
            processes.stop(self.repo, process.id, by={"via": "queue"}, why=why)
        except AimError as error:
            say(f"cannot stop trial {process.hash} ({why}): {error}")


def _finding(trial: Trial) -> Finding | None:
    """The finding about the trial's current try."""
    return trial.finding if trial.finding is not None and trial.finding.run == trial.run else None


def _slot(trial: Trial) -> int | None:
    finding = _finding(trial)
    return None if finding is None else finding.slot


def _gpu(queue: Queue, slot: int | None) -> str | None:
    return queue.gpus[slot] if slot is not None and slot < len(queue.gpus) else None


def _has_rules(queue: Queue) -> bool:
    return bool(queue.rules.stop or queue.rules.median or queue.rules.halving)


def _running(queue: Queue, states: States) -> list[Trial]:
    return [trial for trial in queue.trials if states[trial.number].word == "running"]


def _size(folder: Path) -> int:
    try:
        with os.scandir(folder) as entries:
            return sum(entry.stat(follow_symlinks=False).st_size for entry in entries)
    except OSError:
        return 0


def _signature(aim_dir: Path) -> EditStamps:
    """Changes whenever something is written to `.aim/edits`."""
    try:
        with os.scandir(aim_dir / "edits") as entries:
            stats = [(entry.name, entry.stat(follow_symlinks=False)) for entry in entries]
    except OSError:
        return ()
    return tuple(sorted((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats))


def _handle(process: Process) -> int | None:
    """A handle to poll for the end of a process on this machine."""
    polled = process.child if process.orphan else process.runner
    if not process.here or not hasattr(os, "pidfd_open"):
        return None
    try:
        handle = os.pidfd_open(int(polled["pid"]))
    except (OSError, KeyError, TypeError, ValueError, OverflowError):
        return None
    if status.alive(polled):
        return handle
    os.close(handle)
    return None
