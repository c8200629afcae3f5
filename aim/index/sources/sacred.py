"""Runs of Sacred, from the folders of its file observer: `run.json`, `config.json` and `metrics.json`, which are
written anew each time."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from zlib import crc32

from aim.errors import LogError
from aim.index.sources import objects
from aim.index.sources.collect import Collector, number, utc, whole
from aim.index.sources.files import StoreSource, edit, give_facts, give_params
from aim.index.sources.source import Batch, SourceFile
from aim.index.sources.tree import FoundFile
from aim.index.state import RunState, WriterState, clean

_FILES = ("run.json", "config.json", "metrics.json", "info.json")
_FAILED = {"COMPLETED": False, "FAILED": True, "INTERRUPTED": True, "TIMED_OUT": True}
_PER_PART = 100_000


@dataclass
class _SacredRun:
    folder: str
    file: FoundFile
    size: int
    version: int


class SacredRuns(StoreSource[_SacredRun]):
    name: ClassVar[str] = "sacred"
    title: ClassVar[str] = "Sacred"
    pattern: ClassVar[str] = r"^(run|config|metrics|info)\.json$"
    appended: ClassVar[bool] = False

    def names(self) -> Collection[str]:
        known, self.stored = self.stored, {}
        for folder, there in self.tree.find().files.items():
            files = {file.name: file for file in there}
            if "run.json" in files and "config.json" in files:
                version = crc32(repr(sorted(there)).encode("utf-8", "backslashreplace"))
                if (run := known.get(folder)) is None or run.version != version:
                    path = os.path.dirname(files["run.json"].where)
                    newest = max(there, key=lambda file: file.mtime)
                    run = _SacredRun(path, newest, sum(file.size for file in there), version)
                    if "status" not in objects.read(files["run.json"].where):
                        continue
                self.stored[folder.removeprefix("./")] = run
        return self.stored

    def read(self, run: RunState, writer: WriterState, file: SourceFile) -> Iterator[Batch]:
        stored = self.stored[run.dir]
        about, config, metrics, info = (objects.read(os.path.join(stored.folder, name)) for name in _FILES)
        if not about:
            raise LogError(f"its run.json cannot be read: {stored.folder}")
        experiment, status = objects.part(about, "experiment"), str(about.get("status"))
        self.begin(
            run, writer, file, experiment=clean(str(experiment.get("name") or self.title)), ends=True,
            failed=_FAILED.get(status),
        )  # fmt: skip
        started, ended = (utc(about.get(name)) for name in ("start_time", "stop_time"))
        if started:
            writer.started = writer.start["time"] = started
        writer.last_time = max(started, ended or utc(about.get("heartbeat")))
        comment = objects.part(about, "meta").get("comment")
        if isinstance(comment, str) and comment:
            edit(writer, "description", clean(comment), writer.started)
        groups = {"hparams": config, "info": info, "sacred": _result(about)}
        give_params(writer, groups)
        values = Collector(writer)
        yield from _take(values, metrics)
        for part in ("artifacts", "resources"):
            for item in about[part] if isinstance(about.get(part), list) else ():
                values.skip(part, str(item[0] if isinstance(item, list) and item else item))
        writer.length = stored.size
        host = objects.part(about, "host")
        facts = {name: host.get(key) for name, key in (("host", "hostname"), ("python", "python_version"))}
        give_facts(self.name, run, {**facts, "status": status, "command": about.get("command")})
        yield values.batch()


def _take(values: Collector, metrics: Mapping[str, Any]) -> Iterator[Batch]:
    for name, columns in metrics.items():
        lists = [columns.get(key) for key in ("steps", "values", "timestamps")] if isinstance(columns, dict) else []
        if not lists or not all(isinstance(column, list) for column in lists):
            values.skip("damaged metrics", name)
            continue
        for step, value, moment in zip(*lists, strict=False):
            at, read = whole(step), number(_plain(value))
            if at is None or read is None:
                values.skip("texts and lists", name)
            else:
                values.point(name, at, read, utc(moment))
        if len(values) >= _PER_PART:
            yield values.batch()


def _result(about: Mapping[str, Any]) -> dict[str, Any]:
    result = _plain(about.get("result"))
    return {} if result is None else {"result": result}


def _plain(value: Any) -> Any:
    """A number of numpy is an object around its value."""
    return value.get("value") if isinstance(value, dict) and "py/object" in value else value
