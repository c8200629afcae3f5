"""DVCLive's folders are read as dvclive 3.49 writes them."""

from __future__ import annotations

import math
import os
import random
from pathlib import Path

import pytest

from aim.repo import Repo
from tests.recorded import points_of

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"
STEPS = [(0, 1.0), (1, 0.5), (2, math.nan)]


def table(folder: Path, name: str, rows: str) -> Path:
    path = folder / "plots" / "metrics" / f"{name}.tsv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(rows)
    return path


@pytest.fixture
def live(tmp_path: Path) -> Path:
    folder = tmp_path / "logs" / "model" / "dvclive"
    table(folder, "train/loss", "step\tloss\n0\t1.0\n1\t0.5\n2\tnan\n")
    table(folder, "acc", "timestamp\tstep\tacc\n1700000000123\t0\t0.25\n")
    (folder / "params.yaml").write_text("lr: 0.01\nmodel:\n  depth: 3\n")
    images = folder / "plots" / "images"
    (images / "seen").mkdir(parents=True)
    (images / "im.png").write_bytes(PNG)
    (images / "seen" / "7.png").write_bytes(PNG + b"7")
    return folder


def test_a_run_is_what_its_folder_says_and_grows(tmp_path: Path, live: Path) -> None:
    repo = Repo(tmp_path / "home", logs=tmp_path / "logs")
    (run,) = repo.select_metrics("dvclive:loss if hparams.model.depth == 3")
    assert (run.hash, run.experiment, run.params) == (
        "model/dvclive", "DVCLive", {"hparams": {"lr": 0.01, "model": {"depth": 3}}},
    )  # fmt: skip
    (run,) = repo.select_runs()
    expected = {"train/loss": [(step, repr(value)) for step, value in STEPS], "acc": [(0, "0.25")]}
    assert points_of(run) == expected
    assert run.metrics["acc"].traces[0].times.tolist() == [1700000000.123]
    values = {(series.name, item.step): item.data for series in run.objects() for item in series}
    assert values == {("im", 0): PNG, ("seen", 7): PNG + b"7"}
    with open(live / "plots" / "metrics" / "acc.tsv", "a") as file:
        file.write("1700000001000\t1\t0.5\n1700000002000\t2\t0.")
    for again in (repo, Repo(tmp_path / "home", logs=tmp_path / "logs")):
        assert points_of(again.select_runs()[0])["acc"] == [(0, "0.25"), (1, "0.5")]


def test_a_folder_that_is_the_run_itself(tmp_path: Path, live: Path) -> None:
    (run,) = Repo(tmp_path / "home", logs=live).select_runs()
    assert set(run.metrics) == {"train/loss", "acc"} and len(run.objects()) == 2


def test_a_copy_equals_what_is_shown(tmp_path: Path, live: Path) -> None:
    for path in live.rglob("*"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    (shown,) = Repo(tmp_path / "other", logs=tmp_path / "logs").select_runs()
    repo = Repo.init(tmp_path / "home")
    assert repo.convert("dvclive", tmp_path / "logs").points == 6
    (run,) = repo.select_runs()
    assert (points_of(run), run.params, run.status) == (points_of(shown), shown.params, "finished")
    assert repo.convert("dvclive", tmp_path / "logs").points == 0


@pytest.mark.parametrize("rows", ["", "step\n", "a\tb\n1\t2\n", "step\tloss\nx\t1\n\n", "step\tloss\n1\n", "\0" * 100])
def test_odd_tables_cost_themselves(tmp_path: Path, live: Path, rows: str) -> None:
    table(live, "odd", rows)
    (run,) = Repo(tmp_path / "home", logs=tmp_path / "logs").select_runs()
    assert {"train/loss", "acc"} <= set(run.metrics)


def test_any_bytes_are_tables_or_not(tmp_path: Path, live: Path) -> None:
    rng = random.Random(0)
    for number in range(50):
        data = bytearray(b"step\tloss\n0\t1.0\n1\t0.5\n")
        for _ in range(rng.randrange(1, 8)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        table(live, f"m{number}", "").write_bytes(data)
    Repo(tmp_path / "home", logs=tmp_path / "logs").select_runs()


def test_a_picture_that_is_none_is_not_given_out(tmp_path: Path, live: Path) -> None:
    from aim.errors import LogError

    (live / "plots" / "images" / "im.png").write_bytes(b"a secret")
    (run,) = Repo(tmp_path / "home", logs=tmp_path / "logs").select_runs()
    (item,) = next(list(series) for series in run.objects() if series.name == "im")
    with pytest.raises(LogError, match="not an image"):
        print(item.data)
