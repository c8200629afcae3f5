"""Who can write to a database can write anything there. What is no text of Aim breaks one run at most, which is shown
as damaged with the reason, and all others are shown as before."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest

import aim
from aim.clickhouse.database import Database
from aim.clickhouse.schema import TABLES
from aim.index.schema import run_number
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


def put(database: Database, run: str, table: str, odd: str, texts: Collection[str]) -> None:
    """Write the rows of a run again, with an odd text in these columns."""
    columns = [f"{odd} AS `{name}`" if name in texts else f"`{name}`" for name in TABLES[table].columns]
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
            put(database, ids[name], table, odd, texts)
    put(database, ids["null"], "runs", "nan", ["created_at"])
    put(database, ids["null"], "series", "toInt64(-1)", ["count"])
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
