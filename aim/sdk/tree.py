"""Finds, measures and signals processes and their descendants through Linux's /proc."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from aim.log import status


class Node(NamedTuple):
    """A living process. `started` is in ticks since boot and distinguishes it from a later process with the same
    pid."""

    pid: int
    parent: int
    started: str
    seconds: float
    memory: int
    name: str = ""

    @property
    def began(self) -> float:
        """The start time on the clock of `uptime`."""
        return int(self.started) / _ticks()


def uptime() -> float:
    """Seconds since boot, the clock of process start times."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


def living() -> dict[int, Node]:
    """Every process that is not a zombie; empty without /proc."""
    try:
        names = os.listdir("/proc")
    except OSError:
        return {}
    nodes = (node(int(name)) for name in names if name.isdecimal())
    return {process.pid: process for process in nodes if process is not None}


def node(pid: int) -> Node | None:
    about = status.stat(pid)
    if about is None or about.fields[0] in ("Z", "X"):
        return None
    fields = about.fields
    ticks = int(fields[11]) + int(fields[12])
    return Node(
        pid, int(fields[1]), fields[19], ticks / _ticks(), int(fields[21]) * os.sysconf("SC_PAGE_SIZE"), about.name
    )


def below(pids: Iterable[int], there: Mapping[int, Node]) -> list[Node]:
    """The processes in `there` that descend from one of `pids`, without `pids` themselves. A shipper is left out: it
    sends what a command recorded, also after its end."""
    children: dict[int, list[Node]] = {}
    for process in there.values():
        children.setdefault(process.parent, []).append(process)
    roots = set(pids)
    descendants: dict[int, Node] = {}
    waiting = list(roots)
    while waiting:
        for child in children.get(waiting.pop(), ()):
            if child.pid not in descendants and child.pid not in roots and child.name != status.SHIPPER:
                descendants[child.pid] = child
                waiting.append(child.pid)
    return list(descendants.values())


def marks(name: str, there: Mapping[int, Node]) -> dict[int, str]:
    """The value of an environment variable, by pid. Orphaned descendants of a process keep the variable it was started
    with."""
    start = os.fsencode(f"{name}=")
    carriers = ((pid, variable) for pid in there for variable in _environment(pid) if variable.startswith(start))
    return {pid: os.fsdecode(variable[len(start) :]) for pid, variable in carriers}


def send(to: Node, number: int) -> None:
    """Send a signal to exactly this process: a pidfd, where the system has it, cannot refer to a later process. Raises
    PermissionError for another user's process; ignores a process that is gone."""
    try:
        if not hasattr(os, "pidfd_open"):
            os.kill(to.pid, number)
            return
        handle = os.pidfd_open(to.pid)
        try:
            if status.started(to.pid) == to.started:
                signal.pidfd_send_signal(handle, number)
        finally:
            os.close(handle)
    except ProcessLookupError:
        pass


def command_line(pid: int) -> list[str] | None:
    """The arguments of a process, program first; None if they cannot be read."""
    try:
        return os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes()).split("\0")
    except OSError:
        return None


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def _ticks() -> int:
    return os.sysconf("SC_CLK_TCK")
