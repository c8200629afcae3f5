"""The repositories of Aim 2 are read as Aim 2 reads them. `tests/golden/aim2/make.py` made the runs."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from aim.errors import RepoError
from aim.index.sources import aim2
from aim.repo import Repo
from tests.rounds import few_in_turn

GOLDEN = Path(__file__).parents[2] / "golden" / "aim2"
EXPECTED: dict[str, Any] = {run["hash"]: run for run in json.loads((GOLDEN / "expected.json").read_text())}


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """A project with the repository, which Git would not keep under its own name."""
    shutil.copytree(GOLDEN / "repo", tmp_path / "logs" / "project" / ".aim")
    return tmp_path / "logs"


def points_of(run: Any) -> dict[str, list[Any]]:
    return {
        f"{name} {json.dumps(trace.context, sort_keys=True)}": [
            trace.steps.tolist(),
            [repr(float(value)) for value in trace.values],
            [None if epoch != epoch else int(epoch) for epoch in trace.epochs],
            [int(time) for time in trace.times],
        ]
        for name, metric in run.metrics.items()
        for trace in metric.traces
    }


def test_every_point_is_the_one_that_aim_2_reads(tmp_path: Path, logs: Path) -> None:
    runs = {run.hash: points_of(run) for run in Repo(tmp_path / "home", logs=logs).select_runs()}
    (whole,) = (hash for hash, run in EXPECTED.items() if run["finished"])
    (killed,) = EXPECTED.keys() - {whole}
    assert runs[whole] == EXPECTED[whole]["points"] and len(runs[whole]) == 4
    # Aim 2 reads nothing of a run that was killed before its first part was written.
    assert {name: columns[:3] for name, columns in runs[killed].items()} == {
        name: columns[:3] for name, columns in runs[whole].items()
    }


def test_what_else_a_run_says(tmp_path: Path, logs: Path) -> None:
    runs = {run.hash: run for run in Repo(tmp_path / "home", logs=logs).select_runs()}
    for hash, run in runs.items():
        assert run.experiment == "vision"
        assert run.status == ("finished" if EXPECTED[hash]["finished"] else "lost")
        assert run.params == {
            "hparams": {"lr": 0.01, "model": {"depth": 3}}, "default": {"seed": 7, "flag": True},
        }  # fmt: skip
    assert {run.status for run in runs.values()} == {"finished", "lost"}


def test_the_prefix_selects_and_nothing_of_the_folder_changes(tmp_path: Path, logs: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in logs.rglob("*")}
    for folder in (logs, logs / "project" / ".aim"):
        repo = Repo(tmp_path / "home", logs=folder)
        assert len(repo.select_metrics('aim2:loss if hparams.lr == 0.01 and context.subset == "val"')) == 2
    assert {path: path.stat().st_mtime_ns for path in logs.rglob("*")} == before
    with pytest.raises(RepoError, match="a repository of Aim 2 is not opened"):
        Repo(logs / "project")


def test_a_copy_equals_what_is_shown_and_again_adds_nothing(tmp_path: Path, logs: Path) -> None:
    shown = {run.hash: run for run in Repo(tmp_path / "other", logs=logs).select_runs()}
    repo = Repo.init(tmp_path / "home")
    assert repo.convert("aim2", logs).runs == 2
    for run in repo.select_runs():
        mine = shown[run.hash]
        assert (points_of(run), run.params, run.status) == (points_of(mine), mine.params, mine.status)
    assert repo.convert("aim2", logs).points == 0


def test_an_archived_run(tmp_path: Path, logs: Path) -> None:
    repo = Repo(tmp_path / "home", logs=logs)
    assert len(repo.select_runs()) == 2
    (config, *_) = (logs / "project" / ".aim" / "vision").glob("*/config.json")
    config.write_text(json.dumps({**json.loads(config.read_text()), "archived": True}))
    assert len(repo.select_runs()) == 1


@pytest.fixture
def whole(tmp_path: Path, logs: Path) -> Path:
    """The metrics of the run that finished."""
    (hash,) = (hash for hash, run in EXPECTED.items() if run["finished"])
    return logs / "project" / ".aim" / "vision" / hash / "objects" / ".aimrecords_storage"


def damaged_and_points(tmp_path: Path, logs: Path) -> tuple[list[str], dict[str, list[Any]]]:
    (run,) = (run for run in Repo(tmp_path / "home", logs=logs).select_runs() if run.status == "finished")
    return run.facts["aim2"].get("skipped", {}).get("damaged metrics", []), points_of(run)


@pytest.mark.parametrize(
    ("name", "size", "said"),
    [("data_chunk_00000.bin", 256 << 20, "it is mostly holes"), ("current_bucket.bin", 1 << 20, "an empty record at")],
)
def test_zeros_are_no_records(tmp_path: Path, logs: Path, whole: Path, name: str, size: int, said: str) -> None:
    """A file with a hole takes no disk, and would be millions of records of no bytes."""
    with open(whole / "acc" / name, "ab") as file:
        file.truncate(size)
    damaged, points = damaged_and_points(tmp_path, logs)
    assert len(damaged) == 1 and damaged[0].startswith("acc: ") and said in damaged[0]
    assert {name.split()[0] for name in points} == {"loss", "zero"}


def test_a_record_counts_once_in_a_context(tmp_path: Path, logs: Path, whole: Path) -> None:
    _, before = damaged_and_points(tmp_path, logs)
    index = whole / "acc" / "indices" / "index_offsets.bin"
    numbers = index.read_bytes()
    index.write_bytes(numbers[:4] + numbers[:-4])
    damaged, points = damaged_and_points(tmp_path, logs)
    assert not damaged and len(points["acc {}"][0]) == len(before["acc {}"][0]) - 1


def test_contexts_have_no_more_points_than_there_are_records(tmp_path: Path, logs: Path, whole: Path) -> None:
    for number in range(20):
        (whole / "acc" / "indices" / str(number)).mkdir()
        (whole / "acc" / "indices" / str(number) / "index_offsets.bin").write_bytes(bytes(4_000))
    damaged, points = damaged_and_points(tmp_path, logs)
    assert len(damaged) == 1 and "records more than twice" in damaged[0]
    assert {name.split()[0] for name in points} <= {"acc", "loss", "zero"}


def test_a_run_has_a_most_of_records(tmp_path: Path, logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aim2, "_MOST_RECORDS", 5)
    damaged, points = damaged_and_points(tmp_path, logs)
    assert damaged and all("the run has more than 5 records" in text for text in damaged)
    assert sum(len(columns[0]) for columns in points.values()) <= 5


def test_any_bytes_are_a_repository_or_none(tmp_path: Path, logs: Path) -> None:
    rng = random.Random(0)
    vision = logs / "project" / ".aim" / "vision"
    files = sorted(path for path in vision.rglob("*") if path.is_file() and path.stat().st_size)
    contents = {path: path.read_bytes() for path in files}
    for few in few_in_turn(files, 3, rng):
        for path in few:
            data = bytearray(contents[path])
            for _ in range(rng.randrange(1, 10)):
                data[rng.randrange(len(data))] = rng.randrange(256)
            path.write_bytes(data[: rng.randrange(len(data))] if rng.random() < 0.3 else data)
        assert len(Repo(tmp_path / "home", logs=logs).select_runs()) <= 2
        for path, content in contents.items():
            path.write_bytes(content)
