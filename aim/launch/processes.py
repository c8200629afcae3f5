"""The supervised commands of a repository: which there are, what each is doing and costs, and stopping one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from aim.repo import Repo


@dataclass(frozen=True)
class Process:
    """A supervised command. Its id is the run's.

    - `state`: running, finished, failed, killed, lost, or stopped (by a person, a rule or a signal; `why` tells).
    - `argv`: with secrets masked; `env`: the variables it was given, None where the value is secret.
    - `here`: it was started on this machine, so that it can be measured and stopped from here.
    - `orphan`: its keeper is gone while the command still lives.
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


class Usage(NamedTuple):
    """What a command and everything that it started use now. `cpu_percent`: 100 is one core."""

    cpu_percent: float
    memory_mb: float
    processes: int


def processes(repo: Repo) -> list[Process]:
    """All supervised commands: those that run first, then the newest first."""
    raise NotImplementedError


class Meter:
    """Measures processes; CPU is the mean since the look before, so keep one Meter and ask it again."""

    def read(self, processes: Iterable[Process]) -> dict[str, Usage]:
        """By id, of those that run on this machine."""
        raise NotImplementedError


def stop(repo: Repo, run_id: str, *, by: Mapping[str, Any], why: str, now: bool = False) -> bool:
    """Record who stops a command and why, then tell its keeper: SIGINT, SIGTERM and SIGKILL follow with the waits of
    its start; `now` is SIGKILL at once. Does not wait for the end; False when it had ended already.

    Raises LaunchError when it runs on another machine or belongs to another user, RunError when there is no such run.
    """
    raise NotImplementedError
