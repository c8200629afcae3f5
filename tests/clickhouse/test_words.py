"""The names, contexts and params of a database are listed without the rows of its runs, and are those of its runs."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import aim
from aim import engine
from aim.clickhouse.client import DatabaseClient
from aim.clickhouse.database import Database
from aim.clickhouse.table import DistantTable
from aim.index import folding
from aim.index.catalog import Catalog
from aim.index.local import Local
from aim.index.refresh import Index
from aim.index.schema import SEPARATOR
from aim.index.series import gather
from aim.index.shared import Shared
from aim.index.words import Words
from tests.clickhouse import folds
from tests.clickhouse.servers import Server


@pytest.fixture
def database(clickhouse: Server) -> Database:
    return folds.database(clickhouse)


def words(catalog: Catalog) -> tuple[list[str], list[str], list[tuple[str, ...]]]:
    return catalog.names(""), catalog.contexts, catalog.param_paths


def recorded(repo: Path) -> tuple[list[str], list[str], list[tuple[str, ...]]]:
    """The same, from the rows of every run in the files."""
    catalog = Index(Local(repo / ".aim")).refresh()
    series = gather(catalog).columns
    paths = {tuple(path.split(SEPARATOR)) for path in catalog.params()[1]}
    return sorted(set(series["name"].tolist())), sorted(set(series["context"].tolist())), sorted(paths)


def record(repo: Path, run: str, metric: str, *, subset: str = "train", **params: object) -> None:
    with aim.Run(run, repo=repo, resume=True, console=False, system_interval=0, environment=False) as recorded:
        recorded["hparams"] = params
        recorded.track(1.0, metric, context={"subset": subset})


def remove(repo: Path, run: str) -> None:
    catalog = Index(Local(repo / ".aim")).refresh()
    place = catalog.column("hash").tolist().index(run)
    shutil.rmtree(repo / ".aim" / "runs" / catalog.column("dir")[place])


def replace(repo: Path, run: str) -> None:
    """Another run takes the place of one."""
    remove(repo, run)
    record(repo, run, "accuracy", other=1)


CHANGES: dict[str, Callable[[Path], None]] = {
    "another run": lambda repo: record(repo, "three", "f1", subset="val", depth=3),
    "more of a run": lambda repo: record(repo, "one", "f1", lr=2, seed=5),
    "a run of two is gone": lambda repo: remove(repo, "one"),
    "the other is gone": lambda repo: remove(repo, "two"),
    "both are gone": lambda repo: [remove(repo, run) for run in ("one", "two")] and None,
    "a run was replaced": lambda repo: replace(repo, "two"),
    "a run loses a word to one that begins": lambda repo: (
        [remove(repo, "one"), record(repo, "three", "loss", lr=1)] and None
    ),
}


@pytest.mark.parametrize("again", [False, True], ids=["the same process", "another process"])
@pytest.mark.parametrize("change", CHANGES)
def test_the_words_are_those_of_the_runs(tmp_path: Path, database: Database, change: str, again: bool) -> None:
    record(tmp_path, "one", "loss", subset="test", lr=1)
    record(tmp_path, "two", "loss", momentum=0.5, lr=2)
    record(tmp_path, "two", "accuracy", momentum=0.5)
    with folding.filling(tmp_path / ".aim", database) as filling:
        filling.refresh()
        before = Index(Shared(database))
        assert words(before.refresh()) == recorded(tmp_path)
        CHANGES[change](tmp_path)
        filling.refresh(again=again)
    for reader in (before, Index(Shared(database))):
        assert words(reader.refresh()) == recorded(tmp_path)


class Statements:
    """In place of a client of a database with three names, in rows that do not count."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.damage = None

    def query(self, statement: str, kinds: dict[str, type]) -> dict[str, np.ndarray]:
        self.sent.append(statement)
        held = {
            "held": np.array([letter * 100 for letter in "abc"], object),
            "holder": np.arange(3),
            "state": np.arange(3),
        }
        return held if "FROM words" in statement else {}


def test_long_names_are_looked_for_in_statements_that_a_database_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Statements()
    table = DistantTable(client, "series")  # type: ignore[arg-type]
    monkeypatch.setattr(engine, "_CHARACTERS", 250)
    assert engine.living([table], "name", lambda rows: np.zeros(len(rows["run"]), np.bool_)) == set()
    assert [sum(statement.count(letter * 100) for letter in "abc") for statement in client.sent] == [0, 2, 1]


def test_a_fold_that_was_killed_before_it_settled_its_words(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(tmp_path, "one", "loss", lr=1)
    record(tmp_path, "two", "accuracy", lr=2)
    folds.fold(tmp_path / ".aim", database)
    remove(tmp_path, "one")
    with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
        killed.setattr(Words, "settle", lambda self, number: (_ for _ in ()).throw(KeyboardInterrupt))
        folds.fold(tmp_path / ".aim", database)
    assert words(Index(Shared(database)).refresh()) == recorded(tmp_path)
    record(tmp_path, "three", "f1", lr=1)
    folds.fold(tmp_path / ".aim", database)
    rows = database.client.query("SELECT text FROM words FINAL")["text"].tolist()
    assert sorted(rows) == sorted(["accuracy", "f1", '{"subset":"train"}', f"hparams{SEPARATOR}lr"])


def test_listing_reads_no_rows_of_runs(tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    record(tmp_path, "one", "loss", lr=1)
    folds.fold(tmp_path / ".aim", database)
    catalog, sent, query = Index(Shared(database)).refresh(), [], DatabaseClient.query

    def asked(self: DatabaseClient, statement: str, *given: object, **more: object) -> object:
        sent.append(statement)
        return query(self, statement, *given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(DatabaseClient, "query", asked)
    assert words(catalog) == (["loss"], ['{"subset":"train"}'], [("hparams", "lr")])
    assert len(sent) == 3 and all("FROM words" in statement for statement in sent)
