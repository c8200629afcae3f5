"""The supervised commands of a repository: their states, their resource use, and how to stop one."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from aim.errors import LaunchError, RunError
from aim.launch.ending import Ending
from aim.launch.kept import WAITS
from aim.log import bounds, edits, status
from aim.sdk import shipping, tree

if TYPE_CHECKING:
    from aim.repo import Repo, RunRow

MEGABYTE = 1_000_000
# What `aim ps` prints of a command for programs.
FIELDS = ("id", "hash", "name", "experiment", "state", "orphan", "argv", "cwd", "env", "template", "queue", "trial",
          "asked_by", "host", "pid", "started", "ended", "duration", "exit_code", "signal", "error", "why")  # fmt: skip
_MARK = "AIM_PROCESS"
_SUPERVISED = "run.facts.process.keeper.pid is not None and run.archived in (True, False)"


@dataclass(frozen=True)
class Process:
    """A supervised command. Its id is the run's.

    - `state`: running, finished, failed, killed, lost, or stopped (by a person, a rule or a signal; `why` tells).
    - `argv`: with secrets masked; `env`: the given variables; None for secret values.
    - `here`: it was started on this machine, so that it can be measured and stopped from here.
    - `orphan`: its runner is gone while the command is still alive.
    """

    id: str
    hash: str
    name: str | None
    experiment: str
    state: str
    argv: tuple[str, ...]
    cwd: str | None
    env: Mapping[str, str | None]
    template: str | None
    queue: str | None
    trial: int | None
    asked_by: Mapping[str, Any]
    host: str | None
    pid: int | None
    started: float
    ended: float | None
    duration: float
    exit_code: int | None
    signal: str | None
    error: str | None
    why: str | None
    here: bool
    orphan: bool
    waits: tuple[float, float] = field(repr=False, default=WAITS)
    runner: Mapping[str, Any] = field(repr=False, default_factory=dict)
    child: Mapping[str, Any] = field(repr=False, default_factory=dict)

    @property
    def lives(self) -> bool:
        return self.state == "running" or self.orphan


class Usage(NamedTuple):
    """The current usage of a command and all its descendants. `cpu_percent`: 100 is one core."""

    cpu_percent: float
    memory_mb: float
    processes: int


def processes(repo: Repo, *, only: Iterable[str] | None = None) -> list[Process]:
    """All supervised commands, or `only` those with these ids: running ones first, then the newest."""
    rows = repo.table.rows(_SUPERVISED, only=None if only is None else set(only)).runs
    wishes = _wishes(repo.aim_dir) if rows else {}
    return in_order(_with_orphans([_process(row, wishes.get(row.id, {})) for row in rows]))


def in_order(commands: Iterable[Process]) -> list[Process]:
    """Running ones first, then the newest."""
    return sorted(commands, key=lambda process: (not process.lives, -process.started, process.id))


def find(repo: Repo, run_id: str) -> Process:
    """Raises RunError if there is no such run, and LaunchError if its command is not supervised."""
    matching = processes(repo, only=[run_id])
    if matching:
        return matching[0]
    runs = repo.table.rows("run.archived in (True, False)", only=[run_id]).runs
    if not runs:
        raise RunError(f"no run has the id {run_id!r}; list ids with: aim runs ls --json")
    name = runs[0].hash
    raise LaunchError(f"run {name} was not started by aim run or a queue; stop its process directly")


def _wishes(aim_dir: Path) -> dict[str, Mapping[str, Any]]:
    """The recorded stops, by run."""
    latest = edits.latest(aim_dir)
    return {
        run: edit.value
        for (run, name), edit in latest.items()
        if run is not None and name == "stop" and isinstance(edit.value, dict)
    }


def _process(row: RunRow, wish: Mapping[str, Any]) -> Process:
    facts = LogFacts(row.facts.get("process"))
    runner, child = facts.part("keeper"), facts.part("child")
    stopped = wish or facts.part("stop")
    given = facts.part("env")
    return Process(
        id=row.id,
        hash=row.hash,
        name=row.name,
        experiment=row.experiment,
        state=row.status,
        argv=tuple(str(argument) for argument in facts.many("argv")),
        cwd=facts.text("cwd"),
        env={name: None if value is None else str(value) for name, value in given.items()},
        template=facts.text("template"),
        queue=facts.text("queue"),
        trial=facts.whole("trial"),
        asked_by=facts.part("asked_by"),
        host=LogFacts(runner).text("host"),
        pid=LogFacts(child).whole("pid"),
        started=row.created_at,
        ended=row.finished_at,
        duration=facts.seconds("duration") or row.duration,
        exit_code=facts.whole("exit_code"),
        signal=facts.text("signal"),
        error=row.error,
        why=status.stop_reason(stopped) if stopped else None,
        here=status.alive(runner) is not None,
        orphan=False,
        waits=facts.pair("waits"),
        runner=runner,
        child=child,
    )


def _with_orphans(commands: list[Process]) -> list[Process]:
    """Mark orphans: commands on this machine whose runner was killed before it recorded the end."""
    left = [
        process
        for process in commands
        if process.exit_code is None and process.signal is None and status.alive(process.runner) is False
    ]
    if not left:
        return commands
    there = tree.living()
    marks = set(tree.marks(_MARK, there).values())
    orphans = {process.id for process in left if process.id in marks}
    return [replace(process, orphan=True) if process.id in orphans else process for process in commands]


class LogFacts:
    """Reads parts of a log's facts, or of what a server tells, which may contain anything."""

    def __init__(self, value: object) -> None:
        self._value: Mapping[str, Any] = value if isinstance(value, dict) else {}

    def text(self, name: str) -> str | None:
        value = self._value.get(name)
        return value if isinstance(value, str) else None

    def whole(self, name: str) -> int | None:
        return bounds.whole(self._value.get(name))

    def seconds(self, name: str) -> float:
        return bounds.seconds(self._value.get(name))

    def part(self, name: str) -> Mapping[str, Any]:
        value = self._value.get(name)
        return value if isinstance(value, dict) else {}

    def many(self, name: str) -> list[Any]:
        value = self._value.get(name)
        return value if isinstance(value, list) else []

    def pair(self, name: str) -> tuple[float, float]:
        numbers = [bounds.seconds(number) for number in self.many(name)]
        return (numbers[0], numbers[1]) if len(numbers) == 2 else WAITS


# What it costs


class Meter:
    """Measures processes. CPU is the mean since the previous reading (at the first, since each process began), so keep
    one Meter and ask it again."""

    def __init__(self) -> None:
        self._before: dict[tuple[int, str], float] = {}
        self._looked: float | None = None

    def read(self, processes: Iterable[Process]) -> dict[str, Usage]:
        """The usage of commands that are alive on this machine, by id."""
        there, now = tree.living(), tree.uptime()
        before, self._before = self._before, {}
        looked, self._looked = self._looked, now
        usage = {}
        for process in processes:
            nodes = _tree_of(process, there) if process.here and process.lives else []
            if nodes:
                usage[process.id] = self._usage(nodes, before, looked, now)
        return usage

    def _usage(
        self, nodes: list[tree.Node], before: Mapping[tuple[int, str], float], looked: float | None, now: float
    ) -> Usage:
        percent = 0.0
        for node in nodes:
            key = (node.pid, node.started)
            self._before[key] = node.seconds
            since = looked if looked is not None and key in before else node.began
            percent += 100 * (node.seconds - before.get(key, 0.0)) / max(now - since, 0.01)
        return Usage(percent, sum(node.memory for node in nodes) / MEGABYTE, len(nodes))


def _tree_of(process: Process, there: Mapping[int, tree.Node]) -> list[tree.Node]:
    """The command and all its descendants, without its runner. Of an orphan, the processes whose environment names it:
    its records may name any process."""
    if status.alive(process.runner):
        return tree.below([int(process.runner["pid"])], there)
    left = {pid: there[pid] for pid, id in tree.marks(_MARK, there).items() if id == process.id}
    return [*left.values(), *(node for node in tree.below(left, there) if node.pid not in left)]


# Stopping


def stop(repo: Repo, run_id: str, *, by: Mapping[str, Any], why: str, now: bool = False) -> bool:
    """Record who stops a command and why, then tell its runner. SIGINT, SIGTERM and SIGKILL follow with the waits
    chosen at the start; `now` sends SIGKILL at once.

    Does not wait for the end, except for a command whose runner is gone. Returns False if it had ended already. Raises
    LaunchError if it runs on another machine or belongs to another user, RunError if there is no such run.
    """
    process = find(repo, run_id)
    if not process.lives:
        return False
    if not process.here:
        raise elsewhere(process)
    _record_wish(repo.aim_dir, process.id, {"time": time.time(), "by": dict(by), "why": why}, now=now)
    try:
        if status.alive(process.runner):
            _check_runner(process)
            runner = tree.Node(int(process.runner["pid"]), 0, str(process.runner["started"]), 0.0, 0)
            tree.send(runner, signal.SIGTERM)
        else:
            _end_orphan(process, now=now)
    except PermissionError as error:
        raise LaunchError(f"{process.hash} belongs to another user; only that user can stop it") from error
    return True


def elsewhere(process: Process) -> LaunchError:
    return LaunchError(f"{process.hash} runs on {process.host or 'another machine'}; run aim stop there")


def _check_runner(process: Process) -> None:
    """Raise LaunchError if the records of a run, which anybody may have written, name another program as its runner."""
    pid = int(process.runner["pid"])
    words = tree.command_line(pid)
    if words is None or "aim.launch.runner" in words or {"aim", "run"} <= {os.path.basename(word) for word in words}:
        return
    raise LaunchError(
        f"{process.hash} names process {pid} as its runner, but that is another program; nothing was stopped"
    )


def _record_wish(aim_dir: Path, run_id: str, wish: Mapping[str, Any], *, now: bool) -> None:
    """Keep the first stop, so that it names the right person; a later one can only speed it up. A disk that takes no
    record does not prevent stopping."""
    first = _wishes(aim_dir).get(run_id, {})
    if first and (not now or first.get("now")):
        return
    with contextlib.closing(edits.Editor(aim_dir)) as editor, contextlib.suppress(OSError):
        editor.edit(run_id, "stop", {**wish, **first, **({"now": True} if now else {})})
        shipping.ensure(aim_dir)


def _end_orphan(process: Process, *, now: bool) -> None:
    """Do the runner's work in this process until all processes of the command are gone."""
    ending = Ending(lambda: _left(process), process.waits)
    if now:
        ending.hurry()
    while (wait := ending.step()) is not None:
        time.sleep(wait)


def _left(process: Process) -> list[tree.Node]:
    return [node for node in _tree_of(process, tree.living()) if node.pid != os.getpid()]
