"""MLflow's databases and file stores are read in place, live, and without a change to them."""

from __future__ import annotations

import math
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from aim.errors import LogError
from aim.index.sources import sqlite
from aim.index.sources.mlflow import MlflowStores
from aim.repo import Repo
from tests.index.sources.mlflow_stores import TABLES, Database, Folder, Point, Store

ID = "0123456789abcdef0123456789abcdef"
OTHER = "f" * 32
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
MOMENT = 1_700_000_001_000
POINTS: list[Point] = [
    ("loss", 1.0, MOMENT, 0), ("loss", 0.1 + 0.2, MOMENT + 1, 1), ("val/acc", 0.5, MOMENT + 1, 1),
    ("odd", math.nan, MOMENT, 0), ("odd", math.inf, MOMENT, 1), ("odd", -math.inf, MOMENT, 2),
    ("noted", 1.0, MOMENT, 0), ("noted", 2.0, MOMENT + 5, 0), ("below", -3.5, MOMENT, -7),
]  # fmt: skip
STORES: dict[str, Callable[[Path], Store]] = {"database": Database, "folder": Folder}


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return STORES[request.param](tmp_path / "logs")


def opened(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "home", logs=tmp_path / "logs")


def points_in(repo: Repo, id: str = ID) -> list[tuple[str, str, int, int]]:
    return [
        (name, repr(value), round(time * 1000), step)
        for name, metric in repo.run(id).metrics.items()
        for step, value, time in zip(*(getattr(metric.traces[0], part).tolist() for part in PARTS), strict=True)
    ]


PARTS = ("steps", "values", "times")


def as_read(points: list[Point]) -> list[tuple[str, str, int, int]]:
    return [(key, repr(value), stamp, step) for key, value, stamp, step in points]


@pytest.mark.parametrize("slash", ["~", "#"])
def test_a_run_is_what_the_store_says(store: Store, tmp_path: Path, slash: str) -> None:
    store.run(ID, name="first")
    store.points(ID, POINTS)
    store.texts("params", ID, {"lr": "0.01", "model": "resnet", "layers": "[1, 2]", "none": "None", "a/b": "3"})
    note = {"mlflow.note.content": "about *it*", "mlflow.user": "me", "mlflow.parentRunId": OTHER, "team": "a"}
    store.texts("tags", ID, note)
    store.images(ID).mkdir(parents=True)
    (store.images(ID) / f"a{slash}b+step+3+timestamp+{MOMENT}+00000000-0000.png").write_bytes(PNG)
    (store.images(ID) / f"a{slash}b+step+3+timestamp+{MOMENT}+00000000-0000+compressed.webp").write_bytes(b"small")
    (store.images(ID).parent / "model.bin").write_bytes(b"weights")
    repo = opened(tmp_path)
    assert sorted(points_in(repo)) == sorted(as_read(POINTS))
    run = repo.run(ID)
    assert (run.name, run.description, run.experiment, run.status) == ("first", "about *it*", "vision", "finished")
    assert (run.created_at, run.finished_at) == (1_700_000_000.0, 1_700_000_060.0)
    assert run.params == {
        "hparams": {"lr": 0.01, "model": "resnet", "layers": "[1, 2]", "none": None, "a/b": 3},
        "tags": {"team": "a"}, "mlflow": {"parent": OTHER},
    }  # fmt: skip
    ((value,),) = (list(series) for series in run.objects())
    assert (value.step, value.data, run.objects()[0].name) == (3, PNG, "a/b")
    assert run.facts["mlflow"]["skipped"] == {"artifacts": ["model.bin"]}
    (found,) = repo.select_metrics("mlflow:acc if hparams.lr < 0.05 and params.tags.team == a")
    assert found.hash == ID


STATUS = {"FINISHED": "finished", "FAILED": "failed", "KILLED": "failed", "RUNNING": "lost"}


@pytest.mark.parametrize("status", STATUS)
def test_status(store: Store, tmp_path: Path, status: str) -> None:
    store.run(ID, status)
    store.run(OTHER, stage="deleted")
    assert [(run.hash, run.status) for run in opened(tmp_path).select_runs()] == [(ID, STATUS[status])]


def test_a_live_store_is_followed(store: Store, tmp_path: Path) -> None:
    store.run(ID, "RUNNING")
    store.points(ID, POINTS[:2])
    repo = opened(tmp_path)
    assert points_in(repo) == as_read(POINTS[:2])
    store.points(ID, POINTS[2:])
    store.texts("params", ID, {"lr": "0.5"})
    assert sorted(points_in(repo)) == sorted(as_read(POINTS))
    assert repo.run(ID).params == {"hparams": {"lr": 0.5}}
    store.run(OTHER)
    store.points(OTHER, POINTS[:1])
    store.run(ID)
    for again in (repo, opened(tmp_path)):
        assert sorted(points_in(again)) == sorted(as_read(POINTS))
        assert points_in(again, OTHER) == as_read(POINTS[:1])
        assert again.run(ID).status == "finished"


def test_a_log_that_no_process_has_open_is_read(tmp_path: Path) -> None:
    """A copied folder has the write-ahead log without its index."""
    store = Database(tmp_path / "live")
    store.run(ID)
    with closing(sqlite3.connect(store.path)) as writer:
        writer.execute("PRAGMA journal_mode=wal")
        writer.execute("INSERT INTO metrics VALUES ('loss', 0.5, 1, ?, 0, 0)", (ID,))
        writer.commit()
        (tmp_path / "logs").mkdir()
        for name in ("mlflow.db", "mlflow.db-wal"):
            shutil.copyfile(store.folder / name, tmp_path / "logs" / name)
    before = {path.name: path.read_bytes() for path in (tmp_path / "logs").iterdir()}
    (run,) = Repo(tmp_path / "home", logs=tmp_path / "logs").select_metrics("mlflow:loss")
    assert run.metrics["loss"].traces[0].values.tolist() == [0.5]
    assert {path.name: path.read_bytes() for path in (tmp_path / "logs").iterdir()} == before


def test_nothing_in_the_folder_changes_and_a_writer_does_not_wait(tmp_path: Path) -> None:
    for mode in ("delete", "wal"):
        store = Database(tmp_path / "logs" / mode)
        store.run(ID)
        with closing(sqlite3.connect(store.path, timeout=0)) as writer:
            writer.execute(f"PRAGMA journal_mode={mode}")
            writer.execute("INSERT INTO metrics VALUES ('loss', 0.5, 1, ?, 0, 0)", (ID,))
            writer.commit()
            before = {path.name: path.read_bytes() for path in store.folder.iterdir() if path.suffix != ".db-shm"}
            shown = Repo(tmp_path / "home", logs=store.folder).select_metrics("mlflow:loss")
            assert [run.metrics["loss"].traces[0].values.tolist() for run in shown] == [[0.5]], mode
            after = {path.name: path.read_bytes() for path in store.folder.iterdir() if path.suffix != ".db-shm"}
            assert before == after
            writer.execute("INSERT INTO metrics VALUES ('loss', 0.25, 1, ?, 1, 0)", (ID,))
            writer.commit()
        files = {path.name for path in store.folder.iterdir()}
        assert len(Repo(tmp_path / "home", logs=store.folder).select_metrics("mlflow:loss")) == 1
        assert {path.name for path in store.folder.iterdir()} == files


def test_a_database_that_is_being_written_is_read_later(tmp_path: Path) -> None:
    store = Database(tmp_path / "logs")
    store.run(ID)
    store.points(ID, POINTS[:1])
    repo = opened(tmp_path)
    with closing(sqlite3.connect(store.path, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        assert repo.count() == 0
        writer.execute("COMMIT")
    assert points_in(repo) == as_read(POINTS[:1])


HOSTILE = {
    "a view": "CREATE VIEW metrics AS WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i FROM n) SELECT 'a' AS key, "
    "1.0 AS value, 1 AS timestamp, 'x' AS run_uuid, 0 AS step, 0 AS is_nan FROM n;",
    "a computed column": "CREATE TABLE metrics (key, value, timestamp, run_uuid, step, is_nan AS "
    "(length(hex(zeroblob(500000000)))));",
    "a virtual table": "CREATE VIRTUAL TABLE metrics USING fts5(key, value, timestamp, run_uuid, step, is_nan);",
}


@pytest.mark.parametrize("case", HOSTILE)
def test_only_plain_tables_are_read(tmp_path: Path, case: str) -> None:
    (tmp_path / "logs").mkdir()
    plain = "".join(f"{part};" for part in TABLES.split(";")[:-1] if " metrics " not in part)
    with closing(sqlite3.connect(tmp_path / "logs" / "mlflow.db")) as db:
        db.executescript(HOSTILE[case] + plain)
        db.execute("INSERT INTO runs VALUES (?, '', '', 'FINISHED', 1, 1, 'active', '', 1, NULL)", (ID,))
        db.commit()
    assert opened(tmp_path).count() == 0


def test_large_texts_and_odd_kinds_are_bounded(tmp_path: Path) -> None:
    store = Database(tmp_path / "logs")
    store.run(ID)
    store.texts("params", ID, {"big": "x" * 5_000_000})
    odd = (("loss", "text", 1), ("loss", b"blob", 1), ("n" * 5000, 1.0, 1), ("loss", 2.0, "never"))
    for place, (key, value, stamp) in enumerate(odd):
        store.write("INSERT INTO metrics VALUES (?, ?, ?, ?, ?, 0)", (key, value, stamp, ID, place))
    store.write("INSERT INTO metrics VALUES ('loss', 3.0, 1, ?, 'no step', 0)", (ID,))
    run = opened(tmp_path).run(ID)
    assert len(run.params["hparams"]["big"]) == 64 << 10
    assert run.metrics["loss"].traces[0].values.tolist() == [2.0]
    assert list(run.metrics) == ["loss"]


def test_any_bytes_are_a_database_or_none(tmp_path: Path) -> None:
    store = Database(tmp_path / "logs" / "whole")
    store.run(ID)
    store.points(ID, POINTS)
    whole, rng = store.path.read_bytes(), random.Random(0)
    for number in range(60):
        data = bytearray(whole if number % 3 else whole[: rng.randrange(len(whole))])
        for _ in range(rng.randrange(1, 40) if data else 0):
            data[rng.randrange(len(data))] = rng.randrange(256)
        path = tmp_path / "logs" / f"odd{number}" / "mlflow.db"
        path.parent.mkdir()
        path.write_bytes(data)
    repo = opened(tmp_path)
    assert sorted(points_in(Repo(tmp_path / "other", logs=tmp_path / "logs" / "whole"))) == sorted(as_read(POINTS))
    assert repo.count() >= 1


@pytest.mark.parametrize("line", ["", "1", "1 2", "x 1.0 0", "1 loss 0", "1 1.0 99999999999999999999", "1 1_0 0", "\0"])
def test_a_damaged_line_is_told_and_costs_itself(tmp_path: Path, line: str) -> None:
    store = Folder(tmp_path / "logs")
    store.run(ID)
    with open(store.experiment / ID / "metrics" / "loss", "w") as file:
        file.write(f"{MOMENT} 1.0 0\n{line}\n{MOMENT} 2.0 1\n{MOMENT} 3.0")
    repo = opened(tmp_path)
    values = repo.run(ID).metrics["loss"].traces[0].values.tolist()
    assert values in ([1.0, 2.0], [2.0, 2.0, 1.0], [1.0, 2.0, 2.0])
    told = repo.run(ID).facts["mlflow"].get("skipped")
    assert told == (None if line == "1 2" else {"damaged lines": ["loss"]})


@pytest.mark.parametrize("part", ["params", "tags", "metrics", "artifacts/images"])
def test_a_folder_elsewhere_is_no_part_of_a_run(tmp_path: Path, part: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "key").write_text(f"{MOMENT} 1.0 0\n")
    (elsewhere / f"a+step+3+timestamp+{MOMENT}+0.png").write_bytes(PNG)
    store = Folder(tmp_path / "logs")
    store.run(ID)
    place = store.experiment / ID / part
    place.parent.mkdir(exist_ok=True)
    if place.is_dir():
        place.rmdir()
    place.symlink_to(elsewhere)
    run = opened(tmp_path).run(ID)
    assert (run.params, list(run.metrics), run.objects()) == ({}, [], [])


def test_who_writes_waits_for_no_reader_of_a_whole_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two parts of a table are two statements, and another process may write between them."""
    store = Database(tmp_path / "logs")
    store.run(ID)
    store.texts("params", ID, {f"p{i}": str(i) for i in range(5)})
    store.points(ID, POINTS)
    monkeypatch.setattr(sqlite, "_PART", 2)
    read, parts = sqlite.rows, list[int]()

    def rows(*args: Any, most: int) -> list[tuple[Any, ...]]:
        made = read(*args, most=most)
        store.write("UPDATE experiments SET creation_time = ?", (len(parts),))
        parts.append(len(made))
        return made

    monkeypatch.setattr(sqlite, "rows", rows)
    source = MlflowStores(tmp_path / "logs")
    assert list(source.names()) == [f"mlflow.db/{ID}"]
    assert [2, 2, 1, 0] == parts[4:8]


def test_images_outside_of_the_folder_are_not_read(tmp_path: Path) -> None:
    store = Database(tmp_path / "logs")
    for id, place in ((ID, tmp_path / "elsewhere"), (OTHER, store.images(OTHER).parent)):
        (place / "images").mkdir(parents=True)
        (tmp_path / "secret.png").write_bytes(PNG)
        (place / "images" / f"a+step+3+timestamp+{MOMENT}+0.png").symlink_to(tmp_path / "secret.png")
        store.run(id)
        store.write("UPDATE runs SET artifact_uri = ? WHERE run_uuid = ?", (f"file://{place}", id))
    repo = opened(tmp_path)
    assert repo.run(ID).objects() == repo.run(OTHER).objects() == []
    name = f"b+step+3+timestamp+{MOMENT}+0.png"
    (store.images(OTHER) / name).write_bytes(b"no image")
    store.points(OTHER, POINTS[:1])
    ((value,),) = (list(series) for series in repo.run(OTHER).objects())
    with pytest.raises(LogError, match="not an image"):
        value.data  # noqa: B018
