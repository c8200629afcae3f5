"""`aim convert FORMAT DIR` keeps what a source shows, and adds what is new."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aim.errors import RepoError
from aim.repo import Repo
from tests.index.sources.mlflow_stores import Database, Folder
from tests.index.sources.trackio_projects import configure, log
from tests.index.sources.trainer_states import STATE, save
from tests.index.sources.wandb_files import began, ended, framed, history, write

WANDB = Path(__file__).parents[1] / "golden" / "wandb" / "logs"
ID = "0123456789abcdef0123456789abcdef"


def everything(repo: Repo) -> dict[str, Any]:
    return {
        run.hash: (
            run.name, run.experiment, run.status, run.description, sorted(run.tags), run.params, run.created_at,
            {
                name: [[str(getattr(trace, part).tolist()) for part in ("steps", "values", "times", "epochs")]
                       for trace in metric.traces]
                for name, metric in run.metrics.items()
            },
            sorted((series.kind, series.name, item.step, item.data) for series in run.objects() for item in series),
        )
        for run in repo.select_runs()
    }  # fmt: skip


def of_mlflow(store: type[Database] | type[Folder]) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        made = store(folder)
        made.run(ID, "FAILED", name="first")
        made.points(ID, [("loss", 1.0, 1_700_000_001_000, 0), ("loss", float("nan"), 1_700_000_002_000, 1)])
        made.texts("params", ID, {"lr": "0.5"})
        made.texts("tags", ID, {"mlflow.note.content": "text", "team": "a"})

    return make


def of_rows(folder: Path) -> None:
    (folder / "v").mkdir(parents=True)
    (folder / "v" / "metrics.csv").write_text("epoch,step,loss,acc\n0,1,1.5,\n1,3,0.5,0.25\n")
    (folder / "v" / "hparams.yaml").write_text("lr: 0.5\n")
    os.utime(folder / "v" / "metrics.csv", (1_700_000_000, 1_700_000_000))


def of_trainer(folder: Path) -> None:
    os.utime(save(folder / "out" / "checkpoint-16", STATE), (1_700_000_000, 1_700_000_000))


def of_trackio(folder: Path) -> None:
    log(folder / "demo.db", "run-a", (0, {"loss": 1.0}), (1, {"loss": 0.5, "epoch": 1}))
    configure(folder / "demo.db", "run-a", {"lr": 0.01})


LOGS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "wandb": ("wandb", lambda folder: folder.symlink_to(WANDB, target_is_directory=True)),
    "database": ("mlflow", of_mlflow(Database)),
    "folder": ("mlflow", of_mlflow(Folder)),
    "rows": ("csv", of_rows),
    "trainer": ("trainer", of_trainer),
    "trackio": ("trackio", of_trackio),
}


@pytest.mark.parametrize("case", LOGS)
def test_the_copy_equals_the_shown_runs_and_again_adds_nothing(tmp_path: Path, case: str) -> None:
    format, make = LOGS[case]
    make(tmp_path / "logs")
    shown = everything(Repo(tmp_path / "other", sources={format: tmp_path / "logs"}))
    repo = Repo.init(tmp_path / "home")
    kept = repo.convert(format, tmp_path / "logs")
    assert (kept.runs, kept.left) == (len(shown), []) and kept.points > 0
    assert everything(repo) == shown
    files = {path: path.stat().st_size for path in (repo.aim_dir / "runs").rglob("*.log")}
    again = repo.convert(format, tmp_path / "logs")
    assert (again.runs, again.points, len(again.ids)) == (0, 0, len(shown))
    assert {path: path.stat().st_size for path in (repo.aim_dir / "runs").rglob("*.log")} == files
    assert all(run.damaged == 0 for run in repo.select_runs())


def test_only_what_is_new_is_copied_with_what_people_gave(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    path = write(logs / "run-1-abc" / "run-abc.wandb", began("a", {"lr": 1}), history(0, {"loss": 1.0, "note": "x"}))
    shown = Repo(tmp_path / "home", logs=logs)
    (run,) = shown.select_runs()
    shown.runs.tag(run.id, "good")
    repo = Repo(tmp_path / "home")
    assert repo.convert("wandb", logs).points == 2
    path.write_bytes(framed([history(1, {"loss": 0.5, "note": "y"}), ended(1)], path.read_bytes()))
    os.utime(repo.aim_dir / "runs", (1, 1))
    assert repo.convert("wandb", logs).points == 2
    assert (repo.aim_dir / "runs").stat().st_mtime > 1, "readers check the folders of all runs"
    (run,) = repo.select_runs()
    assert (run.metrics["loss"].traces[0].values.tolist(), run.tags, run.status) == ([1.0, 0.5], ["good"], "failed")
    assert [item.data for item in run.objects()[0]] == [b"x", b"y"]
    repo.runs.delete(run.id)
    assert repo.convert("wandb", logs).points == 0 and repo.count() == 0


@pytest.mark.parametrize("store", [Database, Folder])
def test_new_values_of_every_metric_are_copied(tmp_path: Path, store: type[Database] | type[Folder]) -> None:
    """A file store has a file for each metric, so new values of one stand before known values of the next."""
    made = store(tmp_path / "logs")
    made.run(ID, name="first")
    made.images(ID).mkdir(parents=True)
    repo = Repo.init(tmp_path / "home")
    for step in range(8, 12):
        moment = 1_700_000_001_000 + step
        made.points(ID, [(name, step + 0.5, moment, step) for name in ("acc", "loss")])
        for key in ("a", "b"):
            image = made.images(ID) / f"{key}+step+{step}+timestamp+{moment}+0.png"
            image.write_bytes(b"\x89PNG\r\n\x1a\n" + f"{key}{step}".encode())
        assert repo.convert("mlflow", tmp_path / "logs").points == 4
    assert everything(repo) == everything(Repo(tmp_path / "other", logs=tmp_path / "logs"))


def test_a_copy_has_no_end_that_the_files_do_not_have(tmp_path: Path) -> None:
    """Neither running nor lost runs end by being copied, and a later copy brings the end."""
    logs, now = tmp_path / "logs", time.time()
    records = [began("a", time=int(now) - 5), history(0, {"loss": 1.0}, now)]
    path = write(logs / "run-1-abc" / "run-abc.wandb", *records)
    write(logs / "run-1-old" / "run-old.wandb", began("b"), history(0, {"loss": 1.0}))
    repo = Repo.init(tmp_path / "home")
    assert repo.convert("wandb", logs).runs == 2
    assert {run.name: run.status for run in repo.select_runs()} == {"a": "running", "b": "lost"}
    path.write_bytes(framed([ended(1)], path.read_bytes()))
    assert repo.convert("wandb", logs).points == 0
    for again in (repo, Repo(tmp_path / "home")):
        assert {run.name: run.status for run in again.select_runs()} == {"a": "failed", "b": "lost"}
    files = sorted((repo.aim_dir / "runs").rglob("*.log"))
    repo.convert("wandb", logs)
    assert sorted((repo.aim_dir / "runs").rglob("*.log")) == files


def test_folders_with_equal_names_stay_runs_of_their_own(tmp_path: Path) -> None:
    repo = Repo.init(tmp_path / "home")
    for top, loss in (("one", 1.0), ("two", 2.0)):
        (tmp_path / top / "version_0").mkdir(parents=True)
        (tmp_path / top / "version_0" / "metrics.csv").write_text(f"step,loss\n0,{loss}\n1,{loss}\n")
        assert repo.convert("csv", tmp_path / top).points == 2
    values = [run.metrics["loss"].traces[0].values.tolist() for run in repo.select_runs()]
    assert sorted(values) == [[1.0, 1.0], [2.0, 2.0]]


def test_params_that_no_record_takes_cost_only_themselves(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    write(
        logs / "run-1-abc" / "run-abc.wandb",
        began("a", {"lr": 0.1, "long": "x" * (1 << 20)}),
        history(0, {"loss": 1.0}),
    )
    repo = Repo.init(tmp_path / "home")
    kept = repo.convert("wandb", logs)
    (left,) = kept.left
    assert kept.points == 1 and left.startswith("abc: hparams.long takes 1,048,580 bytes as JSON, more than")
    (run,) = repo.select_runs()
    assert (run.metrics["loss"].traces[0].values.tolist(), run.params) == ([1.0], {"hparams": {"lr": 0.1}})
    files = sorted((repo.aim_dir / "runs").rglob("*.log"))
    assert repo.convert("wandb", logs).left == [left]
    assert sorted((repo.aim_dir / "runs").rglob("*.log")) == files, "nothing is new"


def test_params_that_fill_more_than_one_record_are_copied_once(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    config = {"odd": float("nan"), **{f"text_{i}": "x" * 1_000 for i in range(2_500)}}
    write(logs / "run-1-abc" / "run-abc.wandb", began("a", config), history(0, {"loss": 1.0}))
    repo = Repo.init(tmp_path / "home")
    assert repo.convert("wandb", logs).left == []
    (run,) = repo.select_runs()
    assert repr(run.params["hparams"]) == repr(config)
    files = sorted((repo.aim_dir / "runs").rglob("*.log"))
    for again in (repo, Repo(tmp_path / "home")):
        again.convert("wandb", logs)
    assert sorted((repo.aim_dir / "runs").rglob("*.log")) == files


def test_a_format_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(RepoError, match="there is no format 'wnadb'; there are: wandb, mlflow, csv"):
        Repo.init(tmp_path).convert("wnadb", tmp_path)
