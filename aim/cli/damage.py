"""Verifies every byte of a repository's files, and describes what is lost at damaged places."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from aim import layout
from aim.cli.table import readable
from aim.errors import LogError
from aim.log import record, status
from aim.log.reader import Log
from aim.log.record import Record


@dataclass(frozen=True)
class DamagedPlace:
    """One damaged place: the file, and a description."""

    path: Path
    text: str


@dataclass
class Checked:
    files: int = 0
    bytes: int = 0


def look(aim_dir: Path, *, progress: Callable[[int, int], None]) -> tuple[list[DamagedPlace], Checked]:
    paths = [path for name in ("runs/*/*", "edits/*") for path in sorted(aim_dir.glob(name)) if path.is_file()]
    places = list(look_at_version(aim_dir / "repo.json"))
    checked = Checked()
    for index, path in enumerate(paths):
        progress(index, len(paths))
        if layout.parse_name(path.name) is None:
            continue
        try:
            checked.files += 1
            checked.bytes += path.stat().st_size
            places += look_at(path)
        except FileNotFoundError:
            continue
        except (LogError, OSError) as error:
            places.append(DamagedPlace(path, f"cannot be read: {error}"))
    progress(len(paths), len(paths))
    return places, checked


def look_at_version(path: Path) -> Iterator[DamagedPlace]:
    try:
        if isinstance(json.loads(path.read_bytes())["format"], int):
            return
        wrong = "it states no format"
    except FileNotFoundError:
        wrong = "it is missing"
    except (ValueError, KeyError, TypeError) as error:
        wrong = str(error)
    yield DamagedPlace(
        path, f"cannot be read: {wrong}. No run is lost. Remove the file, then run: aim init --skip-if-exists"
    )


def look_at(path: Path) -> Iterator[DamagedPlace]:
    """Every damaged place of one file. The records around it show what was there."""
    log = Log(path)
    story = Story()
    marks: list[tuple[int, str]] = []
    for entry in log.records():
        if len(marks) < len(log.damage) - header_damage(log):
            marks.append((entry.offset, f"between {story.last} and {story.name(entry)}"))
        story.tell(entry)
    for damage in log.damage:
        lost = next((text for offset, text in marks if offset == damage.end), "")
        what = "the header; the ids are taken from the file name" if damage.start == 0 else f"records {lost}"
        yield DamagedPlace(path, f"{where(damage.start, damage.end)} damaged{story.of_run}. Lost: {what}")
    if log.torn and not story.writing:
        place = where(log.end, len(log.data))
        yield DamagedPlace(path, f"{place} are not a whole record{story.of_run}. Lost: records after {story.last}")


def header_damage(log: Log) -> int:
    return 1 if log.damage and log.damage[0].start == 0 else 0


def where(start: int, end: int) -> str:
    count = end - start
    points = count // record.POINT_SIZE
    size = f"{count:,} bytes" + (f", at most {points:,} points" if points > 1 else "")
    return f"bytes {start:,} to {end:,} ({size})"


class Story:
    """The state after the records so far: the number of each series, and whether the writer is alive."""

    def __init__(self) -> None:
        self.last = "the start of the file"
        self.of_run = ""
        self.writing = False
        self._series: dict[int, str] = {}

    def tell(self, entry: Record) -> None:
        if entry.kind == record.START:
            self._read_start(entry)
        if entry.kind == record.SERIES:
            self._read_series(entry)
        self.writing = self.writing and entry.kind != record.END
        self.last = self.name(entry)

    def name(self, entry: Record) -> str:
        if entry.kind == record.POINT:
            point = record.unpack_point(entry.payload)
            return f"step {point.step} of {self._series.get(point.series, f'series {point.series}')}"
        return NAMES.get(entry.kind, f"a record of type {entry.kind}")

    def _read_start(self, entry: Record) -> None:
        try:
            start = record.decode_json(entry.payload)
            self.of_run = f", run {readable(start['hash'])}"
            self.writing = status.alive(start["process"]) is not False
        except (ValueError, KeyError, TypeError):
            return

    def _read_series(self, entry: Record) -> None:
        try:
            number, name, context = record.decode_series(entry.payload)
        except (ValueError, KeyError, TypeError):
            return
        words = ", ".join(f"{key}={value}" for key, value in context.items())
        self._series[number] = readable(f"{name} ({words})" if words else str(name))


NAMES = {
    record.START: "the start record",
    record.SERIES: "the name of a series",
    record.PARAMS: "params",
    record.EDIT: "an edit",
    record.END: "the end record",
    record.FACTS: "facts of the run",
    record.DROPPED: "a note of dropped points",
}
