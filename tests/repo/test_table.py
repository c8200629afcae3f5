"""`repo.table`: questions about runs in Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import aim
from aim import engine
from aim.errors import QueryError
from aim.index import rows
from aim.repo import Repo
from aim.repo.table import RunsTable


@pytest.fixture
def table(tmp_path: Path) -> RunsTable:
    for hash, lr in (("a", 0.1), ("b", 0.2), ("c", 0.1)):
        with aim.Run(hash, repo=tmp_path) as run:
            run["hparams"] = {"lr": lr}
            run.track(lr, "loss")
    return Repo(tmp_path).table


def test_groups_are_columns_and_what_to_find_is_a_text(table: RunsTable) -> None:
    found = table.groups(group=["hparams.lr"], columns=["run.loss.last"])
    numbers = found.cells[0].numbers
    assert numbers is not None and sorted(numbers) == [0.1, 0.2]
    assert {run.hash for run in table.page(group=["hparams.lr"]).runs} == {"a", "b", "c"}
    assert [run.hash for run in table.page(find="b").runs] == ["b"]


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("page", {"order": "run.duration"}, r"order is a list, such as .*, not 'run.duration'"),
    ("page", {"order": ["lr desc"]}, r"pairs of a column .*, such as \[\('run.duration', True\)\], not 'lr desc'"),
    ("page", {"order": [("lr", "desc")]}, "pairs of a column"),
    ("page", {"order": [(1, True)]}, "a column is AimQL, such as 'run.duration', not 1"),
    ("page", {"group": "hparams.lr"}, "group is a list, such as .*, not 'hparams.lr'"),
    ("page", {"find": 3}, "find is text that runs show, not 3"),
    ("page", {"metrics": "loss"}, r"metrics is a list, such as \['loss'\], not 'loss'"),
    ("page", {"metrics": [1]}, "metrics is a list of names, such as .*, not 1"),
    ("page", {"limit": "10"}, "limit is a whole number from 0 on, not '10'"),
    ("page", {"offset": -1}, "offset is a whole number from 0 on, not -1"),
    ("groups", {"group": ["lr"], "limit": None}, "limit is a whole number from 0 on, not None"),
    ("rows", {"columns": "lr"}, "columns is a list"),
    ("fields", {"expression": "", "names": "status"}, "names is a list"),
]


@pytest.mark.parametrize(("question", "given", "words"), WRONG)
def test_a_wrong_argument_is_named_with_what_to_write(
    table: RunsTable, question: str, given: dict[str, Any], words: str
) -> None:
    with pytest.raises(TypeError, match=words):
        getattr(table, question)(**given)


def test_an_unknown_field_is_named_with_those_that_exist(table: RunsTable) -> None:
    with pytest.raises(QueryError, match=r"(?s)no field 'stauts'.*There are archived, .* status"):
        table.fields("", ["stauts"])


def test_a_page_of_many_runs_reads_its_rows_with_one_query(
    table: RunsTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of columns that only rows on the page need, those of all runs are not read."""
    expected = [(run.hash, run.params) for run in table.page(order=[("lr", True)], limit=2).runs]
    monkeypatch.setattr(rows, "_KEPT_ROWS", 2)
    read, calls = engine.read, list[tuple[list[str], bool]]()

    def watched(parts: Any, names: list[str], *, among: Any = None) -> engine.Columns:
        calls.append((names, among is None))
        return read(parts, names, among=among)

    monkeypatch.setattr(engine, "read", watched)
    page = Repo(tmp_path).table.page(order=[("lr", True)], limit=2)
    assert [(run.hash, run.params) for run in page.runs] == expected
    assert [every for names, every in calls if {"hash", "params"} & set(names)] == [False], calls
