"""Copies the runs of a source into a repository permanently, as Aim logs: all that the source shows of them.

A record in each log tells how many values of each file, or of each series in it, were copied, so another copy adds
only what is new. A log is written elsewhere and moved into place when it is complete.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from aim import layout, regular
from aim.errors import LogError
from aim.importers import aside
from aim.importers.service import NotServed
from aim.index.catalog import Catalog
from aim.index.objects import ObjectRow
from aim.index.parse import Stretch
from aim.index.sources.points import point_columns
from aim.index.sources.source import Location, Source, SourceFile
from aim.index.state import RunState, WriterState, last_sign
from aim.log import bounds, record
from aim.log.objects import append
from aim.log.writer import Writer

_SERIES = record.MAX_SERIES - 1
# Values that are gone are asked for again in later copies, up to so many of a run.
_MOST_GONE = 10_000
# So many counts fit in one record, and a name of a run or experiment of so many characters.
_COUNTS, _LONGEST = 100, 1_000


class Kept(NamedTuple):
    """The new runs, points and media. `ids` maps each run of the source to its copy. `left`: why something could not be
    copied."""

    runs: int
    points: int
    ids: dict[str, str]
    left: list[str]


def keep(
    aim_dir: Path,
    catalog: Catalog,
    format: str,
    source: Source,
    top: str,
    *,
    versions: Mapping[str, int] | None = None,
    progress: Callable[[int, int, str], None] | None,
) -> Kept:
    """Copy what is new of a source, whose place is `top`. A run that was deleted in the repository stays deleted, and
    one that was copied whole in this of its `versions` is not read again."""
    names = sorted(source.names())
    if names:
        layout.create(aim_dir)
        aside.remove_old(aim_dir)
    runs = points = 0
    ids: dict[str, str] = {}
    left: list[str] = []
    for done, name in enumerate(names):
        if progress is not None:
            progress(done, len(names), "copying")
        version = versions.get(name) if versions else None
        files: dict[str, list[SourceFile]] = {}
        for file in source.files(name):
            files.setdefault(file.run, []).append(file)
        for shown, mine in files.items():
            id = ids[shown] = copy_id(format, os.path.join(top, name))
            if id in catalog.deleted:
                continue
            earlier = catalog.state(catalog.index[id]) if id in catalog.index else None
            copy = _RunCopy(aim_dir, id, format, source, RunState(shown, name, 0), earlier, version)
            if copy.is_known():
                continue
            if earlier is not None:
                # The state of a run that may go on has none.
                known = catalog.some(["params"], np.array([catalog.index[id]]))["params"][0]
                copy.params = earlier.params() or json.loads(known)
            copied = copy.copy(mine)
            runs, points = runs + (copied > 0), points + copied
            left += copy.left + copy.large
    if progress is not None:
        progress(len(names), len(names), "copying")
    return Kept(runs, points, ids, left)


def copy_id(format: str, place: str) -> str:
    """The run of a place. It is the whole path, since two folders of logs may both have a `version_0`."""
    return hashlib.sha256(f"kept {format}\0{os.path.normpath(place)}".encode("utf-8", "surrogateescape")).hexdigest()[
        :32
    ]


class _RunCopy:
    """One run, being copied to one log, which joins those of earlier copies."""

    def __init__(
        self,
        aim_dir: Path,
        id: str,
        format: str,
        source: Source,
        run: RunState,
        earlier: RunState | None,
        version: int | None,
    ) -> None:
        self.aim_dir, self.id, self.format, self.source, self.run = aim_dir, id, format, source, run
        self.earlier, self.version = earlier, version
        # The number of the last copy that was whole, and the version of the run then.
        self._whole: tuple[int, int] = (0, -1)
        self.left: list[str] = []
        # What will never fit, so that a copy without it is whole.
        self.large: list[str] = []
        self.params: dict[str, Any] = {}
        self._numbers: dict[tuple[str, str, str], int] = {}
        self._refusal = OSError(errno.EIO, os.strerror(errno.EIO))
        self._before: dict[str, int] = {}
        self._seen: dict[str, int] = {}
        # The numbers of values that could not be copied, and of those that an earlier copy could not.
        self._gone: dict[str, list[int]] = {}
        self._found: dict[str, list[int]] = {}
        self._missing: dict[str, set[int]] = {}
        self._copied = 0
        told = [writer.facts.get(format) or {} for writer in earlier.writers] if earlier else []
        for facts in told:
            if bounds.are(facts.get("version"), int, int):
                self._whole = max(self._whole, tuple(facts["version"]))
            for file, count in (facts.get("copied") or {}).items():
                self._before[file] = max(self._before.get(file, 0), count)
        for file, numbers in ((file, numbers) for facts in told for file, numbers in (facts.get("gone") or {}).items()):
            self._missing.setdefault(file, set()).update(numbers)
        for file, numbers in (
            (file, numbers) for facts in told for file, numbers in (facts.get("found") or {}).items()
        ):
            self._missing.setdefault(file, set()).difference_update(numbers)
        self._aside = aside.folder(aim_dir)

    def is_known(self) -> bool:
        """Whether it was copied whole as it is now."""
        return self.version is not None and self._whole[1] == self.version

    def copy(self, files: Sequence[SourceFile]) -> int:
        """Returns how many points and media are new."""
        self._writer = Writer(self._aside, bytes.fromhex(self.id), aim_dir=self.aim_dir, on_trouble=self._refused)
        self.run.writers = [WriterState(file.writer, file.name, mtime=file.mtime) for file in files]
        begun = False
        try:
            for writer, file in zip(self.run.writers, files, strict=True):
                try:
                    for batch in self.source.read(self.run, writer, file):
                        if not begun and writer.start:
                            begun = True
                            self._begin(writer)
                        for stretch in batch.stretches:
                            self._points(writer, stretch)
                        for item in batch.media:
                            self._medium(writer, item)
                except LogError as error:
                    self.left.append(str(error))
                except NotServed as error:
                    self.left.append(f"run {self.run.dir}: {error}")
            if begun:
                self._finish()
        finally:
            self._writer.close()
            shutil.rmtree(self._aside, ignore_errors=True)
        return self._copied

    def _begin(self, writer: WriterState) -> None:
        start = writer.start
        if self.earlier is not None:
            self._name = str(self.earlier.first().start.get("hash") or self.id)
            attempt = self.earlier.main().start.get("attempt") or self.earlier.main().id
        else:
            self._name, attempt = str(start["hash"])[:_LONGEST], self._writer.id.hex()
            if layout.run_dir(self.aim_dir, self._name).exists():
                self._name = f"{self.format}/{self.run.dir}"[:_LONGEST]
        about: dict[str, Any] = {
            "format": 1, "run": self.id, "writer": self._writer.id.hex(), "hash": self._name, "time": writer.started,
            "experiment": str(start["experiment"])[:_LONGEST], "attempt": attempt, "launch": None,
            "role": "main" if self.earlier is None else "join", "resume_from": None, "earlier": {}, "process": {},
            "facts": {},
        }  # fmt: skip
        self._record(record.START, about)

    def _key(self, file: str, name: str, context: str) -> str:
        """What the copied values are counted by."""
        series = name if context == "{}" else f"{name} {context}"
        return file if self.source.appended else f"{file} {series}"

    def _is_new(self, file: str) -> bool:
        """Whether the next value of a file, or of a series in it, was not copied before."""
        number = self._seen[file] = self._seen.get(file, 0) + 1
        return number > self._before.get(file, 0) or number in self._missing.get(file, ())

    def _points(self, writer: WriterState, stretch: Stretch) -> None:
        for number, step, value, time, epoch in zip(*point_columns(stretch.records), strict=True):
            name = writer.names[number & _SERIES]
            if self._is_new(self._key(writer.id, name[0], name[1])):
                flags = number & ~_SERIES
                series = self._number(name[0], name[1]) | flags
                self._sure(self._writer.append_float(series, step, value, time, epoch))
                self._copied += 1

    def _medium(self, writer: WriterState, item: ObjectRow) -> None:
        key = self._key(f"{writer.id} media", item.name, item.context)
        if not self._is_new(key):
            return
        number, is_missing = self._seen[key], self._seen[key] in self._missing.get(key, ())
        location = Location(self.run.id, writer.id, self.run.dir, writer.file, item.at, item.length)
        try:
            data = self.source.content(location, item.kind, item.about, None)
        except LogError as error:
            self.left.append(str(error))
            if not is_missing and len(self.left) <= _MOST_GONE:
                self._gone.setdefault(key, []).append(number)
            return
        if is_missing:
            self._found.setdefault(key, []).append(number)
        series = self._number(item.name, item.context, item.kind)
        self._sure(
            append(
                self._writer, series, step=item.step, time=item.time, epoch=None, place=item.place, data=data,
                meta=json.loads(item.about),
            )
        )  # fmt: skip
        self._copied += 1

    def _number(self, name: str, context: str, kind: str = "") -> int:
        series = (name, context, kind)
        if series not in self._numbers:
            number = self._numbers[series] = len(self._numbers)
            named = record.encode_series(number, name, json.loads(context), kind)
            self._sure(self._writer.append(record.SERIES, named))
        return self._numbers[series]

    def _said(self) -> list[tuple[int, dict[str, Any]]]:
        """The records of params and edits that no earlier copy has. What no record can hold is in `large`."""
        edits, known = self.run.own_edits(), self.earlier.own_edits() if self.earlier else {}
        said = [
            (record.EDIT, {"stamp": stamp, "run": None, "field": field, "value": value})
            for field, (stamp, _, value) in edits.items()
            if (field not in known or known[field][2] != value) and self._fits(f"its {field}", value)
        ]
        parts = list(record.parts(self.run.params(), self._too_large))
        merged: dict[str, Any] = {}
        for part in (self.params, *parts):
            record.merge(merged, part)
        # As text, because NaN equals nothing.
        if record.encode_json(merged) != record.encode_json(self.params):
            main = self.run.main()
            stamp = int(max(main.started, main.last_time) * 1e6)
            said += [(record.PARAMS, {"stamp": stamp, "value": part}) for part in parts]
        end = self._end()
        if self.earlier is not None and not self.earlier.ended and end is not None and "ended" not in known:
            value = {"time": end["time"], "status": end["status"]}
            said.append((record.EDIT, {"stamp": int(end["time"] * 1e6), "run": None, "field": "ended", "value": value}))
        return said

    def _end(self) -> dict[str, Any] | None:
        """The content of END; None for a run that goes on or was lost, as its files say."""
        outcome = self.run.status(None)
        if outcome.word not in ("finished", "failed"):
            return None
        return {"time": max(map(last_sign, self.run.writers)), "status": outcome.word, "error": None, "dropped": 0}

    def _fits(self, what: str, value: object) -> bool:
        fits = len(record.encode_json(value)) <= record.ROOM
        if not fits:
            self._too_large(what, f"has more than {record.ROOM:,} bytes, and is not kept")
        return fits

    def _too_large(self, what: str, why: str) -> None:
        self.large.append(f"{self.run.dir}: {what} {why}")

    def _finish(self) -> None:
        said = self._said()
        if not (self._copied or self.earlier is None or said):
            return
        for kind, content in said:
            self._record(kind, content)
        facts = self.run.facts().get(self.format, {})
        version = {} if self.version is None or self.left else {"version": [self._whole[0] + 1, self.version]}
        self._record(record.FACTS, {self.format: {**facts, **version}})
        told: dict[str, Mapping[str, object]] = {"copied": self._seen, "gone": self._gone, "found": self._found}
        for name, kept in told.items():
            items = iter(kept.items())
            while part := dict(islice(items, _COUNTS)):
                self._record(record.FACTS, {self.format: {name: part}})
        end = self._end()
        if end is not None:
            self._record(record.END, end)
        self._writer.close()
        self._sure(not self._writer.waiting)
        if end is None:
            # Without an end, the time of its file tells when it was last recorded.
            seen = max(map(last_sign, self.run.writers))
            os.utime(self._writer.path, (seen, seen))
        folder = layout.run_dir(self.aim_dir, self._name)
        layout.make_folder(folder, self.aim_dir)
        with regular.folder(folder, self.aim_dir) as place:
            place.bring(self._writer.path)
        layout.show_grown(self.aim_dir)

    def _record(self, kind: int, content: dict[str, Any]) -> None:
        self._sure(self._writer.append(kind, record.encode_json(content)))

    def _sure(self, written: object) -> None:
        if written is None or written is False or self._writer.waiting:
            raise OSError(layout.not_written(self._writer.path, self._refusal))

    def _refused(self, error: OSError) -> None:
        self._refusal = error
