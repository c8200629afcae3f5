"""Runs of W&B, read from their `.wandb` files. A record is known by its field numbers: run, config, history, summary,
system metrics, exit."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from aim.index.sources.collect import Collector, flat, format_named, nested, number, put, whole
from aim.index.sources.files import edit, give_facts, give_params, inside
from aim.index.sources.frames import PER_RECORD, FramedSource, FrameTaking
from aim.index.sources.protobuf import BYTES, Field, every, fields, moment, signed, text
from aim.index.sources.source import Batch, SourceFile
from aim.index.sources.wandb_table import table_of
from aim.index.state import RunState, WriterState, clean, merge
from aim.log import bounds
from aim.media.distribution import Counted, encode

_HISTORY, _SUMMARY, _CONFIG, _STATS, _ARTIFACT, _ALERT, _RUN, _EXIT, _ENVIRONMENT = 2, 3, 5, 7, 8, 10, 17, 18, 26
_FILES = {"plotly-file": "figure"}
_MOST_SUMMARY = 2_000


class WandbFiles(FramedSource):
    name: ClassVar[str] = "wandb"
    title: ClassVar[str] = "W&B"
    header: ClassVar[bytes] = b":W&B\xe1\xbe\x00"
    suffix: ClassVar[str] = "wandb"
    pattern: ClassVar[str] = r"\.wandb$"

    def taking(self, run: RunState, writer: WriterState, file: SourceFile) -> _WandbTaking:
        known: dict[str, Any] = {"samples": 0, "config": {}, "summary": {}, "texts": [], "about": {}}
        self.begin(run, writer, file, hash=clean(run.dir.rpartition("/")[2]), ends=True, **known)
        return _WandbTaking(run, writer)

    def value(self, path: Path, record: bytes, place: int, kind: str) -> bytes:
        items = media_in(_history(record).values)
        item = next((item for item in items if item.place == place and item.kind == kind), None)
        if item is None:
            raise ValueError("the record has no such value")
        return item.content(partial(inside, path.parent / "files"))


# Records


class _WandbTaking(FrameTaking):
    def __init__(self, run: RunState, writer: WriterState) -> None:
        super().__init__(run, writer)
        self.takes = {
            _HISTORY: self._history, _SUMMARY: self._summary, _CONFIG: self._config, _STATS: self._stats,
            _ARTIFACT: self._artifact, _ALERT: self._alert, _RUN: self._run, _EXIT: self._take_exit,
            _ENVIRONMENT: self._environment,
        }  # fmt: skip

    def batch(self) -> Batch:
        start, made = self.start, self.values.batch()
        summary = summary_of(start["summary"], self.writer)
        groups = {"hparams": start["config"], "summary": summary, "wandb": start["about"].get("params", {})}
        give_params(self.writer, groups)
        give_facts("wandb", self.run, {name: value for name, value in start["about"].items() if name != "params"})
        return made

    def _history(self, data: bytes, part: Field, at: int) -> None:
        row = _history_of(data, part)
        step = row.step if row.step is not None else whole(row.values.get("_step"))
        if step is None:
            raise ValueError("a row of history without a step")
        take_row(self.values, row.values, step, at)

    def _summary(self, data: bytes, part: Field, at: int) -> None:
        known = self.start["summary"]
        for key, value in summary_in(_items(data, part, 1, 2)):
            if key in known or len(known) < _MOST_SUMMARY:
                known[key] = value

    def _config(self, data: bytes, part: Field, at: int) -> None:
        config = _items(data, part, 1, 2)
        config.pop("_wandb", None)
        merge(self.start["config"], config)
        for removed in every(data, part, 2):
            for key in every(data, removed, 1):
                self.start["config"].pop(text(data, key), None)

    def _stats(self, data: bytes, part: Field, at: int) -> None:
        time = next((moment(data, inner) for inner in every(data, part, 2)), 0.0)
        step = self.start["samples"]
        self.start["samples"] += 1
        for name, value in _items(data, part, 3, 2).items():
            if (read := number(value)) is not None:
                self.values.point(f"system/{name}", step, read, time)

    def _artifact(self, data: bytes, part: Field, at: int) -> None:
        named = {inner.number: text(data, inner) for inner in fields(data, part.start, part.stop) if inner.number < 6}
        self.values.skip("artifacts", f"{named.get(4, '')} {named.get(5, '')}".strip())

    def _alert(self, data: bytes, part: Field, at: int) -> None:
        self.values.skip("alerts", next((text(data, inner) for inner in every(data, part, 1)), ""))

    def _run(self, data: bytes, part: Field, at: int) -> None:
        said: dict[int, str] = {}
        tags: list[str] = []
        for inner in fields(data, part.start, part.stop):
            if inner.kind != BYTES:
                continue
            if inner.number == 4:
                self._config(data, inner, at)
            elif inner.number == 10:
                tags.append(text(data, inner))
            elif inner.number == 17 and (started := moment(data, inner)):
                self.writer.started = self.start["time"] = started
            elif inner.number in _OF_RUN or inner.number in (8, 9):
                said[inner.number] = text(data, inner)
        self.start["experiment"] = clean(said.get(3) or "W&B")
        about = {name: said[key] for key, name in _OF_RUN.items() if said.get(key)}
        params = {name: about[name] for name in ("group", "job_type", "entity") if name in about}
        self.start["about"].update({**about, **({"params": params} if params else {})})
        # A later record counts more.
        stamp = self.writer.started + at / 1e9
        for name, value in (("name", said.get(8)), ("description", said.get(9))):
            if value:
                edit(self.writer, name, value, stamp)
        for tag in tags:
            edit(self.writer, f"tag:{clean(tag)}", True, stamp)

    def _take_exit(self, data: bytes, part: Field, at: int) -> None:
        known = {inner.number: signed(data, inner) for inner in fields(data, part.start, part.stop)}
        self.start["failed"] = known.get(1, 0) != 0

    def _environment(self, data: bytes, part: Field, at: int) -> None:
        for inner in fields(data, part.start, part.stop):
            if inner.number in _OF_ENVIRONMENT and inner.kind == BYTES:
                self.start["about"][_OF_ENVIRONMENT[inner.number]] = text(data, inner)


def take_row(values: Collector, row: Mapping[str, Any], step: int, at: int) -> list[Medium]:
    """Take the points and media of a row of history, which is at a place of its own."""
    flatted = flat(row)
    known = dict(flatted)
    time, epoch = bounds.seconds(known.get("_timestamp")), number(known.get("epoch"))
    media = media_in(row)
    inside = tuple(f"{item.key}." for item in media)
    for item in media:
        _take_medium(values, item, step, time, at)
    for name, value in flatted:
        if name.startswith("_") or name.startswith(inside):
            continue
        read = number(value)
        if read is not None:
            values.point(name, step, read, time, epoch)
        elif isinstance(value, list):
            values.skip("lists", name)
    return media


def _take_medium(values: Collector, item: Medium, step: int, time: float, at: int) -> None:
    texts = values.writer.start["texts"]
    if item.kind not in _MEDIA:
        values.skip(item.kind, item.key)
    elif item.place < PER_RECORD:
        if item.kind == "text" and item.key not in texts and len(texts) < _MOST_SUMMARY:
            texts.append(item.key)
        values.medium(
            item.kind, item.key, step, time, at=at * PER_RECORD + item.place, size=item.size,
            about=json.dumps(item.about), place=item.place,
        )  # fmt: skip


def summary_of(values: Mapping[str, Any], writer: WriterState) -> dict[str, Any]:
    """The summary without the last values of what a row logged: those are points, or texts, already."""
    logged = {name[0] for name in writer.names.values()}.union(writer.start["texts"])
    return nested({key: value for key, value in values.items() if key not in logged})


_OF_RUN = {1: "id", 2: "entity", 3: "project", 6: "group", 7: "job_type", 13: "host"}
_OF_ENVIRONMENT = {1: "os", 2: "python", 7: "program"}


class _HistoryRow(NamedTuple):
    values: dict[str, Any]
    step: int | None


def _history(data: bytes) -> _HistoryRow:
    """The row in a record. Raises ValueError if it has none."""
    for part in fields(data, 0, len(data)):
        if part.number == _HISTORY and part.kind == BYTES:
            return _history_of(data, part)
    raise ValueError("the record has no row of history")


def _history_of(data: bytes, part: Field) -> _HistoryRow:
    step = None
    for inner in every(data, part, 2):
        steps = [signed(data, inmost) for inmost in fields(data, inner.start, inner.stop) if inmost.number == 1]
        step = whole(steps[0]) if steps else 0
    return _HistoryRow(_items(data, part, 1, 2), step)


def _items(data: bytes, part: Field, number: int, nested: int) -> dict[str, Any]:
    """The items of a message: each a key or the parts of one, and a value as JSON."""
    values: dict[str, Any] = {}
    for item in every(data, part, number):
        keys: list[str] = []
        value: bytes = b"null"
        for inner in fields(data, item.start, item.stop):
            if inner.kind == BYTES and inner.number == 16:
                value = data[inner.start : inner.stop]
            elif inner.kind == BYTES and inner.number in (1, nested):
                keys.append(text(data, inner))
        if keys and len(keys) <= bounds.MAX_DEPTH:
            put(values, keys, _value(value))
    return values


def _value(data: bytes) -> Any:
    try:
        return float(data) if b"." in data and len(data) < 40 and b"_" not in data else bounds.loads(data)
    except ValueError:
        return bounds.loads(data)


def summary_in(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The plain values of a summary."""
    plain = {key: value for key, value in values.items() if not (isinstance(value, dict) and "_type" in value)}
    for key, value in flat(plain):
        if not key.startswith("_") and not isinstance(value, (dict, list)):
            yield key, value


# Media

_MEDIA = ("image", "video", "audio", "text", "html", "figure", "distribution", "table")


@dataclass
class Medium:
    """A value of a row that is not a number, in the file at `path` below `files/`, or `data` itself."""

    kind: str
    key: str
    place: int
    size: int
    path: str | None = None
    data: bytes = b""
    about: dict[str, Any] = field(default_factory=dict)

    def content(self, read: Callable[[str], bytes]) -> bytes:
        """As Aim keeps it. `read` gives the bytes of a file by its path."""
        if self.path is None:
            return self.data
        data = read(self.path)
        return table_of(data, read) if self.kind == "table" else data


def media_in(values: Mapping[str, Any]) -> list[Medium]:
    """The media in a row, in the same order each time."""
    media: list[Medium] = []
    for key, value in _typed(values):
        if isinstance(value, str):
            if number(value) is None:
                data = value.encode("utf-8", "backslashreplace")
                media.append(Medium("text", key, 0, len(data), data=data))
        elif value["_type"] == "histogram":
            with suppress(ValueError, TypeError, KeyError):
                data = _distribution(value)
                media.append(Medium("distribution", key, 0, len(data), data=data))
        elif value["_type"] == "images/separated":
            media += _separated(key, value)
        else:
            media.append(_filed(key, value))
    for place, item in enumerate(media):
        item.place = place
    return media


def _typed(values: Mapping[str, Any], prefix: str = "", depth: int = 20) -> Iterator[tuple[str, Any]]:
    """The texts in a row, and the objects with a type of W&B's."""
    for key, value in values.items():
        name = f"{prefix}.{key}" if prefix else str(key)
        if isinstance(value, str) and not name.startswith("_"):
            yield name, value
        elif isinstance(value, dict) and isinstance(value.get("_type"), str):
            yield name, value
        elif isinstance(value, dict) and depth:
            yield from _typed(value, name, depth - 1)


def _filed(key: str, value: Mapping[str, Any]) -> Medium:
    kind = _FILES.get(value["_type"], value["_type"].removesuffix("-file")[:40])
    path = value.get("path")
    if not isinstance(path, str):
        return Medium("files elsewhere", key, 0, 0)
    size = bounds.count(value.get("size"))
    about = _about_table(value) if kind == "table" else _about(path, value.get("caption"), value)
    return Medium(kind, key, 0, size, path, about=about)


def _separated(key: str, value: Mapping[str, Any]) -> Iterator[Medium]:
    """Several images of one key."""
    names, captions = value.get("filenames"), value.get("captions")
    names = names if isinstance(names, list) else []
    captions = captions if isinstance(captions, list) and len(captions) == len(names) else [None] * len(names)
    for name, caption in zip(names, captions, strict=True):
        if isinstance(name, str):
            yield Medium("image", key, 0, 0, name, about=_about(name, caption, value))


def _about(path: str, caption: object, value: Mapping[str, Any]) -> dict[str, Any]:
    about: dict[str, Any] = {"format": format_named(os.path.splitext(path)[1].removeprefix("."))}
    if isinstance(caption, str) and caption:
        about["caption"] = caption[:1000]
    for name in ("width", "height"):
        if isinstance(size := value.get(name), int) and 0 < size < 1 << 31:
            about[name] = size
    return about


def _about_table(value: Mapping[str, Any]) -> dict[str, Any]:
    counts = {"rows": value.get("nrows"), "columns": value.get("ncols")}
    return {"format": "parquet", **{name: count for name, count in counts.items() if whole(count) is not None}}


def _distribution(value: Mapping[str, Any]) -> bytes:
    packed = value.get("packedBins")
    counts = [float(count) for count in value["values"]]
    if isinstance(packed, dict):
        low, step, count = float(packed["min"]), float(packed["size"]), int(packed["count"])
        edges = [low + step * i for i in range(min(count, len(counts)) + 1)]
    else:
        edges = [float(edge) for edge in value["bins"]]
    if not counts or len(edges) != len(counts) + 1 or any(a >= b for a, b in zip(edges, edges[1:], strict=False)):
        raise ValueError("bins that do not rise")
    return encode(Counted(edges, counts))
