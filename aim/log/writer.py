"""Appends records to a file that only this process writes.

When `append` returns, the operating system has the record: it survives SIGKILL of this process. If the system refuses
(full disk, read-only, stale handle), records wait here, up to `WAITING_LIMIT` bytes, and later calls try again. What
does not fit is dropped, counted, and noted in the log by a DROPPED record as soon as possible.

A record is accepted before it is written: its offset is taken, and it is in `_in_flight` or `_waiting` until the write
has returned. So a signal handler may raise, or record something itself, at any point: the next call sees what is in
doubt, compares it with the file's size, and writes the rest.
"""

from __future__ import annotations

import errno
import os
import threading
import time as clock
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from zlib import crc32

from aim import layout, regular
from aim.handlers import let_through
from aim.log import record

WAITING_LIMIT = 1 << 20
_RESERVE = 1 << 16
_RETRY_SECONDS = 0.05
_NEVER = float("-inf")
# What is dropped first if the disk refuses, and which of these records count as points.
_VALUES = frozenset({record.POINT, record.OBJECT, record.BLOB})
_POINTS = frozenset({record.POINT, record.OBJECT})
_COPY_BYTES = 1 << 20
_RECENT = 1 << 16
# Most systems let a process open 1,024 files or more, macOS 256. A script that closes all may open hundreds again.
_HIGH = (4032, 960, 1 << 7)
# The open file can no longer be reached.
_GONE = (errno.ENOENT, errno.ESTALE, errno.EBADF)
_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT


class Writer:
    """One log, created as soon as the disk allows. `on_trouble(error)` is called when the system refuses; it must not
    raise. Safe to call from many threads, and from a signal handler that interrupts a call. A forked child must not use
    it.
    """

    def __init__(
        self, folder: Path, run: bytes, *, aim_dir: Path, on_trouble: Callable[[OSError], None] | None = None
    ) -> None:
        self.run = run
        self.id = os.urandom(8)
        self.folder = folder
        self.aim_dir = aim_dir
        self.path = folder / layout.log_name(run.hex(), self.id.hex())
        self.dropped = 0
        self._seed = record.seed(run, self.id)
        self._fd = -1
        self._file: tuple[int, int] | None = None
        self._closed = False
        self._offset = self._touched = record.HEADER_SIZE
        self._in_flight = b""
        self._waiting = bytearray(record.pack_header(run, self.id))
        self._in_doubt = False
        self._turn = 0
        self._unnoted = 0
        self._refused_at = _NEVER
        self._on_trouble = on_trouble or (lambda error: None)
        self._lock = threading.RLock()
        self._folders_synced = False
        self._send()

    @property
    def written(self) -> int:
        """The offset after the last accepted record."""
        return self._offset

    @property
    def waiting(self) -> int:
        """The number of bytes that were accepted and not yet written."""
        return len(self._waiting) + len(self._in_flight)

    def unwritten(self) -> int:
        """How many values were accepted and not written."""
        data = bytes(self._waiting + self._in_flight)
        written = self._offset - len(data)
        first, values = self._values(data, written)
        return (0 < written < first) + len(values)

    def append(self, kind: int, payload: bytes) -> int | None:
        """Append one record and return its offset; None if it was dropped or the log is closed."""
        with self._lock:
            if self._closed:
                return None
            if self._waiting or self._in_flight or self._unnoted:
                self._catch_up(force=kind not in _VALUES)
                room = WAITING_LIMIT if kind in _VALUES else WAITING_LIMIT + _RESERVE
                if self._waiting and len(self._waiting) + len(payload) + 8 > room:
                    self.dropped += kind in _POINTS
                    self._unnoted += kind in _POINTS
                    return None
            offset = self._accept(kind, payload)
            self._send()
            return offset

    def append_float(self, number: int, step: int, value: float, time: float, epoch: float) -> bool:
        """Append a POINT with a float64 value. `number` has the flags in its high bits. This is the hot path."""
        with self._lock:
            offset = self._offset
            body = record.pack_float_point(record.POINT_WORD, number, step, value, time, epoch)
            data = body + crc32(body, (self._seed + offset) & 0xFFFFFFFF).to_bytes(4, "little")
            put = self._put(data, record.POINT_SIZE, offset)
            return self.append(record.POINT, body[4:]) is not None if put is None else put

    def append_floats(self, points: Sequence[tuple[int, int, float]], time: float, epoch: float) -> int:
        """Append POINTs (number, step, value) of one moment in one write. Returns how many were dropped."""
        with self._lock:
            offset = end = self._offset
            seed, pack, word = self._seed, record.pack_float_point, record.POINT_WORD
            parts: list[bytes] = []
            for number, step, value in points:
                body = pack(word, number, step, value, time, epoch)
                parts += (body, crc32(body, (seed + end) & 0xFFFFFFFF).to_bytes(4, "little"))
                end += record.POINT_SIZE
            put = self._put(b"".join(parts), end - offset, offset)
            if put is None:
                return sum(not self.append(record.POINT, body[4:]) for body in parts[::2])
            return 0 if put else len(points)

    def append_int(self, number: int, step: int, value: int, time: float, epoch: float) -> bool:
        """Append a POINT with an int64 or bool value."""
        return self.append(record.POINT, record.INT_POINT_STRUCT.pack(number, step, value, time, epoch)) is not None

    def has(self, number: int, step: int) -> bool:
        """Whether a value of this series and step is among those that were accepted lately."""
        with self._lock:
            self._send(force=True)
            waiting = bytes(self._waiting + self._in_flight)
            stop = self._offset - len(waiting)
            start = max(record.HEADER_SIZE, stop - _RECENT)
            data = (os.pread(self._fd, stop - start, start) if self._fd >= 0 else b"") + waiting
            _, values = self._values(data, start)
            return (number, step) in [record.unpack_place(value.payload) for value in values]

    def _values(self, data: bytes, offset: int) -> tuple[int, list[record.Record]]:
        """Where the first whole record begins in bytes from `offset` of the log on, and the values from there on."""
        base = offset + -offset % 4
        data = data[base - offset :]
        first = record.next_good(data, 0, self._seed, base)
        entries = [] if first is None else record.walk(data, first, self._seed, base)
        values = [entry for entry in entries if isinstance(entry, record.Record) and entry.kind in _POINTS]
        return base + (first or 0), values

    def flush(self) -> bool:
        """Wait until all accepted records are on disk (fsync of file and folders). False if the system refuses."""
        with self._lock:
            self._catch_up(force=True)
            if self._waiting or self._fd < 0:
                return False
            fd = os.dup(self._fd)
        try:
            os.fsync(fd)
        except OSError as error:
            let_through(error)
            self._on_trouble(error)
            return False
        finally:
            os.close(fd)
        if not self._folders_synced:
            for folder in (self.folder, self.folder.parent, self.aim_dir, self.aim_dir.parent):
                sync_folder(folder)
            self._folders_synced = True
        return True

    def touch(self) -> None:
        """Heartbeat: set the file's time to now, unless records did that already. Also retries what waits."""
        with self._lock:
            if self._closed:
                return
            self._catch_up(force=True)
            if self._fd >= 0 and self._offset == self._touched:
                os.utime(self._fd if os.utime in os.supports_fd else self.path)
            self._touched = self._offset

    def displaced(self) -> bool:
        """True if the path no longer leads to the file that this writer has open, or the file lost bytes."""
        with self._lock:
            self._let_go_of_another()
            self._send(force=True)
            if self._closed or self._file is None:
                return False
            try:
                held = os.fstat(self._fd)
                there = _identity_at(self.path)
            except OSError as error:
                if error.errno in _GONE:
                    return True
                raise
            return there != (held.st_dev, held.st_ino) or held.st_size < self._offset - len(self._waiting)

    def restore(self) -> int | None:
        """Put a whole copy of the open file back at its path, and continue there.

        Returns the number of bytes copied; None if the file lost bytes or can no longer be reached (a stale handle), so
        that no whole copy exists. A file at the path is an earlier copy of the same file, because the name has the
        writer's id.
        """
        with self._lock:
            try:
                size = os.fstat(self._fd).st_size
            except OSError as error:
                if error.errno in _GONE:
                    return None
                raise
            if size < self._offset - len(self._waiting):
                return None
            draft = f".{self.path.name}.{os.urandom(4).hex()}"
            with regular.folder(self.folder, self.aim_dir) as place:
                fd = place.open(draft, _FLAGS | os.O_EXCL)
                try:
                    _copy(self._fd, fd)
                    layout.inherit_access(fd, self.aim_dir)
                    place.take(draft, self.path.name)
                except BaseException:
                    os.close(fd)
                    with suppress(FileNotFoundError):
                        place.remove(draft)
                    raise
            held = self._fd
            self._hold(fd)
            os.close(held)
            self._in_doubt = True
            self._folders_synced = False
            return size

    def close(self) -> None:
        with self._lock:
            if self._closed:
                return
            try:
                self._catch_up(force=True)
            finally:
                self.abandon()

    def abandon(self) -> None:
        """Release the file in a forked child; the parent continues to write it.

        Takes no lock, because the thread that held it may not exist here.
        """
        self._closed = True
        self._let_go_of_another()
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def _put(self, data: bytes, size: int, offset: int) -> bool | None:
        """Write records that were packed for `offset`. None if another record took that offset or must come first."""
        # Signal handlers run after calls and backward jumps: there is neither from this line to the write.
        if self._offset == offset and not self._waiting and not self._in_flight:
            self._in_flight = data
            self._offset = offset + size
            try:
                if os.write(self._fd, data) == size and self._in_flight is data:
                    self._in_flight = b""
                    return True
            except OSError as error:
                return self._refused(error)
            self._in_doubt = True
            self._send(force=True)
            return True
        return None

    def _accept(self, kind: int, payload: bytes) -> int:
        """Take the next offset for a record, which then waits to be written, and return it."""
        while True:
            self._recall()
            offset = self._offset
            data = record.pack(kind, payload, self._seed, offset)
            end = offset + len(data)
            # As in append_float: a signal handler that recorded something has moved the offset.
            if self._offset == offset:
                self._waiting += data
                self._offset = end
                return offset

    def _catch_up(self, *, force: bool) -> None:
        """Write what waits, then a note of how many points were dropped."""
        self._send(force=force)
        if self._unnoted and not self._waiting:
            points, self._unnoted = self._unnoted, 0
            content = {"time": clock.time(), "points": points, "reason": "the disk refused them"}
            self._accept(record.DROPPED, record.encode_json(content))
            self._send(force=force)

    def _send(self, *, force: bool = False) -> None:
        """Write what waits.

        A signal handler that interrupts this may write it too. Then `_turn` has changed and the state is checked
        again.
        """
        if self._closed or not (self._waiting or self._in_flight or self._in_doubt):
            return
        if not force and clock.monotonic() - self._refused_at < _RETRY_SECONDS:
            return
        try:
            if self._fd < 0:
                self._open()
            while self._waiting or self._in_flight or self._in_doubt:
                self._turn = turn = self._turn + 1
                self._recall()
                if self._in_doubt:
                    self._settle(turn)
                    continue
                data = bytes(self._waiting)
                if self._turn == turn:
                    self._in_doubt = True
                    done = os.write(self._fd, data)
                    if self._turn == turn:
                        del self._waiting[:done]
                        self._in_doubt = False
                    else:
                        self._in_doubt = True
            self._refused_at = _NEVER
        except OSError as error:
            self._refused(error)

    def _recall(self) -> None:
        """Let a point whose write did not return wait with the others, before those that came later."""
        if self._in_flight:
            self._in_doubt = True
            self._waiting += self._in_flight
            self._in_flight = b""

    def _settle(self, turn: int) -> None:
        """Drop those waiting bytes that the file already has."""
        size = os.fstat(self._fd).st_size
        first = self._offset - len(self._waiting)
        if self._turn == turn:
            if size > first:
                del self._waiting[: size - first]
            if size > self._offset:
                self._waiting += b"\0" * (-size % 4)
                self._offset = size + -size % 4
            self._in_doubt = False

    def _open(self) -> None:
        if self._file is not None:
            self._open_again(self._file)
            return
        layout.make_folder(self.folder, self.aim_dir)
        with regular.folder(self.folder, self.aim_dir) as place:
            self._hold(place.open(self.path.name, _FLAGS))
        layout.inherit_access(self._fd, self.aim_dir)

    def _open_again(self, file: tuple[int, int]) -> None:
        """Open the same file after something in this process closed it."""
        with regular.folder(self.folder, self.aim_dir) as place:
            fd = place.open(self.path.name, _FLAGS & ~os.O_CREAT)
        if _identity(fd) != file:
            os.close(fd)
            raise OSError(errno.ESTALE, "the file was replaced", str(self.path))
        self._hold(fd)

    def _hold(self, fd: int) -> None:
        """Keep a file open under a high number: when a script closes the numbers of all files, as daemons do, its next
        file gets a low one."""
        self._fd = _with_high_number(fd)
        self._file = _identity(self._fd)

    def _let_go_of_another(self) -> None:
        """Forget the descriptor if something else in this process closed it, and perhaps opened another file there."""
        try:
            if self._fd < 0 or _identity(self._fd) in (self._file, _identity_at(self.path)):
                return
        except OSError as error:
            let_through(error)
            if error.errno != errno.EBADF:
                return
        self._fd = -1
        self._in_doubt = True

    def _refused(self, error: OSError) -> bool:
        self._in_doubt = True
        let_through(error)
        self._let_go_of_another()
        if error.errno == errno.EBADF and self._fd < 0 and not self._closed:
            self._send(force=True)
            return True
        self._refused_at = clock.monotonic()
        if not self._closed:
            self._on_trouble(error)
        return not self._closed


def _identity(fd: int) -> tuple[int, int]:
    stat = os.fstat(fd)
    return stat.st_dev, stat.st_ino


def _identity_at(path: Path) -> tuple[int, int] | None:
    try:
        stat = os.stat(path, follow_symlinks=False)
    except FileNotFoundError:
        return None
    return stat.st_dev, stat.st_ino


def _with_high_number(fd: int) -> int:
    """The same open file under a number that is not reused soon, where the system has one."""
    try:
        import fcntl
    except ImportError:
        return fd
    for number in _HIGH:
        try:
            high = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, number)
        except OSError as error:
            let_through(error)
            continue
        os.close(fd)
        return high
    return fd


def _copy(source: int, target: int) -> None:
    """All bytes of one open file to another."""
    offset = 0
    while part := os.pread(source, _COPY_BYTES, offset):
        offset += len(part)
        while part:
            part = part[os.write(target, part) :]


def sync_folder(folder: Path) -> None:
    """fsync a folder, on systems that support it."""
    try:
        fd = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    except OSError as error:
        let_through(error)
        return
    try:
        os.fsync(fd)
    except OSError as error:
        let_through(error)
    finally:
        os.close(fd)
