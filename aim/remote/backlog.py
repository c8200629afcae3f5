"""What of a repository a server does not have yet. The files themselves tell: nothing is kept between two shippers."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from io import BufferedReader
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from aim import layout, regular
from aim.errors import LogError
from aim.log import record, seal, status, stored
from aim.log.reader import OpenLog, covers, folders, paths
from aim.remote import files, frames
from aim.remote.files import Place

# A folder that changed lately may change again without a new time.
_COARSE_SECONDS = 2.0
_QUIET_SECONDS = 5.0
_TAIL = 1 << 14


class Chunk(NamedTuple):
    """Bytes of a file from `at` on, and up to `frames.BEFORE` bytes before them."""

    at: int
    before: bytes
    data: bytes


class KnownProcesses:
    """Which processes live, asked once for all their files in one look."""

    def __init__(self) -> None:
        self._known: dict[object, bool | None] = {}

    def forget(self) -> None:
        self._known.clear()

    def alive(self, process: Mapping[str, object]) -> bool | None:
        """As `status.alive`."""
        key = tuple(map(str, (process.get(name) for name in ("boot", "pid_ns", "pid", "started"))))
        if key not in self._known:
            self._known[key] = status.alive(process)
        return self._known[key]


class File:
    """One file to ship. `there` is its length on the server, None until that is known; `safe`, what survives a loss of
    power there. `given_up` says why it is not shipped, `conflict` under which
    name it is."""

    def __init__(self, place: Place, path: Path, processes: KnownProcesses) -> None:
        self.place = place
        self.path = path
        self._processes = processes
        self._where = str(path)
        self.target = place.name
        self.size = 0
        self.touched = self.beat_sent = 0.0
        self.there: int | None = None
        self.safe = -1
        self.given_up = self.conflict = ""
        self.is_deleted = False
        # A request broke off, so the server may have more than that.
        self.is_unsure = False
        # The server has the log that this seal covers.
        self.has_log = False
        self._is_ended: bool | None = None
        self._ended = self._grows = False
        self._looked_at = -1
        self._read_to = 0
        self._start: dict[str, object] | None = None
        self._is_here: bool | None = None

    @property
    def left(self) -> int:
        """How many bytes the server does not have."""
        return 0 if self.given_up or self.is_deleted else max(0, self.size - (self.there or 0))

    @property
    def is_seal(self) -> bool:
        return self.place.kind == "seal"

    @property
    def is_safe(self) -> bool:
        """Whether the server has all of it, under its own name, for good."""
        return not self.given_up and self.target == self.place.name and self.safe >= self.size

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do for it."""
        return bool(self.given_up) or self.is_deleted or self.safe >= self.size

    def has(self, size: int) -> bool:
        """Whether so many bytes are safe on the server, or cannot be."""
        return self.is_done or self.safe >= size

    @property
    def is_quiet(self) -> bool:
        return self.is_ended or time.time() - self.touched > _QUIET_SECONDS

    @property
    def has_heartbeat(self) -> bool:
        """Whether it was touched since the server heard of it, without new bytes."""
        is_new = self.touched > self.beat_sent and status.is_recent(self.touched, time.time())
        return is_new and not self.left and not self.is_ended and not self.is_seal

    @property
    def is_here(self) -> bool:
        """Whether this machine writes it: then it tells so itself, or it has just begun."""
        if self._is_here is None:
            if self._start is None:
                self._look()
            if self._start is None:
                return True
            self._is_here = self._process.get("host") == status.hostname()
        return self._is_here

    @property
    def is_ended(self) -> bool:
        """Whether its writer stopped: it wrote its end, or its process is gone, or it sent no heartbeat for long. A
        file of edits never ends."""
        if self._is_ended is None:
            self._is_ended = self.is_seal or (self.place.run is not None and self._has_ended())
        return self._is_ended

    def _has_ended(self) -> bool:
        self._look()
        if self._ended or self._grows:
            return self._ended
        lives = self._processes.alive(self._process) if self._start is not None else None
        if lives if lives is not None else status.is_recent(self.touched, time.time()):
            return False
        # A process that is gone by now may have written since its file was checked.
        return self._is_as_seen()

    def _is_as_seen(self) -> bool:
        try:
            return regular.lstat(self.path).st_size == self.size
        except OSError:
            return False

    @property
    def _process(self) -> dict[str, object]:
        process = (self._start or {}).get("process")
        return process if isinstance(process, dict) else {}

    def stat(self) -> bool:
        """Look at its size and time; False if it is gone."""
        try:
            about = regular.lstat(self._where)
        except OSError:
            return False
        # A file that grew has a living writer. Whether the writer lives is checked once the file no longer grows.
        self._grows = 0 < self.size < about.st_size
        self.size, self.touched, self._is_ended = about.st_size, about.st_mtime, None
        if self.is_seal and self.size == stored.SIZE:
            with suppress(OSError, LogError):
                self.size = seal.length(self.path)
        if not self.beat_sent and self.touched > time.time():
            # A clock was set back, or that of the disk is ahead. Only the next touch is a heartbeat.
            self.beat_sent = self.touched
        return True

    def give_up(self, error: OSError) -> None:
        self.given_up = f"it cannot be read: {error.strerror or error}"

    def read(self, at: int, most: int) -> Chunk:
        """Raises OSError, also for a large file that is mostly holes: it would take that much room on the server."""
        start = max(0, at - frames.BEFORE)
        data = self._sealed(start, at - start + most) if self.is_seal else self._bytes(start, at - start + most)
        piece = Chunk(at, data[: at - start], data[at - start :])
        if at == self._read_to and self._goes_on(piece.data):
            self._looked_at = self.size
        return piece

    def _sealed(self, start: int, count: int) -> bytes:
        with seal.opened(self.path) as file:
            if isinstance(file, BufferedReader):
                regular.refuse_holes(file.fileno(), self.path)
            file.seek(start)
            return file.read(count)

    def _bytes(self, start: int, count: int) -> bytes:
        descriptor = regular.descriptor(self._where, seen=True)
        try:
            if self.size > regular.LARGE:
                regular.refuse_holes(descriptor, self.path)
            os.lseek(descriptor, start, os.SEEK_SET)
            data = b""
            while len(data) < count and (part := os.read(descriptor, count - len(data))):
                data += part
        finally:
            os.close(descriptor)
        return data

    def aside(self) -> None:
        """Ship it under a name of its own, because another file has its name on the server."""
        sender = crc32(f"{status.hostname()}\0{self.path}".encode("utf-8", "surrogatepass"))
        self.target, self.there, self.safe = files.conflict_name(self.place.name, sender), None, -1

    def _look(self) -> None:
        """Read START once, and the last of the new records whenever the file has grown."""
        if self._ended or self.is_seal or self._looked_at == self.size:
            return
        self._looked_at = self.size
        with suppress(OSError, LogError):
            new = self.size - self._read_to
            if not (0 < new <= _TAIL and self._goes_on(self._bytes(self._read_to, new))):
                self._look_closely()

    def _goes_on(self, new: bytes) -> bool:
        """Whether these bytes, which follow those that were checked, are whole records to the end of the file, and
        none is END, by the lengths that they claim. It is asked of every file that grows, at every step."""
        if self._start is None or len(new) > _TAIL or self._read_to + len(new) != self.size:
            return False
        begins = list(record.frames(new, 0))
        if begins[-1][0] != len(new) or any(kind == record.END for _, _, kind in begins):
            return False
        self._read_to = self.size
        return True

    def _look_closely(self) -> None:
        with closing(OpenLog(self.path)) as log:
            if self._start is None:
                self._start = record.decode_start(log.at(record.HEADER_SIZE))
            entries, _ = log.before(self.size, min(_TAIL, self.size - self._read_to))
            self._ended = any(entry.kind == record.END for entry in entries)
            self._read_to = entries[-1].end if entries else self._read_to


class Backlog:
    """The files of a repository that travel. `scan` looks at folders that changed, and at every file."""

    def __init__(self, aim_dir: Path) -> None:
        self.aim_dir = aim_dir
        self.files: dict[str, File] = {}
        self._processes = KnownProcesses()
        self._runs: tuple[int, list[Path]] = (0, [])
        self._folders: dict[Path, tuple[int, list[Place]]] = {}

    def scan(self) -> None:
        seen: dict[str, File] = {}
        self._processes.forget()
        for folder in self._listed():
            for place in _chosen(self._places(folder), self.aim_dir):
                name = place.name
                file = self.files.get(name) or File(place, self.aim_dir / name, self._processes)
                if file.stat():
                    seen[name] = file
        self.files = seen

    def _listed(self) -> list[Path]:
        """The folders in which files may be."""
        runs = self.aim_dir / "runs"
        changed = _changed(runs)
        if changed is None or changed != self._runs[0]:
            listed = [*folders(runs), self.aim_dir / "edits"]
            self._runs = (changed if changed is not None and _is_settled(changed) else 0), listed
        return self._runs[1]

    def groups(self) -> Iterator[list[File]]:
        """The files of each folder of runs."""
        by_folder: dict[str, list[File]] = {}
        for file in self.files.values():
            if file.place.run is not None:
                by_folder.setdefault(file.place.folder, []).append(file)
        yield from by_folder.values()

    def _places(self, folder: Path) -> list[Place]:
        changed = _changed(folder)
        if changed is None:
            return []
        known = self._folders.get(folder)
        if known is None or known[0] != changed:
            names = [path.relative_to(self.aim_dir).as_posix() for path in paths(folder)]
            known = changed, [place for name in names if (place := files.parse(name)) is not None]
            if _is_settled(changed):
                self._folders[folder] = known
        return known[1]


def _changed(folder: Path) -> int | None:
    """When files were last added to a folder or removed from it; None if it is not there."""
    try:
        return os.stat(folder).st_mtime_ns
    except OSError:
        return None


def _is_settled(changed: int) -> bool:
    return time.time() - changed / 1e9 > _COARSE_SECONDS


def _chosen(places: list[Place], aim_dir: Path) -> list[Place]:
    """Of a log and a seal of one writer, the one that covers more."""
    if all(place.kind != "seal" for place in places):
        return places
    logs = {(place.run, place.writer): place for place in places if place.kind == "log"}
    chosen = dict(logs)
    for place in places:
        rival = logs.get((place.run, place.writer))
        if place.kind == "seal" and (rival is None or covers(aim_dir / place.name) > covers(aim_dir / rival.name)):
            chosen[place.run, place.writer] = place
    return list(chosen.values())


def log_name(place: Place) -> str:
    """The name of the log that a seal covers."""
    return f"{place.folder}/{layout.log_name(place.run or '', place.writer)}"
