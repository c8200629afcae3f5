"""Databases of RocksDB, made by hand: a few bytes of a stranger take no memory or time without end."""

from __future__ import annotations

import os
import random
import struct
from collections.abc import Sequence
from pathlib import Path

import pytest

from aim.index.sources import rocksdb
from aim.index.sources.crc32c import masked
from aim.index.sources.rocksdb import RocksDatabase, _DeletedRange, _DeletedRanges

WHOLE, FIRST, MIDDLE, LAST = 1, 2, 3, 4


def varint(value: int) -> bytes:
    made = bytearray()
    while value >= 0x80:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*made, value))


def sized(data: bytes) -> bytes:
    return varint(len(data)) + data


def frames(*parts: tuple[int, bytes]) -> bytes:
    """Of a log. None of these reaches into a second block of 32 KiB that the one before does not fill."""
    made = bytearray()
    for kind, data in parts:
        left = 32768 - len(made) % 32768
        made += bytes(left) if left < 7 + len(data) else b""
        check = int(masked([bytes((kind,)) + data])[0])
        made += struct.pack("<IHB", check, len(data), kind) + data
    return bytes(made)


def puts(number: int, *pairs: tuple[bytes, bytes]) -> bytes:
    return struct.pack("<QI", number, len(pairs)) + b"".join(
        b"\x01" + sized(key) + sized(value) for key, value in pairs
    )


def database(folder: Path, log: bytes = b"", tables: Sequence[bytes] = ()) -> RocksDatabase:
    folder.mkdir()
    added = b"".join(
        varint(100) + varint(0) + varint(number) + varint(len(data)) + sized(b"") * 2 + varint(0) * 2
        for number, data in enumerate(tables, 10)
    )
    (folder / "CURRENT").write_bytes(b"MANIFEST-000001\n")
    (folder / "MANIFEST-000001").write_bytes(frames((WHOLE, varint(2) + varint(5) + added)))
    (folder / "000005.log").write_bytes(log)
    for number, data in enumerate(tables, 10):
        (folder / f"{number:06d}.sst").write_bytes(data)
    return RocksDatabase(str(folder))


def block(*pairs: tuple[bytes, bytes]) -> bytes:
    return b"".join(b"\0" + varint(len(key)) + varint(len(value)) + key + value for key, value in pairs) + bytes(4)


def entry(key: bytes, value: bytes, number: int = 1, kind: int = 1) -> tuple[bytes, bytes]:
    return key + (number << 8 | kind).to_bytes(8, "little"), value


def table(
    blocks: Sequence[Sequence[tuple[bytes, bytes]]], gone: Sequence[tuple[bytes, bytes]] = (), more: Sequence[int] = ()
) -> bytes:
    """`more`: sizes of blocks that the index also names, at the end of the others."""
    made = bytearray()

    def add(content: bytes) -> bytes:
        start = len(made)
        raw = content + b"\0"
        made.extend(raw + int(masked([raw])[0]).to_bytes(4, "little"))
        return varint(start) + varint(len(content))

    index = [(pairs[-1][0], add(block(*pairs))) for pairs in blocks]
    index += [(b"\xff" * 16, varint(len(made)) + varint(size)) for size in more]
    meta = add(block(*([(b"rocksdb.range_del", add(block(*gone)))] if gone else [])))
    handles = (meta + add(block(*index))).ljust(40, b"\0")
    return bytes(made) + b"\x01" + handles + struct.pack("<IQ", 5, 0x88E241B785F4CFF7)


def test_a_database_by_hand(tmp_path: Path) -> None:
    log = frames((WHOLE, puts(9, (b"c", b"3"), (b"a", b"newer"))))
    found = database(tmp_path / "db", log, [table([[entry(b"a", b"1")], [entry(b"b", b"2")]])])
    assert dict(found.items()) == {b"a": b"newer", b"b": b"2", b"c": b"3"} and not found.damaged
    assert found.get(b"b") == b"2"


def test_a_record_of_many_frames(tmp_path: Path) -> None:
    value = bytes(range(256)) * 20
    record = puts(1, (b"key", value))
    parts = [(MIDDLE, record[at : at + 1]) for at in range(1, len(record) - 1)]
    log = frames((FIRST, record[:1]), *parts, (LAST, record[-1:]), (WHOLE, puts(2, (b"next", b"x"))))
    assert dict(database(tmp_path / "db", log).items()) == {b"key": value, b"next": b"x"}


def test_empty_records_fill_no_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    together: list[int] = []
    monkeypatch.setattr(rocksdb, "masked", lambda parts: together.append(len(parts)) or masked(parts))
    log = frames((WHOLE, puts(1, (b"key", b"value"))), *[(WHOLE, b"")] * 9_000)
    found = database(tmp_path / "db", log)
    assert dict(found.items()) == {b"key": b"value"}
    assert len(found.damaged) == 1_000 and max(together) <= 1_024 and sum(together) < 4_000


def test_damaged_blocks_fill_no_memory(tmp_path: Path) -> None:
    data = table([[entry(b"%04d" % number, b"damaged")] for number in range(1_500)])
    found = database(tmp_path / "db", tables=[data.replace(b"damaged", b"DAMAGED")])
    assert dict(found.items()) == {} and len(found.damaged) == 1_000


@pytest.mark.parametrize("size", [0, 1 << 20])
def test_an_index_of_blocks_that_cannot_be_there(tmp_path: Path, size: int) -> None:
    found = database(tmp_path / "db", tables=[table([[entry(b"a", b"1")]], more=[size])])
    assert found.damaged == ["000010.sst: its index names blocks that cannot be there"]


def test_all_tables_share_one_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = [[entry(b"%04d" % number, b"x")] for number in range(50)]
    gone = [entry(b"x%03d" % number, b"y", kind=15) for number in range(50)]
    for name, data in (("blocks", table(blocks)), ("ranges", table(blocks[:1], gone))):
        monkeypatch.setattr(rocksdb, "_MOST_INDEXED", 15_000)
        assert not database(tmp_path / name, tables=[data]).damaged
        found = database(tmp_path / f"{name}2", tables=[data] * 2)
        assert found.damaged == ["000011.sst: its indexes and deleted ranges have more than 15,000 bytes"]
        assert (b"0000", b"x") in list(found.items())


@pytest.mark.skipif(os.name != "posix", reason="files with holes are those of POSIX")
def test_a_table_of_holes_is_refused(tmp_path: Path) -> None:
    database(tmp_path / "db", tables=[table([[entry(b"a", b"1")]]), b""])
    with open(tmp_path / "db" / "000011.sst", "wb") as file:
        file.truncate(100 << 20)
    found = RocksDatabase(str(tmp_path / "db"))
    assert dict(found.items()) == {b"a": b"1"}
    assert len(found.damaged) == 1 and "it is mostly holes" in found.damaged[0]


def test_a_key_without_end_is_refused(tmp_path: Path) -> None:
    found = database(tmp_path / "db", tables=[table([[entry(b"a", b"1")], [entry(b"b" * (1 << 16), b"2")]])])
    assert found.damaged and dict(found.items()) == {}


class Counting(int):
    compared = 0

    def __neg__(self) -> Counting:
        return Counting(-int(self))

    def __lt__(self, other: int) -> bool:
        Counting.compared += 1
        return int(self) < int(other)

    def __gt__(self, other: int) -> bool:
        Counting.compared += 1
        return int(self) > int(other)


def test_many_open_ranges_are_not_looked_at_for_each_key() -> None:
    count = 2_000
    ranges = [_DeletedRange(b"%08d" % at, b"%08d" % (2 * count - at), Counting(at + 1)) for at in range(count)]
    deleted = _DeletedRanges(ranges)
    assert [int(deleted.until(b"%08d" % at)) for at in range(count)] == [at + 1 for at in range(count)]
    assert Counting.compared < 100 * count


def test_the_newest_open_range_counts() -> None:
    rng = random.Random(0)
    for _ in range(200):
        keys = [b"%02d" % rng.randrange(30) for _ in range(20)]
        ranges = sorted(
            _DeletedRange(*sorted((rng.choice(keys), rng.choice(keys))), rng.randrange(50)) for _ in range(8)
        )
        deleted = _DeletedRanges(ranges)
        for key in sorted(keys):
            expected = max((number for start, stop, number in ranges if start <= key < stop), default=-1)
            assert deleted.until(key) == expected
