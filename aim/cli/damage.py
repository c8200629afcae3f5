"""Verifies every byte of a repository's files, and describes what is lost at damaged places."""

from __future__ import annotations

import contextlib
import os
import stat
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from aim import layout, regular
from aim.artifacts import contents, versions
from aim.artifacts.artifact import Artifact
from aim.cli.table import readable
from aim.errors import ArtifactError, LogError, NoStore, StoreAway, StoreError
from aim.index.state import WriterState
from aim.log import bounds, reader, record, status, stored
from aim.log.reader import folders
from aim.log.record import Damage, Record


@dataclass(frozen=True)
class DamagedPlace:
    """One damaged place: the file, and a description."""

    path: Path
    text: str


@dataclass
class Checked:
    """What was read, and how many seals were not because their object store is `away`."""

    files: int = 0
    bytes: int = 0
    unread: int = 0
    away: StoreError | None = None


def look(aim_dir: Path, *, progress: Callable[[int, int], None]) -> tuple[list[DamagedPlace], Checked]:
    places = [*look_at_version(aim_dir), *look_at_folders(aim_dir)]
    paths = [path for folder in (*folders(aim_dir / "runs"), aim_dir / "edits") for path in reader.paths(folder)]
    checked = Checked()
    for index, path in enumerate(paths):
        progress(index, len(paths))
        try:
            if checked.away and stored.at(path):
                checked.unread += 1
                continue
            places += look_at(path)
            checked.bytes += regular.lstat(path).st_size
            checked.files += 1
        except FileNotFoundError:
            continue
        except (StoreAway, NoStore) as error:
            checked.away, checked.unread = error, checked.unread + 1
        except (LogError, OSError) as error:
            places.append(DamagedPlace(path, f"cannot be read: {why(error)}"))
    progress(len(paths), len(paths))
    places += look_at_artifacts(aim_dir, checked)
    return places, checked


def look_at_artifacts(aim_dir: Path, checked: Checked) -> Iterator[DamagedPlace]:
    """Every version that cannot be read, and every file of the others that is damaged or missing. A content that
    several versions have is read once."""
    for path, problem in versions.problems(aim_dir):
        yield DamagedPlace(path, f"is left out: {problem}")
    known: set[str] = set()
    for version in versions.every(aim_dir):
        path = versions.path_of(aim_dir, version)
        checked.files += 1
        try:
            files = Artifact(aim_dir, version).files
        except (ArtifactError, OSError) as error:
            yield DamagedPlace(path, f"{version.title} cannot be read: {why(error)}")
            continue
        for file in files:
            in_store = version.stored and not os.path.lexists(layout.artifact_file(aim_dir, file.sha256))
            if file.sha256 in known or file.address or in_store:
                continue
            known.add(file.sha256)
            checked.files, checked.bytes = checked.files + 1, checked.bytes + file.bytes
            if problem := contents.problem(aim_dir, file.sha256, file.bytes):
                yield DamagedPlace(path, f"{readable(file.path)} of {version.title}: {problem}")


def tell_index(aim_dir: Path, places: Sequence[DamagedPlace]) -> None:
    """Let the index read the runs again that are damaged, or that it took for damaged."""
    from aim.index.partition import Partition
    from aim.index.sources.table import SOURCES

    paths = [damaged.path for damaged in places if layout.parse_name(damaged.path.name)]
    folders = {"" if path.parent == aim_dir / "edits" else path.parent.name for path in paths}
    Partition(aim_dir, SOURCES[0], aim_dir, {}).read_again(folders)


def why(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)


def look_at_version(aim_dir: Path) -> Iterator[DamagedPlace]:
    damage = layout.version_damage(aim_dir)
    if damage is not None:
        yield DamagedPlace(aim_dir / "repo.json", f"{damage}. Nothing is lost. {layout.REPAIR}")


def repair_version(aim_dir: Path) -> Path | None:
    """Write the file that states the version again if it is damaged, and return its path. A folder in its place is
    moved aside."""
    path = aim_dir / "repo.json"
    if layout.version_damage(aim_dir) is None:
        return None
    if path.is_dir() and not path.is_symlink():
        path.rename(path.with_name(f"repo.json.{os.urandom(4).hex()}"))
    layout.write_version(aim_dir)
    return path


def look_at_folders(aim_dir: Path) -> Iterator[DamagedPlace]:
    """What is in the place of a folder, or of a file of the cache."""
    for name in ("runs", "edits", "artifacts", "cache"):
        folder = aim_dir / name
        if os.path.lexists(folder) and not folder.is_dir():
            yield DamagedPlace(folder, "is a file or a link to nothing, not a folder. Move it away")
        elif folder.is_symlink() and name != "cache":
            yield DamagedPlace(folder, "is a link, so nothing is written to it. Put the folder there")
    for path in entries(aim_dir / "runs"):
        if len(path.name) == 32 and (path.is_symlink() or not path.is_dir()):
            yield DamagedPlace(path, "is not a run's folder, so it is not read. Remove it, or put the folder there")
    for path in entries(aim_dir / "cache"):
        try:
            regular.lstat(path)
        except regular.NotRegular as error:
            if not stat.S_ISDIR(os.lstat(path).st_mode):
                yield DamagedPlace(path, f"cannot be read: {why(error)}")


def entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def look_at(path: Path) -> Iterator[DamagedPlace]:
    """Every damaged place of one file. The records around it show what was there."""
    with contextlib.closing(reader.open_file(path)) as log:
        size, end, replay = log.size, min(log.size, record.HEADER_SIZE), ReplayState()
        state = WriterState(log.writer, path.name)
        lost: list[tuple[Damage, str]] = []
        if renamed := name_by_header(log):
            yield DamagedPlace(path, f"is {renamed} under another name, so it is not read. Rename it, or remove it")
            return
        if log.header() is None and size >= record.HEADER_SIZE:
            lost.append((Damage(0, record.HEADER_SIZE), "the header; the ids are taken from the file name"))
        damage: Damage | None = None
        for entry in log.walk():
            end = entry.end
            if isinstance(entry, Damage):
                damage = entry
                continue
            if entry.kind in record.KNOWN_TYPES and entry.kind not in (record.BLOB, record.OUTPUT):
                state.take(entry.kind, entry.payload, entry.offset)
            if damage is not None:
                lost.append((damage, f"records between {replay.last} and {replay.name(entry)}"))
                damage = None
            replay.tell(entry)
    for place, what in lost:
        yield DamagedPlace(path, f"{where(place.start, place.end)} damaged{replay.of_run}. Lost: {what}")
    for offset, why in state.invalid:
        text = f"the record at byte {offset:,} is invalid and left out{replay.of_run}: {readable(why)}"
        yield DamagedPlace(path, text)
    if size > end and not replay.writing:
        yield DamagedPlace(
            path, f"{where(end, size)} are not a whole record{replay.of_run}. Lost: records after {replay.last}"
        )


def name_by_header(log: reader.OpenLog | reader.OpenSeal) -> str | None:
    """The name that belongs to the ids in the file of a run, if it has another one. Edits count under any name."""
    header = log.header()
    if header is None or log.path.parent.name == "edits":
        return None
    name = Path(layout.log_name(header.run.hex(), header.writer.hex())).with_suffix(log.path.suffix).name
    return None if name == log.path.name else name


def where(start: int, end: int) -> str:
    count = end - start
    points = count // record.POINT_SIZE
    size = f"{count:,} bytes" + (f", at most {points:,} points" if points > 1 else "")
    return f"bytes {start:,} to {end:,} ({size})"


class ReplayState:
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
            try:
                point = record.unpack_point(entry.payload)
            except struct.error:
                return "a point of another length"
            return f"step {point.step} of {self._series.get(point.series, f'series {point.series}')}"
        return NAMES.get(entry.kind, f"a record of type {entry.kind}, which a newer aim wrote")

    def _read_start(self, entry: Record) -> None:
        try:
            start = bounds.start(record.decode_json(entry.payload))
            self.of_run = f", run {readable(str(start['hash']))}"
            self.writing = status.alive(start["process"]) is not False
        except (ValueError, KeyError):
            return

    def _read_series(self, entry: Record) -> None:
        try:
            number, name, context = record.decode_series(entry.payload)
        except ValueError:
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
    record.OUTPUT: "output",
    record.OBJECT: "media",
    record.BLOB: "content of media",
    record.MESSAGE: "a message",
}
