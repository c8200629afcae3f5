"""What processes recorded, read from their logs; and scripts that record in processes of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aim.log import record, status
from aim.log.reader import Log
from aim.log.record import Point, merge
from tests.log.logs import log_files

ROOT = Path(__file__).parents[2]
Key = tuple[str, str]


@dataclass
class File:
    """The content of one writer's file."""

    path: Path
    run: str
    writer: str
    start: dict[str, Any] = field(default_factory=dict)
    points: dict[Key, list[Point]] = field(default_factory=dict)
    params: dict[str, Any] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)
    facts: list[dict[str, Any]] = field(default_factory=list)
    dropped: list[dict[str, Any]] = field(default_factory=list)
    end: dict[str, Any] | None = None
    kinds: list[int] = field(default_factory=list)

    def values(self, name: str, **context: Any) -> list[float | int | bool]:
        return [point.value for point in self.points.get(key(name, **context), [])]

    def steps(self, name: str, **context: Any) -> list[int]:
        return [point.step for point in self.points.get(key(name, **context), [])]


def key(name: str, **context: Any) -> Key:
    return name, json.dumps(context, sort_keys=True)


def read(path: Path, *, arriving: bool = False) -> File:
    """Every record of a file, which must be whole unless it is still arriving from another machine.

    Only a kill may tear the record whose call had not returned.
    """
    log = Log(path)
    file = File(path, log.run, log.writer)
    names: dict[int, Key] = {}
    for entry in log.records():
        file.kinds.append(entry.kind)
        if entry.kind == record.START:
            file.start = record.decode_json(entry.payload)
        elif entry.kind == record.SERIES:
            number, name, context = record.decode_series(entry.payload)
            assert number not in names, "a number stands for one series"
            names[number] = key(name, **context)
        elif entry.kind == record.POINT:
            point = record.unpack_point(entry.payload)
            file.points.setdefault(names[point.series], []).append(point)
        elif entry.kind == record.PARAMS:
            merge(file.params, record.decode_json(entry.payload)["value"])
        elif entry.kind == record.EDIT:
            edit = record.decode_json(entry.payload)
            file.fields[edit["field"]] = edit["value"]
        elif entry.kind == record.FACTS:
            file.facts.append(record.decode_json(entry.payload))
        elif entry.kind == record.DROPPED:
            file.dropped.append(record.decode_json(entry.payload))
        elif entry.kind == record.END:
            file.end = record.decode_json(entry.payload)
    assert log.damage == [], path
    assert log.torn == 0 or (file.end is None and (arriving or log.torn < record.POINT_SIZE)), path
    return file


def files(folder: Path, *, arriving: bool = False) -> list[File]:
    """All writers' files of the repository in `folder`, in the order of their starts."""
    read_files = [read(path, arriving=arriving) for path in log_files(folder / ".aim" / "runs")]
    return sorted(read_files, key=lambda file: file.start.get("time", 0.0))


def only(folder: Path) -> File:
    (file,) = files(folder)
    return file


def status_of(folder: Path) -> status.Status:
    lives = [status.Life(file.writer, file.start, file.end, file.path.stat().st_mtime) for file in files(folder)]
    assert len({file.run for file in files(folder)}) == 1
    return status.of_run(lives)


def environment(**variables: str) -> dict[str, str]:
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1", **variables}


def python(
    folder: Path, code: str, *words: str, interpreter: str = sys.executable, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run `code` as a script in `folder`; warnings are errors."""
    script = folder / "train.py"
    script.write_text(code)
    command = [interpreter, "-W", "error", str(script), *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment(**variables))


def started(folder: Path, code: str, *words: str, **variables: str) -> subprocess.Popen[str]:
    """Start `code` as a script in `folder`, with a pipe to and from it."""
    script = folder / f"train{os.urandom(4).hex()}.py"
    script.write_text(code)
    command = [sys.executable, "-W", "error", str(script), *words]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, cwd=folder, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=environment(**variables)
    )


def killed_when_it_recorded(folder: Path, code: str) -> None:
    """Run `code` as a script in `folder`, and end it by SIGKILL at its end."""
    process = started(folder, code + "\nprint('on', flush=True)\nsys.stdin.read()")
    assert process.stdout is not None and process.stdout.readline() == "on\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
