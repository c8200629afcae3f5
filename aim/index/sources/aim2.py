"""Runs of Aim 2, from the folders `.aim` that it made: `<experiment>/<run>/objects` has params as JSON, and for each
metric its records in protobuf, with the numbers of the records of each context."""

from __future__ import annotations

import math
import os
import struct
from array import array
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple
from zlib import crc32

import numpy as np

from aim import regular
from aim.errors import LogError
from aim.index.sources import objects
from aim.index.sources.budget import Budget
from aim.index.sources.collect import Collector, grouped
from aim.index.sources.files import SKIPPED, StoreSource, edit, give_facts
from aim.index.sources.protobuf import BYTES, VARINT, double, fields, signed
from aim.index.sources.source import Batch, SourceFile
from aim.index.sources.tree import FoundFile, Tree, changed_at, is_settled
from aim.index.state import RunState, WriterState, clean, dumps
from aim.log import bounds

_LARGEST, _LONGEST = 256 << 20, 4 << 20
_MOST_RUNS, _MOST_METRICS, _MOST_CONTEXTS, _MOST_FILES, _DEEPEST = 100_000, 10_000, 10_000, 100_000, 8
_RECORDS = (".aimrecords_storage", "aimrecords_storage")
_MOST_RECORDS = 20_000_000
_PER_PART = 200_000
_SYSTEM = "__system__"


@dataclass
class StoredRun2:
    """`path`: its folder. `size` is that of its files, and `version` changes with them. `ended`: when; 0 if it did
    not."""

    hash: str
    experiment: str
    path: str
    file: FoundFile
    size: int
    version: int
    about: dict[str, Any]
    ended: float
    seen: tuple[object, ...]


class Aim2Repos(StoreSource[StoredRun2]):
    name: ClassVar[str] = "aim2"
    title: ClassVar[str] = "Aim 2"
    pattern: ClassVar[str] = r"^config\.json$"
    appended: ClassVar[bool] = False

    def __init__(self, top: Path) -> None:
        super().__init__(top)
        skipped = [name for name in SKIPPED if name != ".aim"]
        self.tree = Tree(top, self.pattern, skip=[*skipped, "objects"], alone=[".aim"])
        self._repos: dict[FoundFile, bool] = {}

    def names(self) -> Collection[str]:
        known, self.stored = self.stored, {}
        repos, self._repos = self._repos, {}
        for folder, (file,) in self.tree.find().files.items():
            self._repos[file] = repos[file] if file in repos else "branches" in objects.read(file.where, _LONGEST)
            if self._repos[file]:
                place = folder.removeprefix("./") if folder != "." else ""
                place = os.path.dirname(place) if os.path.basename(place) == ".aim" else place
                self._add(place, os.path.dirname(file.where), known)
        return self.stored

    def _add(self, place: str, path: str, known: Mapping[str, StoredRun2]) -> None:
        for experiment in _folders(path):
            for hash in _folders(os.path.join(path, experiment)):
                name = "/".join(filter(None, (place, experiment, hash)))
                folder = os.path.join(path, experiment, hash)
                if len(self.stored) < _MOST_RUNS and os.path.isfile(os.path.join(folder, "objects", "meta.json")):
                    self.stored[name] = _stored(hash, experiment, folder, known.get(name))

    def read(self, run: RunState, writer: WriterState, file: SourceFile) -> Iterator[Batch]:
        stored = self.stored[run.dir]
        folder = os.path.join(stored.path, "objects")
        self.begin(
            run, writer, file, hash=clean(stored.hash), experiment=clean(stored.experiment), ends=True,
            failed=False if stored.ended else None,
        )  # fmt: skip
        process = objects.part(stored.about, "process")
        if started := bounds.seconds(process.get("start_date")) or bounds.seconds(stored.about.get("date")):
            writer.started = writer.start["time"] = started
        writer.last_time = max(writer.started, stored.ended)
        if stored.about.get("archived") is True:
            edit(writer, "archived", True, writer.started)
        map = os.path.join(folder, "map")
        params = {} if os.path.islink(map) else objects.read(os.path.join(map, "dictionary.log"))
        params.pop("__METRICS__", None)
        alone = params.pop("__default__") if objects.part(params, "__default__") else {}
        writer.params = [[int(writer.started * 1e6), grouped(params, alone)]] if params or alone else []
        values = Collector(writer)
        room = Budget(_MOST_RECORDS, f"the run has more than {_MOST_RECORDS:,} records")
        for metric, place in _metrics(folder):
            try:
                yield from _take(values, metric, place, room)
            except (LogError, OSError, ValueError, struct.error) as error:
                values.skip("damaged metrics", f"{metric}: {error}")
        for name, item in objects.read(os.path.join(folder, "meta.json")).items():
            if isinstance(item, dict) and item.get("type") != "metrics" and "map" not in str(item.get("type")):
                values.skip("other objects", name)
        writer.length = stored.size
        give_facts(
            self.name, run, {"aim": objects.part(stored.about, "aim").get("version"), "git": stored.about.get("vc")}
        )
        yield values.batch()


def _stored(hash: str, experiment: str, path: str, known: StoredRun2 | None) -> StoredRun2:
    """What is on disk of a run. One that ended is looked at again when its description changes."""
    config = os.path.join(path, "config.json")
    seen = (changed_at(config), changed_at(os.path.join(path, "objects", "map", "dictionary.log")))
    if known is not None and known.seen == seen and known.ended and is_settled(max(seen)):
        return known
    files = sorted(_files_in(path))
    size, changed = sum(size for _, size, _ in files), max((mtime for _, _, mtime in files), default=0)
    version = crc32(repr(files).encode("utf-8", "backslashreplace"))
    about = objects.read(config, _LONGEST)
    process = objects.part(about, "process")
    ended = bounds.seconds(process.get("finish_date")) if process.get("finish") is True else 0.0
    file = FoundFile(path, hash, size, changed, (version, 0))
    return StoredRun2(hash, experiment, path, file, size, version, about, ended, seen)


def _files_in(folder: str, depth: int = _DEEPEST) -> Iterator[tuple[str, int, int]]:
    count = 0
    waiting = [(folder, depth)]
    while waiting and count < _MOST_FILES:
        place, left = waiting.pop()
        with suppress(OSError), os.scandir(place) as entries:
            for entry in entries:
                count += 1
                if entry.is_dir(follow_symlinks=False) and left and entry.name != "media":
                    waiting.append((entry.path, left - 1))
                elif entry.is_file(follow_symlinks=False):
                    about = entry.stat(follow_symlinks=False)
                    yield os.path.relpath(entry.path, folder), about.st_size, about.st_mtime_ns


def _folders(path: str) -> list[str]:
    try:
        with os.scandir(path) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
    except OSError:
        return []


# Metrics


class _MetricRecord(NamedTuple):
    step: int
    value: float
    time: float
    epoch: float


class _MetricColumns(NamedTuple):
    """The fields of all records of a metric."""

    steps: array[int]
    values: array[float]
    times: array[float]
    epochs: array[float]


def _metrics(folder: str) -> list[tuple[str, str]]:
    """The names of metrics, which may be nested, and their folders."""
    metrics: list[tuple[str, str]] = []
    waiting = [(os.path.join(folder, name), "", _DEEPEST) for name in _RECORDS]
    while waiting and len(metrics) < _MOST_METRICS:
        path, name, left = waiting.pop()
        if name and os.path.isfile(os.path.join(path, "metadata.json")):
            metrics.append((name, path))
        for inner in _folders(path) if left else ():
            if not (name and inner == "indices"):
                waiting.append((os.path.join(path, inner), f"{name}/{inner}" if name else inner, left - 1))
    return sorted(metrics)


def _take(values: Collector, metric: str, folder: str, room: Budget) -> Iterator[Batch]:
    about = objects.read(os.path.join(folder, "metadata.json"))
    if about.get("compression"):
        values.skip("compressed metrics", metric)
        return
    steps, numbers, times, epochs = _records(folder, room)
    if metric.startswith(_SYSTEM):
        metric = f"system/{metric.removeprefix(_SYSTEM)}"
    for context, places in _contexts(folder, about, len(steps)):
        for place in places:
            values.point(metric, steps[place], numbers[place], times[place], epochs[place], context)
            if len(values) >= _PER_PART:
                yield values.batch()


def _records(folder: str, room: Budget) -> _MetricColumns:
    """All records: those of the finished buckets, then those of the one that was being written."""
    room.take(0)
    data = b""
    for name in ("data_chunk_00000.bin", "current_bucket.bin"):
        with suppress(FileNotFoundError):
            data += regular.read(os.path.join(folder, name), most=_LARGEST + 1)
    if len(data) > _LARGEST:
        raise LogError(f"it has more than {_LARGEST:,} bytes")
    columns = _MetricColumns(array("q"), array("d"), array("d"), array("d"))
    at = 0
    while at + 4 <= len(data):
        size = int.from_bytes(data[at : at + 4], "little")
        if not size:
            raise LogError(f"it has an empty record at byte {at:,}")
        if at + 4 + size > len(data):
            break
        room.take(1)
        record = _record(data, at + 4, at + 4 + size)
        columns.steps.append(record.step)
        columns.values.append(record.value)
        columns.times.append(record.time)
        columns.epochs.append(record.epoch)
        at += 4 + size
    return columns


def _record(data: bytes, start: int, stop: int) -> _MetricRecord:
    """Protobuf leaves zeros out, also a whole value."""
    value, numbers = 0.0, {1: 0, 2: 0, 4: 0, 5: 0}
    for part in fields(data, start, stop):
        if part.number == 3 and part.kind == BYTES:
            inner = [field for field in fields(data, part.start, part.stop) if field.number == 1]
            value = double(data, inner[-1]) if inner else 0.0
        elif part.number in numbers and part.kind == VARINT:
            numbers[part.number] = signed(data, part)
    step, time, epoch, has_epoch = numbers.values()
    return _MetricRecord(step, value, bounds.seconds(time), epoch if has_epoch else math.nan)


def _contexts(folder: str, about: Mapping[str, Any], count: int) -> Iterator[tuple[str, Any]]:
    """Each context as JSON, with the numbers of its records. A run that was killed and resumed can name one twice."""
    inner = os.path.join(folder, "indices")
    paths = [("", os.path.join(inner, "index_offsets.bin"))]
    paths += [(name, os.path.join(inner, name, "index_offsets.bin")) for name in _folders(inner)[:_MOST_CONTEXTS]]
    indices, seen, left = objects.part(about, "indices"), False, 2 * count
    for name, path in paths:
        try:
            data = regular.read(path, most=4 * count)
        except OSError:
            continue
        seen = True
        numbers = np.frombuffer(data[: len(data) & ~3], "<u4")
        numbers = numbers[numbers < count]
        left -= len(numbers)
        if left < 0:
            raise LogError(f"its contexts name its {count:,} records more than twice")
        keys = objects.part(objects.part(indices, name), "keys")
        yield (
            dumps(dict(sorted((clean(str(key)), value) for key, value in keys.items()))),
            np.unique(numbers).tolist(),
        )
    if not seen:
        yield "{}", range(count)
