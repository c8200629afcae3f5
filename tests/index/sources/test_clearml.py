"""Offline sessions of ClearML are read as clearml 2.1 writes them: folders, and the archives made of them."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest

from aim.errors import LogError
from aim.repo import Repo
from tests.index.sources.clearml_files import LINES, PLOT, PNG, POINTS, TASK, archive, event, session
from tests.index.sources.damaging import media_are_small_or_damaged, write_damaged
from tests.recorded import numbers_of


@pytest.mark.parametrize("form", ["folder", "archive", "both"])
def test_a_run_is_what_its_session_says(tmp_path: Path, form: str) -> None:
    folder = session(tmp_path / "logs" / "offline-1", LINES)
    if form != "folder":
        archive(folder, keep=form == "both")
    repo = Repo(tmp_path / "home", logs=tmp_path / "logs")
    (run,) = repo.select_runs("hparams.model.depth == 3")
    assert numbers_of(run) == POINTS
    assert (run.hash, run.experiment, run.name, run.description, sorted(run.tags)) == (
        "offline-1", "demo", "run-a", "a note", ["t1"],
    )  # fmt: skip
    assert (run.status, run.created_at) == ("lost" if form == "folder" else "finished", 1_700_000_000.0)
    assert run.params == {
        "hparams": {"lr": 0.01, "model": {"depth": 3}, "code": "12"}, "Args": {"seed": 7}, "summary": {"best": 0.25},
    }  # fmt: skip
    assert run.metrics["loss/train"].traces[0].times.tolist() == [1_700_000_000.0, 1_700_000_001.0]
    values = {(series.name, item.step): item.data for series in run.objects() for item in series}
    assert values == {("im/a", 1): PNG, ("h/s", 2): PLOT.encode()}
    skipped = run.facts["clearml"]["skipped"]
    assert skipped == {"artifacts": ["weights"], "training_stats_scalar": ["loss/train"], "vectors": ["v/w"]}


def test_a_session_grows_and_its_archive_ends_it(tmp_path: Path) -> None:
    folder = session(tmp_path / "logs" / "offline-1", LINES[:1])
    repo = Repo(tmp_path / "home", logs=tmp_path / "logs")
    assert numbers_of(repo.select_runs()[0])["loss/train"] == [(0, 1.0)]
    with open(folder / "metrics.jsonl", "a") as file:
        file.write(json.dumps(LINES[1]) + "\n" + json.dumps(LINES[2])[:20])
    (run,) = repo.select_runs()
    assert (numbers_of(run), run.status) == (POINTS, "lost")
    session(folder, LINES, name="renamed")
    archive(folder)
    for again in (repo, Repo(tmp_path / "home", logs=tmp_path / "logs")):
        (run,) = again.select_runs()
        assert (numbers_of(run), run.status, run.name) == (POINTS, "finished", "renamed")


def test_a_copy_equals_what_is_shown(tmp_path: Path) -> None:
    folder = session(tmp_path / "logs" / "offline-1", LINES)
    archive(folder, keep=True)
    (shown,) = Repo(tmp_path / "other", logs=tmp_path / "logs").select_runs()
    repo = Repo.init(tmp_path / "home")
    assert repo.convert("clearml", tmp_path / "logs").points == 7
    (run,) = repo.select_runs()
    assert (numbers_of(run), run.params, run.status) == (numbers_of(shown), shown.params, "finished")
    shutil.rmtree(folder)
    assert repo.convert("clearml", tmp_path / "logs").points == 0


ODD = ["", "{}", "[", "null", "[1, 2]", '[{"metric": {}}]', '[{"type": "plot", "plot_str": 1}]', "[" * 100_000]


@pytest.mark.parametrize("text", ODD)
@pytest.mark.parametrize("name", ["task.json", "metrics.jsonl"])
def test_damage_is_its_own(tmp_path: Path, name: str, text: str) -> None:
    session(tmp_path / "logs" / "good", LINES, id="good")
    (session(tmp_path / "logs" / "odd", LINES) / name).write_text(text + "\n" + json.dumps(LINES[0]) + "\n")
    repo = Repo(tmp_path / "home", logs=tmp_path / "logs")
    assert numbers_of(repo.run("good")) == POINTS
    if name == "metrics.jsonl":
        assert numbers_of(repo.run("offline-1"))["loss/train"] == [(0, 1.0)]


def test_an_archive_cut_or_changed_anywhere_harms_nothing(tmp_path: Path) -> None:
    data = archive(session(tmp_path / "made" / "offline-1", LINES)).read_bytes()
    logs = tmp_path / "logs"
    logs.mkdir()
    write_damaged(data, 7, lambda name: logs / f"{name}.zip")
    (logs / "good.zip").write_bytes(data)
    repo = Repo(tmp_path / "home", logs=logs)
    runs = repo.select_runs()
    assert any(numbers_of(run) == POINTS for run in runs)
    media_are_small_or_damaged(runs)


def test_a_bomb_takes_no_memory(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    with zipfile.ZipFile(tmp_path / "logs" / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("task.json", json.dumps(TASK))
        with file.open("metrics.jsonl", "w") as member:
            for _ in range(64):
                member.write(b"[" * (1 << 20))
            member.write(b"\n" + json.dumps(LINES[0]).encode() + b"\n")
    (run,) = Repo(tmp_path / "home", logs=tmp_path / "logs").select_runs()
    assert numbers_of(run)["loss/train"] == [(0, 1.0)]
    assert run.facts["clearml"]["damaged"] == ["bomb.zip: bytes 0 to 67,108,865"]


@pytest.mark.parametrize("key", ["../../secret.png", "/etc/hostname.png", "a/../../../secret.png", "x" * 5000 + ".png"])
def test_nothing_outside_of_the_session_is_read(tmp_path: Path, key: str) -> None:
    folder = session(tmp_path / "logs" / "offline-1", [[event("training_debug_image", "im", "a", 1, key=key)]])
    (folder.parent / "secret.png").write_bytes(PNG)
    (folder / "secret.png").write_bytes(PNG)
    (run,) = Repo(tmp_path / "home", logs=tmp_path / "logs").select_runs()
    ((item,),) = ([*series] for series in run.objects())
    with pytest.raises(LogError):
        print(item.data)


def test_archives_of_other_things_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    with zipfile.ZipFile(tmp_path / "logs" / "data.zip", "w") as file:
        for number in range(20_001):
            file.writestr(f"{number}.txt", "")
        file.writestr("task.json", json.dumps(TASK))
    assert Repo(tmp_path / "home", logs=tmp_path / "logs").select_runs() == []
