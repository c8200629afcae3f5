"""Writers without an END record that stopped writing: their process is gone, or it ran on another host and sent no
heartbeat for a long time. A run is quiet if it has such writers, and all others ended.

There may be as many quiet runs as finished ones, so their rows are complete too. The column `quiet` lists these
writers, the main one first. When the size or time of such a file changes, the run continues.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from aim.log import bounds, status

# The text of one writer, as nearly every quiet run has. It is read without JSON, because thousands are read when all
# folders are checked.
_WORD, _COUNT = r'"([^"\\\0-\x1f]*)"', r"(?:0|[1-9]\d{0,17})"
_ALONE = re.compile(
    rf"\[\[(?:null|{_WORD}),(?:null|{_WORD}),({_COUNT}),(?:null|{_WORD}),"
    rf"{_WORD},{_WORD},({_COUNT}),({_COUNT}\.\d+)\]\]",
    re.ASCII,
).fullmatch


# The boot, pid namespace, pid and start of a process.
Process: TypeAlias = tuple[int | str | None, ...]


class Rest(NamedTuple):
    """One of these writers: the facts of its process, and its file with size and time."""

    boot: int | str | None
    pid_ns: int | str | None
    pid: int | None
    started: int | str | None
    writer: str
    file: str
    size: int
    touched: float

    @property
    def process(self) -> Process:
        return self[:4]

    def lives(self, now: float, gone: set[Process] | None = None) -> bool:
        """Whether its process may write more at any moment. `gone`: processes that are known to be gone, to be
        extended."""
        if gone is not None and self.process in gone:
            return False
        here = status.alive(dict(zip(("boot", "pid_ns", "pid", "started"), self.process, strict=True)))
        if here is False and gone is not None:
            gone.add(self.process)
        return bool(here) or (here is None and status.is_recent(self.touched, now))


def rest(process: Any, writer: str, file: str, size: int, touched: float) -> Rest:
    known = bounds.process(process) if isinstance(process, Mapping) else {}
    if not isinstance(known.get("pid"), int):
        known = {}
    boot, pid_ns, pid, started = (known.get(name) for name in ("boot", "pid_ns", "pid", "started"))
    return Rest(boot, pid_ns, pid, started, writer, file, size, touched)


def written(rests: Sequence[Rest]) -> str:
    return json.dumps(rests, separators=(",", ":")) if rests else ""


def read(text: str) -> list[Rest]:
    """Another user may have written the text. Invalid entries are left out."""
    return list(_read(text))


@lru_cache(maxsize=1 << 14)  # The newest folders are checked at each refresh.
def _read(text: str) -> tuple[Rest, ...]:
    if (alone := _ALONE(text)) is not None:
        boot, pid_ns, pid, started, writer, file, size, touched = alone.groups()
        return (Rest(boot, pid_ns, int(pid), started, writer, file, int(size), float(touched)),)
    try:
        rows = bounds.loads(text.encode("utf-8", "surrogatepass")) if text else []
    except ValueError:
        return ()
    return tuple(_typed(*row) for row in rows if _is_rest(row)) if isinstance(rows, list) else ()


def _is_rest(row: object) -> bool:
    if not isinstance(row, list) or len(row) != len(Rest._fields):
        return False
    *_, writer, file, size, touched = row
    numbers = isinstance(size, int) and isinstance(touched, (int, float))
    return numbers and isinstance(writer, str) and isinstance(file, str) and "\0" not in file


def _typed(boot: Any, pid_ns: Any, pid: Any, started: Any, *file: Any) -> Rest:
    return rest({"boot": boot, "pid_ns": pid_ns, "pid": pid, "started": started}, *file)


def mark_of_here() -> str:
    """A part of the texts of runs with a process that started in this boot."""
    return json.dumps(status.boot_id())


def beginning_here() -> str:
    """How the texts of runs begin whose main process started in this boot and pid namespace. It is gone: the process of
    a quiet run does not live."""
    boot = status.boot_id()
    return json.dumps([[boot, status.pid_namespace()]], separators=(",", ":"))[:-2] + "," if boot else "none"
