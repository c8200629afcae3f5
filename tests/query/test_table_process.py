"""A process for recorded tables reads nothing but their files."""

from __future__ import annotations

from pathlib import Path

import pytest

import aim
from aim.processes import IsolatedProcesses
from tests.waiting import PATIENCE

EVERY = {"ask": "rows", "sort": [], "where": [], "offset": 0, "stop": 10, "most": 10, "characters": 1_000}


def test_rows_are_those_of_the_files_in_its_folder(tmp_path: Path) -> None:
    for number in range(2):
        (tmp_path / str(number)).write_bytes(aim.Table({"a": [number, None]}).data)
    process = IsolatedProcesses("aim.query.table_process:answer", seconds=PATIENCE)
    task = {**EVERY, "folder": str(tmp_path), "parts": [("x", 0), ("y", 1)]}
    answer = process.ask(task)
    assert answer["read"] == [[0, 0, "x", 0, 0], [0, 1, "x", 0, None], [1, 0, "y", 1, 1], [1, 1, "y", 1, None]]
    assert process.ask({**task, "sort": [(9, False)]}) == {
        "refused": "There is no column 9; the table has 3, counted from 0."
    }
    process.close()


def test_whole_texts_are_so_many_as_fit_together(tmp_path: Path) -> None:
    (tmp_path / "0").write_bytes(aim.Table({"a": ["x" * 400, "y" * 500, "z" * 200, None]}).data)
    process = IsolatedProcesses("aim.query.table_process:answer", seconds=PATIENCE)
    task = {**{name: value for name, value in EVERY.items() if name != "most"}, "folder": str(tmp_path)}
    lengths = []
    for most in (1_000, 100, 2_000):
        answer = process.ask({**task, "parts": [("x", 0)], "characters": most})
        lengths.append([cell and len(cell) for _, _, cell in answer["read"]])
        assert answer["matched"] == 4
    assert lengths == [[400, 500], [400], [400, 500, 200, None]]
    process.close()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_csv('{other}')",
        "SELECT * FROM read_parquet('{folder}/../other')",
        "COPY (SELECT 1) TO '{other}'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SET memory_limit = '9GB'",
    ],
)
def test_its_engine_reaches_nothing_else(tmp_path: Path, statement: str) -> None:
    folder, other = tmp_path / "folder", tmp_path / "other"
    folder.mkdir()
    (folder / "0").write_bytes(aim.Table({"a": [1]}).data)
    other.write_text("a,b\n1,2\n")
    process = IsolatedProcesses("tests.tasks:asks_the_engine", seconds=PATIENCE)
    own = f"SELECT * FROM read_parquet('{folder}/0')"
    asked = process.ask({"folder": str(folder), "statements": [own, statement.format(folder=folder, other=other)]})
    assert [answer.split(":")[0] for answer in asked] in (
        ["1 rows", "Permission Error"], ["1 rows", "Invalid Input Error"],
    )  # fmt: skip
    assert other.read_text() == "a,b\n1,2\n"
    process.close()
