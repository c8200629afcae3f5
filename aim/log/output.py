"""What a run printed: OUTPUT records, limited in size, and read from any offset, forward and backward.

A log is never read whole here: the next record after any offset is found by checksum, so the last lines of 100 MB take
as long as the last lines of a page.
"""

from __future__ import annotations

import heapq
import os
import re
import struct
import threading
import time as clock
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from aim.errors import LogError
from aim.log import record
from aim.log.reader import Log, OpenLog, open_longest
from aim.log.record import Record

SKIPPED, STDOUT, STDERR = range(3)
MAX_PIECE = 1 << 16
LIMIT = 100_000_000
TAIL = 1 << 16

_head = struct.Struct("<Id")
_count = struct.Struct("<Q")
_STREAM_SHIFT = 28
_COST = _head.size + 8
_CURSOR = r"[0-9a-f]{16}\.[0-9]{1,18}(?:-[0-9a-f]{16}\.[0-9]{1,18})*"

Cursor = Mapping[str, int]


class Output(NamedTuple):
    """Bytes as they were printed. In the stream SKIPPED, a note that `skipped` bytes were not kept here."""

    time: float
    stream: int
    data: bytes

    @property
    def skipped(self) -> int:
        """The number of bytes left out; also 0 where the limit was reached."""
        return int(_count.unpack(self.data)[0]) if self.stream == SKIPPED and len(self.data) == _count.size else 0


class Piece(NamedTuple):
    """One OUTPUT record of a writer, from `start` to `end` in its log."""

    writer: str
    start: int
    end: int
    output: Output


def encode(stream: int, time: float, data: bytes) -> bytes:
    """The payload of an OUTPUT record."""
    if len(data) > MAX_PIECE:
        raise ValueError(f"{len(data):,} bytes do not fit in one OUTPUT record, which takes {MAX_PIECE:,}")
    return _head.pack(len(data) | stream << _STREAM_SHIFT, time) + data + bytes(-len(data) % 4)


def encode_skipped(time: float, count: int) -> bytes:
    """The payload of a note that `count` bytes were left out here."""
    return encode(SKIPPED, time, _count.pack(count))


def decode(payload: bytes | memoryview) -> Output | None:
    """None for an invalid payload."""
    if len(payload) < _head.size:
        return None
    word, time = _head.unpack_from(payload)
    count = word & (1 << _STREAM_SHIFT) - 1
    if count > len(payload) - _head.size:
        return None
    return Output(time, word >> _STREAM_SHIFT, bytes(payload[_head.size : _head.size + count]))


def start_of(path: Path) -> dict[str, Any] | None:
    """The START of a file that holds output only; None for any other file."""
    if path.suffix == ".seal":
        start = Log.head(path).start()
    else:
        with closing(OpenLog(path)) as log:
            start = record.decode_start(log.at(record.HEADER_SIZE))
    return start if start is not None and start.get("role") == "output" else None


def is_output(path: Path) -> bool:
    """Whether a file holds output only. It may be large, and has nothing that a resume needs."""
    try:
        return start_of(path) is not None
    except (OSError, LogError):
        return False


class Recorder:
    """Turns printed bytes into OUTPUT records through `append(kind, payload)`, which returns False for a record that
    was dropped.

    The first `limit` bytes are recorded as they come; `close` adds the last `TAIL` bytes, with a note of how many are
    left out. A piece of UTF-8 ends after a whole character. With `hold`, everything that is printed within so many
    seconds becomes one piece; the caller then calls `flush` when nothing more comes. Thread-safe.
    """

    def __init__(self, append: Callable[[int, bytes], object], *, limit: int = LIMIT, hold: float = 0.0) -> None:
        self.limit = limit
        self.hold = hold
        self.seen = 0
        self._append = append
        self._room = limit
        self._held = bytearray()
        self._held_stream = STDOUT
        self._held_since = 0.0
        self._rest: dict[int, bytes] = {}
        self._tail: deque[tuple[int, float, bytes]] = deque()
        self._tail_bytes = 0
        self._skipped = 0
        self._time = 0.0
        self._full = False
        self._lock = threading.Lock()

    def take(self, stream: int, data: bytes) -> None:
        with self._lock:
            self.seen += len(data)
            data = self._rest.pop(stream, b"") + data
            split = len(data) - _unfinished(data)
            if split < len(data):
                self._rest[stream] = data[split:]
            if stream != self._held_stream:
                self._release()
            if not self._held:
                self._held_stream, self._held_since = stream, clock.monotonic()
            self._held += data[:split]
            if len(self._held) >= MAX_PIECE or clock.monotonic() - self._held_since >= self.hold:
                self._release()

    @property
    def holds(self) -> bool:
        """Whether there is something to flush."""
        return bool(self._held)

    def flush(self) -> None:
        """Write what `hold` keeps back."""
        with self._lock:
            self._release()

    def close(self) -> None:
        """Write what was kept back: unfinished characters, and the end of what exceeded the limit."""
        with self._lock:
            self._release()
            for stream, data in self._rest.items():
                self._keep(stream, data)
            self._rest.clear()
            if self._skipped:
                time = self._tail[0][1] if self._tail else self._now()
                self._append(record.OUTPUT, encode_skipped(time, self._skipped))
            for stream, time, data in self._tail:
                self._append(record.OUTPUT, encode(stream, time, data))
            self._tail.clear()
            self._skipped = 0

    def _release(self) -> None:
        held, self._held = bytes(self._held), bytearray()
        self._keep(self._held_stream, held)

    def _keep(self, stream: int, data: bytes) -> None:
        for start in range(0, len(data), MAX_PIECE):
            piece = data[start : start + MAX_PIECE]
            if self._full or len(piece) + _COST > self._room:
                self._keep_last(stream, piece)
            else:
                self._write(stream, piece)

    def _write(self, stream: int, piece: bytes) -> None:
        """Write a piece, and before it a note of what the disk refused."""
        if self._skipped and self._append(record.OUTPUT, encode_skipped(self._now(), self._skipped)):
            self._skipped = 0
        if not self._skipped and self._append(record.OUTPUT, encode(stream, self._now(), piece)):
            self._room -= len(piece) + _COST
        else:
            self._skipped += len(piece)

    def _keep_last(self, stream: int, piece: bytes) -> None:
        if not self._full:
            self._full = True
            self._append(record.OUTPUT, encode_skipped(self._now(), 0))
        self._tail.append((stream, self._now(), piece))
        self._tail_bytes += len(piece)
        while self._tail_bytes > TAIL:
            first, time, oldest = self._tail.popleft()
            cut = min(len(oldest), self._tail_bytes - TAIL)
            self._skipped += cut
            self._tail_bytes -= cut
            if cut < len(oldest):
                self._tail.appendleft((first, time, oldest[cut:]))

    def _now(self) -> float:
        """The times of one writer never go back, even if the clock does."""
        self._time = max(self._time, clock.time())
        return self._time


def _unfinished(data: bytes) -> int:
    """The number of bytes at the end that begin a UTF-8 character whose rest is to come."""
    for back in range(1, min(4, len(data) + 1)):
        byte = data[-back]
        if byte >= 0xC0:
            return back if back < (2 if byte < 0xE0 else 3 if byte < 0xF0 else 4) else 0
        if byte < 0x80:
            return 0
    return 0


class OutputReader:
    """The output in one writer's log or seal, read at any offset in bounded memory."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._file = open_longest(Path(path))
        self.writer = self._file.writer
        self.close = self._file.close
        self.end = self._file.end

    def forward(self, offset: int = 0) -> Iterator[Piece]:
        """The pieces from `offset` on, which may be any number."""
        yield from filter(None, map(self._piece, self._file.forward(record.OUTPUT, offset)))

    def backward(self, offset: int | None = None) -> Iterator[Piece]:
        """The pieces before `offset` (default: the end), the last one first."""
        yield from filter(None, map(self._piece, self._file.backward(record.OUTPUT, offset)))

    def _piece(self, entry: Record) -> Piece | None:
        output = decode(entry.payload)
        return None if output is None else Piece(self.writer, entry.offset, entry.end, output)


class Transcript:
    """The output of several writers in the order of time. A cursor has the offset up to which each writer was read; a
    writer without one is read from its beginning. Files that are gone are left out."""

    def __init__(self, paths: Iterable[str | os.PathLike[str]]) -> None:
        self._readers: dict[str, OutputReader] = {}
        for path in paths:
            with suppress(FileNotFoundError):
                reader = OutputReader(path)
                self._readers[reader.writer] = reader

    def __enter__(self) -> Transcript:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        for reader in self._readers.values():
            reader.close()

    def ends(self) -> dict[str, int]:
        """The cursor after everything that is there now."""
        return {writer: reader.end() for writer, reader in self._readers.items()}

    def forward(self, cursor: Cursor | None = None) -> Iterator[Piece]:
        at = cursor or {}
        parts = [reader.forward(at.get(writer, 0)) for writer, reader in self._readers.items()]
        return heapq.merge(*parts, key=_by_time) if len(parts) != 1 else parts[0]

    def backward(self, cursor: Cursor | None = None) -> Iterator[Piece]:
        at = self.ends() if cursor is None else cursor
        parts = [reader.backward(at.get(writer, 0)) for writer, reader in self._readers.items()]
        return heapq.merge(*parts, key=_by_time, reverse=True) if len(parts) != 1 else parts[0]


def _by_time(piece: Piece) -> float:
    return piece.output.time


def write_cursor(cursor: Cursor) -> str:
    return "-".join(f"{writer}.{offset}" for writer, offset in sorted(cursor.items()))


def read_cursor(text: str) -> dict[str, int]:
    """Raises ValueError for a text that `write_cursor` did not write."""
    if not re.fullmatch(_CURSOR, text):
        raise ValueError(f"{text[:80]!r} is not a cursor; take one from an earlier answer, or leave it out")
    return {part[:16]: int(part[17:]) for part in text.split("-")}
