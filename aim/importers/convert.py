"""Copies TensorBoard logs into a repository permanently: the same points, values, steps, times and hparams, as Aim
logs.

A record in the logs themselves tells how far each event file was copied, so another copy adds only what is new. A log
is written elsewhere and moved into place when it is complete.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from bisect import bisect_left
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from aim import layout, regular
from aim.errors import LogError
from aim.importers import aside
from aim.index.catalog import Catalog
from aim.index.series import gather
from aim.index.sources.tensorboard import hparams, media
from aim.index.sources.tensorboard.events import EventBatch, EventMedia, EventReader
from aim.index.sources.tensorboard.listing import EventFile, event_files
from aim.index.sources.tensorboard.source import SOURCE, given_params, tag_name
from aim.index.sources.tensorboard.tfrecord import blocks
from aim.index.state import RunState, clean
from aim.log import record
from aim.log.objects import append
from aim.log.writer import Writer

_NAN = float("nan")
Progress = Callable[[int, int, str], None]


class Copied(NamedTuple):
    """The new runs and points. `ids` maps each folder to its run in the repository, and `joined` each earlier run of a
    folder that now belongs to another one to the run of that."""

    runs: int
    points: int
    ids: dict[str, str]
    joined: dict[str, str]


class Mark(NamedTuple):
    """How far a file was copied: up to byte `length`, and the numbers of points, session starts and other values of the
    part after it."""

    length: int = 0
    points: int = 0
    sessions: int = 0
    objects: int = 0


def copy(aim_dir: Path, catalog: Catalog, logdir: Path, *, experiment: str, progress: Progress | None = None) -> Copied:
    """Copy what is new below `logdir`. A run that was deleted in the repository stays deleted. The repository is made
    if there is something to copy."""
    folders = event_files(logdir).runs
    if folders:
        layout.create(aim_dir)
        aside.remove_old(aim_dir)
    above: dict[str, dict[str, Any]] = {}
    runs = points = 0
    ids: dict[str, str] = {}
    joined: dict[str, str] = {}
    for done, (folder, files) in enumerate(sorted(folders.items())):
        if progress is not None:
            progress(done, len(folders), "copying")
        id = ids[folder] = converted_id(folder, files)
        if id not in catalog.deleted:
            name = logdir.name if folder == "." else folder
            job = _ConvertedFolder(aim_dir, id, clean(name), experiment, _earlier(catalog, id), _names(catalog, id))
            job.copy(files, _inherited(folder, above))
            above[folder] = job.hparams
            runs, points = runs + bool(job.logs()), points + job.points
            joined.update(dict.fromkeys(_alone(catalog, folder, files), id))
    if progress is not None:
        progress(len(folders), len(folders), "copying")
    return Copied(runs, points, ids, joined)


def converted_id(folder: str, files: list[EventFile]) -> str:
    """The run of a folder. Its name includes the first event file, since other logs may have a folder of the same
    name."""
    text = f"converted {SOURCE}\0{folder}\0{files[0].name}"
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _alone(catalog: Catalog, folder: str, files: list[EventFile]) -> list[str]:
    """The earlier runs of folders that belong to this one. Their values are in its run now."""
    first: dict[str, EventFile] = {}
    for file in files:
        if file.within:
            first.setdefault(file.within if folder == "." else f"{folder}/{file.within}", file)
    ids = [converted_id(place, [file]) for place, file in first.items()]
    return [id for id in ids if id in catalog.index and id not in catalog.deleted]


def _earlier(catalog: Catalog, id: str) -> RunState | None:
    return catalog.state(catalog.index[id]) if id in catalog.index else None


def _names(catalog: Catalog, id: str) -> list[str]:
    return gather(catalog, None, [catalog.index[id]]).columns["name"].tolist() if id in catalog.index else []


def _inherited(folder: str, above: dict[str, dict[str, Any]]) -> dict[str, Any]:
    while "/" in folder:
        folder = folder.rpartition("/")[0]
        if above.get(folder):
            return above[folder]
    return above.get(".", {}) if folder != "." else {}


class _ConvertedFolder:
    """One folder, being copied to logs of one run: one for each restart, and one `beside` them for the folders that
    belong to it, which no restart hides."""

    def __init__(
        self, aim_dir: Path, id: str, name: str, experiment: str, earlier: RunState | None, names: list[str]
    ) -> None:
        self.aim_dir = aim_dir
        self.id = id
        self.name = name
        self.experiment = experiment
        self.names = names
        self.hparams: dict[str, Any] = dict((earlier.params().get("hparams") or {}) if earlier else {})
        self.given: list[tuple[int, dict[str, Any]]] = []
        self.drafts: list[_LogDraft] = []
        self.beside: _LogDraft | None = None
        self.points = 0
        self.marks: dict[str, Mark] = {}
        self.lengths: dict[str, int] = {}
        self.started: set[str] = set()
        self.attempt = ""
        self.begun = 0.0
        self.wall = earlier.main().last_time if earlier else None
        self.aside = aside.folder(aim_dir)
        for writer in earlier.writers if earlier else ():
            self.begun = max(self.begun, writer.started)
            self.attempt = str(writer.start.get("attempt") or self.attempt)
            copied = (writer.facts.get(SOURCE) or {}).get("copied") or {}
            if not any("/" in file for file in copied):
                self.lengths[writer.id] = writer.length
            for file, mark in copied.items():
                self.marks[file] = max(self.marks.get(file, Mark()), Mark(*mark))
                self.started.add(file)

    def copy(self, files: list[EventFile], inherited: dict[str, Any]) -> None:
        try:
            for file in files:
                self._copy_file(file)
            self._params(inherited)
            for draft in self.logs():
                draft.finish()
            folder = layout.run_dir(self.aim_dir, self.name)
            for draft in self.logs():
                layout.make_folder(folder, self.aim_dir)
                with regular.folder(folder, self.aim_dir) as place:
                    place.bring(draft.writer.path)
            layout.show_grown(self.aim_dir)
        finally:
            for draft in self.logs():
                draft.writer.close()
            shutil.rmtree(self.aside, ignore_errors=True)

    def logs(self) -> list[_LogDraft]:
        return self.drafts if self.beside is None else [*self.drafts, self.beside]

    def _params(self, inherited: dict[str, Any]) -> None:
        """Record the hyperparameters of the files that were read, or those of a folder above."""
        new: dict[str, Any] = {}
        for rank, params in sorted(self.given, key=lambda entry: entry[0]):
            new |= {name: value for name, value in params.items() if rank > 1 or name not in self.hparams}
        if not new and not self.hparams and not self.marks:
            new = inherited
        if new and (logs := self.logs()):
            logs[0].params(new)
            self.hparams |= new

    def _copy_file(self, file: EventFile) -> None:
        mark = self.marks.get(clean(file.place), Mark())
        wall = self.wall if mark.length else None
        reader = EventReader([tag.encode() for tag in self.names], wall=wall, changed=file.mtime / 1e9)
        for block in blocks(file.path, mark.length):
            part = reader.read(block)
            if file.within:
                part.sessions = []
            self._copy_part(file, block.offset, part, mark)
            mark = Mark(block.end)

    def _copy_part(self, source: EventFile, offset: int, part: EventBatch, mark: Mark) -> None:
        file = clean(source.place)
        at, sessions, objects = mark.points, mark.sessions, mark.objects
        begun = [item.record for item in part.objects]
        for place, step in part.sessions[mark.sessions :]:
            before, others = int(np.searchsorted(part.record, place)), bisect_left(begun, place)
            if before > at:
                self._points(source, part, at, before, Mark(offset, before, sessions, objects))
            if others > objects:
                self._objects(source, part, objects, others, Mark(offset, max(at, before), sessions, others))
            at, sessions, objects = max(at, before), sessions + 1, max(objects, others)
            if (self.drafts or self.lengths) and (file in self.started or offset == before == others == 0):
                self._begin(step, part, at)
                self.drafts[-1].copied[file] = Mark(offset, at, sessions, objects)
            self.started.add(file)
        if at < len(part.tag):
            self._points(source, part, at, len(part.tag), Mark(offset, len(part.tag), sessions, objects))
        if objects < len(part.objects):
            self._objects(source, part, objects, len(part.objects), Mark(part.end))
        if not (mark.points or mark.objects):
            self._sessions(source, part)
        draft = self.beside if source.within else self.drafts[-1] if self.drafts else None
        if draft is not None:
            draft.copied[file] = Mark(part.end)

    def _points(self, source: EventFile, part: EventBatch, start: int, stop: int, mark: Mark) -> None:
        draft = self._draft(source, part, start)
        draft.points(part, start, stop, source.context)
        draft.copied[clean(source.place)] = mark
        self.points += stop - start

    def _objects(self, source: EventFile, part: EventBatch, start: int, stop: int, mark: Mark) -> None:
        draft = self._draft(source, part, len(part.wall))
        with regular.opened(os.path.realpath(source.path)) as events:
            for item in part.objects[start:stop]:
                events.seek(item.at)
                draft.value(item, events.read(item.length), source)
        draft.copied[clean(source.place)] = mark
        self.points += stop - start

    def _sessions(self, source: EventFile, part: EventBatch) -> None:
        if given := given_params(part, source.within):
            self.given += given
            self._draft(source, part, 0)
        ended = [session.failed for session in map(hparams.read, part.hparams) if session.failed is not None]
        if ended and self.drafts and not source.within:
            self.drafts[-1].failed = ended[-1]

    def _draft(self, source: EventFile, part: EventBatch, at: int) -> _LogDraft:
        if not source.within:
            return self.drafts[-1] if self.drafts else self._begin(None, part, at)
        if self.beside is None:
            self.beside = self._new(None, part, at)
        return self.beside

    def _begin(self, resume_from: int | None, part: EventBatch, at: int) -> _LogDraft:
        for draft in self.drafts:
            self.lengths[draft.writer.id.hex()] = draft.writer.written
        self.drafts.append(self._new(resume_from, part, at))
        return self.drafts[-1]

    def _new(self, resume_from: int | None, part: EventBatch, at: int) -> _LogDraft:
        joins = bool(self.attempt) and resume_from is None
        draft = _LogDraft(self.aside, bytes.fromhex(self.id), self.aim_dir)
        self.attempt = self.attempt if joins else draft.writer.id.hex()
        wall = part.first_wall or 0.0 if not self.begun or at >= len(part.wall) else float(part.wall[at])
        draft.last = self.begun = wall = max(wall, self.begun + 1e-6)
        start = {
            "format": 1, "run": self.id, "writer": draft.writer.id.hex(), "hash": self.name, "time": wall,
            "experiment": self.experiment, "attempt": self.attempt, "launch": None,
            "role": "join" if joins else "main", "resume_from": resume_from,
            "earlier": {} if resume_from is None else dict(self.lengths), "process": {}, "facts": {},
        }  # fmt: skip
        draft.record(record.START, start)
        return draft


class _LogDraft:
    """A log that is not in place yet."""

    def __init__(self, folder: Path, run: bytes, aim_dir: Path) -> None:
        self.writer = Writer(folder, run, aim_dir=aim_dir, on_trouble=self._refused)
        self._refusal = OSError(errno.EIO, os.strerror(errno.EIO))
        self.copied: dict[str, Mark] = {}
        self.failed = False
        self.last = 0.0
        self._numbers: dict[tuple[bytes, str, str], int] = {}
        self._stamp = 0

    def record(self, kind: int, content: dict[str, Any]) -> None:
        self._sure(self.writer.append(kind, record.encode_json(content)))

    def params(self, values: dict[str, Any]) -> None:
        self._stamp = max(int(self.last * 1e6), self._stamp + 1)
        self.record(record.PARAMS, {"stamp": self._stamp, "value": {"hparams": values}})

    def points(self, part: EventBatch, start: int, stop: int, context: str) -> None:
        numbers = [self._number(tag, context) for tag in part.tags]
        tags, steps = part.tag[start:stop].tolist(), part.step[start:stop].tolist()
        append = self.writer.append_float
        columns = zip(tags, steps, part.value[start:stop].tolist(), part.wall[start:stop].tolist(), strict=True)
        self._sure(all([append(numbers[tag], step, value, wall, _NAN) for tag, step, value, wall in columns]))
        self.last = max(self.last, float(part.wall[start:stop].max()))

    def value(self, item: EventMedia, data: bytes, source: EventFile) -> None:
        """Media of one event. Invalid histograms are skipped, as in the UI."""
        with suppress(LogError):
            content = media.content(item.kind, data, source.where)
            self._sure(
                append(
                    self.writer, self._number(item.tag, source.context, item.kind), step=item.step, time=item.wall,
                    epoch=None, place=item.place, data=content, meta=json.loads(item.about),
                )
            )  # fmt: skip
            self.last = max(self.last, item.wall)

    def _number(self, tag: bytes, context: str, kind: str = "") -> int:
        series = tag, context, kind
        if series not in self._numbers:
            number = self._numbers[series] = len(self._numbers)
            named = record.encode_series(number, tag_name(tag), json.loads(context), kind)
            self._sure(self.writer.append(record.SERIES, named))
        return self._numbers[series]

    def finish(self) -> None:
        self.record(record.FACTS, {SOURCE: {"copied": self.copied}})
        status = "failed" if self.failed else "finished"
        self.record(record.END, {"time": self.last, "status": status, "error": None, "dropped": 0})
        self.writer.close()
        self._sure(not self.writer.waiting)

    def _sure(self, written: object) -> None:
        if not written or self.writer.waiting:
            raise OSError(layout.not_written(self.writer.path, self._refusal))

    def _refused(self, error: OSError) -> None:
        self._refusal = error
