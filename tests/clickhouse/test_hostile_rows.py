"""Who can write to a database can write anything there. What is no text of Aim breaks one run at most, which is shown
as damaged with the reason, and all others are shown as before."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

import aim
from aim.clickhouse.database import Database
from aim.clickhouse.schema import TABLES
from aim.clickhouse.texts import DamagedRows, replace_invalid
from aim.index.documents import restored
from aim.index.schema import run_number
from aim.index.state import RunState
from aim.plain import shown
from aim.repo import Repo
from tests.clickhouse import folds
from tests.clickhouse.servers import Server
from tests.commands import answer
from tests.server.conftest import running

# As expressions of SQL.
ODD = {
    "nothing": "''",
    "no JSON": "'{'",
    "no UTF-8": "unhex('7bff')",
    "a list": "'[]'",
    "a list of lists": "'[[]]'",
    "a list of objects": "'[{}]'",
    "an object": "'{\"a\":1}'",
    "a number": "'5'",
    "an endless number": "'1e999'",
    "a long number": f"'1{'0' * 5000}'",
    "a text": "'\"x\"'",
    "null": "'null'",
    "deep": f"'{'[' * 900}{']' * 900}'",
    "deeper": f"'{'[' * 9000}'",
    "two values": "'1,2'",
    "a document": '\'[{"id":"a","file":"b","start":5,"facts":[],"edits":{"name":5},"damage":5,"invalid":[5]}]\'',
    "a document of odd numbers": '\'[{"id":"a","file":"b","started":1e999,"stamp":"x","end":{"time":"x"}}]\'',
}
TEXTS = {
    "runs": ["dir", "tags", "starts", "facts", "packages", "env", "params", "edits", "doc", "quiet", "status"],
    "params": ["path", "value"],
    "series": ["context"],
    "objects": ["kind", "context", "about"],
}
RUN_PAGES = ("api/run/messages", "api/run/media", "api/run/output")
PAGES = (
    "api/project", "api/overview", "api/tags", "api/experiments", "api/page?columns=true", "api/series?q=loss",
    "api/series?q=loss%20if%20hparams.lr%20%3E%200", "api/complete?q=loss%20if%20par", "api/page/facts?values=true",
    "api/page?order=%5B%7B%22column%22:%22run.created_at%22%7D%5D", "api/page?q=run.facts.git.dirty%20==%20True",
    "api/page?q=%27x%27%20in%20run.tags", "api/page?find=text", "api/table?q=hparams.lr%20%3E%200", "api/processes",
    "api/media?q=texts",
)  # fmt: skip


def put(database: Database, run: str, table: str, odd: Mapping[str, str]) -> None:
    """Write the rows of a run again, with these expressions in columns."""
    if TABLES[table].by_run:
        put(database, run, TABLES[table].by_run, odd)
    columns = [f"{odd[name]} AS `{name}`" if name in odd else f"`{name}`" for name in TABLES[table].columns]
    rows = f"SELECT {', '.join(columns)} FROM `{table}` WHERE `run` = {run_number(run)}"
    names = ", ".join(f"`{name}`" for name in TABLES[table].columns)
    database.client.command(f"INSERT INTO `{table}` ({names}) {rows}")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rows")
    for name in ("good", *ODD):
        with aim.Run(name, repo=folder, console=False, system_interval=0, environment=False) as run:
            run["hparams"] = {"lr": 0.5}
            run.track(1.0, "loss", context={"subset": "val"})
            run.track(aim.Text("a text"), "texts")
    Repo(folder).runs.tag(Repo(folder).run("good").id, "best")
    return folder


def test_texts_of_others_break_no_page_and_their_runs_are_damaged(clickhouse: Server, recorded: Path) -> None:
    database = folds.database(clickhouse)
    folds.fold(recorded / ".aim", database)
    ids = {run.hash: run.id for run in Repo(recorded).select_runs("")}
    for name, odd in ODD.items():
        for table, texts in TEXTS.items():
            put(database, ids[name], table, dict.fromkeys(texts, odd))
    put(database, ids["null"], "runs", {"created_at": "nan"})
    put(database, ids["null"], "series", {"count": "toInt64(-1)"})
    repo = Repo(folds.url(database))
    with running(repo) as client:
        for path in (*PAGES, *(f"{page}?run={id}" for page in RUN_PAGES for id in ids.values())):
            asked = client.get("/" + path)
            assert asked.status_code in (200, 404, 410), (path, asked.text)
            assert asked.status_code == 200 or "page" not in path, path
        good = client.get("/api/run", params={"run": ids.pop("good")}).json()
        assert (good["damaged"], good["reasons"], good["params"]) == (0, [], {"hparams": {"lr": 0.5}})
        for name, id in ids.items():
            shown = client.get("/api/run", params={"run": id}).json()
            assert shown["damaged"] and "the database" in str(shown["reasons"]), name
    assert {run.hash for run in repo.select_runs("run.damaged > 0")} == set(ODD)
    for words in ("runs ls", "runs ls --json", "query loss", "runs show good"):
        assert "good" in answer(recorded, *words.split(), "--repo", folds.url(database)).output


NAN, INF, LARGE = float("nan"), float("inf"), 1 << 62
REPLACED: dict[str, tuple[list[float], list[float]]] = {
    "runs.created_at": ([-1, 0, 1e9, 1e300, NAN], [0, 0, 1e9, 0, 0]),
    "runs.finished_at": ([-1, 1e9, INF, NAN], [NAN, 1e9, NAN, NAN]),
    "runs.seen_at": ([-INF, 1e9, INF], [0, 1e9, 0]),
    "runs.dropped": ([-5, 5, LARGE], [0, 5, 0]),
    "runs.damaged": ([-LARGE, 5, LARGE], [0, 5, 0]),
    "runs.segment": ([-1, 5, 1 << 26], [0, 5, 0]),
    "series.count": ([-1, 5, LARGE], [0, 5, 0]),
    "series.first_time": ([-LARGE, 5, LARGE], [-LARGE, 5, 0]),
    "points.time": ([-2 * LARGE, 5, LARGE], [0, 5, 0]),
    "objects.at": ([-1, 5, LARGE], [0, 5, 0]),
    "objects.size": ([-1, 5, LARGE], [0, 5, 0]),
    "heartbeats.at": ([-1, 1e9, INF], [0, 1e9, 0]),
}


@pytest.mark.parametrize("place", REPLACED)
def test_numbers_that_no_run_has_are_replaced(place: str) -> None:
    (table, name), (given, expected) = place.split("."), REPLACED[place]
    columns = {name: np.array(given, np.float64 if "Float" in TABLES[table].columns[name] else np.int64)}
    runs = {} if table == "heartbeats" else {"run": np.arange(len(given))}
    damage = DamagedRows()
    replace_invalid(table, {**runs, **columns}, damage)
    np.testing.assert_array_equal(columns[name], expected)
    changed = [run for run, pair in enumerate(zip(given, expected, strict=True)) if repr(pair[0]) != repr(pair[1])]
    assert list(damage) == (changed if runs else [])


WRITER = '[{"id":"a","file":"b"'
WITHOUT_A_ROW = f'{WRITER},"end":{{}}}}]'
REASONS = {
    f'{WRITER},"edits":{{"name":[5]}}}}]': "the field edits of a writer cannot be {'name': [5]}",
    f'{WRITER},"params":[5]}}]': "the field params of a writer cannot be [5]",
    f'{WRITER},"damage":[[1]]}}]': "the field damage of a writer cannot be [[1]]",
    f'{WRITER},"started":"x"}}]': "the field started of a writer cannot be 'x'",
    f'{WRITER},"skipped":"x"}}]': "the field skipped of a writer cannot be 'x'",
    "5": "'5' is not a document of Aim",
    WITHOUT_A_ROW: f"{shown(WITHOUT_A_ROW, 40)} is not a document of Aim",
    f'{WRITER},"skipped":null,"started":5,"names":{{"1":["a"]}},"damage":[[1,2]],"end":{{"time":9}}}}]': None,
}


@pytest.mark.parametrize("document", REASONS)
def test_the_reason_names_the_field_and_the_value(document: str) -> None:
    damage, why = DamagedRows(), REASONS[document]
    run = restored(RunState("a" * 32, "", 0), document, damage)
    expected = [] if why is None else [f"the database, runs.doc: {why}"]
    assert [reason for reasons in damage.values() for reason in reasons.values()] == expected
    assert all(why is None or why in " ".join(writer.reasons()) for writer in run.writers)


# Numbers that no run has, as expressions of SQL, and how the reason tells them.
NUMBERS = {
    "created_at": ("nan", "the number nan is not from 0 to below 253,402,300,800"),
    "finished_at": ("1e300", "the number 1e+300 is not"),
    "seen_at": ("inf", "the number inf is not"),
    "dropped": ("toInt64(-5)", "the number -5 is not from 0 to below 9,007,199,254,740,992"),
    "damaged": ("bitShiftLeft(toInt64(-1), 62)", "the number -4611686018427387904 is not"),
    "length": ("toInt64(-1)", "the number -1 is not"),
    "writers": ("toInt32(-1)", "the number -1 is not"),
    "tags": ("'[5]'", "[5] is not a list of texts"),
}  # fmt: skip


def test_a_row_is_damaged_until_it_is_written_again(clickhouse: Server, tmp_path: Path) -> None:
    database = folds.database(clickhouse)
    with aim.Run("one", repo=tmp_path, console=False, system_interval=0, environment=False) as run:
        run["hparams"] = {"lr": 0.5}
        run.track(1.0, "loss")
    folds.fold(tmp_path / ".aim", database)
    repo = Repo(folds.url(database))
    put(database, run.id, "runs", {name: odd for name, (odd, _) in NUMBERS.items()})
    put(database, run.id, "params", {"value": "'{'"})
    put(database, run.id, "series", dict.fromkeys(("count", "nonfinite"), "toInt64(-1)"))
    with running(repo) as client:
        assert not list(repo.select_runs("hparams.lr > 0"))
        assert client.get("api/overview").json()["seconds"] == 0
        shown = client.get("api/run", params={"run": run.id}).json()
        for name, (_, why) in NUMBERS.items():
            assert f"the database, runs.{name}: {why}" in str(shown["reasons"]), name
        # The page reads two numbers of series after that, and tells ten reasons.
        assert client.get("api/run", params={"run": run.id}).json()["damaged"] == len(NUMBERS) + 3
        put(database, run.id, "params", {"value": "'0.5'"})
        put(database, run.id, "series", {"count": "toInt64(1)", "nonfinite": "toInt64(0)"})
        right = {**dict.fromkeys(NUMBERS, "0"), "tags": "'[]'", "segment": "segment + 1"}
        put(database, run.id, "runs", right)
        database.client.command("INSERT INTO folds (done, number, at) SELECT done, number + 1, at FROM folds")
        assert [run.hash for run in repo.select_runs("hparams.lr > 0")] == ["one"]
        shown = client.get("api/run", params={"run": run.id}).json()
        assert (shown["reasons"], shown["damaged"]) == ([], 0)
