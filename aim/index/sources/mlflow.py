"""Runs of MLflow: of its databases in SQLite, and of its file stores, the folders called `mlruns`."""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, NamedTuple
from urllib.parse import unquote
from zlib import crc32

from aim import regular
from aim.errors import LogError
from aim.index.sources import sqlite
from aim.index.sources.collect import Collector, whole
from aim.index.sources.files import StoreSource, edit, give_facts
from aim.index.sources.source import Batch, Location, SourceFile
from aim.index.sources.tree import FoundFile, changed_at, is_settled
from aim.index.state import RunState, WriterState, clean
from aim.log import bounds
from aim.log.objects import MAX_SIZE
from aim.media import pictures
from aim.plain import typed

_ROWS = 20_000
_MOST_RUNS, _MOST_ROWS = 200_000, 4_000_000
_MOST_FILES, _DEEPEST = 10_000, 8
_LONGEST = 64 << 10
_WINDOW = 1 << 20
# How MLflow writes infinity into a database, which has none.
LARGEST = 1.7976931348623157e308
_STATUS = {"1": "RUNNING", "2": "SCHEDULED", "3": "FINISHED", "4": "FAILED", "5": "KILLED"}
_FAILED = {"FINISHED": False, "FAILED": True, "KILLED": True}
IMAGE = re.compile(r"(?P<key>.+)[+%]step[+%](?P<step>[0-9]{1,18})[+%]timestamp[+%](?P<time>[0-9]{1,15})[+%].*\.png")
_OF_RUN = {"user": "mlflow.user", "source": "mlflow.source.name", "commit": "mlflow.source.git.commit"}
_TABLES = {
    "experiments": ("experiment_id", "name"),
    "runs": ("run_uuid", "status", "start_time", "end_time", "lifecycle_stage", "artifact_uri", "experiment_id"),
    "metrics": ("key", "value", "timestamp", "run_uuid", "step", "is_nan"),
    "params": ("key", "value", "run_uuid"),
    "tags": ("key", "value", "run_uuid"),
}


@dataclass
class StoredRun:
    """What a store says of a run, without its metrics. `size` grows with them, `version` changes with the rest."""

    id: str
    experiment: str
    status: str
    start: float
    end: float
    file: FoundFile
    params: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    artifacts: str | None = None
    version: int = 0
    size: int = 0
    metrics: dict[str, int] = field(default_factory=dict)


def begun(stored: StoredRun) -> dict[str, Any]:
    """What the START of its writer says."""
    return {
        "hash": clean(stored.id), "experiment": clean(stored.experiment), "ends": True, "read": {},
        "failed": _FAILED.get(stored.status),
    }  # fmt: skip


def describe(writer: WriterState, stored: StoredRun) -> None:
    """Give it times, name, description and params."""
    tags = stored.tags
    if stored.start:
        writer.started = writer.start["time"] = stored.start
    writer.last_time = max(stored.start, stored.end)
    for name, tag in (("name", "mlflow.runName"), ("description", "mlflow.note.content")):
        if tags.get(tag):
            edit(writer, name, clean(tags[tag]), stored.start)
    groups: dict[str, dict[str, Any]] = {
        "hparams": {key: typed(value) for key, value in stored.params.items()},
        "tags": {key: value for key, value in tags.items() if not key.startswith("mlflow.")},
        "mlflow": {"parent": parent} if (parent := tags.get("mlflow.parentRunId")) else {},
    }
    writer.params = [[int(stored.start * 1e6), {name: group for name, group in groups.items() if group}]]


def facts_of(stored: StoredRun) -> dict[str, Any]:
    facts = {name: clean(stored.tags[tag]) for name, tag in _OF_RUN.items() if stored.tags.get(tag)}
    return {**facts, "status": stored.status}


class MlflowStores(StoreSource[StoredRun]):
    name: ClassVar[str] = "mlflow"
    title: ClassVar[str] = "MLflow"
    pattern: ClassVar[str] = r"^meta\.yaml$|\.(db|sqlite|sqlite3)$"
    appended: ClassVar[bool] = False

    def __init__(self, top: Path) -> None:
        super().__init__(top)
        self._databases: dict[str, _RunsDatabase] = {}
        self._metas: dict[str, tuple[FoundFile, dict[str, str]]] = {}
        self._stored: dict[str, tuple[tuple[object, ...], StoredRun]] = {}
        self._others: set[FoundFile] = set()
        self._refused: dict[str, str] = {}

    def names(self) -> Collection[str]:
        files = self.tree.find().files
        metas, databases = self._metas, self._databases
        self.stored, self._databases, self._metas, self._refused = {}, {}, {}, {}
        for folder, there in files.items():
            for file in there:
                place = f"{folder}/{file.name}" if folder != "." else file.name
                if file.name == "meta.yaml":
                    known = metas.get(folder)
                    self._metas[folder] = known if known is not None and known[0] == file else (file, _yaml(file.path))
                elif place in databases or self._is_mlflow(file):
                    self._databases[place] = databases.get(place) or _RunsDatabase()
                    self._add_database(place, file)
        for folder, (file, meta) in self._metas.items():
            if (meta.get("run_id") or meta.get("run_uuid")) and meta.get("lifecycle_stage") != "deleted":
                experiment = self._metas.get(os.path.dirname(folder) or ".", (file, dict[str, str]()))[1]
                run = self._store(file, meta, experiment.get("name") or "Default")
                store = os.path.dirname(os.path.dirname(folder))
                self.stored[f"{store}/{run.id}" if store else run.id] = run
        return self.stored

    def _is_mlflow(self, file: FoundFile) -> bool:
        """Whether it is a database of MLflow. Others are not opened again until they change."""
        if file in self._others:
            return False
        if not _is_database(file.where):
            self._others.add(file)
            return False
        return True

    def _store(self, file: FoundFile, meta: Mapping[str, str], experiment: str) -> StoredRun:
        """What a folder says of its run. One that ended is read again only when a file was added in it or replaced."""
        folder = os.path.dirname(file.where)
        parts = ("params", "tags", "metrics", "artifacts/images")
        seen = (file, experiment, *(changed_at(os.path.join(folder, part)) for part in parts))
        known = self._stored.get(folder)
        if known is None or known[0] != seen or known[1].status not in _FAILED or _is_recent(seen):
            known = self._stored[folder] = (seen, _stored(file, meta, experiment))
        return known[1]

    def _add_database(self, place: str, file: FoundFile) -> None:
        try:
            runs = self._databases[place].read(file)
        except LogError as error:
            self._refused[place] = str(error)
            del self._databases[place]
            return
        except OSError:
            runs = self._databases[place].runs
        for id, run in runs.items():
            self.stored[f"{place}/{id}"] = run

    def read(self, run: RunState, writer: WriterState, file: SourceFile) -> Iterator[Batch]:
        stored = self.stored[run.dir]
        if not writer.start:
            self.begin(run, writer, file, **begun(stored))
            describe(writer, stored)
        values = Collector(writer)
        yield from _read_files(values, stored) if stored.file.name == "meta.yaml" else _read_rows(values, stored)
        for item in sorted(_artifacts(stored.artifacts, self.top), key=lambda item: when(item.name)):
            self._artifact(values, item)
        writer.length = stored.size
        give_facts(self.name, run, facts_of(stored))
        yield values.batch()

    def _artifact(self, values: Collector, item: _StoredFile) -> None:
        known = values.writer.start.setdefault("images", [])
        match = IMAGE.fullmatch(item.name)
        if match is None or item.folder != "images":
            if item.folder == "" and item.name != "images":
                values.skip("artifacts", item.name)
        elif item.at not in known and item.size <= MAX_SIZE and len(known) < _MOST_FILES:
            known.append(item.at)
            values.medium(
                "image", image_key(match), int(match["step"]), seconds(int(match["time"])), at=item.at,
                size=item.size, about=json.dumps({"format": "png"}),
            )  # fmt: skip

    def content(self, location: Location, kind: str, about: str, most: int | None) -> bytes:
        stored = self.stored.get(location.folder)
        items = () if stored is None else _artifacts(stored.artifacts, self.top)
        path = next((item.path for item in items if item.at == location.at), None)
        if path is None:
            raise LogError(f"the image is gone, from the artifacts of {location.folder}")
        try:
            data = regular.read(path, most=MAX_SIZE)
        except OSError as error:
            raise LogError(f"the image cannot be read: {error.strerror}: {path}") from None
        if pictures.format_of(data) is None:
            raise LogError(f"it is not an image: {path}")
        return data

    def notes(self, runs: Collection[RunState]) -> list[str]:
        refused = [f"{place}: {why.partition(': /')[0]}" for place, why in sorted(self._refused.items())]
        return refused + super().notes(runs)


# Databases


class _RunsDatabase:
    """The runs of one file, as far as they were read."""

    def __init__(self) -> None:
        self.runs: dict[str, StoredRun] = {}
        self._seen: object = None
        self._last = 0
        self._newest: dict[str, int] = {}
        self._params: dict[str, dict[str, str]] = {}
        self._newest_param, self._param_count = -1 << 63, 0

    def read(self, file: FoundFile) -> dict[str, StoredRun]:
        seen = (file, changed_at(f"{file.where}-wal"))
        if seen == self._seen and not _is_recent(seen):
            return self.runs
        with sqlite.opened(file.path, _TABLES) as db:
            columns = {row[1] for row in db.execute('PRAGMA table_info("runs")')}
            there = sqlite.rows(db, "SELECT experiment_id, name FROM experiments", most=_MOST_RUNS)
            runs = sqlite.table_rows(db, "runs", _RUN.format("name" if "name" in columns else "NULL"), most=_MOST_RUNS)
            all_tags = _by_run(sqlite.table_rows(db, "tags", _TEXTS, most=_MOST_ROWS))
            self._read_params(db)
            self._find_newest(db)
        experiments = dict(there)
        self.runs = {}
        for _, id, title, status, start, end, artifacts, experiment, stage in runs:
            if stage == "deleted":
                continue
            params, tags = self._params.get(str(id), {}), all_tags.get(str(id), {})
            if title and "mlflow.runName" not in tags:
                tags = {**tags, "mlflow.runName": str(title)}
            run = StoredRun(
                str(id), str(experiments.get(experiment) or "Default"), str(status), seconds(start), seconds(end),
                file, params, tags, str(artifacts or "") or None, size=self._newest.get(id, 0),
            )  # fmt: skip
            run.version = _version(run.experiment, run.status, run.start, run.end, params, tags)
            self.runs[run.id] = run
        self._seen = seen
        return self.runs

    def _read_params(self, db: sqlite3.Connection) -> None:
        """A param never changes, so only new ones are read, unless some are gone."""
        new = sqlite.table_rows(db, "params", _TEXTS, most=_MOST_ROWS, after=self._newest_param)
        count = min(_MOST_ROWS, sqlite.rows(db, "SELECT count(*) FROM params", most=1)[0][0])
        if count != self._param_count + len(new):
            self._params, new = {}, sqlite.table_rows(db, "params", _TEXTS, most=_MOST_ROWS)
        for id, texts in _by_run(new).items():
            self._params[id] = {**self._params.get(id, {}), **texts}
        self._newest_param, self._param_count = new[-1][0] if new else self._newest_param, count

    def _find_newest(self, db: sqlite3.Connection) -> None:
        """The newest row of each run, a part of the table at a time, as `sqlite.table_rows` reads it."""
        (last,) = sqlite.rows(db, "SELECT max(rowid) FROM metrics", most=1)[0]
        if (last or 0) < self._last:
            self._newest, self._last = {}, 0
        while newest := sqlite.rows(db, _NEWEST, (self._last,), most=_MOST_RUNS):
            self._newest.update(newest)
            self._last = max(rowid for _, rowid in newest)


_RUN = "run_uuid, {}, status, start_time, end_time, artifact_uri, experiment_id, lifecycle_stage"
_TEXTS = f"run_uuid, key, substr(value, 1, {_LONGEST})"
_NEWEST = (
    "SELECT run_uuid, max(rowid) FROM (SELECT run_uuid, rowid FROM metrics WHERE rowid > ? ORDER BY rowid "
    "LIMIT 100000) GROUP BY run_uuid"
)
_POINTS = (
    "SELECT rowid, key, value, timestamp, step, is_nan FROM metrics "
    f"WHERE run_uuid = ? AND rowid > ? AND rowid <= ? ORDER BY rowid LIMIT {_ROWS}"
)


def _is_database(where: str) -> bool:
    """Whether it is a database of MLflow, also one that is being written."""
    try:
        if not sqlite.has_header(where):
            return False
        with sqlite.opened(Path(where), _TABLES):
            return True
    except BlockingIOError:
        return True
    except (LogError, OSError):
        return False


def _by_run(rows: list[tuple[Any, ...]]) -> dict[str, dict[str, str]]:
    texts: dict[str, dict[str, str]] = {}
    for _, id, key, value in rows:
        texts.setdefault(str(id), {})[str(key)] = str(value)
    return texts


def _read_rows(values: Collector, stored: StoredRun) -> Iterator[Batch]:
    writer = values.writer
    while True:
        with sqlite.opened(stored.file.path, _TABLES) as db:
            rows = sqlite.rows(db, _POINTS, (stored.id, writer.length, stored.size), most=_ROWS)
        for _, key, value, stamp, step, is_nan in rows:
            read, at = _number(value, is_nan), whole(step)
            if read is not None and at is not None:
                values.point(str(key), at, read, seconds(stamp))
        if not rows:
            return
        writer.length = int(rows[-1][0])
        yield values.batch()


def _number(value: object, is_nan: object) -> float | None:
    if is_nan:
        return math.nan
    if not isinstance(value, (int, float)):
        return None
    return math.copysign(math.inf, value) if abs(value) >= LARGEST else float(value)


# File stores


def _stored(file: FoundFile, meta: Mapping[str, str], experiment: str) -> StoredRun:
    folder = os.path.dirname(file.where)
    status = meta.get("status", "")
    run = StoredRun(
        meta.get("run_id") or meta["run_uuid"], experiment, _STATUS.get(status, status),
        seconds(meta.get("start_time")), seconds(meta.get("end_time")), file,
        artifacts=os.path.join(folder, "artifacts"),
    )  # fmt: skip
    run.params, run.tags = (_texts(os.path.join(folder, part)) for part in ("params", "tags"))
    if meta.get("run_name"):
        run.tags.setdefault("mlflow.runName", meta["run_name"])
    run.metrics = {name: size for name, _, size in _inside(os.path.join(folder, "metrics"))}
    images = sum(item.folder == "images" for item in _artifacts(run.artifacts, Path(folder)))
    run.size = sum(run.metrics.values()) + images
    run.version = _version(run.experiment, run.status, run.start, run.end, run.params, run.tags)
    return run


def _read_files(values: Collector, stored: StoredRun) -> Iterator[Batch]:
    """The lines `milliseconds value step` that are new in each file; the last one when it is complete."""
    places: dict[str, int] = values.writer.start["read"]
    folder = os.path.join(os.path.dirname(stored.file.where), "metrics")
    for name, size in stored.metrics.items():
        with suppress(OSError), regular.opened(os.path.join(folder, *name.split("/"))) as file:
            while (at := places.get(name, 0)) < size:
                file.seek(at)
                data = file.read(min(_WINDOW, size - at))
                end = data.rfind(b"\n") + 1
                if not end:
                    break
                for line in data[:end].splitlines():
                    _line(values, name, line)
                places[name] = at + end
                yield values.batch()


_LINE = re.compile(rb"([0-9]{1,15}) ([-+0-9.a-zA-Z]{1,40})(?: (-?[0-9]{1,19})(?: .*)?)?")


def _line(values: Collector, name: str, line: bytes) -> None:
    match = _LINE.fullmatch(line)
    try:
        step = whole(int(match[3] or b"0")) if match else None
        if match is None or step is None:
            raise ValueError("not a line of a metric")
        values.point(name, step, float(match[2]), seconds(match[1].decode()))
    except ValueError:
        values.skip("damaged lines", name)


def _texts(folder: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    for name, path, _ in _inside(folder):
        with suppress(OSError):
            texts[name] = regular.read(path, most=_LONGEST).decode("utf-8", "backslashreplace")
    return texts


def _inside(folder: str) -> Iterator[tuple[str, str, int]]:
    """The name, path and size of each file below a folder. Links are left out, and the folder must be none: what is
    elsewhere are no params."""
    count = 0
    waiting = [] if os.path.islink(folder) else [(folder, "", 0)]
    while waiting:
        place, name, depth = waiting.pop()
        try:
            entries = sorted(os.scandir(place), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            inner = f"{name}/{entry.name}" if name else entry.name
            if entry.is_dir(follow_symlinks=False) and depth < _DEEPEST:
                waiting.append((entry.path, inner, depth + 1))
            elif entry.is_file(follow_symlinks=False) and count < _MOST_FILES:
                count += 1
                yield inner, entry.path, entry.stat(follow_symlinks=False).st_size


def _yaml(path: Path) -> dict[str, str]:
    """The keys and values of a flat YAML file, as MLflow writes them."""
    known: dict[str, str] = {}
    try:
        text = regular.read(path, most=_LONGEST).decode("utf-8", "backslashreplace")
    except OSError:
        return known
    for line in text.splitlines():
        key, colon, value = line.partition(": ")
        if colon and key and not key[0].isspace():
            known[key] = _scalar(value.strip())
    return known


def _scalar(value: str) -> str:
    if value[:1] == "'" and value[-1:] == "'" and len(value) > 1:
        return value[1:-1].replace("''", "'")
    if value[:1] == '"':
        with suppress(ValueError):
            return str(json.loads(value))
    return "" if value in ("null", "~") else value


# Both


class _StoredFile(NamedTuple):
    """`at` tells one file of a run from the others."""

    folder: str
    name: str
    path: str
    size: int

    @property
    def at(self) -> int:
        return int.from_bytes(hashlib.sha256(os.fsencode(f"{self.folder}/{self.name}")).digest()[:7], "big")


def image_key(match: re.Match[str]) -> str:
    """The key that an image was logged with. MLflow writes its slashes as `~`, and older versions as `#`."""
    return match["key"].replace("~", "/").replace("#", "/")


def when(path: str) -> tuple[int, int]:
    """The order in which images were logged: their names order step 10 before step 9."""
    match = IMAGE.fullmatch(os.path.basename(path))
    return (int(match["time"]), int(match["step"])) if match else (0, 0)


def _artifacts(folder: str | None, top: Path) -> list[_StoredFile]:
    """What is directly in the folder of artifacts, and its images. A folder outside of `top` is not read."""
    if folder is None or "://" in folder and not folder.startswith("file://"):
        return []
    real = os.path.realpath(unquote(folder.removeprefix("file://")) if "://" in folder else os.path.join(top, folder))
    if not real.startswith(os.path.join(os.path.realpath(top), "")):
        return []
    items: list[_StoredFile] = []
    for inner in ("", "images"):
        if os.path.islink(os.path.join(real, inner)):
            continue
        with suppress(OSError), os.scandir(os.path.join(real, inner)) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if len(items) < _MOST_FILES and not entry.is_symlink():
                    size = entry.stat(follow_symlinks=False).st_size
                    items.append(_StoredFile(inner, entry.name, entry.path, size))
    return items


def seconds(milliseconds: object) -> float:
    """A time in milliseconds as seconds; 0 if it is none."""
    if isinstance(milliseconds, str) and milliseconds.isascii() and milliseconds.isdigit() and len(milliseconds) < 16:
        milliseconds = int(milliseconds)
    return bounds.seconds(milliseconds / 1000 if isinstance(milliseconds, (int, float)) else 0)


def _version(*said: object) -> int:
    return crc32(repr(said).encode("utf-8", "backslashreplace"))


def _is_recent(seen: Sequence[object]) -> bool:
    """Whether one of these times, or that of the file, is too recent to tell that nothing changes any more."""
    times = [item.mtime if isinstance(item, FoundFile) else item for item in seen]
    return any(isinstance(item, int) and not is_settled(item) for item in times)
