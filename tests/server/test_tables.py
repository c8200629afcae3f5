"""Recorded tables over HTTP: rows in an order, filtered, of several tables as one, and the images in their cells."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

import aim
from aim.server import open_tables, scratch, tables
from aim.server.open_tables import OpenTables
from tests.server.conftest import Serving

NOW = datetime(2026, 11, 30, 12, tzinfo=timezone.utc)
PIXELS = np.full((3, 4, 3), 200, np.uint8)
ROWS = {
    "n": [3, 1, None, 2],
    "f": [0.5, float("nan"), -1.0, float("inf")],
    "said": ["the Cat", "=a dog", None, "x" * 400],
    "at": [NOW, None, NOW, NOW],
    "right": [True, False, None, True],
    "picture": [aim.Image(PIXELS), None, None, None],
    "big": [1 << 60, 0, 0, 0],
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, serving: Serving) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("tables")
    with aim.Run("a", repo=folder, system_interval=0) as run:
        run.track(aim.Table(ROWS), "rows", step=1)
        run.track(aim.Table({"n": [10.5, 20], "other": ["u", "v"], "said": [1, 2]}), "rows", step=2)
        run.track(aim.Text("t"), "text")
        broken = aim.Table({"n": [1]})
        broken.data = b"PAR1" + b"\0" * 20 + b"PAR1"
        run.track(broken, "broken")
    with aim.Run("b", repo=folder, system_interval=0) as run:
        run.track(aim.Table({"n": range(100_000)}), "rows", step=1)
    with serving(aim.Repo(folder)) as client:
        yield client


def of(client: httpx.Client, *wanted: tuple[str, str, int]) -> str:
    """Tables by run, name and step."""
    pairs = []
    for run, name, step in wanted:
        media = {"run": run, "kind": "table", "name": name, "context": "{}"}
        answer = client.get("/api/run/media/values", params=media).json()
        blob = next(value["blob"] for value in answer["values"] if value["step"] == step)
        pairs.append([client.get("/api/run/media", params={"run": run}).json()["run"], blob])
    return json.dumps(pairs)


def asked(client: httpx.Client, pairs: str, **query: Any) -> dict[str, Any]:
    texts = {name: json.dumps(value) if isinstance(value, list) else value for name, value in query.items()}
    answer = client.get("/api/media/table", params={"of": pairs, **texts})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_the_rows_of_a_table(served: httpx.Client) -> None:
    answer = asked(served, of(served, ("a", "rows", 1)))
    assert [(column["name"], column["kind"]) for column in answer["columns"]] == [
        ("n", "int"), ("f", "float"), ("said", "text"), ("at", "time"), ("right", "bool"), ("picture", "image"),
        ("big", "int"),
    ]  # fmt: skip
    assert (answer["rows"], answer["matched"], answer["place"]) == (4, 4, [0, 1, 2, 3])
    cells = dict(zip(ROWS, answer["cells"], strict=True))
    assert cells == {
        "n": [3, 1, None, 2],
        "f": [0.5, "NaN", -1.0, "Infinity"],
        "said": ["the Cat", "=a dog", None, "x" * 300],
        "at": [NOW.timestamp(), None, NOW.timestamp(), NOW.timestamp()],
        "right": [True, False, None, True],
        "picture": [len(aim.Image(PIXELS).data), None, None, None],
        "big": [str(1 << 60), 0, 0, 0],
    }


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ({"sort": [{"column": 0}]}, [1, 3, 0, 2]),
        ({"sort": [{"column": 0, "descending": True}]}, [0, 3, 1, 2]),
        ({"sort": [{"column": 1}]}, [2, 0, 3, 1]),
        ({"sort": [{"column": 1, "descending": True}]}, [3, 0, 2, 1]),
        ({"sort": [{"column": 4}, {"column": 0}]}, [1, 3, 0, 2]),
        ({"where": [{"column": 2, "find": "CAT"}]}, [0]),
        ({"where": [{"column": 2, "find": "^=.*G$", "pattern": True}]}, [1]),
        ({"where": [{"column": 2, "find": "%"}]}, []),
        ({"where": [{"column": 0, "low": 2}]}, [0, 3]),
        ({"where": [{"column": 1, "low": -2, "high": 1}]}, [0, 2]),
        ({"where": [{"column": 1, "low": 0}]}, [0, 3]),
        ({"where": [{"column": 3, "low": NOW.timestamp(), "high": NOW.timestamp()}]}, [0, 2, 3]),
        ({"where": [{"column": 4, "find": "true"}, {"column": 0, "high": 2}]}, [3]),
        ({"offset": 1, "limit": 2}, [1, 2]),
        ({"offset": 9}, []),
    ],
)
def test_sorted_and_filtered(served: httpx.Client, query: dict[str, Any], places: list[int]) -> None:
    assert asked(served, of(served, ("a", "rows", 1)), **query)["place"] == places


def test_tables_of_several_runs_and_steps_are_one(served: httpx.Client) -> None:
    wanted = of(served, ("a", "rows", 2), ("b", "rows", 1), ("a", "rows", 1))
    answer = asked(served, wanted, sort=[{"column": 2, "descending": True}], limit=3)
    assert [(column["name"], column["kind"]) for column in answer["columns"][:5]] == [
        ("run", "text"), ("step", "int"), ("n", "float"), ("other", "text"), ("said", "text"),
    ]  # fmt: skip
    assert (answer["rows"], answer["cells"][0]) == (100_006, ["b"] * 3)
    assert answer["cells"][2] == [99_999.0, 99_998.0, 99_997.0]
    assert [source["step"] for source in answer["sources"]] == [2, 1, 1]
    answer = asked(served, wanted, where=[{"column": 0, "find": "a"}, {"column": 1, "high": 2}])
    assert (answer["source"], answer["place"]) == ([0, 0, 2, 2, 2, 2], [0, 1, 0, 1, 2, 3])
    assert answer["cells"][4] == ["1", "2", "the Cat", "=a dog", None, "x" * 300]


def test_a_long_text_is_read_whole(served: httpx.Client) -> None:
    answer = asked(served, of(served, ("a", "rows", 1)), offset=3, limit=1, most=1000)
    assert answer["cells"][2] == ["x" * 400]


def test_rows_deep_in_a_long_table(served: httpx.Client) -> None:
    wanted = of(served, ("b", "rows", 1))
    assert asked(served, wanted, offset=99_990)["cells"] == [list(range(99_990, 100_000))]
    sort = [{"column": 0, "descending": True}]
    assert asked(served, wanted, sort=sort, offset=70_000, limit=2)["cells"] == [[29_999, 29_998]]


def test_as_csv_where_no_cell_is_a_formula(served: httpx.Client) -> None:
    wanted = of(served, ("a", "rows", 1))
    answer = served.get("/api/media/csv", params={"of": wanted, "where": '[{"column": 0, "high": 1}]'})
    assert answer.headers["content-disposition"] == 'attachment; filename="table.csv"'
    assert answer.headers["content-type"].startswith("text/csv")
    lines = list(csv.reader(io.StringIO(answer.text)))
    assert lines == [list(ROWS), ["1", "NaN", "'=a dog", "", "False", "", "0"]]
    whole = served.get("/api/media/csv", params={"of": of(served, ("b", "rows", 1))}).text
    assert len(whole.split("\r\n")) == 100_002


def test_a_csv_is_read_in_parts_of_so_many_characters(served: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = of(served, ("a", "rows", 1), ("a", "rows", 2))
    whole = served.get("/api/media/csv", params={"of": wanted}).text
    starts, part = list[int](), tables._part
    monkeypatch.setattr(tables, "CSV_CHARACTERS", 20)
    monkeypatch.setattr(tables, "_part", lambda *given: starts.append(given[-1]) or part(*given))
    assert served.get("/api/media/csv", params={"of": wanted}).text == whole
    assert starts == [0, 3, 4]


def test_the_image_in_a_cell(served: httpx.Client) -> None:
    [[run, blob]] = json.loads(of(served, ("a", "rows", 1)))
    cell = {"run": run, "blob": blob, "column": "picture", "row": 0}
    answer = served.get("/api/run/cell", params=cell)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert answer.content == aim.Image(PIXELS).data
    for other, status in (({"row": 1}, 404), ({"row": 9}, 415), ({"column": "n"}, 404), ({"column": "zzz"}, 404)):
        assert served.get("/api/run/cell", params={**cell, **other}).status_code == status


@pytest.mark.parametrize(
    ("name", "query", "status", "message"),
    [
        ("rows", {"sort": '[{"column": 7}]'}, 400, "There is no column 7; the table has 7"),
        ("rows", {"sort": '[{"column": -1}]'}, 400, "There is no column -1"),
        ("rows", {"sort": "x"}, 400, "is not valid"),
        ("rows", {"where": '[{"column": 0, "find": "x"}]'}, 400, "it is not filtered by a text"),
        ("rows", {"where": '[{"column": 2, "low": 1}]'}, 400, "it is not filtered by a range"),
        ("rows", {"where": '[{"column": 2, "find": "(", "pattern": true}]'}, 400, "`(` is not a pattern"),
        ("broken", {}, 400, "cannot be read"),
    ],
)
def test_refused(served: httpx.Client, name: str, query: dict[str, str], status: int, message: str) -> None:
    wanted = of(served, ("a", name, 1 if name == "rows" else 0))
    answer = served.get("/api/media/table", params={"of": wanted, **query})
    assert (answer.status_code, message in answer.json()["error"]["message"]) == (status, True), answer.text


def test_too_much_is_refused_before_it_is_read(served: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_tables, "MAX_BYTES", 10)
    monkeypatch.setattr(tables, "_open", OpenTables())
    answer = served.get("/api/media/table", params={"of": of(served, ("a", "rows", 1))})
    assert (answer.status_code, "are shown as one" in answer.text) == (413, True)


def test_a_damaged_or_endless_table_costs_its_process(served: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Others go on, and the next question about it is answered."""
    tables_open = OpenTables()
    monkeypatch.setattr(tables, "_open", tables_open)
    wanted, other = of(served, ("a", "rows", 1)), of(served, ("b", "rows", 1))
    asked(served, wanted)
    (table,) = tables_open._tables.values()
    monkeypatch.setattr(table._process, "function", "tests.tasks:dies_of_bytes")
    table._process.close()
    answer = served.get("/api/media/table", params={"of": wanted})
    assert (answer.status_code, "cannot be read" in answer.text) == (415, True)
    assert asked(served, other, limit=1)["rows"] == 100_000
    monkeypatch.setattr(table._process, "function", open_tables._ANSWER)
    assert asked(served, wanted)["rows"] == 4


def test_the_last_tables_are_kept_open_and_leave_no_file(served: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    tables_open = OpenTables()
    monkeypatch.setattr(tables, "_open", tables_open)
    monkeypatch.setattr(open_tables, "KEPT", 1)
    for wanted in (("a", "rows", 1), ("a", "rows", 2), ("b", "rows", 1)):
        asked(served, of(served, wanted), limit=1)
    (kept,) = tables_open._tables.values()
    scratch = tables_open._scratch
    assert scratch is not None
    assert sorted(path.name for path in scratch.folder.iterdir()) == [kept.folder.name, "lock"]


@pytest.mark.parametrize("what", ["everything", "the files"])
def test_files_that_the_system_removed_are_written_again(
    served: httpx.Client, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """As of a server that runs for weeks, when nobody looked at a table for some days."""
    tables_open = OpenTables()
    monkeypatch.setattr(tables, "_open", tables_open)
    wanted = of(served, ("a", "rows", 1))
    before = asked(served, wanted)
    (table,) = tables_open._tables.values()
    table._process.close()
    shutil.rmtree(table.folder.parent if what == "everything" else table.folder)
    assert asked(served, wanted) == before


def test_where_no_file_can_be_written(served: httpx.Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tables, "_open", OpenTables())
    wanted = of(served, ("a", "rows", 1))
    with monkeypatch.context() as full:
        full.setattr(scratch.tempfile, "tempdir", str(tmp_path / "none"))
        answers = [served.get("/api/media/table", params={"of": wanted})]
    with monkeypatch.context() as full:
        full.setattr(open_tables.OpenTable, "_file", lambda self, number: tmp_path / "none" / str(number))
        answers.append(served.get("/api/media/table", params={"of": wanted}))
    for answer in answers:
        assert (answer.status_code, "No such file or directory" in answer.text) == (503, True)
    assert asked(served, wanted)["rows"] == 4


def test_an_image_is_asked_of_the_table_that_is_open(served: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    tables_open = OpenTables()
    monkeypatch.setattr(tables, "_open", tables_open)
    joined = of(served, ("b", "rows", 1), ("a", "rows", 1))
    asked(served, joined, limit=1)
    run, blob = json.loads(joined)[1]
    answer = served.get("/api/run/cell", params={"run": run, "blob": blob, "column": "picture", "row": 0})
    assert (answer.content, len(tables_open._tables)) == (aim.Image(PIXELS).data, 1)


def test_only_tables_have_rows(served: httpx.Client) -> None:
    media = {"run": "a", "kind": "text", "name": "text", "context": "{}"}
    (value,) = served.get("/api/run/media/values", params=media).json()["values"]
    run = served.get("/api/run/media", params={"run": "a"}).json()["run"]
    pairs = json.dumps([[run, value["blob"]]])
    assert served.get("/api/media/table", params={"of": pairs}).status_code == 415
    assert served.get("/api/media/table", params={"of": "[]"}).status_code == 400
    assert served.get("/api/media/table", params={"of": json.dumps([[run, "0" * 16 + "-4"]])}).status_code == 404
