"""The bytes of a table: other readers open them, and Aim reads no file that it did not write."""

from __future__ import annotations

import math
import random
import struct
import tracemalloc
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import duckdb
import pytest

import aim
from aim.media import parquet, thrift
from aim.media.parquet import GROUP_ROWS, MAGIC, ParquetTable, TypedColumn, encode

GOLDEN = Path(__file__).parent.parent / "golden" / "table" / "every.parquet"
START = datetime(2026, 11, 30, 12, 0, 0, 250)


def cells_of(data: bytes) -> dict[str, list[Any]]:
    file = ParquetTable(data)
    return {
        name: [cell for part in file.column(place) for cell in part] for place, (name, _, _) in enumerate(file.columns)
    }


def test_the_golden_file_means_what_it_always_meant() -> None:
    table = aim.Table.restored(GOLDEN.read_bytes(), {})
    instant = START.replace(tzinfo=timezone.utc)
    expected = {
        "bool": [True, False], "int": [-(1 << 63), 7], "text": ["Größe", "=1+1"],
        "time": [START, START + timedelta(days=1)],
        "instant": [instant, datetime(1960, 1, 1, tzinfo=timezone.utc)],
    }  # fmt: skip
    for name, values in expected.items():
        assert table.column(name) == [*values, values[0]]
        assert table.column(f"{name} or none") == [*values, None]
    assert table.column("single") == [0.5, -2, math.inf]
    first, second, third = table.column("float or none")
    assert (first, math.isnan(second), third) == (0.1, True, None)
    assert [image and (image.width, image.height) for image in table.column("image or none")] == [(3, 2), (1, 1), None]


def test_another_reader_opens_it() -> None:
    names = '"bool or none", "int", "text or none", "single", "time"'
    rows = duckdb.sql(f"SELECT {names} FROM '{GOLDEN}'").fetchall()
    assert rows == [
        (True, -(1 << 63), "Größe", 0.5, START),
        (False, 7, "=1+1", -2.0, START + timedelta(days=1)),
        (None, -(1 << 63), None, math.inf, START),
    ]


@pytest.mark.parametrize("rows", [0, 1, 8, 9, GROUP_ROWS, GROUP_ROWS + 1])
def test_every_number_of_rows(rows: int, tmp_path: Path) -> None:
    present = bytes(i % 3 > 0 for i in range(rows))
    columns = [
        TypedColumn("n", "int", struct.pack(f"<{rows}q", *range(rows)), present if rows else None),
        TypedColumn("t", "text", [b"x" * (i % 4) for i in range(rows)]),
        TypedColumn("b", "bool", bytes(i % 2 for i in range(rows))),
    ]
    data = encode(columns, rows)
    assert cells_of(data) == {
        "n": [i if i % 3 else None for i in range(rows)],
        "t": [b"x" * (i % 4) for i in range(rows)],
        "b": [i % 2 == 1 for i in range(rows)],
    }
    (tmp_path / "t.parquet").write_bytes(data)
    counts = duckdb.sql(f"SELECT count(*), count(n), count(*) FILTER (b) FROM '{tmp_path / 't.parquet'}'").fetchall()
    assert counts == [(rows, sum(present), rows // 2)]


def test_a_file_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.parquet"
    duckdb.sql(f"COPY (SELECT range AS n FROM range(10)) TO '{path}' (FORMAT parquet)")
    with pytest.raises(ValueError, match="parts that tables of Aim do not have"):
        ParquetTable(path.read_bytes())


def with_footer(footer: bytes) -> bytes:
    return MAGIC + footer + struct.pack("<I", len(footer)) + MAGIC


# 4,000 lists, each of 9,000 bools that have no bytes; and lists in lists.
LISTS = bytes([2 << 4 | thrift.LIST, 0xF0 | thrift.LIST]) + thrift.varint(4_000)
FEW_BOOLS = bytes([0xF0 | thrift.TRUE]) + thrift.varint(9_000)
MANY_STRUCTS = bytes([2 << 4 | thrift.LIST, 0xF0 | thrift.STRUCT]) + thrift.varint(1_100_000) + bytes(1_100_001)
DEEP_LISTS = bytes([2 << 4 | thrift.LIST]) + bytes([1 << 4 | thrift.LIST]) * 5_000 + b"\0"


def test_damaged_bytes_are_refused_or_read_but_never_crash() -> None:
    data, dice = GOLDEN.read_bytes(), random.Random(0)
    for _ in range(3_000):
        damaged = bytearray(data)
        for _ in range(dice.randint(1, 4)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        try:
            cells_of(bytes(damaged[: dice.choice((len(damaged), dice.randrange(len(damaged))))]))
        except ValueError:
            continue


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not a Parquet file"),
        (MAGIC + b"\xff" * 8 + MAGIC, "its footer has no room"),
        (MAGIC + struct.pack("<I", 0) + MAGIC, "it ends too early"),
        (MAGIC + b"\0" + struct.pack("<I", 1) + MAGIC, "its footer lacks a part"),
        (with_footer(LISTS + FEW_BOOLS * 4_000 + bytes(9_000)), "it ends too early"),
        (with_footer(DEEP_LISTS), "its lists are nested too deep"),
        (with_footer(MANY_STRUCTS), "it has more than 1,000,000 structs and lists"),
    ],
)
def test_what_is_no_table(data: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        ParquetTable(data)


def test_a_small_file_cannot_become_a_huge_one(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encode([TypedColumn("n", "int", bytes(8 * GROUP_ROWS))], GROUP_ROWS)
    assert len(data) < 4_000
    monkeypatch.setattr(parquet, "MAX_CELLS_SIZE", 500_000)
    with pytest.raises(ValueError, match="a number in it is out of range"):
        ParquetTable(data)
    monkeypatch.setattr(parquet, "MAX_CELLS_SIZE", 600_000)
    assert ParquetTable(data).rows == GROUP_ROWS


def test_what_follows_the_flags_of_cells_is_not_read() -> None:
    bits = b"\x05" + b"\xff" * 1_000_000
    tracemalloc.start()
    try:
        assert parquet._unpacked(bits, 3) == b"\1\0\1"
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 10_000
