"""The repositories of Aim 3 are read as Aim 3 reads them. `tests/golden/aim3/make.py` made the runs."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from aim import Run
from aim.cli.main import main
from aim.errors import LogError, RepoError
from aim.index.sources import aim3
from aim.index.sources.aim3 import Aim3Repos
from aim.index.sources.rocksdb import RocksDatabase
from aim.repo import Repo
from tests.rounds import few_in_turn

GOLDEN = Path(__file__).parents[2] / "golden" / "aim3"
EXPECTED: dict[str, Any] = json.loads((GOLDEN / "expected.json").read_text())


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """A project with the repository, which Git would not keep under its own name."""
    shutil.copytree(GOLDEN / "repo", tmp_path / "logs" / "project" / ".aim")
    return tmp_path / "logs"


def named(repo: Repo) -> dict[str, Any]:
    return {run.name: run for run in repo.select_runs("run.archived in (True, False)")}


def state_of(folder: Path) -> dict[Path, tuple[int, bytes]]:
    return {path: (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"") for path in folder.rglob("*")}


def points_of(run: Any) -> dict[str, list[Any]]:
    return {
        f"{name} {json.dumps(trace.context, sort_keys=True)}": [
            trace.steps.tolist(),
            *([repr(float(value)) for value in getattr(trace, part)] for part in ("values", "epochs", "times")),
        ]
        for name, metric in run.metrics.items()
        for trace in metric.traces
    }


@pytest.mark.parametrize("kind", EXPECTED)
def test_every_point_is_the_one_that_aim_3_reads(tmp_path: Path, logs: Path, kind: str) -> None:
    run = named(Repo(tmp_path / "home", logs=logs))[kind]
    assert points_of(run) == EXPECTED[kind]["points"]
    assert (run.hash, run.archived) == (EXPECTED[kind]["hash"], EXPECTED[kind]["archived"])


def test_what_else_a_run_says(tmp_path: Path, logs: Path) -> None:
    runs = named(Repo(tmp_path / "home", logs=logs))
    run = runs["whole"]
    assert (run.experiment, run.description, run.tags) == ("vision", "about it", ["t1", "t2"])
    hparams = {"lr": 0.1, "model": {"depth": 3, "name": "mlp"}, "betas": [0.9, 0.999], "flag": True, "none": None}
    assert run.params == {"hparams": hparams, "default": {"seed": 7}}
    assert run.created_at == pytest.approx(EXPECTED["whole"]["created"], abs=1e-3)
    assert 0 < run.finished_at - run.created_at < 60
    assert {name: run.status for name, run in runs.items()} == {
        "whole": "finished", "killed": "lost", "grown": "finished",
    }  # fmt: skip
    assert run.facts["aim3"]["skipped"] == {"messages": ["__log_records"]}


def test_media_are_the_bytes_that_aim_3_kept(tmp_path: Path, logs: Path) -> None:
    run = named(Repo(tmp_path / "home", logs=logs))["whole"]
    values = {(series.kind, series.name): list(series) for series in run.objects()}
    assert [(item.step, item.data) for item in values["text", "text"]] == [
        (step, f"text {step}".encode()) for step in range(3)
    ]
    assert [item.data for item in values["text", "texts"]] == [b"first", b"second"]
    (image,) = values["image", "image"]
    (context,) = (series.context for series in run.objects() if series.name == "image")
    assert (image.step, image.caption, image.about["width"], image.data[:4]) == (3, "cap", 9, b"\x89PNG")
    assert context == {"subset": "val"}
    assert [item.caption for item in values["image", "images"]] == ["", "second"]
    assert len({item.data for item in values["image", "images"]}) == 2
    (audio,) = values["audio", "audio"]
    assert audio.data[:4] == b"RIFF"
    (distribution,) = values["distribution", "distribution"]
    assert sum(distribution.value.counts) == 100 and len(distribution.value.counts) == 8


def test_a_run_is_opened_once_for_all_its_media(tmp_path: Path, logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    class Counted(RocksDatabase):
        def __init__(self, folder: str) -> None:
            opened.append(folder)
            super().__init__(folder)

    run = named(Repo(tmp_path / "home", logs=logs))["whole"]
    items = [item for series in run.objects() for item in series]
    monkeypatch.setattr(aim3, "RocksDatabase", Counted)
    contents = [item.data for item in items]
    assert len(items) > 5 and len(opened) == 2
    (Path(opened[1]) / "000099.log").write_bytes(b"")
    assert [item.data for item in items] == contents and len(opened) == 4, "its files changed"


def test_the_prefix_selects_and_nothing_of_the_folder_changes(tmp_path: Path, logs: Path) -> None:
    before = state_of(logs)
    for folder in (logs, logs / "project" / ".aim"):
        repo = Repo(tmp_path / "home", logs=folder)
        runs = repo.select_metrics('aim3:loss if hparams.lr == 0.1 and context.subset == "val"')
        assert len(runs) == 2 and repo.select_metrics("loss") == []
    assert state_of(logs) == before


def test_a_copy_equals_what_is_shown_and_again_adds_nothing(tmp_path: Path, logs: Path) -> None:
    shown = named(Repo(tmp_path / "other", logs=logs))
    repo = Repo.init(tmp_path / "home")
    kept = repo.convert("aim3", logs)
    assert (kept.runs, kept.left) == (3, [])
    for name, run in named(repo).items():
        assert points_of(run) == points_of(shown[name])
        assert (run.hash, run.params, run.tags, run.archived, run.status) == (
            shown[name].hash, shown[name].params, shown[name].tags, shown[name].archived, shown[name].status,
        )  # fmt: skip
        assert [item.data for series in run.objects() for item in series] == [
            item.data for series in shown[name].objects() for item in series
        ]
    assert repo.convert("aim3", logs).points == 0


def test_a_repository_of_aim_3_is_not_opened_as_one_of_ours(logs: Path) -> None:
    project = logs / "project"
    before = sorted(project.rglob("*"))
    with pytest.raises(RepoError, match="a repository of Aim 3 is not opened.*mv .aim .aim3.*aim convert aim3 .aim3"):
        Repo(project)
    assert sorted(project.rglob("*")) == before


@pytest.mark.parametrize(
    "words",
    [
        ["init"], ["init", "--yes"], ["init", "--skip-if-exists"], ["up", "."], ["merge", "other", "--into", "."],
        ["convert", "aim3", "."], ["query", "loss"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_no_command_changes_a_repository_of_aim_3(
    logs: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    project = logs / "project"
    Repo.init(project / "other")
    before = state_of(project)
    monkeypatch.chdir(project)
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 1
    assert done.output.startswith("Error: a repository of Aim 3 is not opened, so that nothing is written to it.")
    assert state_of(project) == before


def test_no_repository_of_aim_3_is_cleared_where_a_script_recorded_later(
    logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = logs / "project"
    with Run("new", repo=project):
        pass
    monkeypatch.chdir(project)
    assert [run.hash for run in Repo(project).select_runs()] == ["new"]
    with pytest.raises(RepoError, match="runs of a repository of Aim 3, and others of this version"):
        Repo.init(project, reinitialize=True)
    done = CliRunner().invoke(main, ["init", "--yes"])
    assert done.exit_code == 1
    assert "aim up --logs .aim" in done.output and "aim convert aim3 .aim." in done.output and "mv " not in done.output
    assert (project / ".aim" / "run_metadata.sqlite").is_file()
    assert CliRunner().invoke(main, ["init", "--skip-if-exists"]).exit_code == 0
    shown = Repo(logs.parent / "other", logs=project / ".aim").select_runs()
    assert CliRunner().invoke(main, ["convert", "aim3", ".aim"]).exit_code == 0
    assert {run.hash for run in Repo(project).select_runs()} == {"new", *(run.hash for run in shown)}
    assert shown


def test_a_run_that_is_renamed_or_removed_is_followed(tmp_path: Path, logs: Path) -> None:
    repo = Repo(tmp_path / "home", logs=logs)
    aim_dir = logs / "project" / ".aim"
    assert len(named(repo)) == 3
    with closing(sqlite3.connect(aim_dir / "run_metadata.sqlite")) as db:
        db.execute("UPDATE run SET name = 'other' WHERE name = 'whole'")
        db.commit()
    assert set(named(repo)) == {"other", "killed", "grown"}
    shutil.rmtree(aim_dir / "meta" / "chunks" / EXPECTED["grown"]["hash"])
    assert set(named(repo)) == {"other", "killed"}


def databases(aim_dir: Path) -> list[Path]:
    return sorted(path.parent for path in aim_dir.rglob("CURRENT"))


def items_in(folder: Path) -> dict[bytes, bytes]:
    return dict(RocksDatabase(str(folder)).items())


def test_a_database_cut_at_any_byte_has_only_what_was_written(tmp_path: Path, logs: Path) -> None:
    """A log that ends within a record is one of a killed process."""
    for folder in databases(logs):
        whole = items_in(folder)
        for path in folder.glob("*.log"):
            data = path.read_bytes()
            for length in range(0, len(data), 1 + len(data) // 60):
                path.write_bytes(data[:length])
                assert items_in(folder).keys() <= whole.keys()
            path.write_bytes(data)


def test_flipped_bits_cost_what_they_hit_and_are_told(logs: Path) -> None:
    rng = random.Random(0)
    for folder in databases(logs):
        whole = items_in(folder)
        for path in sorted(folder.iterdir()):
            data = path.read_bytes()
            for _ in range(25 if data else 0):
                place = rng.randrange(len(data))
                path.write_bytes(data[:place] + bytes((data[place] ^ 1 << rng.randrange(8),)) + data[place + 1 :])
                try:
                    database = RocksDatabase(str(folder))
                    found = dict(database.items())
                except (LogError, OSError):
                    continue
                changed = {key for key, value in found.items() if whole.get(key) != value}
                assert not changed or database.damaged
            path.write_bytes(data)


def test_any_bytes_are_a_repository_or_none(tmp_path: Path, logs: Path) -> None:
    rng = random.Random(1)
    files = sorted(path for path in logs.rglob("*") if path.is_file() and path.stat().st_size)
    contents = {path: path.read_bytes() for path in files}
    for few in few_in_turn(files, 2, rng):
        for path in few:
            data = bytearray(contents[path])
            for _ in range(rng.randrange(1, 30)):
                data[rng.randrange(len(data))] = rng.randrange(256)
            path.write_bytes(data[: rng.randrange(len(data))] if rng.random() < 0.3 else data)
        source = Aim3Repos(logs)
        assert len(source.names()) <= 3
        for run in Repo(tmp_path / "home", logs=logs).select_runs():
            for series in run.objects():
                for item in series:
                    try:
                        assert isinstance(item.data, bytes)
                    except LogError:
                        pass
        for path, content in contents.items():
            path.write_bytes(content)
