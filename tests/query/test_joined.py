"""Recorded tables as one: their columns, their limits, and damage."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import aim
from aim.engine import TableTest
from aim.errors import EngineError, QueryError
from aim.query import joined
from aim.query.joined import JoinedPart, JoinedTable

Made = Callable[..., JoinedTable]
GOLDEN = Path(__file__).parent.parent / "golden" / "table" / "every.parquet"


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Tables as one, of runs with their numbers as names, or of others."""

    def make(*tables: Any, runs: Sequence[str] = ("run 0", "run 1", "run 2")) -> JoinedTable:
        parts = []
        for i, table in enumerate(tables):
            path = tmp_path / str(i)
            path.write_bytes(table if isinstance(table, bytes) else aim.Table(table).data)
            parts.append(JoinedPart(runs[i], i, path))
        return JoinedTable(parts)

    return make


def cells(table: JoinedTable) -> list[tuple[Any, ...]]:
    return [row[2:] for row in table.read(table.order([], []).rows, 100)]


@pytest.mark.parametrize(
    ("first", "second", "kind", "values"),
    [
        ([1], [2], "int", [1, 2]),
        ([1], [0.5], "float", [1.0, 0.5]),
        ([1], ["x"], "text", ["1", "x"]),
        ([True], [1], "text", ["true", "1"]),
        ([datetime(2026, 1, 2)], ["x"], "text", ["2026-01-02 00:00:00", "x"]),
        ([aim.Image(b"GIF89a\1\0\1\0\0\0\0;")], ["x"], "text", [None, "x"]),
        ([None], [None], "text", [None, None]),
    ],
)
def test_a_column_has_the_kind_that_fits_all(made: Made, first: Any, second: Any, kind: str, values: list[Any]) -> None:
    table = made({"a": first}, {"a": second})
    assert (table.column(2).kind, cells(table)) == (kind, [("run 0", 0, values[0]), ("run 1", 1, values[1])])


def test_columns_of_one_table_alone_are_empty_in_the_others(made: Made) -> None:
    table = made({"A": [1], "a": ["x"]}, {"b": [2.5], "a": ["y"]}, {"A": []})
    assert [column.name for column in table.columns] == ["run", "step", "A", "a", "b"]
    assert cells(table) == [("run 0", 0, 1, "x", None), ("run 1", 1, None, "y", 2.5)]


ROWS = 3_000
NUMBERS = [(7 * i) % ROWS for i in range(ROWS)]


@pytest.mark.parametrize(
    ("tests", "most", "sorted_rows", "matched"),
    [
        ([], 10, joined.FIRST_ROWS, ROWS),
        ([], joined.FIRST_ROWS + 1, ROWS, ROWS),
        ([], None, ROWS, ROWS),
        ([TableTest(0, low=500)], 10, joined.FIRST_ROWS, ROWS - 500),
        ([TableTest(0, high=99)], 10, 100, 100),
        ([TableTest(0, low=ROWS)], 10, 0, 0),
    ],
)
def test_only_the_first_rows_are_sorted_until_more_are_read(
    made: Made, tests: list[TableTest], most: int | None, sorted_rows: int, matched: int
) -> None:
    table = made({"a": NUMBERS})
    order = table.order([(0, False)], tests, most)
    assert (len(order.rows), order.matched) == (sorted_rows, matched)
    every = table.order([(0, False)], tests)
    assert every.rows[:sorted_rows].tolist() == order.rows.tolist()
    assert [row[2] for row in table.read(every.rows[-3:], 10)] == sorted(NUMBERS[i] for i in every.rows[-3:])
    assert len(every.rows) == every.matched == matched


def test_names_of_strangers_are_text(made: Made) -> None:
    name = "'; DROP TABLE x; --\0\"\\"
    table = made({'"; --': [0]}, {'"; --': [1]}, runs=[name, name])
    assert table.columns[2].name == '"; --'
    assert table.order([], [TableTest(0, name.replace("\0", ""))]).rows.tolist() == [0, 1]
    assert table.order([], [TableTest(0, "x' OR '1'='1")]).rows.tolist() == []


def test_tables_that_are_too_large_together_are_refused(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joined, "MAX_SIZE", 1_000)
    made({"picture": [aim.Image(b"GIF89a\1\0\1\0\0\0\0;" + bytes(5_000))]})
    with pytest.raises(QueryError, match="choose fewer, or download them"):
        made({"a": range(100)}, {"a": range(100)})
    monkeypatch.setattr(joined, "MAX_ROWS", 6)
    made({"a": range(3)}, {"a": range(3)})
    with pytest.raises(QueryError, match="have 7 rows"):
        made({"a": range(3)}, {"a": range(4)})


def test_damage_is_an_error_and_never_a_crash(made: Made) -> None:
    data, dice = GOLDEN.read_bytes(), random.Random(1)
    for _ in range(300):
        damaged = bytearray(data)
        for _ in range(dice.randint(1, 6)):
            damaged[dice.randrange(4, len(damaged))] = dice.randrange(256)
        try:
            table = made(bytes(damaged))
            table.read(table.order([(3, True)], [TableTest(3, "a")]).rows, 100)
            table.read(table.order([], []).rows[:10], 100)
        except (QueryError, EngineError):
            continue
