"""Runs of Comet that were recorded offline: the ZIP archives of `OfflineExperiment`, with `experiment.json`, one
message per line in `messages.json`, and the files of media."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar
from zlib import crc32

from aim.errors import LogError
from aim.index.sources import archives, objects
from aim.index.sources.collect import Collector, format_named, nested, number, whole
from aim.index.sources.files import StoreSource, edit, give_facts, give_params
from aim.index.sources.source import Batch, Location, SourceFile
from aim.index.sources.tree import FoundFile
from aim.index.state import RunState, WriterState, clean
from aim.log import bounds
from aim.log.objects import MAX_SIZE
from aim.media import pictures

_EXPERIMENT, _MESSAGES = "experiment.json", "messages.json"
_LARGEST_EXPERIMENT = 1 << 20
_MOST_VALUES, _MOST_PARAMS = 100_000, 20_000
_MOST_FILES = 100_000
_OWN_PARAMS = ("curr_step", "curr_epoch")
_OWN_OTHERS = ("Name", "offline_experiment", "hasNestedParams")
_KINDS = {"audio": "audio", "video": "video", "text-sample": "text", "visualization": "image"}
_NO_NAME = "auto-generated-in-the-backend"
_SYSTEM = {"host": "hostname", "os": "os", "python": "python_version", "command": "command", "user": "user"}


@dataclass
class _Archive:
    file: FoundFile
    size: int
    version: int


class CometExperiments(StoreSource[_Archive]):
    name: ClassVar[str] = "comet"
    title: ClassVar[str] = "Comet"
    pattern: ClassVar[str] = r"\.zip$"

    def __init__(self, top: Path) -> None:
        super().__init__(top)
        self._others: set[FoundFile] = set()
        self._files: dict[str, tuple[int, dict[int, str]]] = {}

    def names(self) -> Collection[str]:
        known, self.stored, others = self.stored, {}, self._others
        self._others = set()
        for folder, there in self.tree.find().files.items():
            for file in there:
                place = f"{folder}/{file.name.removesuffix('.zip')}".removeprefix("./")
                archive = _Archive(file, file.size, crc32(repr(file).encode("utf-8", "backslashreplace")))
                is_known = place in known and known[place].version == archive.version
                if is_known or file not in others and {_EXPERIMENT, _MESSAGES} <= set(archives.sizes(file.where)):
                    self.stored[place] = archive
                else:
                    self._others.add(file)
        return self.stored

    def read(self, run: RunState, writer: WriterState, file: SourceFile) -> Iterator[Batch]:
        path = file.where
        try:
            about = bounds.loads(archives.read(path, _EXPERIMENT, _LARGEST_EXPERIMENT))
        except (ValueError, RecursionError) as error:
            raise LogError(f"its {_EXPERIMENT} is not JSON ({error}): {path}") from None
        if not isinstance(about, dict):
            raise LogError(f"its {_EXPERIMENT} is not an object: {path}")
        self.begin(
            run, writer, file, hash=clean(str(about.get("offline_id") or run.dir)), ends=True, failed=False,
            experiment=clean(str(about.get("project_name") or self.title)),
        )  # fmt: skip
        started, ended = (_seconds(about.get(name)) for name in ("start_time", "stop_time"))
        if started:
            writer.started = writer.start["time"] = started
        writer.last_time = max(started, ended)
        taking = _CometTaking(writer)
        stop = archives.sizes(path).get(_MESSAGES, 0)
        with archives.opened(path, _MESSAGES) as member:
            for line in archives.lines(member, 0, stop, complete=True):
                taking.take(line)
                if len(taking.values) >= _MOST_VALUES:
                    yield taking.values.batch()
        writer.length = file.size
        taking.describe(about)
        give_facts(self.name, run, taking.facts)
        yield taking.values.batch()

    def content(self, location: Location, kind: str, about: str, most: int | None) -> bytes:
        archive = self.stored.get(location.folder)
        if archive is None:
            raise LogError(f"the archive is gone: {location.folder}")
        path = archive.file.where
        file = None if kind == "html" else self._files_of(location.folder, archive).get(location.at)
        if file is None:
            payload = _message_at(path, location.at)
            if kind == "html" and isinstance(payload.get("html"), str):
                return str(payload["html"]).encode("utf-8", "backslashreplace")
            file = str(payload.get("file_path"))
        data = archives.read(path, file, MAX_SIZE)
        if kind == "image" and pictures.format_of(data) is None:
            raise LogError(f"it is not an image: {path}")
        return data

    def _files_of(self, folder: str, archive: _Archive) -> dict[int, str]:
        """The files of media by the places of their messages, which are unpacked once for all of them."""
        version, files = self._files.get(folder, (None, {}))
        if version != archive.version:
            files = dict(islice(_files_in(archive.file.where), _MOST_FILES))
            if sum(len(known) for _, known in self._files.values()) > _MOST_FILES:
                self._files = {}
            self._files[folder] = archive.version, files
        return files


class _CometTaking:
    """What the messages say, one after the other."""

    def __init__(self, writer: WriterState) -> None:
        self.writer = writer
        self.values = Collector(writer)
        self.params: dict[str, Any] = {}
        self.others: dict[str, Any] = {}
        self.facts: dict[str, Any] = {}
        self._name = ""
        self._counts: dict[str, int] = {}

    def take(self, line: archives.Line) -> None:
        try:
            payload = _payload(line)
        except LogError:
            self.writer.damage.append((line.start, line.stop))
            return
        time = _seconds(payload.get("local_timestamp"))
        # Messages of older versions have several of these.
        if metric := objects.part(payload, "metric"):
            self._metric(metric, payload.get("context"), time)
        if param := objects.part(payload, "param") or objects.part(payload, "params"):
            self._param(str(param.get("paramName")), param.get("paramValue"))
        if other := objects.part(payload, "log_other"):
            self._other(str(other.get("key")), other.get("val"))
        if "key" in payload and "value" in payload:
            self._other(str(payload["key"]), payload["value"])
        if isinstance(payload.get("hostname"), str):
            self.facts.update({name: payload[key] for name, key in _SYSTEM.items() if payload.get(key)})
        if isinstance(payload.get("html"), str):
            self._medium("html", "html", {}, time, line.start, len(payload["html"]))
        if isinstance(payload.get("file_path"), str):
            self._file(payload, time, line.start)

    def _metric(self, metric: Mapping[str, Any], context: object, time: float) -> None:
        name, value = str(metric.get("metricName") or ""), number(metric.get("metricValue"))
        if value is None or not name:
            self.values.skip("texts and lists", name)
            return
        if name.startswith("sys."):
            name = f"system/{name.removeprefix('sys.')}"
        elif isinstance(context, str) and context:
            name = f"{context}_{name}"
        count = self._counts.get(name, 0)
        if name in self._counts or len(self._counts) < _MOST_PARAMS:
            self._counts[name] = count + 1
        step, epoch = whole(metric.get("step")), number(metric.get("epoch"))
        self.values.point(name, count if step is None else step, value, time, epoch)

    def _param(self, name: str, value: object) -> None:
        if name not in _OWN_PARAMS and (name in self.params or len(self.params) < _MOST_PARAMS):
            self.params[name] = value

    def _other(self, name: str, value: object) -> None:
        if name == "Name":
            self._name = str(value)
        elif name not in _OWN_OTHERS and (name in self.others or len(self.others) < _MOST_PARAMS):
            self.others[name] = value

    def _file(self, payload: Mapping[str, Any], time: float, at: int) -> None:
        about, type = objects.part(payload, "additional_params"), str(payload.get("upload_type"))[:40]
        name = str(about.get("figName") or about.get("fileName") or type)
        if type not in _KINDS:
            self.values.skip({"asset": "assets", "histogram3d": "histograms"}.get(type, type), name)
            return
        self._medium(_KINDS[type], "text" if name == _NO_NAME else name, about, time, at, 0)

    def _medium(self, kind: str, name: str, about: Mapping[str, Any], time: float, at: int, size: int) -> None:
        described = {} if kind in ("text", "html") else {"format": format_named(str(about.get("extension") or ""))}
        step, epoch = whole(about.get("step")), number(about.get("epoch"))
        self.values.medium(
            kind, name, max(0, step or 0), time, at=at, size=size, about=json.dumps(described),
            epoch=epoch,
        )  # fmt: skip

    def describe(self, about: Mapping[str, Any]) -> None:
        writer = self.writer
        if self._name:
            edit(writer, "name", clean(self._name), writer.started)
        tags = about.get("tags")
        for tag in tags if isinstance(tags, list) else ():
            edit(writer, f"tag:{clean(str(tag))}", True, writer.started)
        workspace = about.get("workspace")
        groups = {
            "hparams": nested(self.params, "|"), "other": self.others,
            "comet": {"workspace": workspace} if isinstance(workspace, str) and workspace else {},
        }  # fmt: skip
        give_params(writer, groups)


def _files_in(path: str) -> Iterator[tuple[int, str]]:
    with archives.opened(path, _MESSAGES) as member:
        for line in archives.lines(member, 0, 1 << 62, complete=True):
            if line.data is not None and b'"file_path"' in line.data:
                with suppress(LogError):
                    file = _payload(line).get("file_path")
                    if isinstance(file, str):
                        yield line.start, file


def _message_at(path: str, at: int) -> dict[str, Any]:
    with archives.opened(path, _MESSAGES) as member:
        member.seek(max(0, at))
        return _payload(next(archives.lines(member, at, 1 << 62, complete=True), None))


def _payload(line: archives.Line | None) -> dict[str, Any]:
    try:
        message = bounds.loads((line.data if line else None) or b"")
    except (ValueError, RecursionError):
        raise LogError("it is not a message of Comet") from None
    return objects.part(message, "payload") if isinstance(message, dict) else {}


def _seconds(milliseconds: object) -> float:
    return bounds.seconds(milliseconds / 1000 if isinstance(milliseconds, (int, float)) else 0)
