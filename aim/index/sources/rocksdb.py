"""Reads the databases of RocksDB that Aim 3 writes, also those of a process that was killed. Nothing is written or
locked.

CURRENT names the manifest, whose records say which sorted tables and which write-ahead logs count. A later entry of a
key counts more, and so do deleted ranges. Tables are block-based, of format 2 to 5, with CRC-32C and Snappy or without
compression; Aim 3 writes no others.
"""

from __future__ import annotations

import heapq
import os
import re
import struct
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from aim import regular
from aim.errors import LogError
from aim.index.sources.budget import Budget
from aim.index.sources.crc32c import masked
from aim.index.sources.protobuf import varint_at
from aim.index.sources.snappy import inflate

_MAGIC = 0x88E241B785F4CFF7
_FOOTER, _TRAILER = 53, 5
_CRC32C = 1
_PLAIN, _SNAPPY = 0, 1
_BLOCK = 32 << 10
_LARGEST = 128 << 20
_MOST_MANIFEST, _MOST_LOGS = 64 << 20, 128 << 20
_MOST_TABLES, _MOST_WAITING, _MOST_DAMAGED = 500, 2_000_000, 1_000
# What the places of blocks and the deleted ranges of all tables may take, each with what Python adds to its bytes.
_MOST_INDEXED, _ADDED = 256 << 20, 200
_LONGEST_KEY = 64 << 10
_WINDOW, _TOGETHER = 1 << 20, 1 << 10
_VALUE, _RANGE = 1, 15
_NEWEST = 1 << 64
_CURRENT = re.compile(rb"MANIFEST-[0-9]{6,20}")
_LOG = re.compile(r"([0-9]{6,20})\.log", re.ASCII)


class _TableBlock(NamedTuple):
    """`last`: a key that is not before any in the block."""

    last: bytes
    start: int
    size: int


class _DeletedRange(NamedTuple):
    """The keys in `start` <= key < `stop` that are older than `number` were deleted."""

    start: bytes
    stop: bytes
    number: int


# A key, its age (the newest is the smallest) with its kind, and its value.
_TableEntry = tuple[bytes, int, bytes]


class RocksDatabase:
    """One database as it is now. `damaged` tells which of its bytes cannot be read. Raises LogError if nothing can be,
    and OSError if a file is gone, because its process just replaced it."""

    def __init__(self, folder: str) -> None:
        self.damaged: list[str] = []
        self._room = Budget(_MOST_INDEXED, f"its indexes and deleted ranges have more than {_MOST_INDEXED:,} bytes")
        version = _version(folder)
        if len(version.tables) > _MOST_TABLES:
            raise LogError(f"it has more than {_MOST_TABLES} tables: {folder}")
        memory: dict[bytes, _TableEntry] = {}
        gone: dict[tuple[bytes, bytes], int] = {}
        for path in _logs(folder, version.first_log):
            self._take_log(path, memory, gone)
        self._memory, self._tables = memory, list[_SortedTable]()
        for number in sorted(version.tables):
            path = os.path.join(folder, f"{number:06d}.sst")
            try:
                table = _SortedTable(path, self.damaged, self._room)
                for key, age, stop in table.gone():
                    self._delete(gone, key, stop, _number(age))
                self._tables.append(table)
            except (ValueError, struct.error, regular.NotRegular) as error:
                self.damaged.append(f"{os.path.basename(path)}: {error}")
        self._gone = sorted(_DeletedRange(start, stop, number) for (start, stop), number in gone.items())

    def items(self, begin: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """The keys from `begin` on, in order, with their values."""
        memory = sorted(entry for key, entry in self._memory.items() if key >= begin)
        gone, last = _DeletedRanges(self._gone), None
        for key, age, value in heapq.merge(memory, *(table.entries(begin) for table in self._tables)):
            if key == last or key < begin:
                continue
            last = key
            if _kind(age) == _VALUE and _number(age) >= gone.until(key):
                yield key, value

    def get(self, key: bytes) -> bytes | None:
        """The value of a key. Ranges that were deleted are not looked at."""
        entries = [self._memory[key]] if key in self._memory else []
        entries += [entry for table in self._tables for entry in table.find(key)]
        newest = min(entries, default=None)
        return newest[2] if newest is not None and _kind(newest[1]) == _VALUE else None

    def _take_log(self, path: str, memory: dict[bytes, _TableEntry], gone: dict[tuple[bytes, bytes], int]) -> None:
        for batch in _records(regular.read(path, most=_MOST_LOGS), os.path.basename(path), self.damaged):
            try:
                for kind, number, key, value in _operations(batch):
                    if kind == _RANGE:
                        self._delete(gone, key, value, number)
                    elif key not in memory or number >= _number(memory[key][1]):
                        memory[key] = (key, _age(number, kind), value)
                    if len(memory) > _MOST_WAITING:
                        raise LogError(f"its write-ahead logs have more than {_MOST_WAITING:,} keys: {path}")
            except (ValueError, struct.error) as error:
                self.damaged.append(f"{os.path.basename(path)}: {error}")
                if len(self.damaged) >= _MOST_DAMAGED:
                    return

    def _delete(self, gone: dict[tuple[bytes, bytes], int], start: bytes, stop: bytes, number: int) -> None:
        self._room.take(len(start) + len(stop) + _ADDED)
        gone[start, stop] = max(gone.get((start, stop), 0), number)


class _DeletedRanges:
    """Tells of keys in rising order up to which number they were deleted."""

    def __init__(self, gone: Sequence[_DeletedRange]) -> None:
        self._gone, self._next = gone, 0
        self._open: list[tuple[int, bytes]] = []

    def until(self, key: bytes) -> int:
        """The open ranges are a heap by number. One that ended is dropped when it is the first."""
        gone = self._gone
        while self._next < len(gone) and gone[self._next].start <= key:
            heapq.heappush(self._open, (-gone[self._next].number, gone[self._next].stop))
            self._next += 1
        while self._open and self._open[0][1] <= key:
            heapq.heappop(self._open)
        return -self._open[0][0] if self._open else -1


def _age(number: int, kind: int) -> int:
    return _NEWEST - (number << 8 | kind)


def _number(age: int) -> int:
    return (_NEWEST - age) >> 8


def _kind(age: int) -> int:
    return (_NEWEST - age) & 0xFF


# The manifest and the logs


class _LiveFiles(NamedTuple):
    tables: set[int]
    first_log: int


def _version(folder: str) -> _LiveFiles:
    current = regular.read(os.path.join(folder, "CURRENT"), most=100).strip()
    if not _CURRENT.fullmatch(current):
        raise LogError(f"its CURRENT names no manifest: {folder}")
    path = os.path.join(folder, os.fsdecode(current))
    damaged: list[str] = []
    tables: set[int] = set()
    first_log = 0
    try:
        for edit in _records(regular.read(path, most=_MOST_MANIFEST), os.path.basename(path), damaged):
            added, removed, log = _edit(edit)
            tables |= added
            tables -= removed
            first_log = max(first_log, log)
    except ValueError as error:
        raise LogError(f"its manifest cannot be read ({error}): {path}") from None
    if damaged:
        raise LogError(f"its manifest cannot be read ({damaged[0]}): {path}")
    return _LiveFiles(tables, first_log)


def _edit(data: bytes) -> tuple[set[int], set[int], int]:
    """The tables that one record of a manifest adds and removes, and the first log that counts since."""
    added, removed, log, at = set[int](), set[int](), 0, 0
    while at < len(data):
        tag, at = varint_at(data, at, len(data))
        if tag == 2:
            log, at = varint_at(data, at, len(data))
        elif tag in (3, 4, 9, 10, 200, 203, 300):
            _, at = varint_at(data, at, len(data))
        elif tag in (1, 201) or tag & 1 << 13:
            _, at = _sized(data, at)
        elif tag == 202:
            continue
        elif tag == 5:
            _, at = varint_at(data, at, len(data))
            _, at = _sized(data, at)
        elif tag == 6:
            _, at = varint_at(data, at, len(data))
            number, at = varint_at(data, at, len(data))
            removed.add(number)
        elif tag in (100, 102, 103, 7):
            number, at = _new_table(data, at, tag)
            added.add(number)
        else:
            raise ValueError(f"a record of the unknown kind {tag}")
    return added, removed, log


def _new_table(data: bytes, at: int, tag: int) -> tuple[int, int]:
    _, at = varint_at(data, at, len(data))
    number, at = varint_at(data, at, len(data))
    if tag == 102:
        _, at = varint_at(data, at, len(data))
    _, at = varint_at(data, at, len(data))
    for _ in range(2):
        _, at = _sized(data, at)
    for _ in range(0 if tag == 7 else 2):
        _, at = varint_at(data, at, len(data))
    while tag == 103:
        more, at = varint_at(data, at, len(data))
        if more == 1:
            break
        _, at = _sized(data, at)
    return number, at


def _sized(data: bytes, at: int) -> tuple[bytes, int]:
    size, at = varint_at(data, at, len(data))
    if at + size > len(data):
        raise ValueError("a record is longer than what holds it")
    return data[at : at + size], at + size


def _logs(folder: str, first: int) -> list[str]:
    """The write-ahead logs that are not in tables yet, the oldest first."""
    named = [(int(match[1]), name) for name in os.listdir(folder) if (match := _LOG.fullmatch(name))]
    paths = [os.path.join(folder, name) for number, name in sorted(named) if number >= first]
    if sum(os.path.getsize(path) for path in paths) > _MOST_LOGS:
        raise LogError(f"its write-ahead logs have more than {_MOST_LOGS:,} bytes: {folder}")
    return paths


class _LogFrame(NamedTuple):
    """A piece of a record; `kind`: whole, or the first, a middle or the last one."""

    kind: int
    start: int
    data: bytes
    check: int


def _records(data: bytes, name: str, damaged: list[str]) -> Iterator[bytes]:
    """The whole records of a log up to its first damage. One that ends behind the file was not written whole."""
    joined = bytearray()
    for part, computed in _with_sums(_parts(data)):
        if computed != part.check:
            damaged.append(f"{name}: bytes {part.start:,} to {len(data):,}")
            return
        kind = (part.kind - 1) % 4 + 1
        if kind in (1, 2):
            joined.clear()
        joined += part.data
        if kind in (1, 4):
            yield bytes(joined)
            joined.clear()


def _with_sums(parts: Iterator[_LogFrame]) -> Iterator[tuple[_LogFrame, int]]:
    """Many checksums at once take much less time, but not all frames may be in memory."""
    while some := list(islice(parts, _TOGETHER)):
        yield from zip(some, masked([bytes((part.kind,)) + part.data for part in some]).tolist(), strict=True)


def _parts(data: bytes) -> Iterator[_LogFrame]:
    at = 0
    while at + 7 <= len(data):
        left = _BLOCK - at % _BLOCK
        check, size, kind = struct.unpack_from("<IHB", data, at)
        # Those of logs that are used again have the number of their log, which the checksum covers.
        extra = 4 if kind > 4 else 0
        if left < 7 or (not kind and not size):
            at += left
            continue
        if kind > 8 or 7 + extra + size > left:
            yield _LogFrame(kind, at, b"", check ^ 1)
            return
        if at + 7 + extra + size > len(data):
            return
        yield _LogFrame(kind, at, data[at + 7 : at + 7 + extra + size], check)
        at += 7 + extra + size


def _operations(batch: bytes) -> Iterator[tuple[int, int, bytes, bytes]]:
    """The kind, number, key and value of each operation. Of a deleted range, the value is its end."""
    number, _ = struct.unpack_from("<QI", batch)
    at = 12
    while at < len(batch):
        tag, at = batch[at], at + 1
        family = 0
        if tag in _OF_FAMILY:
            family, at = varint_at(batch, at, len(batch))
            tag = _OF_FAMILY[tag]
        key = value = b""
        if tag in (0, 1, 2, 3, 7, _RANGE):
            key, at = _sized(batch, at)
        elif tag != 13:
            raise ValueError(f"an operation of the unknown kind {tag}")
        if tag in (1, 2, _RANGE):
            value, at = _sized(batch, at)
        if tag not in (3, 13):
            if not family:
                yield tag, number, key, value
            number += 1


_OF_FAMILY = {4: 0, 5: 1, 6: 2, 8: 7, 14: _RANGE}


# Tables


class _SortedTable:
    def __init__(self, path: str, damaged: list[str], room: Budget) -> None:
        self.path, self.damaged, self._room = path, damaged, room
        self.name = os.path.basename(path)
        room.take(_ADDED)
        with regular.opened(path) as file:
            regular.refuse_holes(file.fileno(), path)
            self.size = os.fstat(file.fileno()).st_size
        foot = self._bytes(self.size - _FOOTER, _FOOTER)
        version, magic = struct.unpack_from("<IQ", foot, 41)
        if magic != _MAGIC or not 2 <= version <= 5 or foot[0] != _CRC32C:
            raise ValueError("it is not a table of a format that is read")
        meta, at = _handle(foot, 1)
        index, _ = _handle(foot, at)
        named = {key: _handle(value, 0)[0] for key, value in _pairs(self._block(*meta)) if key in _NAMED}
        properties = _pairs(self._block(*named[_PROPERTIES])) if _PROPERTIES in named else ()
        about = {key: value for key, value in properties if key in (_INDEX_TYPE, *_OF_INDEX)}
        if int.from_bytes(about.get(_INDEX_TYPE, b""), "little") != 0:
            raise ValueError("it has an index of a kind that is not read")
        is_user_key, is_delta = (about.get(name, b"") == b"\x01" for name in _OF_INDEX)
        self._blocks = list(self._index(self._block(*index), is_delta, 0 if is_user_key else 8))
        self._lasts = [block.last for block in self._blocks]
        self._gone = named.get(_DELETED)

    def gone(self) -> Iterator[_TableEntry]:
        return iter(()) if self._gone is None else map(_entry, _pairs(self._block(*self._gone)))

    def entries(self, begin: bytes) -> Iterator[_TableEntry]:
        blocks = self._blocks[bisect_left(self._lasts, begin) :]
        at = 0
        while at < len(blocks):
            start = at
            while at < len(blocks) and (
                at == start or blocks[at].start + blocks[at].size < blocks[start].start + _WINDOW
            ):
                at += 1
            yield from self._entries(blocks[start:at])

    def find(self, key: bytes) -> list[_TableEntry]:
        at = bisect_left(self._lasts, key)
        return [entry for entry in self._entries(self._blocks[at : at + 1]) if entry[0] == key][:1]

    def _entries(self, blocks: Sequence[_TableBlock]) -> Iterator[_TableEntry]:
        if not blocks:
            return
        begin, last = blocks[0].start, blocks[-1]
        data = self._bytes(begin, last.start + last.size + _TRAILER - begin)
        stored = [data[block.start - begin : block.start - begin + block.size + _TRAILER] for block in blocks]
        sums = masked([raw[:-4] for raw in stored]).tolist()
        for block, raw, computed in zip(blocks, stored, sums, strict=True):
            try:
                yield from map(_entry, _pairs(_content(raw, computed)))
            except ValueError as error:
                if len(self.damaged) < _MOST_DAMAGED:
                    self.damaged.append(f"{self.name}: bytes {block.start:,} to {block.start + block.size:,}: {error}")

    def _index(self, data: bytes, is_delta: bool, suffix: int) -> Iterator[_TableBlock]:
        """The blocks in their order. None overlaps another, so that none is read twice."""
        end = start = size = 0
        for key, value, is_whole in _delta_pairs(data) if is_delta else _whole_pairs(data):
            if is_whole:
                (start, size), _ = _handle(value, 0)
            else:
                grown, _ = varint_at(value, 0, len(value))
                start, size = start + size + _TRAILER, size + (grown >> 1 ^ -(grown & 1))
            if start < end or not 0 < size <= _LARGEST or start + size > self.size:
                raise ValueError("its index names blocks that cannot be there")
            self._room.take(len(key) + _ADDED)
            end = start + size
            yield _TableBlock(key[: len(key) - suffix], start, size)

    def _block(self, start: int, size: int) -> bytes:
        if not 0 <= size <= _LARGEST:
            raise ValueError(f"a block of {size:,} bytes")
        raw = self._bytes(start, size + _TRAILER)
        return _content(raw, int(masked([raw[:-4]])[0]))

    def _bytes(self, start: int, size: int) -> bytes:
        if start < 0 or start + size > self.size:
            raise ValueError(f"its bytes {start:,} to {start + size:,} are not there")
        with regular.opened(self.path) as file:
            file.seek(start)
            data = file.read(size)
        if len(data) != size:
            raise ValueError("it became shorter")
        return data


_PROPERTIES, _DELETED = _NAMED = (b"rocksdb.properties", b"rocksdb.range_del")
_INDEX_TYPE = b"rocksdb.block.based.table.index.type"
_OF_INDEX = (b"rocksdb.index.key.is.user.key", b"rocksdb.index.value.is.delta.encoded")


def _content(raw: bytes, computed: int) -> bytes:
    """A block as it is stored, without its trailer and compression."""
    if int.from_bytes(raw[-4:], "little") != computed:
        raise ValueError("its checksum differs")
    kind = raw[-_TRAILER]
    if kind not in (_PLAIN, _SNAPPY):
        raise ValueError(f"its compression {kind} is not read")
    return raw[:-_TRAILER] if kind == _PLAIN else inflate(raw[:-_TRAILER], _LARGEST)


def _handle(data: bytes, at: int) -> tuple[tuple[int, int], int]:
    start, at = varint_at(data, at, len(data))
    size, at = varint_at(data, at, len(data))
    return (start, size), at


def _entry(pair: tuple[bytes, bytes]) -> _TableEntry:
    """A key of a table ends with its number and kind."""
    key, value = pair
    return key[:-8], _NEWEST - int.from_bytes(key[-8:], "little"), value


def _end(block: bytes) -> int:
    """Where the pairs of a block end, and the places of its restarts begin."""
    end = len(block) - 4 - 4 * int.from_bytes(block[-4:], "little")
    if len(block) < 4 or end < 0:
        raise ValueError("a block without an end")
    return end


def _pairs(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    end, at, key = _end(block), 0, b""
    while at + 3 <= end:
        shared, fresh, size = block[at], block[at + 1], block[at + 2]
        if shared | fresh | size < 128:
            at += 3
        else:
            shared, at = varint_at(block, at, end)
            fresh, at = varint_at(block, at, end)
            size, at = varint_at(block, at, end)
        middle = at + fresh
        stop = middle + size
        if shared > len(key) or stop > end or shared + fresh > _LONGEST_KEY:
            raise ValueError("a key that is not there")
        key = key[:shared] + block[at:middle]
        yield key, block[middle:stop]
        at = stop


def _whole_pairs(block: bytes) -> Iterator[tuple[bytes, bytes, bool]]:
    return ((key, value, True) for key, value in _pairs(block))


def _delta_pairs(block: bytes) -> Iterator[tuple[bytes, bytes, bool]]:
    """Those of an index whose places are differences: a pair has no size, and a new key has its whole place."""
    end, at, key = _end(block), 0, b""
    while at < end:
        shared, at = varint_at(block, at, end)
        fresh, at = varint_at(block, at, end)
        if shared > len(key) or at + fresh > end or shared + fresh > _LONGEST_KEY:
            raise ValueError("a key that is not there")
        key, at = key[:shared] + block[at : at + fresh], at + fresh
        _, stop = varint_at(block, at, end) if shared else _handle(block, at)
        yield key, block[at:stop], not shared
        at = stop
