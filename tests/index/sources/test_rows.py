"""CSV and JSON lines are read as the loggers of frameworks write them, and as they are rewritten."""

from __future__ import annotations

import math
import os
import random
import time
from pathlib import Path

import pytest

from aim.index.sources import yaml
from aim.repo import Repo
from tests.recorded import numbers_of

Points = dict[str, list[tuple[int, float]]]

LIGHTNING = "epoch,step,train_loss,val_loss\n0,1,1.5,\n0,3,0.5,\n0,3,,0.25\n1,5,0.125,\n"
# Each file, the run's name, its points, and the epochs of the first series.
FILES: dict[str, tuple[str, str, Points, list[float]]] = {
    "my/version_0/metrics.csv": (
        LIGHTNING, "my/version_0", {"train_loss": [(1, 1.5), (3, 0.5), (5, 0.125)], "val_loss": [(3, 0.25)]}, [0, 0, 1],
    ),
    "k/training.log": (
        "epoch,loss,mae\n0,2.5,1e-3\n1,nan,0.5\n", "k",
        {"loss": [(0, 2.5), (1, math.nan)], "mae": [(0, 1e-3), (1, 0.5)]}, [0, 1],
    ),
    "k2/training.log": ("epoch;loss\n0;2.5\n", "k2", {"loss": [(0, 2.5)]}, [0]),
    "sb3/progress.csv": (
        "rollout/ep_rew_mean,time/total_timesteps,train/loss\n22.5,64,\n23.5,128,-0.5\n", "sb3",
        {"rollout/ep_rew_mean": [(64, 22.5), (128, 23.5)], "train/loss": [(128, -0.5)]}, [math.nan, math.nan],
    ),
    "sb3/monitor.csv": (
        '#{"t_start": 1700000000.0, "env_id": "CartPole-v1"}\nr,l,t\n9.0,9,0.5\n8.0,8,0.75\n', "sb3/monitor.csv",
        {"r": [(0, 9.0), (1, 8.0)], "l": [(0, 9.0), (1, 8.0)], "t": [(0, 0.5), (1, 0.75)]}, [math.nan, math.nan],
    ),
    "a/train.jsonl": (
        '{"step": 0, "loss": 1, "time": 0.5, "eval": {"acc": 0.5}}\n{"step": 1, "loss": NaN, "note": "x"}\n',
        "a/train.jsonl", {"loss": [(0, 1.0), (1, math.nan)], "time": [(0, 0.5)], "eval.acc": [(0, 0.5)]},
        [math.nan, math.nan],
    ),
    "t/log.csv": (
        'step,timestamp,loss,name\r\n0,2023-11-14T22:13:20+00:00,0.5,"a, b"\r\n', "t", {"loss": [(0, 0.5)]}, [math.nan],
    ),
}  # fmt: skip
NOT_RUNS = {
    "data.csv": "name,age\nann,3\n", "numbers.csv": "1,2\n3,4\n", "iris.csv": "width,length,kind\n1.0,2.0,a\n",
    "one.csv": "step\n1\n", "text.jsonl": '{"text": "hello", "label": 1}\n', "list.jsonl": "[1, 2]\n", "empty.csv": "",
    "head.csv": "step,loss\n", "twice.csv": "step,step,loss\n1,1,1\n", "odd.jsonl": '{"step": \n',
    "zero.csv": "\0\0\n\0\n",
}  # fmt: skip


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


def shown(repo: Repo) -> dict[str, Points]:
    return {run.hash: numbers_of(run) for run in repo.select_runs()}


@pytest.mark.parametrize("name", FILES)
def test_each_form(tmp_path: Path, name: str) -> None:
    text, run_name, points, epochs = FILES[name]
    write(tmp_path / "logs", name, text)
    (run,) = Repo(tmp_path, logs=tmp_path / "logs").select_runs()
    assert run.hash == run_name
    assert repr({key: sorted(map(repr, value)) for key, value in sorted(numbers_of(run).items())}) == repr(
        {key: sorted(map(repr, value)) for key, value in sorted(points.items())}
    )
    assert repr(run.metrics[next(iter(points))].traces[0].epochs.tolist()) == repr([float(epoch) for epoch in epochs])


def test_times_are_those_of_the_rows(tmp_path: Path) -> None:
    for name in ("sb3/monitor.csv", "t/log.csv"):
        write(tmp_path / "logs", name, FILES[name][0])
    repo = Repo(tmp_path, logs=tmp_path / "logs")
    assert repo.run("sb3/monitor.csv").metrics["r"].traces[0].times.tolist() == [1_700_000_000.5, 1_700_000_000.75]
    assert repo.run("t").metrics["loss"].traces[0].times.tolist() == [1_700_000_000.0]


def test_what_is_no_log_is_left_out(tmp_path: Path) -> None:
    for name, text in NOT_RUNS.items():
        write(tmp_path / "logs", name, text)
    write(tmp_path / "logs" / "site-packages", "a.csv", "step,loss\n0,1\n")
    repo = Repo(tmp_path, logs=tmp_path / "logs")
    assert repo.count() == 0 and repo.source_notes() == []
    write(tmp_path / "logs", "head.csv", "step,loss\n1,2\n")
    assert shown(repo) == {"head.csv": {"loss": [(1, 2.0)]}}


def test_rows_of_progress_count_once(tmp_path: Path) -> None:
    write(tmp_path, "logs/progress.json", '{"time/total_timesteps": 64, "loss": 1.0}\n')
    repo = Repo(tmp_path, logs=tmp_path / "logs")
    assert shown(repo) == {"progress.json": {"loss": [(64, 1.0)]}}
    write(tmp_path, "logs/progress.csv", "loss,time/total_timesteps\n1.0,64\n")
    assert shown(repo) == {"progress.csv": {"loss": [(64, 1.0)]}}


def test_a_live_file_is_followed_and_read_again_with_another_header(tmp_path: Path) -> None:
    path = write(tmp_path / "logs", "v/metrics.csv", LIGHTNING + "1,6,0.0")
    repo = Repo(tmp_path, logs=tmp_path / "logs")
    assert shown(repo)["v"]["train_loss"][-1] == (5, 0.125)
    path.write_text(LIGHTNING + "1,6,0.0625,\n")
    assert shown(repo)["v"]["train_loss"][-1] == (6, 0.0625)
    rows = LIGHTNING.splitlines()
    path.write_text("\n".join([f"{rows[0]},test_acc", *(f"{row}," for row in rows[1:]), "2,9,,,0.75", ""]))
    for again in (repo, Repo(tmp_path, logs=tmp_path / "logs")):
        assert shown(again)["v"] == {**FILES["my/version_0/metrics.csv"][2], "test_acc": [(9, 0.75)]}


def test_damaged_rows_cost_themselves(tmp_path: Path) -> None:
    odd = ["1", "1,2,3", 'x"', '2,"\n"', f"{'9' * 400},1", "3,0.5", "1e999,1", "4,1_0", "\0"]
    write(tmp_path / "logs", "a.csv", "step,loss\n0,1.0\n" + "\n".join(odd) + "\n7,2.0\n")
    repo = Repo(tmp_path, logs=tmp_path / "logs")
    points = shown(repo)["a.csv"]["loss"]
    assert {(0, 1.0), (3, 0.5), (7, 2.0)} <= set(points)
    assert "damaged rows" in repo.run("a.csv").facts["csv"]["skipped"]


def test_any_bytes_are_rows_or_none(tmp_path: Path) -> None:
    rng, texts = random.Random(0), [text.encode() for text, *_ in FILES.values()]
    for number in range(200):
        data = bytearray(rng.choice(texts))
        del data[rng.randrange(len(data)) :]
        for _ in range(rng.randrange(4) if data else 0):
            data[rng.randrange(len(data))] = rng.randrange(256)
        (tmp_path / "logs").mkdir(exist_ok=True)
        (tmp_path / "logs" / f"f{number}.{'csv' if number % 2 else 'jsonl'}").write_bytes(data)
    Repo(tmp_path, logs=tmp_path / "logs").select_runs()


BOMBS = {
    "a line without end": "step,loss\n0,1\n" + "9" * 9_000_000,
    "many columns": ",".join(["step", *(f"c{i}" for i in range(20_000))]) + "\n" + ",".join(["1"] * 20_001) + "\n",
    "deep JSON": '{"step": 1, "a": ' + "[" * 60_000 + "]" * 60_000 + "}\n",
    "many keys": "".join(f'{{"step": {i}, "k{i}": 1}}\n' for i in range(110_000)),
}


@pytest.mark.parametrize("case", BOMBS)
def test_bombs_stay_small(tmp_path: Path, case: str) -> None:
    write(tmp_path / "logs", "a.jsonl" if "{" in BOMBS[case][:1] else "a.csv", BOMBS[case])
    runs = Repo(tmp_path, logs=tmp_path / "logs").select_runs()
    assert sum(len(run.metrics) for run in runs) <= 100_000


def test_lightning_keeps_its_hyperparameters_beside(tmp_path: Path) -> None:
    write(tmp_path / "logs", "v/metrics.csv", LIGHTNING)
    write(tmp_path / "logs", "v/hparams.yaml", "lr: 0.05\nmodel:\n  depth: 3\n  name: mlp\nbetas:\n- 0.9\n- 0.999\n")
    repo = Repo(tmp_path, logs=tmp_path / "logs")
    assert repo.run("v").params == {
        "hparams": {"lr": 0.05, "model": {"depth": 3, "name": "mlp"}, "betas": [0.9, 0.999]}
    }
    assert len(repo.select_metrics("csv:train_loss if hparams.model.depth == 3")) == 1


YAML = {
    "": {}, "a: 1": {"a": 1}, "a:\n  b:\n    c: x y # z\n  d: [1, 2]\ne: 'it''s'\n": {
        "a": {"b": {"c": "x y"}, "d": [1, 2]}, "e": "it's",
    },
    "a: !!python/object:os.system\n  b: 1\n": {"a": {"b": 1}},
    "a: null\nb: true\nc: 1e-3\n": {"a": None, "b": True, "c": 1e-3},
    "- 1\n- 2\n": {}, "a:\n  - x\n  - y\nb: 2": {"a": ["x", "y"], "b": 2}, "{": {}, '"k": "v"': {"k": "v"},
}  # fmt: skip


@pytest.mark.parametrize("text", YAML)
def test_yaml(text: str) -> None:
    assert yaml.parse(text) == YAML[text]


def test_a_last_row_without_an_end_of_line_is_read_when_the_file_rests(tmp_path: Path) -> None:
    path = write(tmp_path / "logs", "a.csv", "step,loss\n0,1.5\n1,0.25")
    repo = Repo(tmp_path / "home", logs=tmp_path / "logs")
    assert numbers_of(repo.select_runs()[0]) == {"loss": [(0, 1.5)]}
    os.utime(path, (1_700_000_000, 1_700_000_000))
    for again in (repo, Repo(tmp_path / "home", logs=tmp_path / "logs")):
        assert numbers_of(again.select_runs()[0]) == {"loss": [(0, 1.5), (1, 0.25)]}
    path.write_text("step,loss\n0,1.5\n1,0.255\n2,1.0\n")
    assert numbers_of(repo.select_runs()[0]) == {"loss": [(0, 1.5), (1, 0.255), (2, 1.0)]}


@pytest.mark.parametrize("again", [False, True])
def test_a_last_row_that_waits_is_read_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, again: bool) -> None:
    """Time alone makes it whole."""
    write(tmp_path / "logs", "a.csv", "step,loss\n0,1.5\n1,0.25")
    repo = Repo(tmp_path / "home", logs=tmp_path / "logs")
    assert numbers_of(repo.select_runs()[0]) == {"loss": [(0, 1.5)]}
    now = time.time() + 1_000
    monkeypatch.setattr(time, "time", lambda: now)
    repo = Repo(tmp_path / "home", logs=tmp_path / "logs") if again else repo
    assert numbers_of(repo.select_runs()[0]) == {"loss": [(0, 1.5), (1, 0.25)]}
