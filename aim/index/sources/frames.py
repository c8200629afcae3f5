"""Files of records of protobuf in the framing of LevelDB's log, as W&B and SwanLab write them.

A file begins with a header of 7 bytes. Blocks of 32 KiB follow, of frames: CRC, length, kind (whole, or first, middle
and last part of a record), data. A damaged frame costs its block.
"""

from __future__ import annotations

import os
import struct
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, ClassVar, NamedTuple
from zlib import crc32

from aim import regular
from aim.errors import LogError
from aim.index.sources.collect import Collector
from aim.index.sources.files import FileSource, ListedFile, check_of
from aim.index.sources.protobuf import BYTES, Field, fields
from aim.index.sources.source import Batch, Location, SourceFile
from aim.index.sources.tree import Found
from aim.index.state import RunState, WriterState

BLOCK = 32 << 10
_FRAME = struct.Struct("<IHB")
_HEADER = 7
_WHOLE, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4
MAX_RECORD = 64 << 20
# Points and bytes after which what was read is handed on.
_MOST_POINTS, _MOST_BYTES = 200_000, 8 << 20
# A value is found again by the place of its record and its number there.
PER_RECORD = 1 << 12


class FrameTaking:
    """Brings a writer up to date with each record: `takes` has what takes a field of it."""

    takes: Mapping[int, Callable[[bytes, Field, int], None]]

    def __init__(self, run: RunState, writer: WriterState) -> None:
        self.run, self.writer, self.start = run, writer, writer.start
        self.values = Collector(writer)

    def take(self, frame: Frame) -> None:
        data = frame.data or b""
        try:
            for part in fields(data, 0, len(data)):
                if part.number in self.takes and part.kind == BYTES:
                    self.takes[part.number](data, part, frame.start)
        except (ValueError, TypeError, ArithmeticError, RecursionError, IndexError) as error:
            self.writer.refuse(frame.start, error)

    @abstractmethod
    def batch(self) -> Batch:
        """Everything since the last one, with what the run is known to be now."""


class FramedSource(FileSource):
    """A run is its id below one folder: a resumed one has several files."""

    header: ClassVar[bytes]
    suffix: ClassVar[str]

    def grouped(self, files: Found) -> Mapping[str, list[ListedFile]]:
        runs: dict[str, list[ListedFile]] = {}
        for folder, there in sorted(files.files.items()):
            above = os.path.dirname(folder)
            for file in there:
                id = file.name.removesuffix(f".{self.suffix}").removeprefix("run-")
                runs.setdefault(f"{above}/{id}" if above else id, []).append(ListedFile(folder, file))
        return runs

    @abstractmethod
    def taking(self, run: RunState, writer: WriterState, file: SourceFile) -> FrameTaking:
        """Begin the writer, if it is new, and take its records."""

    @abstractmethod
    def value(self, path: Path, record: bytes, place: int, kind: str) -> bytes:
        """The bytes of a value of a record. Raises ValueError or OSError if they are gone."""

    def read(self, run: RunState, writer: WriterState, file: SourceFile) -> Iterator[Batch]:
        with regular.opened(os.path.realpath(file.where)) as opened:
            if not writer.start and opened.read(_HEADER) != self.header:
                if file.size < _HEADER:
                    return
                raise LogError(f"it is not a .{self.suffix} file that this version reads: {file.where}")
            taking = self.taking(run, writer, file)
            begun = writer.length = max(writer.length, _HEADER)
            for frame in frames(opened, writer.length, file.size):
                if frame.data is None:
                    writer.damage.append((frame.start, frame.stop))
                else:
                    taking.take(frame)
                writer.length = frame.stop
                if len(taking.values) >= _MOST_POINTS or writer.length - begun >= _MOST_BYTES:
                    begun = writer.length
                    yield taking.batch()
            yield taking.batch()
        writer.check = check_of(file.path, writer.length)

    def content(self, location: Location, kind: str, about: str, most: int | None) -> bytes:
        path = self.path_of(location)
        try:
            with regular.opened(os.path.realpath(path)) as opened:
                start, place = divmod(max(0, location.at), PER_RECORD)
                frame = next(frames(opened, start, os.fstat(opened.fileno()).st_size))
            return self.value(path, frame.data or b"", place, kind)
        except (OSError, ValueError, StopIteration) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else error
            raise LogError(f"the value cannot be read: {reason or 'it is gone'}: {path}") from None


class Frame(NamedTuple):
    """A record; `data` is None for damage."""

    start: int
    stop: int
    data: bytes | None


def frames(file: BinaryIO, at: int, size: int) -> Iterator[Frame]:
    """The whole records from `at` on. One that ends behind `size` is left for later."""
    begun, parts, held = at, list[bytes](), 0
    while at < size:
        base = at - at % BLOCK
        file.seek(base)
        block = file.read(min(BLOCK, size - base))
        while BLOCK - (at - base) >= _FRAME.size:
            place = at - base
            if place + _FRAME.size > len(block):
                return
            check, length, kind = _FRAME.unpack_from(block, place)
            data = block[place + _FRAME.size : place + _FRAME.size + length]
            fits = at - base + _FRAME.size + length <= BLOCK and _WHOLE <= kind <= _LAST
            if fits and len(data) < length:
                return
            if not fits or crc32(data, crc32(bytes((kind,)))) != check:
                if len(block) < BLOCK:
                    return
                at = base + BLOCK
                yield Frame(begun, at, None)
                begun, parts = at, []
                break
            if parts and kind in (_WHOLE, _FIRST):
                yield Frame(begun, at, None)
                begun, parts = at, []
            at += _FRAME.size + length
            orphan = not parts and kind in (_MIDDLE, _LAST)
            held = (held if parts else 0) + _FRAME.size + length
            parts.append(data)
            if orphan or kind in (_WHOLE, _LAST) or held > MAX_RECORD:
                yield Frame(begun, at, b"".join(parts) if kind in (_WHOLE, _LAST) and not orphan else None)
                begun, parts = at, []
        else:
            at = base + BLOCK
            begun = begun if parts else at
