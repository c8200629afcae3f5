"""The index of a folder of TensorBoard logs: every folder with event files is a run, every event file a writer of it.

Points become the same records that logs hold, so all that follows (segments, the cache, series, queries) is that of the
repository. An event file is known by device, inode and length; bytes that were folded are not read again.
"""

from __future__ import annotations

import hashlib
import os
import time
from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from aim.importers import hparams
from aim.importers.events import Object, Part, Reader
from aim.importers.objects import EventReader
from aim.importers.tfrecord import windows
from aim.index.objects import Row
from aim.index.parse import Stretch
from aim.index.refresh import RACY, Dir, Index, Progress, Work
from aim.index.scan import Source, begins_alike
from aim.index.schema import FOREIGN
from aim.index.state import RunState, WriterState, clean
from aim.log import record, status

EXPERIMENT = "TF"
SOURCE = "tensorboard"
MARK = "tfevents"
_DEEPEST = 64
_MOST_TAGS = 50
_POINT = np.dtype(
    [
        *(("word", "<u4"), ("number", "<u4"), ("step", "<i8"), ("value", "<f8")),
        *(("time", "<f8"), ("epoch", "<f8"), ("check", "<u4")),
    ]
)


class EventFile(NamedTuple):
    """`where` is its path as text, because thousands of them are looked at often."""

    where: str
    name: str
    size: int
    mtime: int
    place: tuple[int, int]

    @property
    def path(self) -> Path:
        return Path(self.where)


class EventIndex(Index):
    """The event files below `logdir`, in a cache of their own beside that of the repository."""

    def __init__(self, aim_dir: Path, logdir: Path, *, progress: Progress | None = None) -> None:
        key = hashlib.sha256(os.fsencode(os.path.realpath(logdir))).hexdigest()[:16]
        super().__init__(aim_dir, progress=progress, cache=f"{SOURCE}-{key}", first=FOREIGN)
        self.logdir = logdir
        self.reader = EventReader(logdir)

    def notes(self) -> list[str]:
        """What of the event files cannot be shown: what there is no kind of value for, damaged places, and ends that
        were never written."""
        with self._lock:
            runs = sorted(self._states.values(), key=lambda run: run.dir)
            found: dict[str, int] = {}
            for run in runs:
                for kind, tags in _skipped(run).items():
                    found[kind] = found.get(kind, 0) + len(tags)
            kinds = ", ".join(f"{count:,} of {kind}" for kind, count in sorted(found.items()))
            said = [f"Tags of TensorBoard that are not shown, because Aim has no such values: {kinds}"] if found else []
            return said + [text for run in runs for one in run.writers for text in _troubles(run, one, self.logdir)]

    # What lies on disk

    def _look(self) -> list[Work]:
        found = event_files(self.logdir)
        for folder in [folder for folder in self._dirs if folder not in found]:
            self._forget(folder)
        self._recall(list(self._dirs))
        work: list[Work] = []
        for folder, files in found.items():
            self._look_into(folder, files, work)
        return work

    def _look_into(self, folder: str, files: list[EventFile], work: list[Work]) -> None:
        id = run_id(folder)
        run = self._states.get(id)
        if run is None or not _holds(run, files):
            self._drop(id)
            run = self._states[id] = RunState(id, folder, self._number)
            self._dirs[folder] = Dir(RACY, (id,), False)
        for file in files:
            writer = run.writer(writer_id(file.name)) or _begin(run, file)
            if file.size != writer.size:
                work.append(Work(run, writer, _source(run, writer, file)))

    # Folding

    def _fold(self, work: list[Work], size: int, *, locked: bool = False) -> None:
        super()._fold(work, size, locked=locked)
        if work:
            self._inherit()

    def _windows(self, run: RunState, writer: WriterState, source: Source) -> Iterator[None]:
        kinds = {tag.encode(): kind for tag, kind in writer.start.get("kinds", {}).items()}
        reader = Reader([name[0].encode() for name in writer.names if name], kinds)
        for window in windows(source.path, writer.length):
            self._take(run, writer, reader.read(window))
            writer.start["kinds"] = {tag_name(tag): kind for tag, kind in reader.kinds.items()}
            facts = {SOURCE: _facts(run)}
            for one in run.writers:
                one.facts = facts
            yield
        writer.check = _last_word(source.path, writer.length)

    def _take(self, run: RunState, writer: WriterState, part: Part) -> None:
        start = writer.start
        if part.first_wall is not None and not start["begun"]:
            # Files follow each other by name, whatever the clock said.
            before = [other.started for other in run.writers if other.file < writer.file]
            writer.started = max(part.first_wall, max(before, default=0.0) + 1e-6)
            start["begun"], start["time"] = True, writer.started
        places = _Places(part, start["points"])
        for i, (_, step) in enumerate(part.sessions):
            if start["starts"] or places.start(i) == 0:
                start["sessions"].append([_offset(places.start(i)), step])
            start["starts"] = True
        if len(part.tag):
            self._pending.add(run, writer, places.stretches(_records(writer, part)))
            writer.last_time = max(writer.last_time, float(part.wall[-1]))
        if part.objects:
            self._pending.add_objects(run, writer, [_row(one, places.of(one.record)) for one in part.objects])
            writer.last_time = max(writer.last_time, part.objects[-1].wall)
        start["points"] = places.end
        for kind, tags in part.skipped.items():
            known = start["skipped"].setdefault(kind, [])
            known += sorted({tag_name(tag) for tag in tags} - set(known))[: _MOST_TAGS - len(known)]
        for content in part.hparams:
            _take_session(writer, hparams.read(content))
        writer.damage = _joined([*writer.damage, *part.damage])
        writer.length = part.end

    def _inherit(self) -> None:
        """A run in a folder below one with hparams has them too, as TensorBoard groups runs into sessions."""
        own = {run.dir: values for run in self._states.values() if (values := _own_hparams(run))}
        for run in self._states.values():
            above = next((folder for folder in _above(run.dir) if folder in own), None)
            given = [] if run.dir in own or above is None else [[0, {"hparams": own[above]}]]
            first = run.first()
            if first.start["inherited"] != given:
                first.params = [one for one in first.params if one[0]] + given
                first.start["inherited"] = given
                self._pending.touch(run)
                self._stale = True


def event_files(logdir: Path) -> dict[str, list[EventFile]]:
    """The event files of every folder below `logdir`, by the folder relative to it, in the order of their names."""
    found: dict[str, list[EventFile]] = {}
    seen = {_place(os.stat(logdir))} if logdir.is_dir() else set()
    waiting = [(os.fspath(logdir), "", 0)]
    while waiting:
        folder, name, depth = waiting.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            try:
                if entry.is_dir():
                    place = _place(entry.stat())
                    if place not in seen and depth < _DEEPEST:
                        seen.add(place)
                        waiting.append((entry.path, f"{name}/{entry.name}" if name else entry.name, depth + 1))
                elif MARK in entry.name and entry.is_file():
                    stat = entry.stat()
                    file = EventFile(entry.path, entry.name, stat.st_size, stat.st_mtime_ns, _place(stat))
                    found.setdefault(name or ".", []).append(file)
            except OSError:
                continue
    return found


def run_id(folder: str) -> str:
    """The id of the run of a folder: the same wherever the folder of all logs lies."""
    return hashlib.sha256(f"{SOURCE}\0{folder}".encode("utf-8", "surrogateescape")).hexdigest()[:32]


def writer_id(name: str) -> str:
    return hashlib.sha256(os.fsencode(name)).hexdigest()[:16]


def _place(stat: os.stat_result) -> tuple[int, int]:
    return stat.st_dev, stat.st_ino


def _begin(run: RunState, file: EventFile) -> WriterState:
    writer = WriterState(writer_id(file.name), file.name, started=file.mtime / 1e9)
    writer.start = {
        "source": SOURCE, "experiment": EXPERIMENT, "hash": clean(run.dir), "time": writer.started, "begun": False,
        "place": list(file.place), "points": 0, "starts": False, "sessions": [], "skipped": {}, "inherited": [],
        "kinds": {},
    }  # fmt: skip
    run.writers.append(writer)
    return writer


def _source(run: RunState, writer: WriterState, file: EventFile) -> Source:
    return Source(file.path, run.id, writer.id, file.size, file.mtime)


def _holds(run: RunState, files: list[EventFile]) -> bool:
    """Whether the files still begin with what was folded of them."""
    there = {writer_id(file.name): file for file in files}
    return all(writer.id in there and _same(run, writer, there[writer.id]) for writer in run.writers)


def _same(run: RunState, writer: WriterState, file: EventFile) -> bool:
    if writer.start.get("place") != list(file.place):
        return False
    return (file.size, file.mtime) == (writer.size, writer.mtime) or begins_alike(writer, _source(run, writer, file))


def _last_word(path: Path, end: int) -> int:
    """The checksum that the last record ends with."""
    with open(path, "rb") as file:
        file.seek(max(0, end - 4))
        return int.from_bytes(file.read(4), "little")


class _Places:
    """Where points, values and session starts of a file stand among each other, in the units of a log's offsets.

    Points count on from `first`. A value has the place of the point behind it. A session start takes a place of its own
    where anything was before it, so that what it hides ends below it.
    """

    def __init__(self, part: Part, first: int) -> None:
        self.first = first
        self.record = part.record
        self.starts = [number for number, _ in part.sessions]
        self.before = np.searchsorted(part.record, self.starts).tolist()
        values = [one.record for one in part.objects]
        gaps = 0
        self.gaps = [0]
        for number, points in zip(self.starts, self.before, strict=True):
            gaps += bool(first or points or gaps or bisect_left(values, number))
            self.gaps.append(gaps)
        self.end = first + gaps + len(part.record) + bool(part.objects)

    def start(self, i: int) -> int:
        """The place of a session start; 0 when nothing was before it."""
        return int(self.first + self.before[i] + self.gaps[i + 1])

    def of(self, number: int) -> int:
        """The place of the value in this record."""
        points = int(np.searchsorted(self.record, number))
        return self.first + points + self.gaps[bisect_left(self.starts, number)]

    def stretches(self, records: Any) -> list[Stretch]:
        cuts = [0, *self.before, len(records)]
        parts = zip(pairwise(cuts), self.gaps, strict=True)
        return [Stretch(_offset(self.first + a + gap), records[a:b]) for (a, b), gap in parts if a < b]


def _offset(place: int) -> int:
    return record.HEADER_SIZE + record.POINT_SIZE * place


def _row(one: Object, place: int) -> Row:
    return Row(
        one.kind, tag_name(one.tag), "{}", one.step, np.nan, one.wall, one.place, _offset(place), one.at, one.length,
        one.length, one.about,
    )  # fmt: skip


def _records(writer: WriterState, part: Part) -> Any:
    """The points of a part as records of a log."""
    numbers = np.zeros(len(part.tags), np.uint32)
    known = {name[0]: number for number, name in enumerate(writer.names) if name}
    for code in np.unique(part.tag).tolist():
        name = tag_name(part.tags[code])
        if name not in known:
            known[name] = len(writer.names)
            writer.names.append([name, "{}"])
        numbers[code] = known[name]
    made = np.zeros(len(part.tag), _POINT)
    made["word"] = record.POINT_WORD
    made["number"] = numbers[part.tag]
    made["step"], made["value"], made["time"] = part.step, part.value, part.wall
    return made.view("<u4").reshape(-1, _POINT.itemsize // 4)


def tag_name(tag: bytes) -> str:
    return clean(tag.decode("utf-8", "backslashreplace"))


def _take_session(writer: WriterState, session: hparams.Session) -> None:
    if session.params:
        writer.params.append([len(writer.params) + 1, {"hparams": session.params}])
    if session.failed is not None:
        writer.start["failed"] = session.failed
        writer.last_time = max(writer.last_time, session.ended_at or 0.0)


def _own_hparams(run: RunState) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for writer in run.writers:
        for stamp, value in writer.params:
            found.update(value["hparams"] if stamp else {})
    return found


def _above(folder: str) -> Iterator[str]:
    while "/" in folder:
        folder = folder.rpartition("/")[0]
        yield folder
    yield "."


def _joined(damage: list[Any]) -> list[Any]:
    """Places that touch, as one."""
    found: list[Any] = []
    for start, stop in sorted(map(tuple, damage)):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(stop, found[-1][1]))
        else:
            found.append((start, stop))
    return found


def _skipped(run: RunState) -> dict[str, list[str]]:
    found: dict[str, set[str]] = {}
    for writer in run.writers:
        for kind, tags in writer.start["skipped"].items():
            found.setdefault(kind, set()).update(tags)
    return {kind: sorted(tags) for kind, tags in sorted(found.items())}


def _facts(run: RunState) -> dict[str, Any]:
    places = [f"{writer.file}: bytes {start:,} to {stop:,}" for writer in run.writers for start, stop in writer.damage]
    facts: dict[str, Any] = {"folder": clean(run.dir), "files": [writer.file for writer in run.writers]}
    return facts | ({"damaged": places} if places else {}) | ({"skipped": found} if (found := _skipped(run)) else {})


def _troubles(run: RunState, writer: WriterState, logdir: Path) -> Iterator[str]:
    path = logdir / run.dir / writer.file
    for start, stop in writer.damage:
        yield f"{path}: bytes {start:,} to {stop:,} are damaged; what stands around them is shown"
    if writer.size > writer.length and time.time() - writer.last_time > status.LOST_AFTER:
        yield f"{path}: bytes {writer.length:,} to {writer.size:,}, at its end, hold no whole record"
