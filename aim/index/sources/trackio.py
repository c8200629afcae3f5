"""Runs of trackio, from the database of each project. Rows of `metrics` hold the values of one step as JSON."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar
from zlib import crc32

from aim.errors import LogError
from aim.index.sources import sqlite
from aim.index.sources.collect import Collector, flat, number, whole
from aim.index.sources.files import StoreSource, give_facts, give_params
from aim.index.sources.source import Batch, SourceFile
from aim.index.sources.tree import FoundFile, changed_at, is_settled
from aim.index.state import RunState, WriterState, clean
from aim.log import bounds

_TABLES = {"metrics": ("id", "timestamp", "run_name", "step", "metrics"), "configs": ("run_name", "config")}
_ROWS, _MOST_RUNS = 5_000, 100_000
# Of a row, and of a config.
_LONGEST, _LONGEST_CONFIG = 1 << 20, 8 << 20
_CONFIGS = 100


@dataclass
class _TrackioRun:
    """`size` is the number of its newest row."""

    project: str
    name: str
    file: FoundFile
    size: int
    version: int = 0


class TrackioProjects(StoreSource[_TrackioRun]):
    name: ClassVar[str] = "trackio"
    title: ClassVar[str] = "trackio"
    pattern: ClassVar[str] = r"\.db$"

    def __init__(self, top: Path) -> None:
        super().__init__(top)
        self._projects: dict[str, tuple[object, dict[str, _TrackioRun]]] = {}
        self._others: set[FoundFile] = set()

    def names(self) -> Collection[str]:
        projects, self._projects, self.stored = self._projects, {}, {}
        for folder, there in self.tree.find().files.items():
            for file in there:
                place = f"{folder}/{file.name}".removeprefix("./")
                if file not in self._others:
                    self._add(place, file, projects.get(place))
        return self.stored

    def _add(self, place: str, file: FoundFile, known: tuple[object, dict[str, _TrackioRun]] | None) -> None:
        seen = (file, changed_at(f"{file.where}-wal"))
        settled = is_settled(max(file.mtime, seen[1]))
        if known is None or known[0] != seen or not settled:
            try:
                if not sqlite.has_header(file.where):
                    self._others.add(file)
                    return
                known = (seen, _runs_in(file))
            except LogError:
                self._others.add(file)
                return
            except OSError:
                if known is None:
                    return
        self._projects[place] = known
        self.stored.update({f"{place}/{name}": run for name, run in known[1].items()})

    def read(self, run: RunState, writer: WriterState, file: SourceFile) -> Iterator[Batch]:
        stored = self.stored[run.dir]
        new = not writer.start
        self.begin(run, writer, file, experiment=clean(stored.project))
        values = Collector(writer)
        given = _config(values, file.path, stored.name)
        config = {key: value for key, value in given.items() if not key.startswith("_")}
        about = {name: given.get(key) for key, name in (("_Group", "group"), ("_Username", "user"))}
        if new and (created := _seconds(given.get("_Created"))):
            writer.started = writer.start["time"] = created
        groups = {"hparams": config, "trackio": {name: value for name, value in about.items() if value}}
        give_params(writer, groups)
        writer.edits["name"] = [int(writer.started * 1e6), writer.id, clean(stored.name)]
        while True:
            with sqlite.opened(file.path, _TABLES) as db:
                rows = sqlite.rows(db, _POINTS, (stored.name, writer.length, stored.size), most=_ROWS)
            if not rows:
                break
            for _, stamp, step, text in rows:
                _take(values, stamp, step, text)
            writer.length = int(rows[-1][0])
            yield values.batch()
        writer.length = stored.size
        give_facts(self.name, run, {"project": stored.project})
        yield values.batch()


_POINTS = (
    f"SELECT id, timestamp, step, CASE WHEN length(metrics) <= {_LONGEST} THEN metrics END FROM metrics "
    f"WHERE run_name = ? AND id > ? AND id <= ? ORDER BY id LIMIT {_ROWS}"
)
_NEWEST = "SELECT run_name, max(id) FROM metrics GROUP BY run_name"
# A config that is written again has another rowid. SQLite knows the length of a blob without reading it.
_VERSIONS = (
    "SELECT rowid, run_name, length(config), "
    f"CASE WHEN length(config) <= {_LONGEST_CONFIG} THEN substr(config, 1, {_LONGEST}) END "
    f"FROM configs WHERE rowid > ? ORDER BY rowid LIMIT {_CONFIGS}"
)
_CONFIG = (
    f"SELECT length(config), CASE WHEN length(config) <= {_LONGEST_CONFIG} THEN config END FROM configs "
    "WHERE run_name = ? ORDER BY rowid DESC LIMIT 1"
)


def _runs_in(file: FoundFile) -> dict[str, _TrackioRun]:
    with sqlite.opened(file.path, _TABLES) as db:
        newest = sqlite.rows(db, _NEWEST, most=_MOST_RUNS)
        versions = dict(_versions(db))
    project = os.path.splitext(file.name)[0]
    runs: dict[str, _TrackioRun] = {}
    for name, last in newest:
        runs[str(name)] = _TrackioRun(project, str(name), file, whole(last) or 0, versions.get(name, 0))
    return runs


def _versions(db: sqlite3.Connection) -> Iterator[tuple[Any, int]]:
    last = -1 << 63
    for _ in range(_MOST_RUNS // _CONFIGS):
        configs = sqlite.rows(db, _VERSIONS, (last,), most=_CONFIGS)
        for last, name, length, text in configs:
            yield name, crc32(_bytes(text), crc32(f"{last} {length}".encode()))
        if len(configs) < _CONFIGS:
            return


def _config(values: Collector, path: Path, name: str) -> dict[str, Any]:
    with sqlite.opened(path, _TABLES) as db:
        configs = sqlite.rows(db, _CONFIG, (name,), most=1)
    length, text = configs[0] if configs else (0, None)
    if text is None and length:
        values.skip(f"configs above {_LONGEST_CONFIG >> 20} MiB", name)
    return _object(text) or {}


def _take(values: Collector, stamp: object, step: object, text: object) -> None:
    at, row = whole(step), _object(text)
    if at is None or row is None:
        values.skip("damaged rows", f"step {step}"[:100])
        return
    moment, epoch = _seconds(stamp), number(row.get("epoch"))
    media = [key for key, value in row.items() if isinstance(value, dict) and "_type" in value]
    for key in media:
        kind = str(row.pop(key)["_type"]).removeprefix("trackio.")[:40]
        values.skip(kind, key)
    for name, value in flat(row):
        if (read := number(value)) is not None:
            values.point(name, at, read, moment, epoch)
        else:
            values.skip("texts and lists", name)


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "backslashreplace")


def _object(value: object) -> dict[str, Any] | None:
    try:
        read = bounds.loads(_bytes(value)) if value is not None else None
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None


def _seconds(value: object) -> float:
    try:
        return bounds.seconds(datetime.fromisoformat(str(value)).timestamp()) if value else 0.0
    except (ValueError, OverflowError, OSError):
        return 0.0
