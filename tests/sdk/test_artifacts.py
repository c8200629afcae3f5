"""A run stores and uses artifacts, and keeps its best checkpoints; whatever goes wrong, training goes on."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import aim
from aim.artifacts import versions
from aim.errors import ArtifactError
from aim.repo.artifacts import Lineage
from tests.artifacts.folders import FILES, content_of, stored_in, written
from tests.remote.receiver import Receiver


def test_what_a_run_made_and_used_is_known(here: Path) -> None:
    folder = written(here / "data")
    with aim.Run("maker") as maker:
        made = maker.log_artifact(folder, type="dataset", aliases=["raw"], metadata={"rows": np.int64(3)})
        assert made is not None
        assert (made.title, made.made_by, made.metadata) == ("data:v0", maker.id, {"rows": 3})
    with aim.Run("user") as user:
        used = user.use_artifact("data:raw")
        assert content_of(used.path()) == FILES
        assert content_of(used.get("copy")) == FILES
        user.log_artifact(here / "data" / "a.txt", "model")
    artifacts = aim.Repo().artifacts
    assert artifacts.lineage(artifacts.get("data:v0")) == Lineage([maker.id], [user.id])
    assert artifacts.lineage(artifacts.get("model")) == Lineage([user.id], [])
    of_user = artifacts.of_run(user.id)
    assert [one.title for one in of_user.made] == ["model:v0"]
    assert [one.title for one in of_user.used] == ["data:v0"]
    artifacts.remove("data:v0")
    assert artifacts.of_run(user.id).used == []


def test_two_runs_that_store_the_same_files_both_made_them(here: Path) -> None:
    folder = written(here / "data")
    runs = []
    for name in ("a", "b"):
        with aim.Run(name) as run:
            run.log_artifact(folder)
            runs.append(run.id)
    artifacts = aim.Repo().artifacts
    assert [one.title for one in artifacts.versions()] == ["data:v0"]
    assert set(artifacts.lineage(artifacts.get("data")).made) == set(runs)


BAD: dict[str, dict[str, Any]] = {
    "no such file": {"path": "missing"},
    "a number as path": {"path": 3},
    "a wrong name": {"path": "data", "name": "a:b"},
    "a wrong alias": {"path": "data", "aliases": ["v1"]},
    "a wrong type": {"path": "data", "type": None},
    "metadata that raise": {"path": "data", "metadata": 7},
}


@pytest.mark.parametrize("kind", BAD)
def test_what_cannot_be_stored_is_told_once_and_counted(
    kind: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(here / "data")
    with aim.Run("x") as run:
        assert run.log_artifact(**BAD[kind]) is None
        assert run.log_artifact(**BAD[kind]) is None
        assert run.lost == 2
        run.track(0.5, "loss")
    told = capsys.readouterr().err
    assert told.count("recorded nothing") == 1
    assert aim.Repo().artifacts.versions() == []
    assert len(aim.Repo().select_metrics("loss")) == 1


def test_a_full_disk_or_a_folder_without_permission_stops_no_training(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = written(here / "data")
    from aim.artifacts import contents

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with aim.Run("x") as run:
        monkeypatch.setattr(contents.regular, "replacing", full)
        assert run.log_artifact(folder) is None
        assert run.checkpoint(folder) is None
    assert "No space left on device" in capsys.readouterr().err


def test_use_artifact_raises_what_to_do(here: Path) -> None:
    with aim.Run("x") as run, pytest.raises(ArtifactError, match="aim artifact ls"):
        run.use_artifact("data")


def test_a_closed_or_disabled_run_stores_nothing(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = written(here / "data")
    run = aim.Run("x")
    run.close()
    assert run.log_artifact(folder) is None
    monkeypatch.setenv("AIM_DISABLED", "1")
    with aim.Run("y") as off:
        assert off.log_artifact(folder) is None
        assert off.checkpoint(folder) is None
    assert aim.Repo().artifacts.versions() == []


def saved(run: aim.Run, step: int, loss: float, **options: Any) -> None:
    Path("model.pt").write_text(f"{run.hash} {step}")
    assert run.checkpoint("model.pt", step=step, metric={"val/loss": loss}, **options) is not None


def steps(name: str = "x-checkpoint") -> dict[str, int]:
    return {one.version: one.metadata["step"] for one in aim.Repo().artifacts.versions(name)}


def test_the_last_and_the_best_checkpoints_are_kept(here: Path) -> None:
    with aim.Run("x") as run:
        for step, loss in enumerate([0.9, 0.3, 0.5, float("nan"), 0.4, 0.6]):
            saved(run, step, loss)
        assert run.lost == 0
    assert steps() == {"v1": 1, "v4": 4, "v5": 5}
    assert aim.Repo().artifacts.get("x-checkpoint:best").metadata == {"step": 1, "metric": "val/loss", "value": 0.3}
    with aim.Run("x", resume=True) as run:
        saved(run, 6, 0.1)
    assert steps() == {"v5": 5, "v6": 6}, "a resumed run continues numbering"
    assert aim.Repo().artifacts.get("x-checkpoint:best").version == "v6"


@pytest.mark.parametrize("nan_at", [0, 1, 3])
@pytest.mark.parametrize(("direction", "best"), [("min", 0.3), ("max", 0.5)])
def test_nan_is_never_the_best(nan_at: int, direction: Any, best: float, here: Path) -> None:
    losses = [0.5, 0.3, 0.4]
    losses.insert(nan_at, float("nan"))
    with aim.Run("x") as run:
        for step, loss in enumerate(losses):
            saved(run, step, loss, direction=direction)
    assert aim.Repo().artifacts.get("x-checkpoint:best").metadata["value"] == best


def test_a_checkpoint_of_another_run_or_with_an_alias_stays(here: Path) -> None:
    with aim.Run("a") as first:
        saved(first, 0, 0.1, name="shared", last=1, best=0)
    with aim.Run("b") as run:
        saved(run, 1, 0.9, name="shared", last=1, best=0)
        aim.Repo().artifacts.set_alias("shared:v1", "golden")
        for step in (2, 3):
            saved(run, step, 0.9, name="shared", last=1, best=0)
    assert sorted(steps("shared").values()) == [0, 1, 3]


def test_high_values_are_better_where_the_name_or_the_script_says_so(here: Path) -> None:
    with aim.Run("x") as run:
        for step, value in enumerate([0.2, 0.8, 0.5]):
            Path("model.pt").write_text(str(step))
            run.checkpoint("model.pt", metric={"accuracy": value}, step=step)
            run.checkpoint("model.pt", metric={"oddity": value}, step=step, name="odd", direction="max")
    for name in ("x-checkpoint", "odd"):
        assert aim.Repo().artifacts.get(f"{name}:best").metadata["value"] == 0.8


@pytest.mark.parametrize(
    "options",
    [{"metric": 0.3}, {"metric": {"a": 1, "b": 2}}, {"metric": {"a": "x"}}, {"last": 0}, {"best": -1}, {"step": "x"}],
)
def test_a_wrong_checkpoint_is_told_and_not_stored(
    options: dict[str, Any], here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(here / "data")
    with aim.Run("x") as run:
        assert run.checkpoint("data", **options) is None
    assert "checkpoint('data') recorded nothing" in capsys.readouterr().err
    assert versions.every(here / ".aim") == []


def test_removed_checkpoints_free_their_space_when_nobody_can_refer_to_them_any_more(here: Path) -> None:
    with aim.Run("x") as run:
        for step in range(3):
            saved(run, step, 1.0, last=1, best=0)
        kept = stored_in(here / ".aim")
        assert len(kept) == 6, "three files and their lists: those that were removed are too young"
        for path in (here / ".aim" / "artifacts" / "files").glob("*/*"):
            os.utime(path, (time.time() - 100,) * 2)
        saved(run, 3, 1.0, last=1, best=0)
    assert len(stored_in(here / ".aim")) == 2, "the last and its list"


def test_a_checkpoint_is_kept_where_earlier_ones_cannot_be_removed(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    with aim.Run("x") as run:
        monkeypatch.setattr(versions, "forget", refuse)
        for step in range(4):
            saved(run, step, 1.0, last=1, best=0)
        assert run.lost == 0
    assert capsys.readouterr().err.count("earlier checkpoints were not removed") == 1
    assert steps() == {"v3": 3}, "their removal is recorded"


def test_a_run_that_records_to_a_server_says_so(
    here: Path, hasty: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    written(here / "data")
    with aim.Run("x") as run:
        assert run.log_artifact(here / "data") is None
        with pytest.raises(ArtifactError, match="records to a server"):
            run.use_artifact("data")
    assert "artifacts are only stored in folders" in capsys.readouterr().err


def test_a_run_without_a_plain_name_has_checkpoints_under_its_id(here: Path) -> None:
    with aim.Run("my run: 3") as run:
        saved(run, 0, 0.1)
    assert aim.Repo().artifacts.names() == [f"{run.id}-checkpoint"]
