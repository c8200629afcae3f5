"""Opens what a writer left: its log or its seal, whichever covers more. Standard library only; it never writes.

`Log` has the bytes of one log in memory. `open_longest` reads a file of any size in bounded memory, at any offset.
"""

from __future__ import annotations

import errno
import os
from bisect import bisect_left
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, NamedTuple

from aim import layout, regular
from aim.deadline import check, checked
from aim.errors import LogError
from aim.handlers import let_through
from aim.log import record, seal
from aim.log.record import Damage, Record
from aim.threads import cached_property

WINDOW = 16 << 20
_HEAD = 2 << 20
_PAGE = 1 << 18
_WIDE = 2 * record.LONGEST


class LogFile(NamedTuple):
    """A writer's log or seal; `size` is how many bytes of the log it covers. `where` is the path as text, because
    100,000 of them are often listed."""

    where: str
    run: str
    writer: str
    size: int
    mtime: int

    @property
    def path(self) -> Path:
        return Path(self.where)


class Log:
    """The bytes of one writer's log, or a part of it from offset `base` on, as they were when it was opened.

    `records()` gives every whole record in order. `damage` then lists the places that were skipped, and `end` is the
    offset after the last whole record, where a later read continues. `size` is the size of the whole log.
    """

    def __init__(
        self, path: str | os.PathLike[str], data: bytes | None = None, *, base: int = 0, size: int | None = None
    ) -> None:
        self.path = Path(path)
        named = layout.parse_name(self.path.name)
        if data is None:
            data = read(self.path)
        header = record.unpack_header(data) if base == 0 else None
        if header is not None:
            self.run, self.writer = header.run.hex(), header.writer.hex()
        elif named is not None:
            self.run, self.writer = named.run, named.writer
        else:
            raise LogError(f"not a log: its header is damaged and its name has no ids: {self.path}")
        self.data = data
        self.base = base
        self.size = base + len(data) if size is None else size
        self.seed = record.seed(bytes.fromhex(self.run), bytes.fromhex(self.writer))
        self.damage: list[Damage] = []
        if base == 0 and header is None and len(data) >= record.HEADER_SIZE:
            self.damage.append(Damage(0, record.HEADER_SIZE))
        self.end = base or min(len(data), record.HEADER_SIZE)

    @classmethod
    def head(cls, path: Path) -> Log:
        """The beginning of a log, with its START: the rest may be large."""
        if path.suffix == ".seal":
            return cls._sealed_head(path)
        with regular.opened(path) as file:
            return cls(path, file.read(_HEAD), size=os.fstat(file.fileno()).st_size)

    @classmethod
    def _sealed_head(cls, path: Path) -> Log:
        named = _named(path)
        run, writer = bytes.fromhex(named.run), bytes.fromhex(named.writer)
        data = record.pack_header(run, writer)
        for first in seal.others(path, record.LONGEST):
            data += record.pack(first.kind, first.payload, record.seed(run, writer), len(data))
            break
        return cls(path, data, size=seal.covers(path))

    def records(self, start: int = record.HEADER_SIZE) -> Iterator[Record]:
        """Whole records from offset `start` on, which must be where a record begins."""
        for entry in record.walk(self.data, start - self.base, self.seed, self.base):
            if isinstance(entry, Damage):
                self.damage.append(entry)
            else:
                self.end = entry.end
                yield entry

    @property
    def torn(self) -> int:
        """The number of bytes after the last whole record: one that is still being written, or a torn tail."""
        return self.base + len(self.data) - self.end

    def start(self) -> dict[str, Any] | None:
        """The content of the START record; None if it is not there (yet)."""
        return record.decode_start(next(self.records(), None))


class OpenLog:
    """A log of any size, read at any offset in bounded memory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        named = _named(path)
        self.writer = named.writer
        self._extents: list[tuple[int, int]] | None = None
        self._file = regular.descriptor(path)
        try:
            header = record.unpack_header(self.read(0, record.HEADER_SIZE))
        except BaseException:
            self.close()
            raise
        # By the header; if that is damaged, by the name.
        self._seed = record.seed(*(header or (bytes.fromhex(named.run), bytes.fromhex(named.writer))))

    def close(self) -> None:
        file, self._file = self._file, -1
        if file >= 0:
            os.close(file)

    @property
    def size(self) -> int:
        return os.fstat(self._file).st_size

    def at(self, offset: int) -> Record | None:
        """The whole record at this offset; None if there is none."""
        if not 0 <= offset < self.size:
            return None
        size = record.size_at(self.read(offset, 4))
        return record.at(self.read(offset, size), 0, self._seed, offset)

    def header(self) -> record.Header | None:
        """The ids in the file; None if its header is damaged."""
        return record.unpack_header(self.read(0, record.HEADER_SIZE))

    def walk(self) -> Iterator[Record | Damage]:
        """Every whole record, and a Damage for each gap between two of them."""
        offset, window, begun = record.HEADER_SIZE, _PAGE, -1
        while True:
            data = self.read(offset, window)
            entry = None
            for entry in record.walk(data, 0, self._seed, offset):
                if begun >= 0:
                    yield Damage(begun, entry.end if isinstance(entry, Damage) else entry.offset)
                    if isinstance(entry, Record):
                        yield entry
                    begun = -1
                else:
                    yield entry
            if len(data) < window:
                return
            if entry is not None:
                offset, window = entry.end, _PAGE
            elif window == _PAGE:
                window = _WIDE
            else:
                begun = offset if begun < 0 else begun
                offset = self.behind_hole(offset + _WIDE - record.LONGEST)

    def forward(self, kind: int, offset: int = 0) -> Iterator[Record]:
        """The records of one type from `offset` on, which may be any number."""
        offset = max(offset + -offset % 4, record.HEADER_SIZE)
        window = _PAGE
        while True:
            data = self.read(offset, window)
            records = self._records(data, offset)
            yield from _of(kind, records)
            if len(data) < window:
                return
            if records:
                offset, window = records[-1].end, _PAGE
            elif window == _PAGE:
                window = _WIDE
            else:
                offset = self.behind_hole(offset + _WIDE - record.LONGEST)

    def backward(self, kind: int, offset: int | None = None) -> Iterator[Record]:
        """The records of one type before `offset` (default: the end), the last one first."""
        stop = self.size if offset is None else min(offset, self.size)
        while stop > record.HEADER_SIZE:
            records, stop = self.before(stop)
            yield from _of(kind, reversed(records))

    def end(self) -> int:
        """The offset after the last whole record: more may follow here."""
        stop = self.size
        while stop > record.HEADER_SIZE:
            records, stop = self.before(stop)
            if records:
                return records[-1].end
        return record.HEADER_SIZE

    def before(self, stop: int, page: int = _PAGE) -> tuple[list[Record], int]:
        """The whole records in the last `page` bytes before `stop`, and where the first begins. Reads more if these
        have none; if there is none in those either, where to go on: a record may begin before what was read."""
        for window in (page, _WIDE):
            start = max(record.HEADER_SIZE, stop - window)
            start += -start % 4
            data = self.read(start, max(0, stop - start))
            first = record.next_good(data, 0, self._seed, start)
            if first is not None or start == record.HEADER_SIZE:
                break
        if first is not None:
            return self._records(data, start, first), start + first
        return [], start if start == record.HEADER_SIZE else self._before_hole(start + record.LONGEST)

    def behind_hole(self, offset: int) -> int:
        """Where to read on at `offset`: behind a hole there, but for what a record can have in it."""
        start = next((start for start, _ in regular.extents(self._file, offset)), self.size)
        return max(offset, (start - record.LONGEST) // 4 * 4)

    def _before_hole(self, stop: int) -> int:
        """The same for a reader that goes backward from `stop`."""
        if self._extents is None:
            self._extents = list(regular.extents(self._file))
        place = bisect_left(self._extents, (stop, 0))
        end = self._extents[place - 1][1] if place else 0
        return max(record.HEADER_SIZE, min(stop, end + record.LONGEST))

    def _records(self, data: bytes, offset: int, place: int = 0) -> list[Record]:
        return [entry for entry in record.walk(data, place, self._seed, offset) if isinstance(entry, Record)]

    def read(self, offset: int, size: int) -> bytes:
        check()
        if hasattr(os, "pread"):
            return os.pread(self._file, size, offset)
        os.lseek(self._file, offset, os.SEEK_SET)
        return os.read(self._file, size)


class OpenSeal:
    """A seal, read as the log that it covers. `forward` and `backward` give OUTPUT, OBJECT and BLOB records, and read
    only the chunks that these are in."""

    def __init__(self, path: Path) -> None:
        self.path = path
        named = _named(path)
        self.writer = named.writer
        self._seed = record.seed(bytes.fromhex(named.run), bytes.fromhex(named.writer))
        self._values = seal.Values(path)

    def close(self) -> None:
        """Nothing is open."""

    @property
    def size(self) -> int:
        return len(self._data)

    def header(self) -> record.Header | None:
        return record.unpack_header(self._data)

    def walk(self) -> Iterator[Record | Damage]:
        yield from record.walk(self._data, record.HEADER_SIZE, self._seed)

    def at(self, offset: int) -> Record | None:
        """The whole record at this offset; None if there is none."""
        return self._values.at(offset) or record.at(self._data, offset, self._seed)

    def forward(self, kind: int, offset: int = 0) -> Iterator[Record]:
        places = self._values.places(kind)
        yield from filter(None, map(self._values.at, checked(places[bisect_left(places, offset) :])))

    def backward(self, kind: int, offset: int | None = None) -> Iterator[Record]:
        places = self._values.places(kind)
        stop = len(places) if offset is None else bisect_left(places, offset)
        yield from filter(None, map(self._values.at, checked(reversed(places[:stop]))))

    def end(self) -> int:
        return seal.covers(self.path)

    @cached_property
    def _data(self) -> bytes:
        return read(self.path)


def open_file(path: Path) -> OpenLog | OpenSeal:
    return OpenSeal(path) if path.suffix == ".seal" else OpenLog(path)


def open_longest(path: Path) -> OpenLog | OpenSeal:
    """Open the log or the seal of the writer whose log or seal is called `path`, whichever covers more. Raises
    FileNotFoundError if there is neither."""
    rivals = [path.with_suffix(".log"), path.with_suffix(".seal")]
    for rival in sorted(rivals, key=covers, reverse=True):
        with suppress(FileNotFoundError):
            return open_file(rival)
    raise FileNotFoundError(errno.ENOENT, "neither a log nor a seal of this writer", str(path))


def read(path: Path) -> bytes:
    """All bytes of a log, or of the log that a seal covers. Raises LogError for a damaged seal."""
    return seal.decode(seal.read(path), source=str(path)) if path.suffix == ".seal" else regular.read(path)


class Window(NamedTuple):
    """The bytes of a log from `offset` on; `final` if no more follow."""

    data: bytes
    offset: int
    final: bool


def windows(path: Path, start: int = 0, *, size: int = WINDOW) -> Generator[Window, int | None, None]:
    """The bytes of a log from `start` on, a bounded part at a time; of a seal all at once. `send` the offset of the
    next window."""
    if path.suffix == ".seal":
        yield Window(read(path)[start:], start, True)
        return
    with closing(OpenLog(path)) as log:
        while True:
            data = log.read(start, size)
            final = len(data) < size
            begin = yield Window(data, start, final)
            if final:
                return
            start = log.behind_hole(start + len(data) if begin is None else begin)


def _of(kind: int, records: Iterable[Record]) -> Iterator[Record]:
    return (entry for entry in records if entry.kind == kind)


def writers(folder: str | os.PathLike[str]) -> list[LogFile]:
    """The file of every writer in one folder, by name: of a log and a seal of one writer, whichever covers more."""
    chosen: dict[tuple[str, str], tuple[int, LogFile]] = {}
    within = os.path.join(folder, "")
    for name, named in _listed(folder):
        where = within + name
        try:
            stat = regular.lstat(where)
        except (FileNotFoundError, regular.NotRegular):
            continue
        covered = stat.st_size if named.suffix == "log" else covers(Path(where))
        rival = chosen.get((named.run, named.writer))
        if rival is None or covered > rival[0]:
            size = stat.st_size if covered < 0 else covered
            file = LogFile(where, named.run, named.writer, size, regular.changed(stat))
            chosen[named.run, named.writer] = covered, file
    return [file for _, file in chosen.values()]


def covers(path: Path) -> int:
    """How many bytes of its writer's log a log or a seal has; -1 if it is missing or cannot be read."""
    try:
        return seal.covers(path) if path.suffix == ".seal" else regular.lstat(path).st_size
    except (OSError, LogError) as error:
        let_through(error)
        return -1


def folders(runs: Path) -> Iterator[Path]:
    """The folders of runs below `.aim/runs`, by name."""
    try:
        with os.scandir(runs) as entries:
            names = sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
    except (FileNotFoundError, NotADirectoryError):
        return
    for name in names:
        yield runs / name


def paths(folder: Path) -> list[Path]:
    """Every log and every seal in one folder, by name; none if there is no such folder."""
    return [folder / name for name, _ in _listed(folder)]


def _listed(folder: str | os.PathLike[str]) -> Iterator[tuple[str, layout.WriterFile]]:
    with suppress(FileNotFoundError, NotADirectoryError):
        for name in sorted(os.listdir(folder)):
            named = layout.parse_name(name)
            if named is not None:
                yield name, named


def _named(path: Path) -> layout.WriterFile:
    named = layout.parse_name(path.name)
    if named is None:
        raise LogError(f"not a log or a seal, by its name: {path}")
    return named
