"""Appends records to a file that this process alone writes.

A record is in the operating system's hands when `append` returns: it survives SIGKILL of this process. When the system
refuses (full disk, read-only, stale handle) records wait here, up to `WAITING_LIMIT` bytes, and every later call tries
again; what does not fit is dropped, counted, and noted in the log by a DROPPED record as soon as that is possible.
"""

from __future__ import annotations

import os
import threading
import time as clock
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zlib import crc32

from aim import layout
from aim.log import record
from aim.log.reader import Log

WAITING_LIMIT = 1 << 20
_RESERVE = 1 << 16
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL | _NOFOLLOW | getattr(os, "O_BINARY", 0)


class Writer:
    """One open log. `on_trouble(error)` is called at each first failure after a success; it must not raise.

    Safe to call from many threads, and from a signal handler that interrupts a call. After a fork the child must not
    use it.
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
        self._closed = False
        self._waiting = bytearray(record.pack_header(run, self.id))
        self._offset = self._touched = record.HEADER_SIZE
        self._unnoted = 0
        self._refused_at = 0.0
        self._on_trouble = on_trouble or (lambda error: None)
        self._lock = threading.RLock()
        self._busy = False
        self._deferred: list[tuple[int, bytes]] = []
        self._folders_synced = False
        self._retry(force=True)

    @property
    def written(self) -> int:
        """The offset behind the last record that was accepted."""
        return self._offset

    @property
    def healthy(self) -> bool:
        return not self._waiting

    def append(self, kind: int, payload: bytes) -> bool:
        """Append one record; False when it had to be dropped."""
        with self._lock:
            if self._busy:
                self._deferred.append((kind, payload))
                return True
            try:
                self._busy = True
                return self._append(kind, payload)
            finally:
                self._busy = False
                if self._deferred:
                    self._drain()

    def append_float(self, number: int, step: int, value: float, time: float, epoch: float) -> bool:
        """Append a POINT with a float64 value. `number` holds the flags in its high bits. The hot path."""
        with self._lock:
            if self._busy or self._waiting:
                return self.append(record.POINT, record.POINT_STRUCT.pack(number, step, value, time, epoch))
            offset = self._offset
            body = record.pack_float_point(record.POINT_WORD, number, step, value, time, epoch)
            data = body + crc32(body, (self._seed + offset) & 0xFFFFFFFF).to_bytes(4, "little")
            try:
                self._busy = True
                if os.write(self._fd, data) == record.POINT_SIZE:
                    self._offset = offset + record.POINT_SIZE
                    return True
                return self._interrupted(data, None)
            except BaseException as error:
                return self._interrupted(data, error)
            finally:
                self._busy = False
                if self._deferred:
                    self._drain()

    def append_int(self, number: int, step: int, value: int, time: float, epoch: float) -> bool:
        """Append a POINT with an int64 or bool value."""
        return self.append(record.POINT, record.INT_POINT_STRUCT.pack(number, step, value, time, epoch))

    def flush(self) -> bool:
        """Wait until what was accepted is on the disk (fsync of file and folders). False when the system refuses."""
        with self._lock:
            self._retry(force=True)
            if self._waiting:
                return False
            os.fsync(self._fd)
            if not self._folders_synced:
                for folder in (self.folder, self.folder.parent, self.aim_dir, self.aim_dir.parent):
                    sync_folder(folder)
                self._folders_synced = True
            return True

    def touch(self) -> None:
        """A sign of life: the file's time becomes now, unless records did that already. Also tries again what waits."""
        with self._lock:
            self._retry(force=True)
            if self._fd >= 0 and self._offset == self._touched:
                os.utime(self._fd if os.utime in os.supports_fd else self.path)
            self._touched = self._offset

    def displaced(self) -> bool:
        """True when the path no longer leads to the file that this writer holds, or the file lost bytes."""
        if self._fd < 0:
            return False
        held = os.fstat(self._fd)
        try:
            there = os.stat(self.path, follow_symlinks=False)
        except FileNotFoundError:
            return True
        same = (held.st_ino, held.st_dev) == (there.st_ino, there.st_dev)
        return not same or held.st_size < self._offset - len(self._waiting)

    def move(self, restart: Callable[[dict[str, Any], str], dict[str, Any]]) -> int:
        """Go on in a new file, with a copy of every whole record that this writer holds. Returns how many were copied.

        `restart(start, writer id)` gives the content of the new file's START.
        """
        with self._lock:
            held = Log(self.path, self._held())
            other = Writer(self.folder, self.run, aim_dir=self.aim_dir, on_trouble=self._on_trouble)
            if not other.healthy:
                raise OSError(f"no new file can be made in {self.folder}; the open file is kept until one can")
            count = 0
            for found in held.records():
                payload = found.payload
                if found.kind == record.START:
                    payload = record.encode_json(restart(record.decode_json(payload), other.id.hex()))
                count += other.append(found.kind, payload)
            os.close(self._fd)
            self.id, self.path, self._fd, self._seed = other.id, other.path, other._fd, other._seed
            self._offset, self._waiting, self._folders_synced = other._offset, other._waiting, False
            return count

    def _held(self) -> bytes:
        """All bytes of this writer, read back from the open file, with what still waits."""
        size = os.fstat(self._fd).st_size
        os.lseek(self._fd, 0, os.SEEK_SET)
        parts = []
        while size > 0 and (part := os.read(self._fd, min(size, 1 << 20))):
            parts.append(part)
            size -= len(part)
        return b"".join(parts) + bytes(self._waiting)

    def close(self) -> None:
        with self._lock:
            if self._closed:
                return
            try:
                self._retry(force=True)
            finally:
                self._closed = True
                self.abandon()

    def abandon(self) -> None:
        """Let go of the file in a forked child, where the parent goes on writing it.

        Takes no lock: the thread that held it may not exist here.
        """
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def _append(self, kind: int, payload: bytes) -> bool:
        if self._closed:
            return False
        self._retry()
        if self._unnoted and not self._waiting:
            self._note_dropped()
        room = WAITING_LIMIT if kind == record.POINT else WAITING_LIMIT + _RESERVE
        if self._waiting and len(self._waiting) + len(payload) + 8 > room:
            self.dropped += kind == record.POINT
            self._unnoted += kind == record.POINT
            return False
        return self._put(record.pack(kind, payload, self._seed, self._offset))

    def _note_dropped(self) -> None:
        points, self._unnoted = self._unnoted, 0
        payload = record.encode_json({"time": clock.time(), "points": points, "reason": "the disk refused them"})
        self._put(record.pack(record.DROPPED, payload, self._seed, self._offset))

    def _put(self, data: bytes) -> bool:
        if self._waiting:
            self._waiting += data
            self._offset += len(data)
            return True
        try:
            if os.write(self._fd, data) == len(data):
                self._offset += len(data)
                return True
            return self._interrupted(data, None)
        except BaseException as error:
            return self._interrupted(data, error)

    def _interrupted(self, data: bytes, error: BaseException | None) -> bool:
        """A write that did not end well: keep what is missing; follow the file where an exception came between."""
        if self._closed:
            return False
        try:
            there = os.fstat(self._fd).st_size - self._offset
        except OSError:
            there = 0
        there = min(max(there, 0), len(data))
        if error is None or isinstance(error, OSError) or there:
            self._offset += len(data)
            self._waiting += data[there:]
        if isinstance(error, OSError):
            self._refused_at = clock.monotonic()
            self._on_trouble(error)
        elif error is not None:
            raise error
        elif self._waiting:
            self._retry(force=True)
        return True

    def _retry(self, *, force: bool = False) -> None:
        if not self._waiting or (not force and clock.monotonic() - self._refused_at < 0.05):
            return
        try:
            if self._fd < 0:
                self._open()
            while self._waiting:
                done = os.write(self._fd, self._waiting)
                del self._waiting[:done]
        except OSError as error:
            self._refused_at = clock.monotonic()
            self._on_trouble(error)

    def _open(self) -> None:
        layout.make_folder(self.folder, self.aim_dir)
        self._fd = os.open(self.path, _FLAGS, 0o666)
        layout.inherit_access(self.path, self.aim_dir)

    def _drain(self) -> None:
        while self._deferred:
            self.append(*self._deferred.pop(0))


def sync_folder(folder: Path) -> None:
    """fsync a folder, where the system knows such a thing."""
    try:
        fd = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    except OSError:
        return
    try:
        os.fsync(fd)
    except OSError:
        pass
    finally:
        os.close(fd)
