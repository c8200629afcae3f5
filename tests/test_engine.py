"""The column engine: what goes in comes out, in order."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from aim import engine
from aim.errors import EngineError

TYPES = {"segment": "INTEGER", "text": "VARCHAR", "number": "DOUBLE", "flag": "BOOLEAN", "whole": "BIGINT"}
TEXTS = ["", "a", "ü", "'quoted'", "null\\0", "NULL", None, "x" * 5000, "\n\t", "\U0001f600"]


def columns(segment: int, rows: int) -> engine.Columns:
    texts = np.empty(rows, object)
    texts[:] = [TEXTS[i % len(TEXTS)] for i in range(rows)]
    numbers = np.array([[0.5, np.nan, np.inf, -0.0][i % 4] for i in range(rows)], float)
    flags, whole = np.arange(rows) % 2 == 0, np.arange(rows) * 2**40
    return {
        "segment": np.full(rows, segment, np.int32),
        "text": texts,
        "number": numbers,
        "flag": flags,
        "whole": whole,
    }


@pytest.mark.parametrize("rows", [0, 1, 25, 100_000])
def test_there_and_back(tmp_path: Path, rows: int) -> None:
    given = columns(1, rows)
    engine.write(tmp_path / "it's.parquet", given, TYPES)
    table = engine.read([tmp_path / "it's.parquet"], list(TYPES))
    for name, column in given.items():
        assert table[name].dtype == column.dtype
        assert table[name].tolist() == column.tolist() or name == "number"
    assert np.array_equal(table["number"], given["number"], equal_nan=True)


@pytest.mark.parametrize("many", [1, 2, 5, 60, 500])
def test_filtered_rows_keep_their_order(tmp_path: Path, many: int) -> None:
    files = []
    for segment, rows in enumerate((3000, 10, 700)):
        files.append(tmp_path / f"{9 - segment}.parquet")
        names = np.array([f"name {i}" for i in range(rows)], object)
        engine.write(files[-1], {**columns(segment, rows), "text": names}, TYPES)
    wanted = [f"name {i}" for i in random.Random(1).sample(range(700), many)]
    table = engine.read(files, ["segment", "whole"], among={"text": wanted})
    order = list(zip(table["segment"].tolist(), table["whole"].tolist(), strict=True))
    assert order == sorted(order) and len(order) >= 2 * many


@pytest.mark.parametrize("step", [1, 2, 400], ids=["neighbors", "every second", "far apart"])
def test_keys(tmp_path: Path, step: int) -> None:
    """The engine reads the row groups of a large file in several threads, and the rows keep their order."""
    series = np.repeat(np.arange(120_000, dtype=np.int32), 3)
    path = tmp_path / "points.parquet"
    engine.write(path, {"series": series, "step": np.arange(len(series))}, {"series": "INTEGER", "step": "BIGINT"})
    keys = np.arange(100, 120_000, step)
    table = engine.read_keys(path, "series", keys, ["step"])
    assert table["step"].tolist() == [row for key in keys.tolist() for row in range(key * 3, key * 3 + 3)]


def test_distinct(tmp_path: Path) -> None:
    engine.write(tmp_path / "a", columns(1, 100), TYPES)
    assert set(engine.distinct([tmp_path / "a"], ["text"])["text"].tolist()) == set(TEXTS)


def test_errors_are_of_one_kind(tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(b"PAR1 nonsense")
    for call in (
        lambda: engine.read([tmp_path / "none"], ["a"]),
        lambda: engine.read([tmp_path / "bad"], ["a"]),
        lambda: engine.write(tmp_path / "no" / "folder", columns(1, 1), TYPES),
    ):
        with pytest.raises(EngineError):
            call()


@pytest.mark.parametrize(("name", "takes"), [("plain", True), ("with space", True), ("a[1]", False), ("a*", False)])
def test_names_that_would_be_patterns(name: str, takes: bool) -> None:
    assert engine.takes(Path("/data") / name) is takes


def test_many_long_texts_are_written(tmp_path: Path) -> None:
    """As of the params of a sweep: a row group of so many rows would not fit into the memory of the engine."""
    texts = np.empty(10_000, object)
    texts[:] = [f"{i} " + "abcdefghij" * 900 for i in range(len(texts))]
    more = np.array([text[::-1] for text in texts], object)
    path = tmp_path / "long.parquet"
    engine.write(path, {"segment": np.ones(len(texts), np.int32), "text": texts, "more": more},
                 {"segment": "INTEGER", "text": "VARCHAR", "more": "VARCHAR"})  # fmt: skip
    assert engine.read([path], ["text"])["text"].tolist() == texts.tolist()
