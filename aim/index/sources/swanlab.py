"""Runs of SwanLab, read from their `.swanlab` files: start, end, and the numbers and media of each step."""

from __future__ import annotations

import json
import os
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from aim.index.sources import objects, yaml
from aim.index.sources.collect import format_named
from aim.index.sources.files import edit, give_facts, give_params, inside
from aim.index.sources.frames import PER_RECORD, FramedSource, FrameTaking
from aim.index.sources.protobuf import BYTES, VARINT, Field, double, every, fields, moment, signed, text, varint
from aim.index.sources.source import Batch, SourceFile
from aim.index.state import RunState, WriterState, clean
from aim.log import bounds

_START, _FINISH, _SCALAR, _MEDIA = 10, 11, 13, 14
_KINDS = {2: "image", 3: "audio", 4: "text", 5: "video", 9: "html"}
_OTHERS = {6: "charts", 7: "3D objects", 8: "molecules"}
_FINISHED, _CRASHED, _ABORTED = 1, 2, 3
_SYSTEM = "__swanlab__."
_OF_START = {2: "workspace", 7: "group", 8: "job_type"}
_ABOUT = {1: "project", 10: "id", **_OF_START}
_OF_RUN, _MOST_TAGS = (*_ABOUT, 4, 5), 1_000


class SwanlabFiles(FramedSource):
    name: ClassVar[str] = "swanlab"
    title: ClassVar[str] = "SwanLab"
    header: ClassVar[bytes] = b":SWL\xd6\xe1\x02"
    suffix: ClassVar[str] = "swanlab"
    pattern: ClassVar[str] = r"\.swanlab$"

    def taking(self, run: RunState, writer: WriterState, file: SourceFile) -> _SwanlabTaking:
        self.begin(run, writer, file, hash=clean(run.dir.rpartition("/")[2]), ends=True, about={})
        return _SwanlabTaking(run, writer, os.path.join(os.path.dirname(file.where), "files"))

    def value(self, path: Path, record: bytes, place: int, kind: str) -> bytes:
        for part in fields(record, 0, len(record)):
            if part.number == _MEDIA and part.kind == BYTES:
                items = _media_of(record, part)
                if place < len(items):
                    return inside(path.parent / "media" / kind, items[place].file)
        raise ValueError("the record has no such value")


class _SwanlabTaking(FrameTaking):
    def __init__(self, run: RunState, writer: WriterState, files: str) -> None:
        super().__init__(run, writer)
        self.files = files
        self.takes = {_START: self._run, _FINISH: self._finish, _SCALAR: self._scalar, _MEDIA: self._media}

    def batch(self) -> Batch:
        about, made = self.start["about"], self.values.batch()
        config = yaml.read(os.path.join(self.files, "config.yaml"))
        params = {key: item["value"] for key, item in config.items() if isinstance(item, dict) and "value" in item}
        said = {name: about[name] for name in _OF_START.values() if name in about}
        groups = {"hparams": params, "swanlab": said}
        give_params(self.writer, groups)
        runtime = objects.part(objects.read(os.path.join(self.files, "swanlab-metadata.json")), "runtime")
        names = (("host", "hostname"), ("os", "os"), ("python", "python_version"), ("command", "command"))
        facts = {name: runtime[key] for name, key in names if isinstance(runtime.get(key), str)}
        give_facts("swanlab", self.run, {**facts, **about})
        return made

    def _run(self, data: bytes, part: Field, at: int) -> None:
        said: dict[int, str] = {}
        tags: list[str] = []
        for inner in fields(data, part.start, part.stop):
            if inner.number == 12 and inner.kind == BYTES and (started := moment(data, inner)):
                self.writer.started = self.start["time"] = started
            elif inner.number == 6 and inner.kind == BYTES and len(tags) < _MOST_TAGS:
                tags.append(clean(text(data, inner)))
            elif inner.number in _OF_RUN and inner.kind == BYTES:
                said[inner.number] = clean(text(data, inner))
        self.start["experiment"] = said.get(1) or SwanlabFiles.title
        self.start["about"].update({name: said[key] for key, name in _ABOUT.items() if said.get(key)})
        # A later record counts more.
        stamp = self.writer.started + at / 1e9
        for name, value in (("name", said.get(4)), ("description", said.get(5))):
            if value:
                edit(self.writer, name, value, stamp)
        for tag in tags:
            edit(self.writer, f"tag:{tag}", True, stamp)

    def _finish(self, data: bytes, part: Field, at: int) -> None:
        state = 0
        for inner in fields(data, part.start, part.stop):
            if inner.number == 1 and inner.kind == VARINT:
                state = varint(data, inner)
            elif inner.number == 2 and inner.kind == BYTES:
                self.start["about"]["error"] = clean(text(data, inner)[:1000])
            elif inner.number == 3 and inner.kind == BYTES:
                self.writer.last_time = max(self.writer.last_time, moment(data, inner))
        if state in (_FINISHED, _CRASHED, _ABORTED):
            self.start["failed"] = state != _FINISHED

    def _scalar(self, data: bytes, part: Field, at: int) -> None:
        name, step, time, _ = _named(data, part)
        value = 0.0
        for inner in every(data, part, 5):
            # A message leaves out what is zero.
            for inmost in fields(data, inner.start, inner.stop):
                value = double(data, inmost) if inmost.number == 1 else value
        if name.startswith(_SYSTEM):
            name = f"system/{name.removeprefix(_SYSTEM)}"
        self.values.point(name, step, value, time)

    def _media(self, data: bytes, part: Field, at: int) -> None:
        name, step, time, type = _named(data, part)
        if type not in _KINDS:
            self.values.skip(_OTHERS.get(type, "other kinds"), name)
            return
        for place, item in enumerate(_media_of(data, part)):
            self.values.medium(
                _KINDS[type], name, step, time, at=at * PER_RECORD + place, size=item.size, place=place,
                about=json.dumps(item.about(_KINDS[type])),
            )  # fmt: skip


class _ValueHead(NamedTuple):
    name: str
    step: int
    time: float
    type: int


def _named(data: bytes, part: Field) -> _ValueHead:
    """What numbers and media have in common."""
    name, step, time, type = "", 0, 0.0, 0
    for inner in fields(data, part.start, part.stop):
        if inner.number == 1 and inner.kind == BYTES:
            name = text(data, inner)
        elif inner.number == 2 and inner.kind == VARINT:
            step = signed(data, inner)
        elif inner.number == 3 and inner.kind == VARINT:
            type = varint(data, inner)
        elif inner.number == 4 and inner.kind == BYTES:
            time = moment(data, inner)
    if not name:
        raise ValueError("a value without a name")
    return _ValueHead(name, step, time, type)


class _MediaItem(NamedTuple):
    file: str
    size: int
    caption: str

    def about(self, kind: str) -> dict[str, Any]:
        about: dict[str, Any] = {"caption": self.caption[:1000]} if self.caption else {}
        if kind not in ("text", "html"):
            about["format"] = format_named(os.path.splitext(self.file)[1].removeprefix("."))
        return about


def _media_of(data: bytes, part: Field) -> list[_MediaItem]:
    items = (_item(data, inner) for value in every(data, part, 5) for inner in every(data, value, 1))
    return list(islice(items, PER_RECORD))


def _item(data: bytes, part: Field) -> _MediaItem:
    said: dict[int, str] = {}
    size = 0
    for inner in fields(data, part.start, part.stop):
        if inner.kind == BYTES and inner.number in (1, 4):
            said[inner.number] = text(data, inner)
        elif inner.kind == VARINT and inner.number == 3:
            size = bounds.count(signed(data, inner))
    return _MediaItem(said.get(1, ""), size, clean(said.get(4, "")))
