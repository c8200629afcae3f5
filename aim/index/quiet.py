"""Writers without an END record that stopped writing: their process is gone, or it ran on another host and sent no
heartbeat for a long time. A run is quiet if it has such writers, and all others ended.

There may be as many quiet runs as finished ones, so their rows are complete too. The column `quiet` lists these
writers, the main one first. When the size or time of such a file changes, the run continues.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from aim.log import status


class Rest(NamedTuple):
    """One of these writers: the facts of its process, and its file with size and time."""

    boot: Any
    pid_ns: Any
    pid: Any
    started: Any
    writer: str
    file: str
    size: int
    touched: float

    @property
    def process(self) -> tuple[Any, ...]:
        return self[:4]

    def lives(self, now: float, gone: set[tuple[Any, ...]] | None = None) -> bool:
        """Whether its process may write more at any moment. `gone`: processes that are known to be gone, to be
        extended."""
        if gone is not None and self.process in gone:
            return False
        here = status.alive(dict(zip(("boot", "pid_ns", "pid", "started"), self.process, strict=True)))
        if here is False and gone is not None:
            gone.add(self.process)
        return bool(here) or (here is None and status.is_recent(self.touched, now))


def rest(process: Any, writer: str, file: str, size: int, touched: float) -> Rest:
    known: Mapping[str, Any] = process if isinstance(process, Mapping) and isinstance(process.get("pid"), int) else {}
    boot, pid_ns, pid, started = (known.get(name) for name in ("boot", "pid_ns", "pid", "started"))
    return Rest(boot, pid_ns, pid, started, writer, file, size, touched)


def written(rests: Sequence[Rest]) -> str:
    return json.dumps(rests, separators=(",", ":")) if rests else ""


def read(text: str) -> list[Rest]:
    return [Rest(*values) for values in json.loads(text)] if text else []


def mark_of_here() -> str:
    """A part of the texts of runs with a process that started in this boot."""
    return json.dumps(status.boot_id())


def beginning_here() -> str:
    """How the texts of runs begin whose main process started in this boot and pid namespace. It is gone: the process of
    a quiet run does not live."""
    boot = status.boot_id()
    return json.dumps([[boot, status.pid_namespace()]], separators=(",", ":"))[:-2] + "," if boot else "none"
