"""The `.swanlab` files of runs are read as swanlab 0.10 writes them."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from aim.errors import LogError
from aim.repo import Repo
from tests.index.sources.damaging import media_are_small_or_damaged
from tests.index.sources.swanlab_files import HEADER, PNG, RECORDS, began, ended, medium, write
from tests.index.sources.wandb_files import framed
from tests.recorded import numbers_of


def test_a_run_is_what_its_file_says_and_grows(tmp_path: Path) -> None:
    path = write(tmp_path / "logs" / "swanlog" / "run-1", RECORDS[:2])
    repo = Repo(tmp_path / "home", logs=tmp_path / "logs")
    assert numbers_of(repo.select_runs()[0]) == {"train/loss": [(0, 1.0)]}
    path.write_bytes(framed(RECORDS, HEADER))
    for again in (repo, Repo(tmp_path / "home", logs=tmp_path / "logs")):
        (run,) = again.select_metrics("swanlab:loss if hparams.model.depth == 3")
        assert (run.hash, run.experiment, run.name, run.description, run.status, sorted(run.tags)) == (
            "abc", "demo", "run-a", "a note", "finished", ["t1", "t2"],
        )  # fmt: skip
        assert (run.created_at, run.finished_at) == (1_000_000_000.5, 1_000_000_100.5)
        assert run.params == {"hparams": {"lr": 0.01, "model": {"depth": 3}}, "swanlab": {"group": "g"}}
        assert run.metrics["train/loss"].traces[0].times.tolist() == [1_000_000_001.5, 1_000_000_002.5]
        (run,) = again.select_runs()
        assert numbers_of(run) == {"train/loss": [(0, 1.0), (1, 0.0)], "system/cpu.pct": [(0, 12.5)]}
        assert run.facts["swanlab"]["host"] == "host"
        assert run.facts["swanlab"]["skipped"] == {"3D objects": ["cloud"]}
        values = {(series.name, item.step): item.data for series in run.objects() for item in series}
        assert values[("said", 3)] == b"hello" and values[("im", 2)] in (PNG, PNG + b"2")


@pytest.mark.parametrize(("state", "status"), [(0, "lost"), (1, "finished"), (2, "failed"), (3, "failed"), (9, "lost")])
def test_status(tmp_path: Path, state: int, status: str) -> None:
    write(tmp_path / "logs" / "run-1", [began("a"), ended(state)])
    assert Repo(tmp_path / "home", logs=tmp_path / "logs").select_runs()[0].status == status


def test_a_copy_equals_what_is_shown(tmp_path: Path) -> None:
    write(tmp_path / "logs" / "run-1", RECORDS)
    (shown,) = Repo(tmp_path / "other", logs=tmp_path / "logs").select_runs()
    repo = Repo.init(tmp_path / "home")
    assert repo.convert("swanlab", tmp_path / "logs").points == 6
    (run,) = repo.select_runs()
    assert (numbers_of(run), run.params, run.status, run.description) == (
        numbers_of(shown), shown.params, "finished", "a note",
    )  # fmt: skip
    assert repo.convert("swanlab", tmp_path / "logs").points == 0


def test_a_file_cut_at_any_byte_shows_what_is_before(tmp_path: Path) -> None:
    data = framed(RECORDS, HEADER)
    for length in range(len(data)):
        write(tmp_path / "logs" / f"r{length}" / "run-1", []).write_bytes(data[:length])
    whole_run = {"train/loss": [(0, 1.0), (1, 0.0)], "system/cpu.pct": [(0, 12.5)]}
    for run in Repo(tmp_path / "home", logs=tmp_path / "logs").select_runs():
        for name, points in numbers_of(run).items():
            assert points == whole_run[name][: len(points)]


def test_any_bytes_are_a_run_or_not(tmp_path: Path) -> None:
    rng = random.Random(0)
    for number in range(100):
        records = [bytearray(record) for record in RECORDS]
        for _ in range(rng.randrange(1, 6)):
            record = rng.choice(records)
            record[rng.randrange(len(record))] = rng.randrange(256)
        write(tmp_path / "logs" / f"r{number}" / "run-1", [bytes(record) for record in records])
    repo = Repo(tmp_path / "home", logs=tmp_path / "logs")
    media_are_small_or_damaged(repo.select_runs(), most=100)


@pytest.mark.parametrize("name", ["../../../secret", "/etc/hostname", "link.png", "", "x" * 5000])
def test_nothing_outside_of_the_folder_of_media_is_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "logs" / "secret").parent.mkdir()
    (tmp_path / "logs" / "secret").write_bytes(PNG)
    folder = tmp_path / "logs" / "run-1"
    write(folder, [began("a"), medium("im", 0, 2, (name, ""))])
    (folder / "media" / "image" / "link.png").symlink_to(tmp_path / "logs" / "secret")
    (run,) = Repo(tmp_path / "home", logs=tmp_path / "logs").select_runs()
    ((item,),) = ([*series] for series in run.objects())
    with pytest.raises(LogError):
        print(item.data)


def test_another_version_of_the_format_is_named(tmp_path: Path) -> None:
    write(tmp_path / "logs" / "run-1", []).write_bytes(framed(RECORDS, b":SWL\xd6\xe1\x01"))
    repo = Repo(tmp_path / "home", logs=tmp_path / "logs")
    assert [dict(run.metrics) for run in repo.select_runs()] == [{}]
    assert "not a .swanlab file that this version reads" in " ".join(repo.source_notes())
