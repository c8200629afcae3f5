"""The repository's own logs and seals, and the folder of edits, which is treated as one more run."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import struct
import time
from collections.abc import Collection, Iterator, Sequence
from operator import attrgetter
from pathlib import Path

from aim import layout, regular
from aim.errors import LogError, RepoError
from aim.index import objects
from aim.index.bulk import LARGEST, Tail, parse_together
from aim.index.objects import ObjectRow
from aim.index.parse import Parsed, parse
from aim.index.quiet import Rest
from aim.index.schema import EDITS
from aim.index.sources.source import UNKNOWN, Batch, Location, Source, SourceFile, Stamp
from aim.index.state import RunState, WriterState
from aim.log import objects as media
from aim.log import reader, record, seal

_time = struct.Struct("<d").unpack
_changed = attrgetter("st_mtime_ns" if os.name == "nt" else "st_ctime_ns")
# A folder with a more recent time may change again without getting a new time.
RACY_NS = 2_000_000_000


class Logs(Source):
    def __init__(self, aim_dir: Path) -> None:
        self.aim_dir = aim_dir
        self.runs = aim_dir / "runs"
        self.edits = aim_dir / "edits"
        self._within = f"{self.runs}{os.sep}"

    def listing(self) -> Stamp:
        """A new run, a resume and copies that keep times change the folder of all runs; other copies of a whole
        repository write its `repo.json` again."""
        copied = 0
        try:
            stamp = _stamp(os.stat(self.runs))
            with contextlib.suppress(FileNotFoundError):
                copied = _changed(os.lstat(self.aim_dir / "repo.json"))
        except OSError:
            return UNKNOWN
        changed = max(stamp.changed, copied)
        return Stamp(changed, stamp.inode) if changed < time.time_ns() - RACY_NS else UNKNOWN

    def names(self) -> list[str]:
        """The run folders, and "" for the folder of edits, which may not exist yet."""
        return ["", *run_dirs(self.runs)]

    def stamps(self, folders: Collection[str]) -> dict[str, tuple[int, int]]:
        within, newest = self._within, time.time_ns() - RACY_NS
        stamps: dict[str, tuple[int, int]] = {}
        for name in folders:
            try:
                seen = os.lstat(within + name) if name else os.stat(self.edits)
            except OSError:
                if not name:
                    stamps[name] = UNKNOWN
                continue
            if stat.S_ISDIR(seen.st_mode):
                changed = _changed(seen)
                stamps[name] = (changed, seen.st_ino) if changed < newest else UNKNOWN
        return stamps

    def files(self, folder: str) -> list[SourceFile]:
        try:
            there = reader.writers(self._within + folder if folder else self.edits)
        except OSError:
            return []
        files = (_source_file(*file) for file in there)
        return [file for file in files if (file.run == EDITS) == (folder == "")]

    def _path(self, folder: str) -> Path:
        return layout.folder_named(self.aim_dir, folder) if folder else self.edits

    def current(self, run: RunState, writer: WriterState) -> SourceFile | None:
        path = self._path(run.dir) / writer.file
        try:
            seen = regular.lstat(path)
        except OSError:
            return None
        sealed = path.suffix == ".seal"
        size = writer.size if sealed else seen.st_size
        if size < writer.size or (sealed and not writer.size):
            return None
        file = _source_file(str(path), run.id, writer.id, size, regular.changed(seen))
        return file if size == writer.size or begins_alike(writer, file) else None

    def rests(self, folder: str, rest: Rest) -> bool:
        try:
            name = os.path.basename(rest.file) if "/" in rest.file or os.name == "nt" else rest.file
            seen = os.lstat(f"{self._within}{folder}{os.sep}{name}")
        except OSError:
            return False
        touched = regular.changed(seen) / 1e9
        return touched == rest.touched and (rest.file.endswith(".seal") or seen.st_size == rest.size)

    def holds(self, writer: WriterState, file: SourceFile) -> bool:
        broken = writer.damage or writer.unreadable
        if broken and (writer.size, writer.mtime, writer.file) != (file.size, file.mtime, file.name):
            return False
        return begins_alike(writer, file)

    def read(self, run: RunState, writer: WriterState, file: SourceFile) -> Iterator[Batch]:
        seed = record.seed(bytes.fromhex(file.run), bytes.fromhex(file.writer))
        fresh = writer.length == 0
        windows = reader.windows(file.path, writer.length)
        skipped: int | None = None
        window = next(windows)
        while True:
            data, offset = window.data, window.offset
            if offset == 0:
                if not _header(writer, file, data):
                    return
                data, offset = data[record.HEADER_SIZE :], record.HEADER_SIZE
            parsed = parse(data, offset, seed, final=window.final, skipped=skipped)
            part = _part(writer, parsed)
            if parsed.end > offset:
                writer.check = int.from_bytes(data[parsed.end - offset - 4 : parsed.end - offset], "little")
                writer.length = parsed.end
            skipped = parsed.skipped
            if window.final:
                whole = fresh and window.offset == 0 and writer.ended
                writer.digest = hashlib.sha256(window.data).hexdigest() if whole else ""
            yield part
            if window.final:
                return
            window = windows.send(parsed.next)

    def together(self, files: Sequence[tuple[WriterState, SourceFile]]) -> list[Batch | None]:
        parts: list[Batch | None] = [None] * len(files)
        tails = {place: tail for place, file in enumerate(files) if (tail := _tail(*file)) is not None}
        for (place, tail), content in zip(tails.items(), parse_together(list(tails.values())), strict=True):
            if content is not None:
                writer, file = files[place]
                whole = writer.length == 0
                parts[place] = _part(writer, content)
                writer.length, writer.check = content.end, int.from_bytes(tail.data[-4:], "little")
                text = _header_of(file) + tail.data if whole and writer.ended else b""
                writer.digest = hashlib.sha256(text).hexdigest() if text else ""
        return parts

    def content(self, location: Location, kind: str, about: str, most: int | None) -> bytes:
        path = self._path(location.folder) / location.file
        try:
            with contextlib.closing(reader.open_longest(path)) as file:
                return media.content(file, media.at(file, location.at), most)
        except FileNotFoundError:
            raise LogError(f"the file with this value is gone; it was {path}") from None


def _tail(writer: WriterState, file: SourceFile) -> Tail | None:
    """The unread end of a log. None if it is long, or does not follow the header or record that was read last."""
    if file.size - writer.length > LARGEST or not file.where.endswith(".log"):
        return None
    known = writer.length > record.HEADER_SIZE
    before = writer.check.to_bytes(4, "little") if known else _header_of(file)
    offset = writer.length if known else record.HEADER_SIZE
    try:
        log = regular.descriptor(file.where, seen=True)
        try:
            if known:
                os.lseek(log, offset - len(before), os.SEEK_SET)
            data = os.read(log, len(before) + max(0, file.size - offset))
        finally:
            os.close(log)
    except OSError:
        return None
    if not data.startswith(before):
        return None
    return Tail(data[len(before) :], offset, record.seed(bytes.fromhex(file.run), bytes.fromhex(file.writer)))


def _header_of(file: SourceFile) -> bytes:
    """The header of a log by its name."""
    return record.pack_header(bytes.fromhex(file.run), bytes.fromhex(file.writer))


def _part(writer: WriterState, parsed: Parsed) -> Batch:
    """The content of a parsed window, after bringing the writer's state up to date."""
    for entry in parsed.others:
        writer.take(entry.kind, entry.payload, entry.offset)
    writer.printed += parsed.printed
    writer.damage += parsed.damage
    rows = [objects.row(writer, entry.offset, entry.payload) for entry in parsed.others if entry.kind == record.OBJECT]
    known: list[ObjectRow] = [row for row in rows if row is not None]
    if known:
        writer.last_time = max(writer.last_time, known[-1].time)
    for stretch in parsed.stretches[-1:]:
        (writer.last_time,) = _time(stretch.records[-1, 6:8].tobytes())
    only_points = writer.length > record.HEADER_SIZE and not parsed.others and not parsed.damage
    return Batch(parsed.stretches, known, only_points=only_points)


def _header(writer: WriterState, file: SourceFile, data: bytes) -> bool:
    """Whether records may follow. A file under another writer's name is refused: its records would count twice."""
    header = record.unpack_header(data)
    if header is None:
        if len(data) < record.HEADER_SIZE:
            return False
        writer.damage = [(0, record.HEADER_SIZE)]
    elif (header.run.hex(), header.writer.hex()) != (file.run, file.writer):
        writer.damage = [(0, file.size)]
        return False
    writer.length = record.HEADER_SIZE
    return True


def run_dirs(runs: Path) -> list[str]:
    """The names of all run folders."""
    try:
        with os.scandir(runs) as entries:
            named = (entry for entry in entries if len(entry.name) == 32 and entry.name[0] != ".")
            return [entry.name for entry in named if entry.is_dir(follow_symlinks=False)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise RepoError(f"the runs cannot be listed: {error.strerror}. Ask the owner for access to {runs}") from error


def _source_file(where: str, run: str, writer: str, size: int, changed: int) -> SourceFile:
    return SourceFile(where, run, writer, size, changed, heartbeat=changed / 1e9)


def _stamp(seen: os.stat_result) -> Stamp:
    return Stamp(_changed(seen), seen.st_ino)


def begins_alike(writer: WriterState, file: SourceFile) -> bool:
    """Whether the record that ends at `writer.length` is the one that was folded. Its checksum is valid at that place
    only."""
    if file.size < writer.length:
        return False
    if writer.length <= record.HEADER_SIZE:
        return True
    try:
        if file.where.endswith(".seal"):
            return _seal_holds(writer, file)
        log = regular.descriptor(file.where, seen=True)
        try:
            os.lseek(log, writer.length - 4, os.SEEK_SET)
            return os.read(log, 4) == writer.check.to_bytes(4, "little")
        finally:
            os.close(log)
    except (OSError, LogError):
        return False


def _seal_holds(writer: WriterState, file: SourceFile) -> bool:
    """A seal of exactly the records that were folded is not decoded: its SHA-256 tells, or its last record, as that of
    a log does."""
    stated = seal.digest(file.path)
    if file.size == writer.length and writer.digest:
        return stated == writer.digest
    seed = record.seed(bytes.fromhex(file.run), bytes.fromhex(file.writer))
    if file.size == writer.length and seal.last_checksum(file.path, seed) == writer.check:
        return True
    return reader.read(file.path)[: writer.length][-4:] == writer.check.to_bytes(4, "little")
