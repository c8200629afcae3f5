"""Folders of TensorBoard logs, read in place: a folder with event files is a run, every event file a writer of it.

Points become the same records that logs hold, so the index handles segments, cache, series and queries. An event file
is identified by device, inode and length; bytes are read only once.
"""

from __future__ import annotations

import errno
import hashlib
import os
import time
from bisect import bisect_left
from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from aim import regular
from aim.errors import LogError
from aim.index.checksum import U32
from aim.index.objects import ObjectRow
from aim.index.parse import Stretch
from aim.index.sources.points import point_records, position
from aim.index.sources.source import Batch, Location, Source, SourceFile
from aim.index.sources.tensorboard import events, hparams, media, texts
from aim.index.sources.tensorboard.events import EventMedia, EventReader
from aim.index.sources.tensorboard.listing import EventFile, Listing, above_of, listing_of, tree
from aim.index.sources.tensorboard.tfrecord import blocks
from aim.index.state import RunState, WriterState, clean
from aim.log import status

EXPERIMENT = "TF"
SOURCE = "tensorboard"
_MOST_TAGS = _MOST_LINKS = 50
# Another number makes every file be read again. 2: texts with hyperparameters, and neighbors of invalid times.
_READING = 2


class EventFiles(Source):
    """The event files below `logdir`."""

    def __init__(self, logdir: Path) -> None:
        self.logdir = logdir
        self._tree = tree(logdir)
        self._listing = Listing({}, {})

    def names(self) -> Collection[str]:
        self._listing = listing_of(self._tree)
        return self._listing.runs

    def files(self, folder: str) -> list[SourceFile]:
        return [_source_file(folder, file) for file in self._listing.runs.get(folder, [])]

    def holds(self, writer: WriterState, file: SourceFile) -> bool:
        if writer.start.get("place") != list(file.identity) or writer.start.get("reading") != _READING:
            return False
        if (file.size, file.mtime) == (writer.size, writer.mtime):
            return True
        try:
            return file.size >= writer.length and _last_word(file.path, writer.length) == writer.check
        except OSError:
            return False

    def read(self, run: RunState, writer: WriterState, file: SourceFile) -> Iterator[Batch]:
        if not writer.start:
            _begin(run, writer, self._listed(run.dir, writer.id))
        start = writer.start
        kinds = {tag.encode(): kind for tag, kind in start["kinds"].items()}
        scalars = [name[0].encode() for name in writer.names.values()]
        reader = EventReader(scalars, kinds, wall=start["wall"], changed=file.mtime / 1e9)
        for block in blocks(file.path, writer.length):
            part = _take(run, writer, reader.read(block))
            start["kinds"] = {tag_name(tag): kind for tag, kind in reader.kinds.items()}
            start["wall"] = reader.wall
            _give_facts(run, self._listing.other_names(run.dir))
            yield part
        writer.check = _last_word(file.path, writer.length)

    def related(self, runs: Collection[RunState]) -> list[RunState]:
        """A run inherits the hparams of a folder above it, as TensorBoard groups runs into sessions. A link is another
        name of the run."""
        own = {run.dir: values for run in runs if (values := _own_hparams(run))}
        changed = []
        for run in runs:
            above = next((folder for folder in above_of(run.dir) if folder in own), None)
            given = [] if run.dir in own or above is None else [[0, {"hparams": own[above]}]]
            first = run.first()
            inherits = first.start.get("inherited", given) != given
            if inherits:
                first.params = [entry for entry in first.params if entry[0]] + given
                first.start["inherited"] = given
            if _give_facts(run, self._listing.other_names(run.dir)) or inherits:
                changed.append(run)
        return changed

    def notes(self, runs: Collection[RunState]) -> list[str]:
        """Values of kinds that Aim cannot show, damaged places, and incomplete records."""
        runs = sorted(runs, key=lambda run: run.dir)
        skipped: dict[str, int] = {}
        for run in runs:
            for kind, tags in _skipped(run).items():
                skipped[kind] = skipped.get(kind, 0) + len(tags)
        kinds = ", ".join(f"{count:,} of {kind}" for kind, count in sorted(skipped.items()))
        said = [f"Tags of TensorBoard that are not shown, because Aim has no such media: {kinds}"] if skipped else []
        return said + [text for run in runs for writer in run.writers for text in _troubles(run, writer, self.logdir)]

    def content(self, location: Location, kind: str, about: str, most: int | None) -> bytes:
        try:
            listed = self._listed(location.folder, location.writer)
            with regular.opened(os.path.realpath(listed.where)) as file:
                file.seek(max(0, location.at))
                data = file.read(min(max(0, location.length), listed.size))
        except OSError as error:
            path = self.logdir / location.folder / location.file
            raise LogError(f"the event file with this value cannot be read: {error.strerror}: {path}") from error
        return media.content(kind, data, listed.where)

    def _listed(self, folder: str, writer: str) -> EventFile:
        """The event file, if a listing has it: the names come from a cache, and another user may have written that."""
        for file in self._listing.runs.get(folder, []):
            if writer_id(file.place) == writer:
                return file
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), folder)


@lru_cache(maxsize=1 << 16)
def _source_file(folder: str, file: EventFile) -> SourceFile:
    return SourceFile(file.where, run_id(folder), writer_id(file.place), file.size, file.mtime, identity=file.identity)


def run_id(folder: str) -> str:
    """The id of a folder's run. It does not depend on where the folder of all logs is."""
    return hashlib.sha256(f"{SOURCE}\0{folder}".encode("utf-8", "surrogateescape")).hexdigest()[:32]


@lru_cache(maxsize=1 << 16)
def writer_id(place: str) -> str:
    """The id of the writer whose event file has this path inside the run's folder."""
    return hashlib.sha256(os.fsencode(place)).hexdigest()[:16]


def _begin(run: RunState, writer: WriterState, file: EventFile) -> None:
    writer.started = file.mtime / 1e9
    writer.start = {
        "source": SOURCE, "reading": _READING, "experiment": EXPERIMENT, "hash": clean(run.dir), "time": writer.started,
        "begun": False, "place": list(file.identity), "within": clean(file.within), "context": file.context,
        "points": 0, "starts": False, "sessions": [], "skipped": {}, "inherited": [], "kinds": {}, "wall": None,
    }  # fmt: skip


def _within(writer: WriterState) -> str:
    return str(writer.start.get("within", ""))


def _begun_before(run: RunState, writer: WriterState) -> float:
    """When the files before this one began. They follow each other by name, whatever their clocks say, and those of
    other folders follow the first one of the run's own."""
    mine = _within(writer)
    before = [other.started for other in run.writers if _within(other) == mine and other.file < writer.file]
    own = [other.started for other in run.writers if mine and other.start and not _within(other)]
    return max([*before, min(own, default=0.0)])


def _last_word(path: Path, end: int) -> int:
    """The checksum at the end of the last record."""
    with regular.opened(os.path.realpath(path)) as file:
        file.seek(max(0, end - 4))
        return int.from_bytes(file.read(4), "little")


def _take(run: RunState, writer: WriterState, part: events.EventBatch) -> Batch:
    """The content of a block, after bringing the writer's state up to date."""
    start = writer.start
    if part.first_wall is not None and not start["begun"]:
        writer.started = max(part.first_wall, _begun_before(run, writer) + 1e-6)
        start["begun"], start["time"] = True, writer.started
    if start["within"]:
        # A restart of another folder's writer is none of the run.
        part.sessions = []
    places = _RecordPlaces(part, start["points"])
    for i, (_, step) in enumerate(part.sessions):
        if start["starts"] or places.start(i) == 0:
            start["sessions"].append([position(places.start(i)), step])
        start["starts"] = True
    taken = Batch()
    if len(part.tag):
        taken.stretches = places.stretches(
            point_records(
                writer, [(tag_name(tag), start["context"]) for tag in part.tags], part.tag, part.step, part.value,
                part.wall,
            )
        )  # fmt: skip
        writer.last_time = max(writer.last_time, float(part.wall[-1]))
    if part.objects:
        taken.media = [_row(item, places.of(item.record), start["context"]) for item in part.objects]
        writer.last_time = max(writer.last_time, part.objects[-1].wall)
    start["points"] = places.end
    for kind, tags in part.skipped.items():
        known = start["skipped"].setdefault(kind, [])
        known += sorted({tag_name(tag) for tag in tags} - set(known))[: _MOST_TAGS - len(known)]
    for rank, params in given_params(part, start["within"]):
        writer.params.append([rank, {"hparams": params}])
    for ended in map(hparams.read, part.hparams):
        if ended.failed is not None:
            start["failed"] = ended.failed
            writer.last_time = max(writer.last_time, ended.ended_at or 0.0)
    writer.damage = _joined([*writer.damage, *part.damage])
    writer.length = part.end
    return taken


class _RecordPlaces:
    """Gives points, values and session starts of a file their places, in units of a log's offsets. Points count on from
    `first`. A value gets the place of the next point. A session start gets its own place if anything comes before it,
    so that all points it hides have lower places."""

    def __init__(self, part: events.EventBatch, first: int) -> None:
        self.first = first
        self.record = part.record
        self.starts = [number for number, _ in part.sessions]
        self.before = np.searchsorted(part.record, self.starts).tolist()
        values = [item.record for item in part.objects]
        gaps = 0
        self.gaps = [0]
        for number, points in zip(self.starts, self.before, strict=True):
            gaps += bool(first or points or gaps or bisect_left(values, number))
            self.gaps.append(gaps)
        self.end = first + gaps + len(part.record) + bool(part.objects)

    def start(self, i: int) -> int:
        """The place of a session start; 0 if nothing comes before it."""
        return int(self.first + self.before[i] + self.gaps[i + 1])

    def of(self, number: int) -> int:
        """The place of the value in this record."""
        points = int(np.searchsorted(self.record, number))
        return self.first + points + self.gaps[bisect_left(self.starts, number)]

    def stretches(self, records: U32) -> list[Stretch]:
        cuts = [0, *self.before, len(records)]
        parts = zip(pairwise(cuts), self.gaps, strict=True)
        return [Stretch(position(self.first + a + gap), records[a:b]) for (a, b), gap in parts if a < b]


def _row(item: EventMedia, place: int, context: str) -> ObjectRow:
    return ObjectRow(
        item.kind, tag_name(item.tag), context, item.step, np.nan, item.wall, item.place, position(place), item.at,
        item.length, item.length, item.about,
    )  # fmt: skip


def tag_name(tag: bytes) -> str:
    return clean(tag.decode("utf-8", "backslashreplace"))


def given_params(part: events.EventBatch, within: str) -> list[tuple[int, dict[str, Any]]]:
    """The hyperparameters in a block of a file, each with its rank: where several name one, the highest counts. Those
    of texts have the lowest, then those of folders `within` the run's own one."""
    given = [(1, texts.read(tag, text)) for tag, text in part.texts]
    given += [(2 if within else 3, hparams.read(content).params) for content in part.hparams]
    return [(rank, params) for rank, params in given if params]


def _own_hparams(run: RunState) -> dict[str, Any]:
    given = [(stamp, writer.id, value) for writer in run.writers for stamp, value in writer.params if stamp]
    own: dict[str, Any] = {}
    for _, _, value in sorted(given, key=lambda entry: entry[:2]):
        own.update(value["hparams"])
    return own


def _joined(damage: list[Any]) -> list[Any]:
    """Merge adjacent places."""
    merged: list[Any] = []
    for start, stop in sorted(map(tuple, damage)):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return merged


def _skipped(run: RunState) -> dict[str, list[str]]:
    skipped: dict[str, set[str]] = {}
    for writer in run.writers:
        for kind, tags in writer.start.get("skipped", {}).items():
            skipped.setdefault(kind, set()).update(tags)
    return {kind: sorted(tags) for kind, tags in sorted(skipped.items())}


def _give_facts(run: RunState, names: list[str]) -> bool:
    """Whether the facts of a run changed. `names`: those that links give to its folder."""
    facts, main = {SOURCE: _facts(run, names)}, run.main()
    changed = main.facts != facts
    for writer in run.writers:
        writer.facts = facts if writer is main else {}
    return changed


def _facts(run: RunState, names: list[str]) -> dict[str, Any]:
    places = [
        f"{_place(writer)}: bytes {start:,} to {stop:,}" for writer in run.writers for start, stop in writer.damage
    ]
    facts: dict[str, Any] = {"folder": clean(run.dir), "files": [_place(writer) for writer in run.writers]}
    others = {"damaged": places, "skipped": _skipped(run), "links": [clean(name) for name in names[:_MOST_LINKS]]}
    return facts | {name: value for name, value in others.items() if value}


def _place(writer: WriterState) -> str:
    """The path of its file inside the run's folder."""
    return "/".join(filter(None, (_within(writer), writer.file)))


def _troubles(run: RunState, writer: WriterState, logdir: Path) -> Iterator[str]:
    path = logdir / run.dir / _place(writer)
    for start, stop in writer.damage:
        yield f"{path}: bytes {start:,} to {stop:,} are damaged; what stands around them is shown"
    if writer.size > writer.length and time.time() - writer.last_time > status.LOST_AFTER:
        yield f"{path}: bytes {writer.length:,} to {writer.size:,}, at its end, hold no whole record"
