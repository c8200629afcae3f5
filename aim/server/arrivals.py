"""The files of writers on other machines, as they arrive: appended where they end, compared where they overlap.

The length of a file is all that is known about it. Only `confirm` waits for the disk.
"""

from __future__ import annotations

import errno
import logging
import os
import stat
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from zlib import crc32

from aim import layout, regular
from aim.errors import LogError
from aim.log import reader, record, seal, stored
from aim.log.writer import sync_folder
from aim.plain import shown
from aim.remote import files, frames
from aim.remote.answers import DELETED, ELSEWHERE, FULL, GONE, KEPT, OTHER, REFUSED, TOO_LARGE, Outcome
from aim.remote.files import Place
from aim.remote.frames import FileFrame
from aim.server.deletions import Deletions
from aim.threads import at_once

log = logging.getLogger("aim.server")

# Decoding a seal takes as much memory as it covers.
MAX_SEALED = 1 << 30
MAX_READ = 16 << 20
_TURNS = 256
_FLAGS = os.O_RDWR | os.O_APPEND | regular.FLAGS


class Arrivals:
    """`unsynced` are the names of files with bytes that may not be on the disk."""

    def __init__(self, aim_dir: Path, deletions: Deletions) -> None:
        self.aim_dir = aim_dir
        self.deletions = deletions
        self._root = str(aim_dir)
        self.unsynced: set[str] = set()
        self._turns = [threading.Lock() for _ in range(_TURNS)]
        self._decoding = threading.Lock()

    def append(self, frame: FileFrame, *, total: int = 0) -> Outcome:
        """Put bytes at the end of a file, unless it has them. A seal of `total` bytes is in place as soon as it is
        complete and right."""
        place = files.parse(frame.name)
        if place is None or (place.kind == "seal") != (total > 0):
            return Outcome(REFUSED, 0, f"{shown(frame.name)} does not travel in this way: see docs/format/ship.md")
        return self._in_turn(place, lambda: self._sealed(place, frame, total) if total else self._append(place, frame))

    def sizes(self, names: Iterable[str]) -> list[int | None]:
        """What the server has of each file: None for nothing, GONE for a deleted run."""
        return [self._size(files.parse(name)) for name in names]

    def confirm(self, names: Sequence[str]) -> list[int | None]:
        """The same, after everything is on the disk."""
        sizes = self.sizes(names)
        self.sync(name for name, size in zip(names, sizes, strict=True) if size is not None and size != GONE)
        return sizes

    def sync(self, names: Iterable[str]) -> None:
        """Wait until the files are on the disk. Raises OSError if the system refuses."""
        names = list(names)
        at_once(self._sync, names)
        folders = {(self.aim_dir / name).parent for name in names}
        at_once(sync_folder, folders | {folder.parent for folder in folders})

    def _sync(self, name: str) -> None:
        self.unsynced.discard(name)
        with suppress(FileNotFoundError), closing_descriptor(regular.descriptor(self.aim_dir / name)) as fd:
            os.fsync(fd)

    def read(self, name: str, at: int, length: int) -> bytes | None:
        """Bytes of a file; of a log that is sealed here, of what the seal covers. None if there is none."""
        place = files.parse(name)
        if place is None or (place.run is not None and place.run in self.deletions):
            return None
        try:
            if self._covered(place) > self._length(place.folder, place.file):
                return self._decoded(place)[at : at + length]
            if place.kind == "seal":
                return _part_of_seal(self.aim_dir / place.name, at, length)
            with closing_descriptor(regular.descriptor(self.aim_dir / place.name)) as fd:
                return os.pread(fd, length, at)
        except (FileNotFoundError, regular.NotRegular):
            return None

    def _in_turn(self, place: Place, call: Callable[[], Outcome]) -> Outcome:
        """One at a time for each writer. What the system refuses is the answer."""
        with self._turns[crc32(f"{place.run}{place.writer}".encode()) % _TURNS]:
            if place.run is not None and place.run in self.deletions:
                return Outcome(DELETED, 0)
            try:
                return call()
            except (OSError, LogError) as error:
                reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
                log.warning("%s was not written: %s", place.name, reason)
                with suppress(OSError):
                    return Outcome(FULL, max(0, self._length(place.folder, place.file)), reason)
                return Outcome(FULL, 0, reason)

    def _append(self, place: Place, frame: FileFrame) -> Outcome:
        covered = self._covered(place)
        if covered >= 0 and covered > self._length(place.folder, place.file):
            return self._compare(place, covered, frame.at, frame.data)
        grows = frame.at == 0 and place.run is not None and _folder(self.aim_dir, place.folder).is_dir()
        with self._opened(place.folder, place.file, create=frame.at == 0) as (fd, new):
            if fd is None:
                return Outcome(ELSEWHERE, 0)
            if new and place.run is not None:
                self.deletions.refresh()
                if place.run in self.deletions:
                    self._remove(place)
                    return Outcome(DELETED, 0)
            if new and grows:
                layout.show_grown(self.aim_dir)
            outcome = self._put(fd, frame, f"{self._root}/{place.name}")
            if outcome.status == KEPT:
                self.unsynced.add(place.name)
                _touch(fd, frame.age, written=bool(frame.data) and frame.at + len(frame.data) == outcome.size)
            return outcome

    def _put(self, fd: int, frame: FileFrame, path: str) -> Outcome:
        at, data = frame.at, frame.data
        size = os.fstat(fd).st_size
        if at > size:
            return Outcome(ELSEWHERE, size)
        if at + len(data) > frames.MAX_FILE:
            return Outcome(TOO_LARGE, size, f"a file has at most {frames.MAX_FILE:,} bytes")
        if not _fits(fd, frame, size):
            if path.endswith(".log") and (end := _whole(path)) < size:
                log.warning("%s: %d bytes behind the last whole record were cut", os.path.basename(path), size - end)
                os.ftruncate(fd, end)
                return Outcome(ELSEWHERE, end)
            return Outcome(OTHER, size, "another file has this name: its bytes differ")
        _write(fd, data[size - at :], size)
        return Outcome(KEPT, max(size, at + len(data)))

    def _compare(self, place: Place, covered: int, at: int, data: bytes) -> Outcome:
        """A log that is sealed here does not grow."""
        if at > covered:
            return Outcome(ELSEWHERE, covered)
        if at + len(data) <= covered and self._decoded(place)[at : at + len(data)] == data:
            return Outcome(KEPT, covered)
        return Outcome(OTHER, covered, "this log was sealed on the server, and its bytes differ")

    def _sealed(self, place: Place, frame: FileFrame, total: int) -> Outcome:
        if total > MAX_SEALED:
            return Outcome(TOO_LARGE, 0, f"a seal of {total:,} bytes is not taken, {MAX_SEALED:,} are: ship its log")
        if self._length(place.folder, place.file) >= 0:
            return self._compare_seal(place, frame.at, frame.data)
        part = _part(place)
        with self._opened(place.folder, part, create=frame.at == 0) as (fd, _):
            if fd is None:
                return Outcome(ELSEWHERE, 0)
            outcome = self._put(fd, frame, f"{self._root}/{place.folder}/{part}")
        if outcome.status == OTHER or outcome.size > total:
            return self._dropped(place)
        return self._finish(place) if outcome.status == KEPT and outcome.size == total else outcome

    def _compare_seal(self, place: Place, at: int, data: bytes) -> Outcome:
        """Two machines can seal one log to different bytes."""
        size = seal.length(self.aim_dir / place.name)
        if _part_of_seal(self.aim_dir / place.name, at, len(data)) == data:
            return Outcome(KEPT, size)
        return Outcome(OTHER, size, "the server has another seal of this writer: compare what they cover")

    def _finish(self, place: Place) -> Outcome:
        part, path = self.aim_dir / place.folder / _part(place), self.aim_dir / place.name
        with self._decoding:
            try:
                covered = seal.covers(part)
                data = seal.decode(regular.read(part), source=place.name) if covered <= MAX_SEALED else b""
            except LogError:
                return self._dropped(place)
            if covered > MAX_SEALED:
                regular.remove(part, self.aim_dir)
                return Outcome(TOO_LARGE, 0, f"it covers {covered:,} bytes, {MAX_SEALED:,} are taken: ship its log")
            own = path.with_suffix(".log")
            size = max(0, self._length(place.folder, own.name))
            if size and regular.read(own, most=covered) != data[:size]:
                regular.remove(part, self.aim_dir)
                return Outcome(OTHER, 0, "the server has another log of this writer: its bytes differ")
            with regular.folder(path.parent, self.aim_dir) as folder:
                with closing_descriptor(folder.open(part.name, os.O_RDONLY)) as fd:
                    os.fsync(fd)
                folder.take(part.name, path.name)
                sync_folder(path.parent)
                if 0 < size <= covered:
                    folder.remove(own.name)
        layout.show_grown(self.aim_dir)
        return Outcome(KEPT, regular.lstat(path).st_size)

    def _dropped(self, place: Place) -> Outcome:
        with suppress(FileNotFoundError):
            regular.remove(self.aim_dir / place.folder / _part(place), self.aim_dir)
        return Outcome(ELSEWHERE, 0, "what arrived of this seal is damaged, and was dropped")

    def _size(self, place: Place | None) -> int | None:
        if place is None:
            return None
        if place.run is not None and place.run in self.deletions:
            return GONE
        size = max(self._length(place.folder, place.file), self._covered(place))
        if size == stored.SIZE and place.kind == "seal":
            size = seal.length(self.aim_dir / place.name)
        if size < 0 and place.kind == "seal":
            size = self._length(place.folder, _part(place))
        return None if size < 0 else size

    def _covered(self, place: Place) -> int:
        """How much of a log its seal here covers; -1 without one."""
        if place.kind != "log" or place.run is None:
            return -1
        sealed = place.file.removesuffix(".log") + ".seal"
        return reader.covers(self.aim_dir / place.folder / sealed) if self._length(place.folder, sealed) >= 0 else -1

    def _decoded(self, place: Place) -> bytes:
        path = (self.aim_dir / place.name).with_suffix(".seal")
        with self._decoding:
            if seal.covers(path) > MAX_SEALED:
                raise LogError(f"its seal covers more than {MAX_SEALED:,} bytes")
            return _decoded(path, regular.lstat(path).st_mtime_ns)

    def _length(self, folder: str, file: str) -> int:
        """The length of a file; -1 if there is none."""
        try:
            return regular.lstat(f"{self._root}/{folder}/{file}").st_size
        except FileNotFoundError:
            return -1

    @contextmanager
    def _opened(self, folder: str, file: str, *, create: bool) -> Iterator[tuple[int | None, bool]]:
        """A file to append to, and whether it is new; None if it is not there. Links are not followed."""
        path = _folder(self.aim_dir, folder)
        if create:
            layout.make_folder(path, self.aim_dir)
        fd, new = None, False
        with suppress(FileNotFoundError), regular.folder(path, self.aim_dir) as there:
            fd, new = self._open_in(there, file, create)
        if fd is None:
            yield None, False
            return
        with closing_descriptor(fd):
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                raise OSError(errno.EINVAL, "something other than a file has its name", str(path / file))
            yield fd, new

    def _open_in(self, folder: regular.OpenFolder, name: str, create: bool) -> tuple[int | None, bool]:
        with suppress(FileNotFoundError):
            return folder.open(name, _FLAGS), False
        if not create:
            return None, False
        fd = folder.open(name, _FLAGS | os.O_CREAT | os.O_EXCL)
        layout.inherit_access(fd, self.aim_dir)
        return fd, True

    def _remove(self, place: Place) -> None:
        path = self.aim_dir / place.name
        with suppress(OSError):
            regular.remove(path, self.aim_dir)
            path.parent.rmdir()


@lru_cache(maxsize=1 << 12)
def _folder(aim_dir: Path, folder: str) -> Path:
    return aim_dir / folder


@contextmanager
def closing_descriptor(fd: int) -> Iterator[int]:
    try:
        yield fd
    finally:
        os.close(fd)


def _fits(fd: int, frame: FileFrame, size: int) -> bool:
    """Whether the bytes before a frame have its checksum, and those that the file has already are the same."""
    before, overlap = min(frames.BEFORE, frame.at), frame.data[: size - frame.at]
    if frames.check(os.pread(fd, before, frame.at - before)) != frame.check:
        return False
    return not overlap or os.pread(fd, len(overlap), frame.at) == overlap


def _write(fd: int, data: bytes, size: int) -> None:
    """All of it or nothing."""
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[os.write(fd, rest) :]
    except OSError:
        os.ftruncate(fd, size)
        raise


def _touch(fd: int, age: float, *, written: bool) -> None:
    """Give a file the time of its last heartbeat on the machine that records."""
    alive = time.time_ns() - int(age * 1e9)
    if written or alive > os.fstat(fd).st_mtime_ns:
        os.utime(fd, ns=(alive, alive))


def _whole(path: str) -> int:
    """The offset after the last whole record of a log; 0 if its header is damaged too."""
    with closing(reader.OpenLog(Path(path))) as opened:
        end = opened.end()
        headed = end > record.HEADER_SIZE or record.unpack_header(opened.read(0, record.HEADER_SIZE)) is not None
        return end if headed else 0


def _part_of_seal(path: Path, at: int, length: int) -> bytes:
    with seal.opened(path) as file:
        file.seek(at)
        return file.read(length)


def _part(place: Place) -> str:
    """The name of a seal that is arriving."""
    return f".{place.file}.part"


@lru_cache(maxsize=1)
def _decoded(path: Path, mtime: int) -> bytes:
    return reader.read(path)
