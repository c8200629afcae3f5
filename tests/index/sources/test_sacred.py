"""The folders of Sacred's file observer are read as sacred 0.8 writes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aim.repo import Repo
from tests.recorded import points_of

RUN: dict[str, Any] = {
    "artifacts": ["art.txt"], "command": "main", "heartbeat": "2026-01-01T00:00:05",
    "experiment": {"name": "demo", "sources": []}, "host": {"hostname": "host", "python_version": "3.11.2"},
    "meta": {"comment": "a note"}, "resources": [], "result": 0.5, "start_time": "2026-01-01T00:00:00.5",
    "status": "COMPLETED", "stop_time": "2026-01-01T00:01:00",
}  # fmt: skip
METRICS = {
    "train.loss": {
        "steps": [0, 1], "timestamps": ["2026-01-01T00:00:01", "2026-01-01T00:00:02"],
        "values": [1.0, {"dtype": "float64", "py/object": "numpy.float64", "value": 0.5}],
    },
    "odd": {"steps": [0, 1], "timestamps": ["", None], "values": [float("nan"), "text"]},
}  # fmt: skip


def save(folder: Path, **files: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / f"{name}.json").write_text(content if isinstance(content, str) else json.dumps(content))
    return folder


def whole(folder: Path, **run: Any) -> Path:
    return save(folder, run={**RUN, **run}, config={"lr": 0.01, "seed": 1}, metrics=METRICS, info={"best": 3})


def test_a_run_is_what_its_folder_says_and_grows(tmp_path: Path) -> None:
    folder = whole(tmp_path / "logs" / "runs" / "1")
    save(tmp_path / "logs" / "other", run={"a": 1}, config={})
    repo = Repo(tmp_path / "home", logs=tmp_path / "logs")
    (run,) = repo.select_metrics('sacred:"train.loss", sacred:odd if hparams.lr < 0.1')
    assert points_of(repo.select_runs()[0]) == {"train.loss": [(0, "1.0"), (1, "0.5")], "odd": [(0, "nan")]}
    assert (run.hash, run.experiment, run.description, run.status) == ("runs/1", "demo", "a note", "finished")
    assert (run.created_at, run.finished_at) == (1767225600.5, 1767225660.0)
    assert run.params == {"hparams": {"lr": 0.01, "seed": 1}, "info": {"best": 3}, "sacred": {"result": 0.5}}
    assert run.metrics["train.loss"].traces[0].times.tolist() == [1767225601.0, 1767225602.0]
    assert run.facts["sacred"]["skipped"] == {"artifacts": ["art.txt"], "texts and lists": ["odd"]}
    save(folder, metrics={"train.loss": {**METRICS["train.loss"], "steps": [0, 9]}}, run={**RUN, "status": "FAILED"})
    for again in (repo, Repo(tmp_path / "home", logs=tmp_path / "logs")):
        (run,) = again.select_runs()
        assert (points_of(run), run.status) == ({"train.loss": [(0, "1.0"), (9, "0.5")]}, "failed")


STATUS = {"RUNNING": "lost", "QUEUED": "lost", "INTERRUPTED": "failed", "TIMED_OUT": "failed", "COMPLETED": "finished"}


@pytest.mark.parametrize("status", STATUS)
def test_status(tmp_path: Path, status: str) -> None:
    whole(tmp_path / "logs" / "1", status=status, stop_time=None)
    assert Repo(tmp_path / "home", logs=tmp_path / "logs").select_runs()[0].status == STATUS[status]


def test_a_copy_equals_what_is_shown(tmp_path: Path) -> None:
    whole(tmp_path / "logs" / "1")
    (shown,) = Repo(tmp_path / "other", logs=tmp_path / "logs").select_runs()
    repo = Repo.init(tmp_path / "home")
    assert repo.convert("sacred", tmp_path / "logs").points == 3
    (run,) = repo.select_runs()
    assert (points_of(run), run.params, run.status, run.description) == (
        points_of(shown), shown.params, "finished", "a note",
    )  # fmt: skip
    assert repo.convert("sacred", tmp_path / "logs").points == 0


ODD = ["", "[]", "{", "null", '{"train.loss": 1}', '{"a": {"steps": 1, "values": [], "timestamps": []}}', "[" * 100_000]


@pytest.mark.parametrize("text", ODD)
@pytest.mark.parametrize("name", ["run", "config", "metrics", "info"])
def test_damage_is_its_own(tmp_path: Path, name: str, text: str) -> None:
    whole(tmp_path / "logs" / "good")
    odd = whole(tmp_path / "logs" / "odd")
    save(odd, **{name: text})
    repo = Repo(tmp_path / "home", logs=tmp_path / "logs")
    assert "train.loss" in repo.run("good").metrics
    whole(odd)
    assert "train.loss" in repo.run("odd").metrics


def test_a_file_cut_at_any_byte_shows_nothing_wrong(tmp_path: Path) -> None:
    text = json.dumps(METRICS)
    for length in range(0, len(text), 10):
        save(whole(tmp_path / "logs" / f"r{length}"), metrics=text[:length])
    assert all(not run.metrics for run in Repo(tmp_path / "home", logs=tmp_path / "logs").select_runs())
