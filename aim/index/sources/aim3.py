"""Runs of Aim 3, from the folders `.aim` that it makes: names and tags in SQLite, and for each run two databases of
RocksDB, `meta/chunks/<hash>` with params and the list of series, and `seqs/chunks/<hash>` with their values.

A key is a path: texts and integers, each with a sentinel. A series has a column for its values, steps, epochs and
times; those of one value have the same last part, a hash of its step, or in media the step itself.
"""

from __future__ import annotations

import json
import math
import os
import re
import time
from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from struct import Struct
from typing import Any, ClassVar
from zlib import crc32

import numpy as np

from aim.errors import LogError
from aim.index.sources import sqlite
from aim.index.sources.collect import Collector, format_named, grouped, utc, whole
from aim.index.sources.files import SKIPPED, StoreSource, edit, give_facts
from aim.index.sources.rocksdb import RocksDatabase
from aim.index.sources.source import Batch, Location, SourceFile
from aim.index.sources.tree import FoundFile, Tree, changed_at, is_settled
from aim.index.state import RunState, WriterState, clean, dumps
from aim.log import bounds
from aim.log.objects import MAX_SIZE
from aim.media.distribution import Counted, encode

KeyPath = tuple[str | int, ...]
_END = 0xFE
_DOUBLE = Struct("<d")
_BOOL, _INT, _FLOAT, _TEXT, _BYTES, _LIST, _OBJECT, _CUSTOM = *range(1, 8), 0x0F
_NUMBERS = (_BOOL, _INT, _FLOAT)
_KINDS = {
    "aim.image": "image", "aim.audio": "audio", "aim.text": "text", "aim.figure": "figure",
    "aim.distribution": "distribution",
}  # fmt: skip
_UNSHOWN = {"aim.log_line": "lines of output", "aim.log_record": "messages"}
_SYSTEM = "__system__"
_TABLES = {
    "run": ("id", "hash", "name", "description", "is_archived", "created_at", "finalized_at", "experiment_id"),
    "experiment": ("id", "name"),
    "tag": ("id", "name"),
    "run_tag": ("run_id", "tag_id"),
}
_NOTES = {"note": ("content", "run_id")}
# Where the path of a value has the number of its context, before its name, and its column.
_CONTEXT, _COLUMN = 3, 5
_HASH = re.compile(r"[0-9A-Za-z_.-]{1,200}", re.ASCII)
_DATA = re.compile(r"(CURRENT|MANIFEST-\d+|\d+\.(sst|log))", re.ASCII)
_MOST_RUNS, _MOST_LEAVES, _MOST_SERIES, _MOST_POINTS, _MOST_MEDIA = 100_000, 100_000, 100_000, 20_000_000, 200_000
_LONGEST, _MOST_TEXT = 64 << 10, 64 << 20
_MOST_UNKNOWN = 1_000
_FIELDS = ("caption", "format", "width", "height", "data")
_PER_PART = 200_000
# The place of a medium: the number of its series, its step, and its number in a list.
_STEPS, _ITEMS = 1 << 34, 1 << 10
# A run that is recorded now is read again from its start, which takes a while.
_PATIENCE = 30.0
_COUNTED = ("int32", "int64", "uint32", "uint64", "float32", "float64")


@dataclass
class StoredRun3:
    """`path`: its repository. `size` is that of its files, and `version` changes with them."""

    hash: str
    path: str
    file: FoundFile
    about: _NamesOfRun
    size: int
    version: int
    live: bool
    seen: tuple[object, ...]
    at: float


@dataclass
class _NamesOfRun:
    """What the database of names says of a run."""

    name: str = ""
    description: str = ""
    experiment: str = "default"
    archived: bool = False
    created: float = 0.0
    ended: float = 0.0
    tags: list[str] = field(default_factory=list)


class Aim3Repos(StoreSource[StoredRun3]):
    name: ClassVar[str] = "aim3"
    title: ClassVar[str] = "Aim 3"
    pattern: ClassVar[str] = r"^run_metadata\.sqlite$"
    appended: ClassVar[bool] = False

    def __init__(self, top: Path) -> None:
        super().__init__(top)
        skipped = [name for name in SKIPPED if name != ".aim"]
        self.tree = Tree(top, self.pattern, skip=[*skipped, "chunks"], alone=[".aim"])
        self._named: dict[str, tuple[object, dict[str, _NamesOfRun]]] = {}
        self._refused: dict[str, str] = {}

    def names(self) -> Collection[str]:
        known, self.stored, self._refused = self.stored, {}, {}
        for folder, (file,) in self.tree.find().files.items():
            place = folder.removeprefix("./") if folder != "." else ""
            place = os.path.dirname(place) if os.path.basename(place) == ".aim" else place
            self._add(place, os.path.dirname(file.where), self._names_in(file), known)
        return self.stored

    def _names_in(self, file: FoundFile) -> dict[str, _NamesOfRun]:
        seen = (file, changed_at(f"{file.where}-wal"))
        known = self._named.get(file.where)
        if known is None or known[0] != seen or not is_settled(max(file.mtime, seen[1])):
            try:
                known = self._named[file.where] = (seen, _names_in(file))
            except LogError as error:
                self._refused[file.where] = str(error)
            except OSError:
                pass
        return known[1] if known is not None else {}

    def _add(self, place: str, path: str, about: Mapping[str, _NamesOfRun], known: Mapping[str, StoredRun3]) -> None:
        live = _names_of(os.path.join(path, "meta", "progress"))
        for hash in sorted(_names_of(os.path.join(path, "meta", "chunks")))[:_MOST_RUNS]:
            if _HASH.fullmatch(hash):
                name = f"{place}/{hash}" if place else hash
                run = _stored(hash, path, about.get(hash) or _NamesOfRun(), hash in live, known.get(name))
                if run is not None:
                    self.stored[name] = run

    def read(self, run: RunState, writer: WriterState, file: SourceFile) -> Iterator[Batch]:
        stored = self.stored[run.dir]
        said = _said(stored.hash, _folder(stored, "meta"))
        self._describe(run, writer, file, stored, said)
        values = Collector(writer)
        database = RocksDatabase(_folder(stored, "seqs"))
        for series in _series(database.items(_key("seqs"))):
            yield from _take(values, series, said)
        _note_damage(writer, [*said.damaged, *database.damaged])
        for name in said.unknown:
            values.skip("params of other kinds", name)
        writer.length = stored.size
        give_facts(self.name, run, said.system)
        yield values.batch()

    def _describe(
        self, run: RunState, writer: WriterState, file: SourceFile, stored: StoredRun3, said: _MetaOfRun
    ) -> None:
        about = stored.about
        ended = said.ended or about.ended
        self.begin(
            run, writer, file, hash=clean(stored.hash), experiment=clean(about.experiment), ends=True,
            failed=False if ended else None,
        )  # fmt: skip
        if about.created:
            writer.started = writer.start["time"] = about.created
        writer.last_time = max(about.created, ended)
        for name, value in (("name", about.name), ("description", about.description)):
            if value:
                edit(writer, name, clean(value), about.created)
        if about.archived:
            edit(writer, "archived", True, about.created)
        for tag in about.tags:
            edit(writer, f"tag:{clean(tag)}", True, about.created)
        writer.params = [[int(writer.started * 1e6), said.params]] if said.params else []

    def content(self, location: Location, kind: str, about: str, most: int | None) -> bytes:
        stored = self.stored.get(location.folder)
        if stored is None:
            raise LogError(f"the run is gone: {location.folder}")
        number, rest = divmod(max(0, location.at), _STEPS * _ITEMS)
        step, item = divmod(rest, _ITEMS)
        try:
            folders = [_folder(stored, part) for part in ("meta", "seqs")]
            series, database = _opened(stored.hash, *folders, (stored.version, *map(changed_at, folders)))
            if number >= len(series):
                raise ValueError("the series is gone")
            context, name = series[number]
            place: KeyPath = ("seqs", "chunks", stored.hash, context, name, "val", step)
            if _kind_of(database.get(_key(*place))) == _LIST:
                place = (*place, item)
            return _content(database, place, kind)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else error
            raise LogError(f"the value cannot be read: {reason}: {stored.path}") from None

    def notes(self, runs: Collection[RunState]) -> list[str]:
        refused = [f"{place}: {why.partition(': /')[0]}" for place, why in sorted(self._refused.items())]
        return refused + super().notes(runs)


def _stored(hash: str, path: str, about: _NamesOfRun, live: bool, known: StoredRun3 | None) -> StoredRun3 | None:
    """What is on disk of a run. The files of one that is not recorded now change only when one is added or removed."""
    folders = [os.path.join(path, part, "chunks", hash) for part in ("meta", "seqs")]
    changed = max(map(changed_at, folders))
    seen = (repr(about), live, changed, *map(changed_at, folders))
    if known is not None and known.seen == seen:
        rests = not live and is_settled(changed)
        if rests or live and time.monotonic() < known.at + _PATIENCE:
            return known
    files = sorted((name, *about) for folder in folders for name, about in _files_in(folder))
    if not any(name == "CURRENT" for name, _, _ in files):
        return None
    size, newest = sum(size for _, size, _ in files), max(mtime for _, _, mtime in files)
    version = crc32(repr((files, repr(about))).encode("utf-8", "backslashreplace"))
    file = FoundFile(folders[0], hash, size, newest, (version, 0))
    return StoredRun3(hash, path, file, about, size, version, live, seen, time.monotonic())


def _files_in(folder: str) -> Iterator[tuple[str, tuple[int, int]]]:
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _DATA.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                about = entry.stat(follow_symlinks=False)
                yield entry.name, (about.st_size, about.st_mtime_ns)


def _names_of(folder: str) -> set[str]:
    try:
        return set(os.listdir(folder))
    except OSError:
        return set()


def _folder(stored: StoredRun3, part: str) -> str:
    return os.path.join(os.path.realpath(stored.path), part, "chunks", stored.hash)


def _names_in(file: FoundFile) -> dict[str, _NamesOfRun]:
    with sqlite.opened(file.path, _TABLES) as db:
        runs = sqlite.table_rows(db, "run", _RUN, most=_MOST_RUNS)
        experiments = dict(sqlite.rows(db, "SELECT id, substr(name, 1, 1000) FROM experiment", most=_MOST_RUNS))
        tags = dict(sqlite.rows(db, "SELECT id, substr(name, 1, 1000) FROM tag", most=_MOST_RUNS))
        given = sqlite.table_rows(db, "run_tag", "run_id, tag_id", most=_MOST_RUNS)
    notes: dict[object, list[str]] = {}
    with suppress(LogError), sqlite.opened(file.path, _NOTES) as db:
        for _, text, run in sqlite.table_rows(db, "note", f"substr(content, 1, {_LONGEST}), run_id", most=_MOST_RUNS):
            notes.setdefault(run, []).append(str(text))
    tags_of: dict[object, list[str]] = {}
    for _, run, tag in given:
        if tag in tags:
            tags_of.setdefault(run, []).append(str(tags[tag]))
    named: dict[str, _NamesOfRun] = {}
    for _, id, hash, name, text, archived, created, ended, experiment in runs:
        name = "" if name in (None, f"Run: {hash}") else str(name)
        texts = [str(part) for part in (text, *notes.get(id, ())) if part]
        named[str(hash)] = _NamesOfRun(
            name, "\n\n".join(texts), str(experiments.get(experiment) or "default"), archived == 1, utc(created),
            utc(ended), sorted(tags_of.get(id, [])),
        )  # fmt: skip
    return named


_RUN = (
    f"id, hash, substr(name, 1, 1000), substr(description, 1, {_LONGEST}), is_archived, created_at, finalized_at, "
    "experiment_id"
)


# Paths and values


def _key(*path: str | int) -> bytes:
    made = bytearray()
    for part in path:
        made += part.encode() if isinstance(part, str) else b"\xfe" + part.to_bytes(8, "big", signed=True)
        made.append(_END)
    return bytes(made)


def _path(key: bytes, at: int = 0) -> KeyPath:
    """Raises ValueError if it is none."""
    path: list[str | int] = []
    while at < len(key):
        if key[at] == _END:
            if len(key) < at + 10 or key[at + 9] != _END:
                raise ValueError("an integer that does not end")
            path.append(int.from_bytes(key[at + 1 : at + 9], "big", signed=True))
            at += 10
        else:
            end = key.index(_END, at)
            path.append(key[at:end].decode("utf-8", "backslashreplace"))
            at = end + 1
    return tuple(path)


def _kind_of(value: bytes | None) -> int:
    return value[0] if value else -1


def _number(value: bytes) -> float:
    """A number, a bool or NaN; NaN also for everything else."""
    kind = _kind_of(value)
    if kind == _FLOAT and len(value) == 9:
        return float(_DOUBLE.unpack_from(value, 1)[0])
    return float(int.from_bytes(value[1:9], "little", signed=True)) if kind in (_INT, _BOOL) else math.nan


def _value(value: bytes) -> Any:
    """A value of a tree: None for kinds that are not known."""
    kind = _kind_of(value)
    if kind == _FLOAT:
        return _number(value)
    if kind == _INT:
        return int.from_bytes(value[1:9], "little", signed=True)
    if kind == _BOOL:
        return value[1:2] != b"\0"
    if kind == _TEXT:
        return value[1:].decode("utf-8", "backslashreplace")
    return [] if kind == _LIST else {} if kind == _OBJECT else None


# Params and the list of series


@dataclass
class _MetaOfRun:
    """`series`: the contexts and names of all series, in an order of their own."""

    params: dict[str, Any] = field(default_factory=dict)
    system: dict[str, Any] = field(default_factory=dict)
    contexts: dict[int, str] = field(default_factory=dict)
    series: list[tuple[int, str]] = field(default_factory=list)
    ended: float = 0.0
    unknown: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)

    def number_of(self, context: int, name: str) -> int | None:
        place = bisect_left(self.series, (context, name))
        return place if self.series[place : place + 1] == [(context, name)] else None


def _said(hash: str, folder: str) -> _MetaOfRun:
    """What the first database says."""
    said, top = _MetaOfRun(), _key("meta", "chunks", hash)
    database = RocksDatabase(folder)
    attrs: dict[KeyPath, Any] = {}
    contexts: dict[KeyPath, Any] = {}
    trees = {"attrs": attrs, "contexts": contexts}
    series: set[tuple[int, str]] = set()
    room = _MOST_TEXT
    for key, value in database.items(top):
        if not key.startswith(top):
            break
        room -= len(key) + min(len(value), _LONGEST)
        if room < 0:
            said.unknown.append("params and names above the limits")
            break
        try:
            first, *path = _path(key, len(top))
        except ValueError:
            continue
        if first == "end_time" and not path:
            said.ended = bounds.seconds(_value(value))
        elif first == "traces" and len(path) > 1 and isinstance(path[0], int) and len(series) < _MOST_SERIES:
            series.add((path[0], str(path[1])))
        elif first in trees and path and len(path) <= bounds.MAX_DEPTH - 10:
            if len(value) > _LONGEST or _kind_of(value) in (_BYTES, _CUSTOM, -1):
                said.unknown += [".".join(map(str, path))] if len(said.unknown) < _MOST_UNKNOWN else []
            elif len(trees[first]) < _MOST_LEAVES:
                trees[first][tuple(path)] = _value(value)
    said.damaged, said.series = database.damaged, sorted(series)
    whole_contexts = _tree(contexts)
    said.contexts = {
        id: dumps(dict(sorted(context.items())))
        for id, context in whole_contexts.items()
        if isinstance(id, int) and isinstance(context, dict)
    }
    _give_params(said, _tree(attrs))
    return said


def _give_params(said: _MetaOfRun, attrs: dict[str | int, Any]) -> None:
    system = attrs.pop("__system_params", None)
    said.params = grouped(attrs)
    if isinstance(system, dict):
        kept = {key: system[key] for key in ("executable", "arguments", "git_info") if system.get(key)}
        said.system = {"system": kept} if kept else {}
        said.unknown += [f"__system_params.{key}" for key in system if key not in kept]


def _tree(leaves: Mapping[KeyPath, Any]) -> dict[str | int, Any]:
    """Nested objects of paths. Of a list, the keys are integers."""
    top: dict[str | int, Any] = {}
    lists: list[tuple[Any, str | int]] = []
    for path, value in leaves.items():
        inner = top
        for part in path[:-1]:
            below = inner.get(part)
            if not isinstance(below, dict):
                below = inner[part] = {}
            inner = below
        if isinstance(value, list):
            lists.append((inner, path[-1]))
            value = {}
        inner[path[-1]] = value
    for holder, key in reversed(lists):
        items = holder[key]
        if isinstance(items, dict):
            holder[key] = [items[place] for place in sorted(place for place in items if isinstance(place, int))]
    # Contexts are numbered.
    return {key: _keyed(value) for key, value in top.items()}


def _keyed(value: Any) -> Any:
    if isinstance(value, dict):
        return {clean(str(key)): _keyed(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_keyed(inner) for inner in value]
    return clean(value) if isinstance(value, str) else value


# Series


class _TrackedSeries:
    """The columns of one series. `media`: the fields of each object, by its step and its place in a list."""

    def __init__(self, context: int, name: str) -> None:
        self.context, self.name = context, name
        self.columns = {column: (array("q"), array("d")) for column in ("val", "step", "epoch", "time")}
        self.media: dict[tuple[int, int], dict[str, Any]] = {}

    def take(self, column: str, id: int, value: bytes) -> None:
        ids, values = self.columns[column]
        if len(ids) < _MOST_POINTS:
            ids.append(id)
            values.append(_number(value))

    def take_object(self, path: KeyPath, value: bytes) -> None:
        """`path`: its step, then the place in a list, then the name of a field."""
        step, *rest = path
        item = rest.pop(0) if rest and isinstance(rest[0], int) else 0
        if not isinstance(step, int) or not isinstance(item, int) or len(self.media) >= _MOST_MEDIA:
            return
        if not rest and _kind_of(value) == _CUSTOM:
            self.media[step, item] = {"": value[1:200].decode("utf-8", "backslashreplace")}
        elif (step, item) in self.media and len(rest) == 1 and rest[0] in _FIELDS:
            shown = max(0, len(value) - 1) if rest[0] == "data" else _value(value[:1000])
            self.media[step, item][str(rest[0])] = shown

    def points(self) -> Iterator[tuple[int, float, float, float]]:
        """Step, value, time and epoch, by rising steps."""
        ids, values = (np.array(column) for column in self.columns["val"])
        by_step = self.columns["step"]
        steps = _beside(ids, by_step) if len(by_step[0]) else ids.astype(np.float64)
        times, epochs = (_beside(ids, self.columns[name]) for name in ("time", "epoch"))
        order = np.argsort(steps, kind="stable")
        columns = (column[order].tolist() for column in (steps, values, times, epochs))
        for step, value, moment, epoch in zip(*columns, strict=True):
            if (at := whole(step)) is not None:
                yield at, value, bounds.seconds(moment), epoch

    def of_media(self) -> Iterator[tuple[int, int, dict[str, Any], float, float]]:
        """Step, place in a list, fields, time and epoch, by rising steps."""
        times, epochs = (dict(zip(*self.columns[name], strict=True)) for name in ("time", "epoch"))
        for (step, item), fields in sorted(self.media.items(), key=lambda each: each[0]):
            yield step, item, fields, bounds.seconds(times.get(step)), epochs.get(step, math.nan)


def _beside(ids: Any, column: tuple[Any, Any]) -> Any:
    """The value of a column for each id; NaN where it has none."""
    known, values = (np.array(part) for part in column)
    if not len(known):
        return np.full(len(ids), math.nan)
    order = np.argsort(known, kind="stable")
    known, values = known[order], values[order]
    places = np.minimum(np.searchsorted(known, ids), len(known) - 1)
    return np.where(known[places] == ids, values[places], math.nan)


def _series(items: Iterator[tuple[bytes, bytes]]) -> Iterator[_TrackedSeries]:
    """The series in the second database, one after the other."""
    current = _TrackedSeries(0, "")
    prefix, column = b"", ""
    for key, value in items:
        is_number = column != "val" or _kind_of(value) in _NUMBERS
        if prefix and key[:-10] == prefix and key[-10] == _END and is_number:
            current.take(column, int.from_bytes(key[-9:-1], "big", signed=True), value)
            continue
        try:
            path = _path(key)
        except ValueError:
            continue
        if path[0] != "seqs":
            break
        if path[1:2] == ("v2",):
            path = (path[0], *path[2:])
        if len(path) < _COLUMN + 2 or not isinstance(path[_CONTEXT], int):
            continue
        context, name, column = int(path[_CONTEXT]), str(path[_CONTEXT + 1]), str(path[_COLUMN])
        if (current.context, current.name) != (context, name):
            yield current
            current = _TrackedSeries(context, name)
        rest = path[_COLUMN + 1 :]
        prefix = key[:-10] if column in current.columns and len(rest) == 1 else b""
        if column not in current.columns:
            continue
        if column == "val" and (len(rest) > 1 or _kind_of(value) not in _NUMBERS):
            current.take_object(rest, value)
        elif isinstance(rest[0], int) and len(rest) == 1:
            current.take(column, rest[0], value)
    yield current


def _take(values: Collector, series: _TrackedSeries, said: _MetaOfRun) -> Iterator[Batch]:
    context = said.contexts.get(series.context, "{}")
    name = series.name
    if name.startswith(_SYSTEM):
        name = f"system/{name.removeprefix(_SYSTEM)}"
    for step, value, moment, epoch in series.points():
        values.point(name, step, value, moment, epoch, context)
        if len(values) >= _PER_PART:
            yield values.batch()
    number = said.number_of(series.context, series.name)
    for step, item, fields, moment, epoch in series.of_media():
        kind = _KINDS.get(fields[""])
        if kind is None or number is None or not 0 <= step < _STEPS or item >= _ITEMS:
            values.skip(_UNSHOWN.get(fields[""], fields[""][:40]), series.name)
            continue
        values.medium(
            kind, name, step, moment, at=(number * _STEPS + step) * _ITEMS + item,
            size=fields.get("data", 0) if kind == "text" else 0, about=json.dumps(_about(kind, fields)), place=item,
            epoch=epoch, context=context,
        )  # fmt: skip
        if len(values) >= _PER_PART:
            yield values.batch()


def _about(kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    about: dict[str, Any] = {}
    if isinstance(fields.get("caption"), str) and fields["caption"]:
        about["caption"] = clean(fields["caption"])
    if kind in ("image", "audio") and isinstance(fields.get("format"), str):
        about["format"] = format_named(fields["format"])
    if kind == "image":
        sizes = {name: fields.get(name) for name in ("width", "height")}
        about |= {name: size for name, size in sizes.items() if isinstance(size, int) and 0 < size < 1 << 31}
    return about


@lru_cache(maxsize=4)
def _opened(hash: str, meta: str, seqs: str, version: tuple[int, ...]) -> tuple[list[tuple[int, str]], RocksDatabase]:
    """The series and the values of a run, whose media are often read one after the other. `version` changes with its
    files."""
    return _said(hash, meta).series, RocksDatabase(seqs)


def _content(database: RocksDatabase, place: KeyPath, kind: str) -> bytes:
    """The bytes of an object. Those that are not text are elsewhere in the database."""
    data = database.get(_key(*place, "data"))
    if data == b"":
        data = database.get(b"BLOBS\xfe" + _key(*place, "data"))
    if not data or _kind_of(data) not in (_TEXT, _BYTES) or len(data) > MAX_SIZE:
        raise ValueError("it is gone" if not data else "it is too large, or not text or bytes")
    if kind != "distribution":
        return data[1:]
    low, high, dtype = (database.get(_key(*place, *name)) or b"" for name in (("range", 0), ("range", 1), ("dtype",)))
    named = _value(dtype)
    if named not in _COUNTED or len(data[1:]) % np.dtype(named).itemsize:
        raise ValueError("its counts are of an unknown type")
    counts = np.frombuffer(data[1:], named).astype(np.float64).tolist()
    edges = (_number(low), _number(high))
    if not counts or not edges[0] < edges[1]:
        raise ValueError("its bins do not rise")
    return encode(Counted(edges, counts))


def _note_damage(writer: WriterState, damaged: list[str]) -> None:
    for text in damaged:
        writer.refuse(0, ValueError(f"damaged: {text}"))
