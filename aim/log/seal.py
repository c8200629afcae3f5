"""Seals: logs of writers that ended, compressed by columns. A seal decodes to exactly the bytes that it covers, as
docs/format/seal.md describes.

OBJECT, BLOB and OUTPUT records are in separate chunks, so that one can be read without the others. This module uses the
standard library only, because resuming a sealed run must work wherever training runs.
"""

from __future__ import annotations

import hashlib
import itertools
import lzma
import operator
import os
import struct
from array import array
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from zlib import crc32

from aim import layout, regular
from aim.errors import LogError
from aim.log import bounds, planes, record
from aim.log.record import Record
from aim.log.writer import sync_folder
from aim.threads import at_once

if TYPE_CHECKING:
    from aim.log.stored import OpenStored, SealPointer

MAGIC = b"AIMSEAL\x01"
# A log with OBJECT, BLOB or OUTPUT records has another version, so that readers of version 1 refuse its seal.
MAGIC_VALUES = b"AIMSEAL\x02"
_head = struct.Struct("<8sQ32sII")
_bodies = struct.Struct(f"{record.POINT_SIZE - 4}s4x").iter_unpack

# Offset in a POINT record, bytes, and whether neighbors in one series are close enough for differences to be small.
_COLUMNS = {"step": (8, 8, True), "value": (16, 8, False), "time": (24, 8, True), "epoch": (32, 8, True)}
_VALUES = {record.OBJECT, record.BLOB, record.OUTPUT}
# Reading one of them takes the table of all.
MOST_VALUES = 200_000
_CHUNK = 1 << 18
# A log that compresses better is not sealed, and such a seal is not opened: reading a small file must not take much
# memory. Output is read by chunks, and one line that is printed a million times compresses a thousandfold.
RATIO = 128
ALWAYS = 16 << 20
ALWAYS_VALUES = 64 << 20
# Raised by invalid content whose checksums are correct.
_SENSELESS = (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, struct.error, lzma.LZMAError)
# A directory has some hundred bytes. One in an object store may claim any length, and the store send it.
_MOST_DIRECTORY = 1 << 16
_PART = 1 << 20


def encode(data: bytes) -> bytes:
    """The seal of one whole log. Raises LogError if the log has damage or a torn tail, because a seal would hide it."""
    header = record.unpack_header(data)
    if header is None:
        raise LogError("its header is damaged, so it is not sealed")
    points, others, gaps, values = _split(data)
    if len(values) > MOST_VALUES:
        raise LogError(f"has more than {MOST_VALUES:,} pieces of output or media, so it is not sealed")
    count = len(points) // record.POINT_SIZE
    numbers = planes.join([points[i :: record.POINT_SIZE] for i in range(4, 8)], "I")
    order = planes.order(numbers)
    blobs = {"others": planes.squeeze(others), "gaps": planes.squeeze(planes.split(array("I", gaps)))}
    blobs["number"] = planes.squeeze_split(numbers)
    for name, (start, width, close) in _COLUMNS.items():
        words = planes.join([points[i :: record.POINT_SIZE] for i in range(start, start + width)], "Q")
        grouped = planes.taken(words, order)
        blobs[name] = planes.squeeze_split(planes.differences(grouped) if close else grouped)
    directory: dict[str, Any] = {"run": header.run.hex(), "writer": header.writer.hex()}
    directory |= {"points": count, "others": len(gaps)}
    chunks: list[bytes] = []
    if values:
        chunks, tables = _pack_values(values)
        directory["values"] = {"records": len(values), "chunks": len(chunks), "check": crc32(b"".join(tables.values()))}
        blobs |= tables
    directory["blobs"] = {name: len(blob) for name, blob in blobs.items()}
    text = record.encode_json(directory)
    tail = text + b"".join(blobs.values()) + b"".join(chunks)
    magic = MAGIC_VALUES if values else MAGIC
    sealed = _head.pack(magic, len(data), hashlib.sha256(data).digest(), len(text), crc32(tail)) + tail
    rest = len(data) - sum(len(value.payload) for value in values)
    if len(data) > _most(len(sealed), magic) or rest > _most(len(sealed), MAGIC):
        raise LogError(f"compresses to less than 1/{RATIO} of its {len(data):,} bytes, so it stays a log")
    _check(sealed, data)
    return sealed


def _check(sealed: bytes, data: bytes) -> None:
    """Whether a seal decodes to the log. Decoding computes each checksum again, so the log has no damage either."""
    try:
        same = decode(sealed) == data
    except LogError:
        same = False
    if not same:
        header = record.Header(data[8:24], data[24:32])
        damaged = (entry for entry in record.walk(data, record.HEADER_SIZE, record.seed(*header)))
        ends = itertools.takewhile(lambda entry: isinstance(entry, Record), damaged)
        raise _damaged(max((entry.end for entry in ends), default=record.HEADER_SIZE))


def decode(sealed: bytes, *, source: str = "a seal") -> bytes:
    """The bytes of the log that `sealed` covers. Raises LogError for a damaged seal."""
    with _valid(source):
        return _decode(sealed, source)


@contextmanager
def _valid(source: str) -> Iterator[None]:
    try:
        yield
    except _SENSELESS as error:
        raise LogError(f"its content is invalid ({error}); restore it from a copy: {source}") from error


def _decode(sealed: bytes, source: str) -> bytes:
    covered, digest, directory, blobs, chunks_at = _open(sealed, source)
    header = record.pack_header(bytes.fromhex(directory["run"]), bytes.fromhex(directory["writer"]))
    count = directory["points"]
    size = record.POINT_SIZE
    if not 0 <= count * size <= min(covered, _most(len(sealed), MAGIC)):
        raise LogError(f"claims {count:,} points in {covered:,} bytes; restore it from a copy: {source}")
    numbers = planes.read(blobs["number"], "I", count)
    places = [0] * count
    for i, place in enumerate(planes.order(numbers)):
        places[place] = i
    points = bytearray(count * size)
    for i, byte in enumerate(struct.pack("<I", record.POINT_WORD)):
        points[i::size] = bytes([byte]) * count
    planes.put(points, 4, numbers)
    for name, (start, _, close) in _COLUMNS.items():
        grouped = planes.read(blobs[name], "Q", count)
        if close:
            grouped = planes.sums(grouped)
        planes.put(points, start, planes.taken(grouped, places))
    gaps = planes.read(blobs["gaps"], "I", directory["others"])
    if sum(gaps) > count or len(gaps) * record.FRAME > covered:
        raise ValueError(f"its {len(gaps):,} gaps are longer than the log")
    values: Iterator[Record] = iter(())
    if "values" in directory:
        values = _unpack_values(_ValueTable.of(directory, blobs, chunks_at, covered), sealed)
    data = _merge(header, points, blobs["others"], gaps, values)
    if len(data) != covered or hashlib.sha256(data).digest() != digest:
        raise LogError(f"does not decode to the log that it covers; restore it from a copy: {source}")
    return data


def covers(path: str | os.PathLike[str]) -> int:
    """The size of the log that the seal at `path` covers."""
    with opened(path) as file:
        return _covered(file.read(_head.size), _size(file), str(path))


def opened(path: str | os.PathLike[str]) -> BinaryIO | OpenStored:
    """The seal at `path`, also one whose bytes are in an object store."""
    file = regular.opened(path)
    head = file.read(len(MAGIC))
    if len(head) < len(MAGIC) or head[:-1] != MAGIC[:-1] or head <= MAGIC_VALUES:
        file.seek(0)
        return file
    from aim.log import stored

    with file:
        return stored.OpenStored(path, stored.unpack(head + file.read(stored.SIZE), path))


def length(path: str | os.PathLike[str]) -> int:
    """How many bytes the seal at `path` has, wherever they are."""
    with opened(path) as file:
        return _size(file)


def is_stored(path: str | os.PathLike[str]) -> bool:
    """Whether the bytes of the seal at `path` are in an object store."""
    with opened(path) as file:
        return _pointer(file) is not None


def read(path: str | os.PathLike[str]) -> bytes:
    """All bytes of the seal at `path`, wherever they are."""
    with opened(path) as file:
        if not _pointer(file):
            return regular.read(path)
        with _valid(str(path)):  # before a store is asked for as much as the file claims
            _directory(file, str(path))
        file.seek(0)
        return file.read()


def _pointer(file: BinaryIO | OpenStored) -> SealPointer | None:
    """What stands in the place of a seal that is in an object store."""
    return getattr(file, "pointer", None)


def digest(path: str | os.PathLike[str]) -> str:
    """SHA-256 in hex of the log that the seal at `path` covers, as the seal states it. Raises LogError if a byte of the
    seal is damaged: all are read, and none is decompressed. What is in an object store was read when it got it."""
    with opened(path) as file:
        head = file.read(_head.size)
        _check_magic(head, str(path))
        _, _, stated, _, checksum = _head.unpack(head)
        if _pointer(file):
            return bytes(stated).hex()
        computed = 0
        while part := file.read(_PART):
            computed = crc32(part, computed)
    if computed != checksum:
        raise LogError(f"its checksum is wrong; restore it from a copy: {path}")
    return bytes(stated).hex()


def last_checksum(path: Path, seed: int) -> int | None:
    """The checksum that the last record of the covered log has, if it is neither a point nor a value. `seed`: of the
    log's writer."""
    with opened(path) as file:
        if there := _pointer(file):
            return there.last
    for last in deque(others(path), maxlen=1):
        offset = covers(path) - len(last.payload) - record.FRAME
        return int.from_bytes(record.pack(last.kind, last.payload, seed, offset)[-4:], "little")
    return None


def others(path: Path, limit: int | None = None) -> Iterator[Record]:
    """The records that are neither points nor values, in order and without their places: START first, END last. They
    are read without the rest of the file; `limit` bounds the bytes that are decompressed."""
    with _valid(str(path)), opened(path) as file:
        covered, directory, offset = _directory(file, str(path))
        for name, size in directory["blobs"].items():
            if name == "others":
                break
            offset += size
        file.seek(offset)
        data = planes.expand(file.read(size), covered, limit)
    start = 0
    while start + 4 <= len(data) and (stop := start + record.size_at(data, start) - 4) <= len(data):
        yield Record(0, record.kind_of(int.from_bytes(data[start : start + 4], "little")), data[start + 4 : stop])
        start = stop


class Values:
    """The OBJECT, BLOB and OUTPUT records of the log that a seal covers, read without the rest of it. Raises LogError
    if the chunk of a record is damaged."""

    def __init__(self, path: Path) -> None:
        stat = regular.lstat(path)
        self._path = str(path)
        self._stamp = stat.st_mtime_ns, stat.st_size

    def places(self, kind: int) -> list[int]:
        """The offsets of all records of one of these types."""
        with _valid(self._path):
            table = _table(self._path, self._stamp)
        return [place for place, word in zip(table.places, table.words, strict=False) if record.kind_of(word) == kind]

    def at(self, offset: int) -> Record | None:
        """The record at an offset of the log; None where none of these types begins."""
        with _valid(self._path):
            table = _table(self._path, self._stamp)
            i = table.index.get(offset)
            return None if i is None else Record(offset, record.kind_of(table.words[i]), self._payload(table, i))

    def _payload(self, table: _ValueTable, i: int) -> bytes:
        chunk, start = table.place_of(i)
        return _chunk(self._path, self._stamp, chunk)[start : start + record.length_of(table.words[i])]


@lru_cache(maxsize=16)
def _table(path: str, stamp: tuple[int, int]) -> _ValueTable:
    with opened(path) as file:
        covered, directory, offset = _directory(file, path)
        if "values" not in directory:
            return _ValueTable((), (), (), (), (), 0)
        blobs = {}
        for name, size in directory["blobs"].items():
            blobs[name] = file.read(size) if name in _TABLES else b""
            offset += size
            file.seek(offset)
    tables = {name: blobs[name] for name in _TABLES}
    records, chunks = _counts(directory)
    sizes = {"places": 8 * records, "words": 4 * records, "chunks": 12 * chunks}
    if crc32(b"".join(tables.values())) != directory["values"]["check"]:
        raise LogError(f"its table of values is damaged; restore it from a copy: {path}")
    expanded = {name: planes.expand(blob, sizes[name]) for name, blob in tables.items()}
    return _ValueTable.of(directory, expanded, offset, covered)


def _counts(directory: dict[str, Any]) -> tuple[int, int]:
    """How many values and chunks a seal has. No chunk is without a value."""
    records, chunks = directory["values"]["records"], directory["values"]["chunks"]
    if not 0 <= chunks <= records <= MOST_VALUES:
        raise ValueError(f"it claims {records:,} values in {chunks:,} chunks; {MOST_VALUES:,} values are the most")
    return records, chunks


def _size(file: BinaryIO | OpenStored) -> int:
    at = file.seek(0, os.SEEK_CUR)
    size = file.seek(0, os.SEEK_END)
    file.seek(at)
    return size


def _directory(file: BinaryIO | OpenStored, path: str) -> tuple[int, dict[str, Any], int]:
    """The size of the log that a seal covers, its directory, and where the first blob begins."""
    head = file.read(_head.size)
    covered = _covered(head, _size(file), path)
    length = int(_head.unpack(head)[3])
    if length > _MOST_DIRECTORY:
        raise LogError(f"claims a directory of {length:,} bytes; restore it from a copy: {path}")
    return covered, bounds.loads(file.read(length)), _head.size + length


@lru_cache(maxsize=8)
def _chunk(path: str, stamp: tuple[int, int], number: int) -> bytes:
    table = _table(path, stamp)
    with opened(path) as file:
        file.seek(table.chunks_at + sum(table.stored[:number]))
        data = file.read(table.stored[number])
    return table.opened(number, data)


def write(seals: Mapping[Path, bytes]) -> list[Path]:
    """Write the seals that `encode` made of these logs next to them (temporary file, fsync, rename), and only when all
    are on the disk remove the logs, if they are as they were. Returns the paths of the seals. After an error, each log
    or its seal is there. To wait for the disk for each seal alone takes longer than to make it."""
    with ExitStack() as drafts:
        at_once(os.fsync, [_draft(log, sealed, drafts) for log, sealed in seals.items()])
    at_once(sync_folder, {log.parent for log in seals})
    at_once(_remove_sealed, seals.items())
    return [log.with_suffix(".seal") for log in seals]


def _remove_sealed(sealed: tuple[Path, bytes]) -> None:
    log, data = sealed
    if regular.read(log.with_suffix(".seal")) == data and _covers(data, regular.read(log)):
        regular.remove(log, layout.aim_dir_of(log))


def _draft(log: Path, sealed: bytes, drafts: ExitStack) -> int:
    """Write a seal that gets its name when `drafts` are closed. Returns its descriptor."""
    target, top = log.with_suffix(".seal"), layout.aim_dir_of(log)

    def finish(draft: int | Path) -> None:
        look_like(regular.lstat(log), draft)

    with ExitStack() as draft:
        file = draft.enter_context(regular.replacing(target, top=top, finish=finish))
        file.write(sealed)
        file.flush()
        drafts.push(draft.pop_all())
    return file.fileno()


def _covers(sealed: bytes, data: bytes) -> bool:
    """Whether these are the bytes of the log that was sealed."""
    return bool(hashlib.sha256(data).digest() == _head.unpack_from(sealed)[2])


def look_like(other: os.stat_result, draft: int | Path) -> None:
    """Give a draft the time and access of another file."""
    os.chmod(draft, other.st_mode & 0o777)
    os.utime(draft, ns=(other.st_atime_ns, other.st_mtime_ns))


class _ValueTable:
    """Where the values are: `index` gives the number of a value by its offset in the log, `begin` where its payload
    begins in all chunks together, `raw` where each chunk begins. The chunks begin at `chunks_at` in the seal."""

    def __init__(
        self, places: Iterable[int], words: Iterable[int], raw: Iterable[int], stored: Iterable[int],
        checks: Iterable[int], chunks_at: int,
    ) -> None:  # fmt: skip
        self.words = list(words)
        self.places = list(places)
        self.index = {place: i for i, place in enumerate(self.places)}
        self.begin = list(itertools.accumulate(map(record.length_of, self.words), initial=0))
        self.sizes = list(raw)
        self.raw = list(itertools.accumulate(self.sizes, initial=0))[:-1]
        self.stored = list(stored)
        self.checks = list(checks)
        self.chunks_at = chunks_at

    @classmethod
    def of(cls, directory: dict[str, Any], blobs: dict[str, bytes], chunks_at: int, covered: int) -> _ValueTable:
        records, chunks = _counts(directory)
        steps = planes.read(blobs["places"], "Q", records)
        numbers = planes.read(blobs["chunks"], "I", 3 * chunks)
        if sum(numbers[:chunks]) > covered:
            raise ValueError(f"its chunks are longer than the {covered:,} bytes of the log")
        places = planes.sums(steps)
        words = planes.read(blobs["words"], "I", records)
        return cls(places, words, numbers[:chunks], numbers[chunks : 2 * chunks], numbers[2 * chunks :], chunks_at)

    def place_of(self, i: int) -> tuple[int, int]:
        """The chunk of a value, and where its payload begins in it."""
        chunk = bisect_right(self.raw, self.begin[i]) - 1
        return chunk, self.begin[i] - self.raw[chunk]

    def opened(self, number: int, data: bytes) -> bytes:
        if crc32(data) != self.checks[number]:
            raise LogError("a chunk of values is damaged; restore the seal from a copy")
        return data if len(data) == self.sizes[number] else planes.expand(data, self.sizes[number])


_TABLES = ("places", "words", "chunks")


def _pack_values(values: list[Record]) -> tuple[list[bytes], dict[str, bytes]]:
    """The chunks of payloads, compressed if that saves space, and the blobs that say where each is."""
    chunks: list[bytes] = []
    raw: list[int] = []
    waiting = bytearray()
    for i, value in enumerate(values):
        waiting += value.payload
        if len(waiting) >= _CHUNK or i == len(values) - 1:
            chunks.append(_packed(bytes(waiting)))
            raw.append(len(waiting))
            waiting.clear()
    numbers = [*raw, *map(len, chunks), *map(crc32, chunks)]
    places = array("Q", (value.offset for value in values))
    words = array("I", (record.word(value.kind, len(value.payload)) for value in values))
    made = (planes.split(planes.differences(places)), planes.split(words), planes.split(array("I", numbers)))
    return chunks, dict(zip(_TABLES, map(planes.squeeze, made), strict=True))


def _packed(data: bytes) -> bytes:
    """Most images and audio are compressed already."""
    if planes.is_noise(data):
        return data
    smaller = planes.squeeze(data)
    return smaller if len(smaller) < len(data) else data


def _unpack_values(table: _ValueTable, sealed: bytes) -> Iterator[Record]:
    starts = list(itertools.accumulate(table.stored, initial=table.chunks_at))
    number, data = -1, b""
    for i, (offset, word) in enumerate(zip(table.places, table.words, strict=False)):
        chunk, start = table.place_of(i)
        if chunk != number:
            number, data = chunk, table.opened(chunk, sealed[starts[chunk] : starts[chunk + 1]])
        yield Record(offset, record.kind_of(word), data[start : start + record.length_of(word)])


def _check_magic(head: bytes, source: str) -> None:
    if len(head) < _head.size or head[:8] not in (MAGIC, MAGIC_VALUES):
        raise LogError(f"not a seal of version 1 or 2: {source}")


def _covered(head: bytes, size: int, source: str) -> int:
    """The size of the log that a seal of so many bytes covers. Raises LogError for one that no log compresses to."""
    _check_magic(head, source)
    covered = int(_head.unpack(head)[1])
    if covered > _most(size, head[:8]):
        raise LogError(f"its {size:,} bytes claim to cover {covered:,}; restore it from a copy: {source}")
    return covered


def _most(size: int, magic: bytes) -> int:
    """The largest log that a seal of so many bytes may cover."""
    return max(ALWAYS_VALUES if magic == MAGIC_VALUES else ALWAYS, RATIO * size)


def _open(sealed: bytes, source: str) -> tuple[int, bytes, dict[str, Any], dict[str, bytes], int]:
    """The fields of the head, the directory, the decompressed blobs, and where the chunks begin."""
    covered = _covered(sealed[: _head.size], len(sealed), source)
    _, _, digest, length, checksum = _head.unpack_from(sealed)
    tail = memoryview(sealed)[_head.size :]
    if crc32(tail) != checksum:
        raise LogError(f"its checksum is wrong; restore it from a copy: {source}")
    directory = bounds.loads(bytes(tail[:length]))
    most = min(covered, _most(len(sealed), MAGIC))
    blobs, offset = {}, length
    for name, size in directory["blobs"].items():
        blobs[name] = planes.expand(tail[offset : offset + size], most)
        offset += size
        if sum(map(len, blobs.values())) > 2 * most:
            raise ValueError(f"its columns are longer than the {most:,} bytes that they may have")
    return covered, digest, directory, blobs, _head.size + offset


def _split(data: bytes) -> tuple[bytes, bytes, list[int], list[Record]]:
    """All POINT records, all other records, the number of points between two of those, and the OBJECT, BLOB and OUTPUT
    records, which count as neither. Checksums are left to `_check`."""
    points, others, gaps, values = [], [], [], []
    begin, since = record.HEADER_SIZE, 0
    for place, end, kind in record.frames(data, begin):
        points.append(data[begin:place])
        since += (place - begin) // record.POINT_SIZE
        begin = end
        if kind is None:
            break
        if kind in _VALUES:
            values.append(Record(place, kind, data[place + 4 : end - 4]))
        else:
            others.append(data[place : end - 4])
            gaps.append(since)
            since = 0
    if begin != len(data):
        raise _damaged(min(begin, len(data) - record.FRAME))
    return b"".join(points), b"".join(others), gaps, values


def _damaged(place: int) -> LogError:
    return LogError(f"damaged at byte {place}, so it is not sealed")


def _merge(header: bytes, points: bytearray, others: bytes, gaps: Iterable[int], values: Iterator[Record]) -> bytes:
    """The inverse of `_split`, with every checksum recomputed."""
    seed = record.seed(header[8:24], header[24:32])
    out = bytearray(header)
    place = start = 0
    value = next(values, None)

    def add_values() -> None:
        nonlocal value
        while value is not None and value.offset == len(out):
            out.extend(record.pack(value.kind, value.payload, seed, len(out)))
            value = next(values, None)

    def add_points(stop: int) -> None:
        nonlocal place
        while place < stop:
            add_values()
            until = stop
            if value is not None and value.offset > len(out):
                until = min(stop, place + max(value.offset - len(out), record.POINT_SIZE))
            out.extend(_signed(points[place:until], seed + len(out)))
            place = until

    for gap in gaps:
        add_points(place + gap * record.POINT_SIZE)
        add_values()
        stop = start + record.size_at(others, start) - 4
        if stop > len(others):
            raise ValueError("it has more gaps than records")
        out += record.signed(others[start:stop], seed, len(out))
        start = stop
    add_points(len(points))
    add_values()
    return bytes(out)


def _signed(points: bytearray, start: int) -> bytearray:
    """These POINT records with their checksums. `start`: what that of the first one starts from."""
    starts = range(start, start + len(points), record.POINT_SIZE)
    bodies = map(operator.itemgetter(0), _bodies(points))
    planes.put(points, record.POINT_SIZE - 4, array("I", map(crc32, bodies, starts)))
    return points
