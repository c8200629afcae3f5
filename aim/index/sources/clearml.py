"""Runs of ClearML that were recorded offline: the folder of a session, with `task.json` and `metrics.jsonl`, or the ZIP
archive that ClearML makes of it at the end."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, ClassVar
from zlib import crc32

from aim import regular
from aim.errors import LogError
from aim.index.sources import archives, objects
from aim.index.sources.collect import Collector, format_named, nested, number, whole
from aim.index.sources.files import StoreSource, edit, give_facts, give_params, inside
from aim.index.sources.source import Batch, Location, SourceFile
from aim.index.sources.tree import FoundFile
from aim.index.state import RunState, WriterState, clean
from aim.log import bounds
from aim.log.objects import MAX_SIZE
from aim.plain import typed

_TASK, _METRICS = "task.json", "metrics.jsonl"
_LARGEST_TASK = 16 << 20
_MOST_VALUES, _MOST_SUMMARY = 100_000, 2_000
# A value is found again by the place of its line and its number there.
_PER_LINE = 1 << 12
# The iteration of a value that has none.
_ALONE = -(1 << 31)
_KINDS = {
    **dict.fromkeys(("png", "jpg", "jpeg", "gif", "webp"), "image"),
    **dict.fromkeys(("wav", "mp3", "flac", "ogg"), "audio"),
    **dict.fromkeys(("mp4", "webm"), "video"),
    **dict.fromkeys(("html", "htm"), "html"),
    "txt": "text",
}


@dataclass
class _OfflineTask:
    """`file` is its archive, or that of its metrics. `size` is how far these can be read."""

    file: FoundFile
    size: int
    version: int
    is_archive: bool

    @contextmanager
    def opened(self, name: str) -> Iterator[IO[bytes]]:
        if self.is_archive:
            with archives.opened(self.file.where, name) as member:
                yield member
        else:
            with regular.opened(os.path.join(os.path.dirname(os.path.realpath(self.file.where)), name)) as file:
                yield file

    def task(self) -> dict[str, Any]:
        """What it says of the run. Empty if it is none, or cannot be read now."""
        try:
            with self.opened(_TASK) as file:
                data = file.read(_LARGEST_TASK + 1)
            task = bounds.loads(data) if len(data) <= _LARGEST_TASK else None
        except (LogError, OSError, ValueError, RecursionError):
            return {}
        return task if isinstance(task, dict) and "offline_folder" in task else {}


class ClearmlTasks(StoreSource[_OfflineTask]):
    name: ClassVar[str] = "clearml"
    title: ClassVar[str] = "ClearML"
    pattern: ClassVar[str] = r"^(task\.json|metrics\.jsonl)$|\.zip$"

    def __init__(self, top: Path) -> None:
        super().__init__(top)
        self._others: set[tuple[str, int]] = set()

    def names(self) -> Collection[str]:
        """A folder counts more than the archive beside it, which has the same."""
        known, self.stored, files = self.stored, dict[str, _OfflineTask](), self.tree.find().files
        others, self._others = self._others, set[tuple[str, int]]()
        for folder, there in files.items():
            named = {file.name: file for file in there}
            if _TASK in named:
                about, metrics = named[_TASK], named.get(_METRICS)
                archive = os.path.exists(f"{os.path.dirname(about.where)}.zip")
                version = _version(about.size, about.mtime, about.identity, archive)
                session = _OfflineTask(metrics or about, metrics.size if metrics else 0, version, False)
                self._add(known, others, folder, session)
        for folder, there in files.items():
            for file in there:
                place = f"{folder}/{file.name.removesuffix('.zip')}"
                if file.name.endswith(".zip") and place.removeprefix("./") not in self.stored:
                    self._add(known, others, place, _OfflineTask(file, file.size, _version(file), True))
        return self.stored

    def _add(
        self, known: Mapping[str, _OfflineTask], others: Set[tuple[str, int]], place: str, session: _OfflineTask
    ) -> None:
        place = place.removeprefix("./")
        earlier, seen = known.get(place), (place, session.version)
        is_known = earlier is not None and (earlier.version, earlier.is_archive) == (
            session.version,
            session.is_archive,
        )
        if is_known or seen not in others and session.task():
            self.stored[place] = session
        else:
            self._others.add(seen)

    def read(self, run: RunState, writer: WriterState, file: SourceFile) -> Iterator[Batch]:
        session = self.stored[run.dir]
        task = session.task()
        if not task:
            raise LogError(f"its {_TASK} cannot be read: {session.file.where}")
        ended = session.is_archive or os.path.exists(f"{os.path.dirname(session.file.where)}.zip")
        self.begin(
            run, writer, file, hash=clean(str(task.get("id") or run.dir)), ends=True, read=0, summary={},
            experiment=clean(str(task.get("project_name") or self.title)),
        )  # fmt: skip
        if ended:
            writer.start["failed"] = False
        values = Collector(writer)
        yield from self._lines(values, session)
        writer.length = session.size
        for artifact in objects.parts(objects.part(task, "execution"), "artifacts"):
            values.skip("artifacts", str(artifact.get("key")))
        self._describe(run, writer, task)
        yield values.batch()

    def _lines(self, values: Collector, session: _OfflineTask) -> Iterator[Batch]:
        start = values.writer.start
        if session.is_archive:
            stop = archives.sizes(session.file.where).get(_METRICS, 0)
        else:
            stop = session.size
        if start["read"] >= stop:
            return
        with session.opened(_METRICS) as file:
            file.seek(start["read"])
            for line in archives.lines(file, start["read"], stop, complete=session.is_archive):
                _take(values, line)
                start["read"] = line.stop
                if len(values) >= _MOST_VALUES:
                    yield values.batch()

    def _describe(self, run: RunState, writer: WriterState, task: Mapping[str, Any]) -> None:
        if "first" in writer.start:
            writer.started = writer.start["time"] = writer.start["first"]
        for field, value in (("name", task.get("name")), ("description", task.get("comment"))):
            if isinstance(value, str) and value:
                edit(writer, field, clean(value), writer.started)
        for tag in _texts(task.get("tags")):
            edit(writer, f"tag:{clean(tag)}", True, writer.started)
        groups = {**_params(task.get("hyperparams")), "summary": writer.start["summary"]}
        give_params(writer, groups)
        script = task.get("script")
        named = (("program", "entry_point"), ("python", "binary"), ("repository", "repository"), ("branch", "branch"))
        facts = {name: script.get(key) for name, key in named} if isinstance(script, dict) else {}
        give_facts(self.name, run, {**facts, "type": task.get("type"), "project": task.get("project_name")})

    def content(self, location: Location, kind: str, about: str, most: int | None) -> bytes:
        session = self.stored.get(location.folder)
        if session is None:
            raise LogError(f"the session is gone: {location.folder}")
        start, place = divmod(max(0, location.at), _PER_LINE)
        try:
            with session.opened(_METRICS) as file:
                file.seek(start)
                line = next(archives.lines(file, start, 1 << 62, complete=True))
            event = _events(line)[place]
            if kind == "figure":
                return str(event["plot_str"]).encode("utf-8", "backslashreplace")
            path = f"data/{event['key']}"
            if session.is_archive:
                return archives.read(session.file.where, path, MAX_SIZE)
            return inside(session.file.path.parent, path)
        except (OSError, ValueError, LookupError, TypeError, StopIteration) as error:
            raise LogError(f"the value cannot be read ({error or 'it is gone'}): {session.file.where}") from None


def _version(*seen: object) -> int:
    return crc32(repr(seen).encode("utf-8", "backslashreplace"))


def _events(line: archives.Line) -> list[Any]:
    events = bounds.loads(line.data or b"")
    if not isinstance(events, list):
        raise ValueError("a line that is not a list")
    return events


def _take(values: Collector, line: archives.Line) -> None:
    writer = values.writer
    try:
        events = _events(line)
    except (ValueError, RecursionError):
        writer.damage.append((line.start, line.stop))
        return
    for place, event in enumerate(events):
        if isinstance(event, dict):
            at = line.start * _PER_LINE + place if place < _PER_LINE else None
            _take_event(values, event, at)


def _take_event(values: Collector, event: Mapping[str, Any], at: int | None) -> None:
    metric, variant, type = (str(event.get(key) or "") for key in ("metric", "variant", "type"))
    name = metric if variant in ("", metric) else f"{metric}/{variant}"
    if metric.startswith(":monitor:"):
        name = f"system/{metric.removeprefix(':monitor:')}/{variant}"
    time = bounds.seconds((number(event.get("timestamp")) or 0.0) / 1000)
    step, value = whole(event.get("iter")), number(event.get("value"))
    if time:
        values.writer.start.setdefault("first", time)
    if type == "training_stats_scalar" and value is not None and step == _ALONE:
        summary = values.writer.start["summary"]
        if variant in summary or len(summary) < _MOST_SUMMARY:
            summary[variant] = value
    elif type == "training_stats_scalar" and value is not None and step is not None:
        values.point(name, step, value, time)
    elif type == "training_debug_image" and at is not None and isinstance(event.get("key"), str):
        format = os.path.splitext(event["key"])[1].removeprefix(".").lower()
        kind = _KINDS.get(format)
        if kind is None:
            values.skip("debug samples", name)
        else:
            about = {} if kind in ("text", "html") else {"format": format_named(format)}
            values.medium(kind, name, max(0, step or 0), time, at=at, size=0, about=json.dumps(about))
    elif type == "plot" and at is not None and str(event.get("plot_str"))[:1] == "{":
        size = len(event["plot_str"])
        about = {"format": "plotly"}
        values.medium("figure", name, max(0, step or 0), time, at=at, size=size, about=json.dumps(about))
    else:
        values.skip({"training_stats_vector": "vectors"}.get(type, type[:40] or "other events"), name)


def _params(sections: object) -> dict[str, Any]:
    """Params by their sections. ClearML keeps them as text, with a type, and joins nested keys by slashes."""
    groups: dict[str, Any] = {}
    for section, params in sections.items() if isinstance(sections, dict) else ():
        values = {
            str(key): _value(item) for key, item in params.items() if isinstance(item, dict)
        } if isinstance(params, dict) else {}  # fmt: skip
        groups["hparams" if section == "General" else clean(str(section))] = nested(values, "/")
    return groups


def _value(item: Mapping[str, Any]) -> Any:
    value = item.get("value")
    return typed(value) if isinstance(value, str) and item.get("type") != "str" else value


def _texts(values: object) -> list[str]:
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []
