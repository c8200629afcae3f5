"""A front end with nothing but an engine: it answers as with the folder, and its edits are seen by all and reach the
files of the repository."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import httpx
import numpy as np
import pytest

import aim
from aim import demo, store
from aim.cli import moving, sealing
from aim.clickhouse.database import Database
from aim.clickhouse.edits import count
from aim.errors import EditError, FilesElsewhere, RepoError
from aim.index import folding, waiting
from aim.log import edits
from aim.repo import Repo
from aim.server.routes import READ, WATCH
from tests.clickhouse import folds
from tests.clickhouse.servers import Server
from tests.sdk.checkouts import git
from tests.server.conftest import running
from tests.stores import Objects
from tests.waiting import until


@pytest.fixture
def database(clickhouse: Server) -> Database:
    return folds.database(clickhouse)


@pytest.fixture
def folder(tmp_path: Path, database: Database) -> Path:
    demo.generate(tmp_path, runs=6, metrics=3, steps=20, seed=0, details=True)
    folds.fold(tmp_path / ".aim", database)
    return tmp_path


def ids(repo: Repo) -> list[str]:
    return [row.id for row in repo.table.rows("run.archived in (True, False)").runs]


def note(repo: Repo, run: str) -> None:
    repo.notes.save(run, "first", id="1")
    repo.notes.save(run, "sécond \ud800 'quoted' \\", id="1")
    repo.notes.save(run, "gone", id="2")
    repo.notes.remove(run, "2")


# Each kind of edit, of one run or of the repository.
EDITS: dict[str, Callable[[Repo, str], object]] = {
    "name": lambda repo, run: repo.runs.edit(run, "name", "a better name"),
    "tag": lambda repo, run: repo.runs.tag(run, "best"),
    "untag": lambda repo, run: [repo.runs.tag(run, "worse"), repo.runs.edit(run, "untag", "worse")],
    "archive": lambda repo, run: repo.runs.archive(run),
    "move": lambda repo, run: repo.runs.edit(run, "experiment", "night"),
    "params": lambda repo, run: repo.runs.add_params(run, {"lr": 0.5, "depth": 18}),
    "note": note,
    "a style": lambda repo, run: repo.tags.save("best", color="#ff0000", comment="keep"),
    "a direction": lambda repo, run: repo.metrics.set_direction("loss", "max"),
    "a view": lambda repo, run: repo.bookmarks.save("?page=runs", name="mine", id="b1"),
    "a dashboard": lambda repo, run: [
        repo.dashboards.save("Main", [{"kind": "line", "metrics": ["loss"]}]),
        repo.dashboards.show_at_home("Main"),
    ],
    "an experiment": lambda repo, run: [repo.experiments.add("day"), repo.experiments.checkout("day")],
    "another name": lambda repo, run: [repo.experiments.add("x"), repo.experiments.rename("x", "y")],
    "a note of an experiment": lambda repo, run: repo.experiments.note("default", "notes"),
}


def seen(repo: Repo) -> list[object]:
    """Everything that edits change, without times."""
    rows = repo.table.rows("run.archived in (True, False)").runs
    return [
        [(row.id, row.name, row.tags, row.archived, row.experiment, row.params) for row in rows],
        [(item.id, item.text) for row in rows[2:4] for item in repo.notes.of(row.id)],
        [*repo.tags],
        repo.metrics.directions(),
        [*repo.experiments],
        [bookmark[:4] for bookmark in repo.bookmarks],
        [board[1:5] for board in (*repo.dashboards, repo.dashboards.home) if board is not None],
        [len(repo.select_runs("params.lr == 0.5")), len(repo.select_runs("'best' in run.tags"))],
    ]


def test_each_kind_of_edit_is_seen_by_all_at_once_and_reaches_the_files(
    folder: Path, database: Database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    here, other = Repo(folds.url(database)), Repo(folds.url(database))
    other.count()
    with_files = Repo(shutil.copytree(folder, tmp_path_factory.mktemp("copy") / "repo"))
    run, before = ids(here)[2], seen(here)
    for name, edit in EDITS.items():
        edit(here, run)
        edit(with_files, run)
        after = seen(here)
        assert seen(other) == after == seen(with_files)
        assert name == "untag" or after != before
        before = after
    assert Repo(folder).run(run).name != "a better name", "nothing is in the files yet"
    folds.fold(folder / ".aim", database)
    for repo in (here, other, Repo(folder), Repo(folds.url(database))):
        assert seen(repo) == before
    until(lambda: count(database) == 0)
    assert seen(here) == before
    assert folds.differences(folder / ".aim", database) == []


def test_edits_that_wait_survive_a_rebuild_and_a_fold_that_was_killed(folder: Path, database: Database) -> None:
    alone = Repo(folds.url(database))
    runs = ids(alone)
    alone.runs.tag(runs[0], "first")
    with folding.filling(folder / ".aim", database) as filling:
        filling.edits.bring()
    alone.runs.tag(runs[1], "second")
    with folding.filling(folder / ".aim", database, again=True) as filling:
        filling.refresh()
    assert sorted(edit.field for edit in edits.latest(folder / ".aim").values()) == ["tag:first", "tag:second"]
    assert seen(alone) == seen(Repo(folder)) == seen(Repo(folds.url(database)))
    assert folds.differences(folder / ".aim", database) == []


def test_an_edit_that_a_server_forgot_to_delete_is_deleted_again(
    folder: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a crash: it was asked, and the row is there again."""
    monkeypatch.setattr(waiting, "_AGAIN_SECONDS", 0.0)
    alone = Repo(folds.url(database))
    alone.runs.tag(ids(alone)[0], "best")
    with folding.filling(folder / ".aim", database) as filling:
        with monkeypatch.context() as forgetful:
            forgetful.setattr(database.client, "command", lambda statement: None)
            filling.refresh()
        assert count(database) == 1
        filling.refresh()
        until(lambda: count(database) == 0)
    assert len(list(edits.every(folder / ".aim"))) == 1, "it is brought once"


def test_the_newer_of_two_edits_wins_wherever_it_was_made(folder: Path, database: Database) -> None:
    alone, with_files = Repo(folds.url(database)), Repo(folder)
    (run, *_) = ids(alone)
    alone.runs.edit(run, "name", "one")
    folds.fold(folder / ".aim", database)
    with_files.runs.edit(run, "name", "two")
    folds.fold(folder / ".aim", database)
    assert alone.run(run).name == "two"
    alone.runs.edit(run, "name", "three")
    assert alone.run(run).name == "three"
    folds.fold(folder / ".aim", database)
    assert [repo.run(run).name for repo in (alone, with_files, Repo(folder))] == ["three"] * 3


def test_a_deleted_run_is_gone_at_once_and_then_its_files_and_rows(folder: Path, database: Database) -> None:
    alone, other = Repo(folds.url(database)), Repo(folds.url(database))
    (run, *rest) = ids(other)
    assert alone.runs.delete(run).runs == 1
    assert ids(other) == rest
    assert other.vocabulary().metrics == Repo(folder).vocabulary().metrics != []
    assert list((folder / ".aim" / "runs").rglob(f"{run}-*")), "the process that folds removes them"
    folds.fold(folder / ".aim", database)
    assert not list((folder / ".aim" / "runs").rglob(f"{run}-*")) and ids(other) == rest
    until(lambda: folds.rows_of(database, run) == 0)


def test_what_is_no_edit_reaches_no_file(folder: Path, database: Database) -> None:
    """Whoever may write to the database can write anything there."""
    run = ids(Repo(folder))[0]
    texts = [
        "",
        "{}",
        "[" * 5000,
        '{"stamp":1}  ',
        '{"stamp":9,"run":null,"field":"tag:a","value":1}x',
        "x" * (1 << 20),
    ]
    good = f'{{"stamp":{2**61},"run":"{run}","field":"name","value":"kept"}}'
    texts.append(good + " " * (-len(good) % 4))
    writers = ["0" * 16] * len(texts)
    texts.append(texts[-1].replace("kept", "evil"))
    writers.append("') OR 1 --")
    columns = {"writer": writers, "number": range(len(texts)), "record": texts}
    database.client.insert(
        "edits",
        {name: np.array(list(some), np.int64 if name == "number" else object) for name, some in columns.items()},
        {"writer": "String", "number": "Int64", "record": "String"},
    )
    assert Repo(folds.url(database)).run(run).name == "kept"
    folds.fold(folder / ".aim", database)
    assert [(edit.field, edit.value) for edit in edits.every(folder / ".aim")] == [("name", "kept")]
    until(lambda: count(database) == 1)


def test_edits_are_refused_while_too_many_wait(
    folder: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "MOST", 2)
    alone = Repo(folds.url(database))
    runs = ids(alone)
    alone.runs.tag(runs[:2], "a")
    with pytest.raises(EditError, match="2 edits wait.*aim engine fold --follow"):
        alone.runs.tag(runs[0], "b")
    folds.fold(folder / ".aim", database)
    until(lambda: count(database) == 0)
    alone.runs.tag(runs[0], "b")


def test_a_user_who_may_only_read_cannot_edit(folder: Path, database: Database, clickhouse: Server) -> None:
    if clickhouse.kind != "18.16":
        pytest.skip("chdb has no users")
    looker = Repo(clickhouse.url(database.address.database, "looker@"))
    assert not looker.edits.writable and len(ids(looker)) == 6
    with pytest.raises(RepoError, match="looker@.*this user of the database may only read"):
        looker.runs.tag(ids(looker)[0], "a")


def test_what_only_files_have_says_so(database: Database, tmp_path: Path) -> None:
    with aim.Run("one", repo=tmp_path, console=True, environment=True) as run:
        print("printed", flush=True)
        run.log_info("logged")
        run.track(aim.Text("a text"), name="texts")
    folds.fold(tmp_path / ".aim", database)
    alone = Repo(folds.url(database))
    asks: list[Callable[[], object]] = [
        lambda: alone.logs.messages("one"),
        lambda: alone.run("one").objects()[0][0].data,
        lambda: alone.merge(tmp_path),
        lambda: alone.convert_tensorboard(tmp_path),
    ]
    for ask in asks:
        with pytest.raises(FilesElsewhere, match="aim up --repo FOLDER --engine ADDRESS"):
            ask()
    environment = alone.logs.environment("one")
    assert environment is not None and environment.packages


def test_what_runs_recorded_besides_numbers_comes_from_the_object_store(
    folder: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects, alone, with_files = Objects(), Repo(folds.url(database)), Repo(folder)
    monkeypatch.setattr(store, "chosen", lambda: objects)
    git(folder, "init", "--quiet")
    git(folder, "commit", "--quiet", "--allow-empty", "-m", "first")
    (folder / "train.py").write_text("lr = 0.2\n")
    git(folder, "add", "train.py")
    monkeypatch.chdir(folder)
    with aim.Run("changed", repo=folder, environment=True) as run:
        until(lambda: run._recording is None or not run._recording.late.pending)
    folds.fold(folder / ".aim", database)
    sealing.seal_finished(folder / ".aim", progress=lambda done, total: None)
    moving.move_all(folder / ".aim", objects, progress=lambda done, total: None)  # type: ignore[arg-type]
    finished = [row.id for row in alone.table.rows("run.status == finished").runs]
    for run in finished:
        assert recorded(alone, run) == recorded(with_files, run)
    assert all(map(any, zip(*(recorded(alone, run)[:3] for run in finished), strict=True)))
    environment = alone.logs.environment("changed")
    assert environment is not None and "+lr = 0.2" in str(environment.diff)
    objects.objects.clear()
    with_media = next(run for run in finished if with_files.run(run).objects())
    with pytest.raises(FilesElsewhere, match="cannot be read from the object store .*has no runs/.*aim up --repo"):
        recorded(Repo(folds.url(database)), with_media)


def recorded(repo: Repo, run: str) -> list[object]:
    media = [[point.data for point in series] for series in repo.run(run).objects()]
    with repo.logs.output(run) as output:
        return [media, list(output.forward()), repo.logs.messages(run).messages, repo.logs.environment(run)]


# What the files alone have, and the status then; of media, the page lists what is there without the content.
IN_FILES = {
    "api/run/blob": 410,
    "api/run/text": 410,
    "api/run/thumbnail": 410,
    "api/run/page": 410,
    "api/run/waveform": 410,
    "api/run/projection": 410,
    "api/media/zip": 200,
    "api/media/table": 410,
    "api/media/csv": 410,
    "api/run/cell": 410,
    "api/run/media/values": 200,
    "api/run/output": 404,
    "api/run/output/find": 404,
    "api/run/messages": 404,
    "api/artifacts": 200,
    "api/artifact": 404,
    "api/artifact/diff": 404,
    "api/artifact/preview": 404,
    "api/artifact/file": 404,
}
QUERIES = {
    "api/complete": {"q": "loss if par"},
    "api/check": {"q": "loss if"},
    "api/series": {"q": "loss if hparams.lr > 0"},
    "api/table": {"q": "run.hash != 'x'"},
    "api/page": {"order": '[{"column":"run.created_at","descending":true}]', "columns": "true"},
    "api/page/groups": {"group": '{"by":[{"column":"run.experiment"}]}'},
    "api/page/facts": {"values": "true"},
    "api/beside": {"metric": "loss", "by": "loss", "side": "min"},
}


def test_each_page_answers_as_with_the_folder(folder: Path, database: Database) -> None:
    """Times of the moment, revisions and the name of the repository differ."""
    alone, with_files = Repo(folds.url(database)), Repo(folder)
    run = ids(alone)[0]
    series = with_files.run(run).objects()[0]
    blob = series[0].id
    with aim.Run("pictured", repo=folder, console=False, system_interval=0, environment=False) as pictured:
        pictured.track(aim.Image(np.zeros((4, 4, 3), np.uint8)), "picture")
        pictured.track(aim.Html("<p>"), "page")
        pictured.track(aim.Text("said"), "text")
        pictured.track(aim.Audio(np.zeros(9), rate=8000), "sound")
        pictured.track(aim.Table([[aim.Image(np.zeros((4, 4, 3), np.uint8))]], columns=["seen"]), "rows")
        pictured.track(aim.Embedding(np.eye(4)), "embedding")
    image, page, sound, text, rows, embedding = (
        with_files.run("pictured").objects(kind)[0][0].id
        for kind in ("image", "html", "audio", "text", "table", "figure")
    )
    tables = {"of": json.dumps([[pictured.id, rows]])}
    board = with_files.dashboards.save("Each page", [{"kind": "line", "metrics": ["loss"]}])
    view = with_files.views.save("hidden=1")
    artifact = with_files.artifacts.put(Path(__file__), name="test")
    artifact_file = {"name": "test", "id": artifact.version.id, "path": Path(__file__).name}
    folds.fold(folder / ".aim", database)
    given: dict[str, dict[str, str]] = {
        **QUERIES,
        **{
            path: {"run": run}
            for path in ("api/run", "api/run/messages", "api/run/media", "api/run/output", "api/run/artifacts")
        },
        "api/run/output/find": {"run": run, "text": "a"},
        "api/run/media/values": {
            "run": run,
            "kind": series.kind,
            "name": series.name,
            "context": json.dumps(series.context),
        },
        "api/run/blob": {"run": run, "blob": blob},
        "api/run/text": {"run": pictured.id, "blob": text},
        "api/run/thumbnail": {"run": pictured.id, "blob": image, "size": "128"},
        "api/run/page": {"run": pictured.id, "blob": page},
        "api/run/waveform": {"run": pictured.id, "blob": sound},
        "api/media/table": tables,
        "api/media/csv": tables,
        "api/run/cell": {"run": pictured.id, "blob": rows, "column": "seen", "row": "0"},
        "api/run/projection": {"run": pictured.id, "blob": embedding},
        "api/dashboard": {"id": board.id},
        "api/view": {"id": view},
        "api/artifact": {"name": "test"},
        "api/artifact/diff": {"name": "test", "version": "v0", "base": "v0"},
        "api/artifact/preview": artifact_file,
        "api/artifact/file": artifact_file,
    }
    with running(alone) as mine, running(with_files) as theirs:
        for route in (*READ, *WATCH):
            if route.path in ("api/live", "api/launch", "api/launch/draft", "api/process", "api/queue"):
                continue
            asked = given.get(route.path, {})
            here, there = (client.get(f"/{route.path}", params=asked) for client in (mine, theirs))
            if route.path in IN_FILES:
                assert (here.status_code, there.status_code) == (IN_FILES[route.path], 200), (route.path, here.text)
                assert "without its files" in here.text or here.status_code == 200
                continue
            assert here.status_code == 200, (route.path, here.text)
            assert plain(here, alone) == plain(there, with_files), route.path
        assert "engine alone" in mine.get("/api/launch").json()["reason"]
        changed = mine.post("/api/runs/edit", json={"runs": [run], "field": "name", "value": "new"})
        assert changed.status_code == 200, changed.text
        assert mine.get("/api/run", params={"run": run}).json()["run"]["name"] == "new"


def plain(answer: httpx.Response, repo: Repo) -> bytes:
    content = answer.content.replace(repo.place.encode(), b"")
    return re.sub(rb'[0-9a-f]{8}-\d+|"seconds":[0-9.e-]+|AIMF....(?={)| +', b"", content, flags=re.DOTALL)
