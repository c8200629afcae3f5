"""Runs of Neptune, from what its exporter wrote: files of Parquet, with a row for each attribute and each value of a
series. The parts of a run are complete when the first one has its name."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple
from zlib import crc32

from aim import regular
from aim.errors import LogError
from aim.index.sources.collect import Collector, grouped, nested
from aim.index.sources.files import StoreSource, edit, give_facts
from aim.index.sources.parquet import Parquet, ParquetGroup
from aim.index.sources.source import Batch, Location, SourceFile
from aim.index.sources.tree import FoundFile
from aim.index.state import RunState, WriterState, clean
from aim.log import bounds
from aim.log.objects import MAX_SIZE
from aim.media.distribution import Counted, encode

_PART = re.compile(r"(?P<run>.+)_part_(?P<number>[0-9]{1,6})\.parquet", re.ASCII)
_MOST_PARAMS, _LONGEST = 20_000, 64 << 10
_LONGEST_PATH = 4 << 10
# A value is found again by its part, its group of rows there, and its row in that.
_GROUPS, _ROWS = 1 << 16, 1 << 24
_STEPS = 1_000_000
_PLAIN = {"float": "float_value", "int": "int_value", "bool": "bool_value", "string": "string_value"}
_SERIES = {"float_series": "float_value", "string_series": "string_value", "histogram_series": "histogram_value"}
_FACTS = ("id", "owner", "hostname", "state", "running_time", "trashed")


@dataclass
class _Export:
    """The parts of a run, in their order."""

    file: FoundFile
    size: int
    version: int
    parts: list[FoundFile]


class NeptuneExports(StoreSource[_Export]):
    name: ClassVar[str] = "neptune"
    title: ClassVar[str] = "Neptune"
    pattern: ClassVar[str] = r"_part_[0-9]{1,6}\.parquet$"

    def names(self) -> Collection[str]:
        self.stored = {}
        for folder, there in self.tree.find().files.items():
            parts: dict[str, dict[int, FoundFile]] = {}
            for file in there:
                if match := _PART.fullmatch(file.name):
                    parts.setdefault(match["run"], {})[int(match["number"])] = file
            for name, numbered in parts.items():
                if 0 in numbered:
                    files = [numbered[number] for number in sorted(numbered)]
                    version = crc32(repr(files).encode("utf-8", "backslashreplace"))
                    size = sum(file.size for file in files)
                    self.stored[f"{folder}/{name}".removeprefix("./")] = _Export(files[0], size, version, files)
        return self.stored

    def read(self, run: RunState, writer: WriterState, file: SourceFile) -> Iterator[Batch]:
        export = self.stored[run.dir]
        self.begin(run, writer, file, ends=True, failed=False)
        taking = _ExportTaking(writer)
        for number, part in enumerate(export.parts):
            try:
                with regular.opened(os.path.realpath(part.where)) as opened:
                    table = Parquet(opened, part.size)
                    for place, rows in enumerate(table.groups[:_GROUPS]):
                        taking.take(_RowGroup(table, rows), (number * _GROUPS + place) * _ROWS)
                        yield taking.values.batch()
            except (ValueError, RecursionError, OverflowError) as error:
                raise LogError(f"it is not what Neptune's exporter writes ({error}): {part.where}") from None
        writer.length = export.size
        taking.describe()
        give_facts(self.name, run, taking.facts)
        yield taking.values.batch()

    def content(self, location: Location, kind: str, about: str, most: int | None) -> bytes:
        export = self.stored.get(location.folder)
        number, rest = divmod(max(0, location.at), _GROUPS * _ROWS)
        place, row = divmod(rest, _ROWS)
        try:
            part = (export.parts if export else [])[number]
            with regular.opened(os.path.realpath(part.where)) as opened:
                table = Parquet(opened, part.size)
                rows = table.groups[place]
                if kind == "distribution":
                    data = _distribution(_RowGroup(table, rows), row)
                else:
                    data = table.value(rows, row, "string_value") or b""
        except (OSError, ValueError, TypeError, LookupError, OverflowError) as error:
            raise LogError(f"the value cannot be read ({error}): {location.folder}") from None
        if len(data) > MAX_SIZE:
            raise LogError(f"a text has more than {MAX_SIZE:,} bytes: {location.folder}")
        return data


class _RowGroup:
    """A group of rows, whose columns are read when they are asked for."""

    def __init__(self, table: Parquet, rows: ParquetGroup) -> None:
        self.table, self.rows = table, rows
        self._columns: dict[tuple[str, ...], list[Any]] = {}

    def column(self, *path: str) -> list[Any]:
        if path not in self._columns:
            self._columns[path] = self.table.column(self.rows, *path)
        return self._columns[path]


class _SeriesHead(NamedTuple):
    name: str
    context: str


class _ExportTaking:
    """What the rows say, one group after the other."""

    def __init__(self, writer: WriterState) -> None:
        self.writer = writer
        self.values = Collector(writer)
        self.params: dict[str, Any] = {}
        self.facts: dict[str, Any] = {}
        self.project = ""
        self._counts: dict[str, int] = {}

    def take(self, group: _RowGroup, at: int) -> None:
        paths, types = group.column("attribute_path"), group.column("attribute_type")
        if not self.project and (projects := group.column("project_id")):
            self.project = _text(projects[0])
        heads: dict[bytes, _SeriesHead] = {}
        for row, (path, type) in enumerate(zip(map(_bytes, paths), map(_text, types), strict=True)):
            if type in _SERIES:
                if path not in heads:
                    heads[path] = _head(_text(path))
                self._value(group, row, heads[path], type, at)
            elif type in _PLAIN:
                self._param(_text(path), _plain(group.column(_PLAIN[type])[row]))
            elif type == "datetime":
                self._param(_text(path), _seconds(group.column("datetime_value")[row]))
            elif type == "string_set":
                texts = group.column("string_set_value", "list", "element")[row] or []
                self._param(_text(path), [_text(text, _LONGEST) for text in texts[:1000]])
            else:
                self.values.skip({"file": "files", "file_series": "files"}.get(type, type[:40]), _text(path))

    def _value(self, group: _RowGroup, row: int, head: _SeriesHead, type: str, at: int) -> None:
        count = self._counts.get(head.name, 0)
        if head.name in self._counts or len(self._counts) < _MOST_PARAMS:
            self._counts[head.name] = count + 1
        step, epoch = _step(group.column("step")[row], count)
        time = _seconds(group.column("timestamp")[row])
        if type == "float_series":
            value = group.column("float_value")[row]
            if isinstance(value, float):
                self.values.point(head.name, step, value, time, epoch, head.context)
        elif type == "string_series":
            if head.name.startswith("system/") and head.name.endswith(("stdout", "stderr", "traceback")):
                self.values.skip("output", head.name)
                return
            data = group.column("string_value")[row] or b""
            self._medium("text", head, step, time, epoch, at + row, len(data))
        else:
            try:
                size = len(_distribution(group, row))
            except (ValueError, TypeError):
                self.values.skip("odd histograms", head.name)
                return
            self._medium("distribution", head, step, time, epoch, at + row, size)

    def _medium(self, kind: str, head: _SeriesHead, step: int, time: float, epoch: float, at: int, size: int) -> None:
        self.values.medium(
            kind, head.name, max(0, step), time, at=at, size=size, about="{}", epoch=epoch, context=head.context
        )  # fmt: skip

    def _param(self, path: str, value: object) -> None:
        if path.startswith("sys/"):
            self.facts[path.removeprefix("sys/")[:100]] = value
        elif path in self.params or len(self.params) < _MOST_PARAMS:
            self.params[path] = value

    def describe(self) -> None:
        writer, known = self.writer, self.facts
        started, ended = (known.pop(name, 0.0) for name in ("creation_time", "modification_time"))
        if isinstance(started, float) and started:
            writer.started = writer.start["time"] = started
        writer.last_time = max(writer.last_time, writer.started, ended if isinstance(ended, float) else 0.0)
        writer.start["failed"] = known.get("failed") is True
        writer.start["experiment"] = clean(self.project or NeptuneExports.title)
        id = known.get("custom_run_id") or known.get("id")
        writer.start["hash"] = clean(str(id or writer.start["hash"]))
        for field, name in (("name", "name"), ("description", "description")):
            if isinstance(known.get(name), str) and known[name]:
                edit(writer, field, clean(known[name]), writer.started)
        tags = [*_texts(known.pop("tags", None)), *_texts(known.pop("group_tags", None))]
        for tag in tags:
            edit(writer, f"tag:{clean(tag)}", True, writer.started)
        writer.params = [[int(writer.started * 1e6), grouped(nested(self.params, "/"))]]
        self.facts = {name: known[name] for name in _FACTS if known.get(name) is not None}


def _head(path: str) -> _SeriesHead:
    """Neptune calls what it measures of the hardware `monitoring/PROCESS/NAME`."""
    space, _, rest = path.partition("/")
    process, slash, name = rest.partition("/")
    if space != "monitoring" or not slash:
        return _SeriesHead(path, "{}")
    return _SeriesHead(f"system/{name}", json.dumps({"process": clean(process)}))


def _distribution(group: _RowGroup, row: int) -> bytes:
    edges, counts = (group.column("histogram_value", part, "list", "element")[row] for part in ("edges", "values"))
    if not edges or len(edges) != len(counts) + 1 or any(not a < b for a, b in zip(edges, edges[1:], strict=False)):
        raise ValueError("bins that do not rise")
    return encode(Counted(edges, counts))


def _step(value: object, count: int) -> tuple[int, float]:
    """A step, and the epoch of one that is a fraction, which counts instead. Neptune writes millionths."""
    if not isinstance(value, bytes) or not value:
        return count, math.nan
    millionths = int.from_bytes(value, "big", signed=True)
    if millionths % _STEPS or not -(1 << 63) <= millionths // _STEPS < 1 << 63:
        return count, millionths / _STEPS
    return millionths // _STEPS, math.nan


def _seconds(milliseconds: object) -> float:
    return bounds.seconds(milliseconds / 1000) if isinstance(milliseconds, int) else 0.0


def _plain(value: object) -> object:
    return _text(value, _LONGEST) if isinstance(value, bytes) else value


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else b""


def _text(value: object, most: int = _LONGEST_PATH) -> str:
    return _bytes(value)[:most].decode("utf-8", "backslashreplace")


def _texts(value: object) -> Sequence[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else ()
