"""Runs that were recorded as rows: CSV of Lightning, Keras and Stable-Baselines3, and any CSV or JSON lines with steps.

The first rows tell whether a file is one: a header, or a key, that names a step, with a number below it. A file whose
header changed was written again, as Lightning does when a metric is new, and is read again.
"""

from __future__ import annotations

import csv
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, BinaryIO, ClassVar, NamedTuple

from aim import regular
from aim.errors import LogError
from aim.index.sources import yaml
from aim.index.sources.collect import Collector, cell, flat, number, whole
from aim.index.sources.files import FileSource, ListedFile, check_of, give_facts
from aim.index.sources.source import Batch, SourceFile
from aim.index.sources.tree import Found, FoundFile
from aim.index.state import RunState, WriterState
from aim.log import bounds, status

_HEAD = 64 << 10
_WINDOW = 4 << 20
_MOST_COLUMNS = 10_000
_STEPS = (
    *("step", "global_step", "_step", "steps", "iteration", "iter", "time/total_timesteps", "total_timesteps"),
    *("timesteps", "timestep", "epoch"),
)
_TIMES = ("timestamp", "_timestamp", "time", "wall_time", "datetime", "date")
# Files that hold the whole run of their folder. Any other one is a run of its own.
_OF_FOLDER = ("metrics.csv", "progress.csv", "progress.json", "training.log", "log.csv", "history.csv", "metrics.jsonl")
_MONITOR = ["r", "l", "t"]
_EARLIEST = 1e8
_WAITS, _READ = "waits", "read"


class _RowForm(NamedTuple):
    """How the rows of a file are read, which begin at byte `begin`. `delimiter` is empty for JSON lines. `since`: what
    the times of the rows are relative to."""

    begin: int
    delimiter: str = ""
    columns: Sequence[str] = ()
    since: float = 0.0


class RowFiles(FileSource):
    name: ClassVar[str] = "csv"
    title: ClassVar[str] = "CSV"
    pattern: ClassVar[str] = r"\.(csv|jsonl|ndjson)$|^progress\.json$|^(training|history|log)\.log$"

    def grouped(self, files: Found) -> Mapping[str, list[ListedFile]]:
        runs: dict[str, list[ListedFile]] = {}
        for folder, there in sorted(files.files.items()):
            names = {file.name for file in there}
            for file in there:
                # The same rows are in progress.csv.
                twice = file.name == "progress.json" and "progress.csv" in names
                if not twice and self._is_run(file):
                    own = folder if file.name in _OF_FOLDER and folder != "." else f"{folder}/{file.name}"
                    runs.setdefault(own.removeprefix("./"), []).append(ListedFile(folder, file))
        return runs

    def _is_run(self, file: FoundFile) -> bool:
        """Whether its first rows say so; known while it still has as many bytes as these take."""
        key = (file.identity, min(file.size, _HEAD), file.mtime if file.size < _HEAD else 0)
        if key not in self._known:
            if len(self._known) > 1 << 16:
                self._known.clear()
            self._known[key] = _form_of(file.where) is not None
        return self._known[key]

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._known: dict[object, bool] = {}

    def holds(self, writer: WriterState, file: SourceFile) -> bool:
        """A last row without an end of line may grow, so it is read when the file rests, and again when it goes on."""
        end, same = writer.start.get("end"), (file.size, file.mtime) == (writer.size, writer.mtime)
        if end == _READ and not same or end == _WAITS and _rests(file):
            return False
        return super().holds(writer, file)

    def read(self, run: RunState, writer: WriterState, file: SourceFile) -> Iterator[Batch]:
        form = _form_of(file.where)
        if form is None:
            raise LogError(f"its first rows have no steps any more: {file.where}")
        start = self.begin(run, writer, file, rows=0)
        self._params(writer, file)
        values = Collector(writer)
        rows = _RowReader(values, form, file.mtime / 1e9)
        with regular.opened(os.path.realpath(file.where)) as opened:
            writer.length = max(writer.length, form.begin)
            while data := _part(opened, writer, file):
                for line in data.splitlines():
                    if line.strip():
                        rows.take(line, start["rows"])
                        start["rows"] += 1
                writer.length += len(data)
                yield values.batch()
        writer.last_time = max(writer.last_time, file.mtime / 1e9)
        give_facts(self.name, run, {"files": [other.file for other in run.writers]})
        writer.check = check_of(file.path, writer.length)
        yield values.batch()

    def _params(self, writer: WriterState, file: SourceFile) -> None:
        """The hyperparameters that Lightning keeps beside its rows."""
        path = os.path.join(os.path.dirname(file.where), "hparams.yaml")
        if file.name == "metrics.csv" and (params := yaml.read(path)):
            writer.params = [[int(writer.started * 1e6), {"hparams": params}]]


def _part(opened: BinaryIO, writer: WriterState, file: SourceFile) -> bytes:
    """The next whole rows. `end` in START tells what became of a last one without an end of line."""
    while True:
        opened.seek(writer.length)
        data = opened.read(min(_WINDOW, file.size - writer.length))
        end = data.rfind(b"\n") + 1
        if end or not data:
            return data[:end]
        if len(data) < _WINDOW:
            writer.start["end"] = _READ if _rests(file) else _WAITS
            return data if writer.start["end"] == _READ else b""
        writer.damage.append((writer.length, writer.length + len(data)))
        writer.length += len(data)


def _rests(file: SourceFile) -> bool:
    return not status.is_recent(file.mtime / 1e9, time.time())


class _RowReader:
    def __init__(self, values: Collector, form: _RowForm, now: float) -> None:
        """`now`: the time of rows that have none."""
        self.values, self.form, self.now = values, form, now
        self.delimiter = form.delimiter
        self.width = len(form.columns)

    def take(self, line: bytes, place: int) -> None:
        try:
            row = self._row(line)
        except (ValueError, csv.Error, RecursionError):
            self.values.skip("damaged rows", f"row {place + 1}")
            return
        step_of = next((name for name in _STEPS if _step(row.get(name)) is not None), None)
        step = _step(row[step_of]) if step_of else place
        epoch = number(row.get("epoch"))
        time_of = next((name for name in _TIMES if _time(row.get(name))), None)
        time = _time(row[time_of]) if time_of else self.now
        if self.form.since and isinstance(relative := row.get("t"), float):
            time = bounds.seconds(self.form.since + relative) or time
        for name, value in row.items():
            if name in (step_of, time_of, "epoch"):
                continue
            read = number(value)
            if read is not None:
                self.values.point(name, step or 0, read, time, epoch)
            elif value not in ("", None):
                self.values.skip("texts and lists", name)

    def _row(self, line: bytes) -> dict[str, Any]:
        if not self.delimiter:
            row = bounds.loads(line)
            if not isinstance(row, dict):
                raise ValueError("a row that is not an object")
            return dict(flat(row))
        cells = _cells(line.decode("utf-8", "backslashreplace"), self.delimiter)
        if len(cells) != self.width:
            raise ValueError("a row of another width")
        return {name: cell(text) for name, text in zip(self.form.columns, cells, strict=True)}


def _form_of(where: str) -> _RowForm | None:
    """How a file is read; None if it does not hold the rows of a run."""
    try:
        head = regular.read(os.path.realpath(where), most=_HEAD)
    except OSError:
        return None
    lines = head.split(b"\n")[:-1]
    if not lines:
        return None
    try:
        if head[:1] == b"{":
            row = bounds.loads(lines[0])
            flatted = dict(flat(row)) if isinstance(row, dict) else {}
            has_step = any(_step(flatted.get(name)) is not None for name in _STEPS)
            return _RowForm(0) if has_step and _measures(flatted) else None
        return _of_table(lines)
    except (ValueError, csv.Error, RecursionError):
        return None


def _of_table(lines: Sequence[bytes]) -> _RowForm | None:
    skipped = 1 if lines[0][:1] == b"#" else 0
    about = bounds.loads(lines[0][1:]) if lines[0][:2] == b"#{" else {}
    since = bounds.seconds(about.get("t_start")) if isinstance(about, dict) else 0.0
    if len(lines) < skipped + 2:
        return None
    texts = [line.decode("utf-8-sig", "backslashreplace").rstrip("\r") for line in lines[skipped : skipped + 2]]
    delimiter = max(",;\t", key=texts[0].count)
    columns, first = (_cells(text, delimiter) for text in texts)
    fits = 2 <= len(columns) == len(set(columns)) == len(first) and len(columns) <= _MOST_COLUMNS
    row = {name: cell(text) for name, text in zip(columns, first, strict=False)}
    known = columns == _MONITOR or any(_step(row.get(name)) is not None for name in _STEPS)
    if not fits or not known or not _measures(row) or any(isinstance(cell(name), float) for name in columns):
        return None
    begin = sum(len(line) + 1 for line in lines[: skipped + 1])
    return _RowForm(begin, delimiter, columns, since)


def _measures(row: Mapping[str, Any]) -> bool:
    """Whether something in it may be a metric."""
    return any(number(value) is not None or value == "" for name, value in row.items() if name not in _STEPS)


def _cells(text: str, delimiter: str) -> list[str]:
    if '"' not in text:
        return text.rstrip("\r").split(delimiter)
    return next(csv.reader([text], delimiter=delimiter), [])


def _step(value: Any) -> int | None:
    return None if isinstance(value, bool) else whole(value)


def _time(value: Any) -> float:
    """A time as seconds since 1970 or in ISO 8601; 0 for anything else, such as the seconds since a start."""
    if isinstance(value, str) and 10 <= len(value) <= 40:
        try:
            return bounds.seconds(datetime.fromisoformat(value.replace("Z", "+00:00")).timestamp())
        except (ValueError, OverflowError, OSError):
            return 0.0
    seconds = bounds.seconds(value) if not isinstance(value, bool) else 0.0
    return seconds if seconds >= _EARLIEST else 0.0
