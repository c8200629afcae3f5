"""Reads a writer's file record by record, and goes on behind damage. Standard library only; it never writes."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from aim import layout
from aim.errors import LogError
from aim.log import record, seal

_words = struct.Struct("<I")
_HEAD = 2 << 20


class Record(NamedTuple):
    offset: int
    kind: int
    payload: bytes

    @property
    def end(self) -> int:
        return self.offset + len(self.payload) + 8


class Damage(NamedTuple):
    """Bytes start..end hold no record that can be believed."""

    start: int
    end: int


class Log:
    """The bytes of one writer, from its `.log` or its `.seal`, as they were when it was opened.

    `records()` gives every whole record in order. `damage` then lists the places that were skipped, and `end` is the
    offset behind the last whole record: where a later read continues. `size` is that of the whole log, also where
    `data` is a part of it.
    """

    def __init__(self, path: str | os.PathLike[str], data: bytes | None = None, *, size: int | None = None) -> None:
        self.path = Path(path)
        named = layout.parse_name(self.path.name)
        if data is None:
            data = self.path.read_bytes()
            if self.path.suffix == ".seal":
                data = seal.decode(data, source=str(self.path))
        header = record.unpack_header(data)
        if header is not None:
            self.run, self.writer = header.run.hex(), header.writer.hex()
        elif named is not None:
            self.run, self.writer = named.run, named.writer
        else:
            raise LogError(f"not a log: its header is damaged and its name holds no ids: {self.path}")
        self.data = data
        self.size = len(data) if size is None else size
        self.seed = record.seed(bytes.fromhex(self.run), bytes.fromhex(self.writer))
        self.damage: list[Damage] = []
        if header is None and len(data) >= record.HEADER_SIZE:
            self.damage.append(Damage(0, record.HEADER_SIZE))
        self.end = min(len(data), record.HEADER_SIZE)

    @classmethod
    def head(cls, path: Path) -> Log:
        """The beginning of a log, with its START: the rest may be large."""
        if path.suffix == ".seal":
            return cls(path)
        with open(path, "rb") as file:
            return cls(path, file.read(_HEAD), size=os.fstat(file.fileno()).st_size)

    def records(self, start: int = record.HEADER_SIZE) -> Iterator[Record]:
        """Whole records from offset `start` on, which must be where a record begins."""
        offset = start
        size = len(self.data)
        while offset + 8 <= size:
            found = self._record_at(offset)
            if found is None:
                behind = self._resync(offset + 4)
                if behind is None:
                    break
                self.damage.append(Damage(offset, behind))
                offset = behind
                continue
            offset = self.end = found.end
            yield found

    @property
    def torn(self) -> int:
        """Bytes behind the last whole record: one that is still written, or the torn tail of one that never was."""
        return len(self.data) - self.end

    def _record_at(self, offset: int) -> Record | None:
        word = _words.unpack_from(self.data, offset)[0]
        length = word & 0xFFFFF
        stop = offset + 4 + length
        if word >> 28 != 0xA or length & 3 or stop + 4 > len(self.data):
            return None
        body = self.data[offset:stop]
        if crc32(body, (self.seed + offset) & 0xFFFFFFFF) != _words.unpack_from(self.data, stop)[0]:
            return None
        return Record(offset, word >> 20 & 0xFF, body[4:])

    def _resync(self, offset: int) -> int | None:
        """The next place at or after `offset` that holds a record of a known type."""
        data, size = self.data, len(self.data)
        while offset + 8 <= size:
            high = data[offset + 3]
            # 0xA0 holds the types 1..15 in the low nibble of this byte and the high nibble of the byte before.
            if high == 0xA0:
                kind = data[offset + 2] >> 4
                if kind in record.KNOWN_TYPES and self._record_at(offset) is not None:
                    return offset
            offset += 4
        return None


def records_at(path: Path, offsets: Iterable[int]) -> Iterator[Record]:
    """The whole records that begin at these offsets of one writer's file, which is not read beyond them."""
    if path.suffix == ".seal":
        log = Log(path)
        yield from filter(None, (log._record_at(offset) for offset in offsets if offset + 8 <= len(log.data)))
        return
    named = layout.parse_name(path.name)
    if named is None:
        raise LogError(f"not a log, by its name: {path}")
    begin = record.seed(bytes.fromhex(named.run), bytes.fromhex(named.writer))
    with open(path, "rb") as file:
        for offset in offsets:
            file.seek(offset)
            word = file.read(4)
            body = word + file.read(int.from_bytes(word, "little") & 0xFFFFF)
            check = crc32(body, (begin + offset) & 0xFFFFFFFF)
            if len(word) == 4 and file.read(4) == check.to_bytes(4, "little"):
                yield Record(offset, int.from_bytes(word, "little") >> 20 & 0xFF, body[4:])


def scan(runs: Path) -> Iterator[Path]:
    """The file of every writer below `.aim/runs` (or of one run's folder), the longer one where a log meets a seal."""
    for folder in sorted(_folders(runs)):
        yield from writers(folder)


def writers(folder: Path) -> list[Path]:
    """The writers' files in one folder, by name. Where a seal and a log of one writer meet, what covers more."""
    chosen: dict[str, Path] = {}
    try:
        names = sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []
    for name in names:
        named = layout.parse_name(name)
        if named is None:
            continue
        path = folder / name
        rival = chosen.get(f"{named.run}-{named.writer}")
        if rival is None or _covered(path) > _covered(rival):
            chosen[f"{named.run}-{named.writer}"] = path
    return list(chosen.values())


def _covered(path: Path) -> int:
    try:
        return seal.covers(path) if path.suffix == ".seal" else path.stat().st_size
    except (OSError, LogError):
        return -1


def _folders(runs: Path) -> list[Path]:
    try:
        with os.scandir(runs) as entries:
            return [Path(entry.path) for entry in entries if entry.is_dir()]
    except FileNotFoundError:
        return []
