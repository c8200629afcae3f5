"""aim.pytorch_lightning.AimLogger in real trainings, with both packages, also in two processes."""

from __future__ import annotations

import importlib.util
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import aim
from tests.integrations.frameworks import framework, only

framework("torch", "lightning")

SCRIPT = """
import sys, warnings
warnings.simplefilter("ignore")
import torch
import {package} as pl
from aim.pytorch_lightning import AimLogger

class Net(pl.LightningModule):
    def __init__(self, fail=False):
        super().__init__()
        self.save_hyperparameters()
        self.layer = torch.nn.Linear(4, 1)
        self.fail = fail

    def training_step(self, batch, _):
        loss = self.layer(batch).pow(2).mean()
        self.log("train_loss", loss)
        self.logger.experiment.track(1.0, name="own")
        if self.fail and self.global_step == 5:
            raise ArithmeticError("diverged")
        return loss

    def validation_step(self, batch, _):
        self.log("val_loss", self.layer(batch).pow(2).mean())

    def test_step(self, batch, _):
        self.log("test_loss", self.layer(batch).pow(2).mean())

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), 0.01)

def data():
    return torch.utils.data.DataLoader(torch.randn(32, 4), batch_size=8)

def trainer(logger, **options):
    settings = dict(max_epochs=2, log_every_n_steps=2, enable_progress_bar=False, enable_model_summary=False,
                    enable_checkpointing=False, accelerator="cpu", devices=1)
    return pl.Trainer(logger=logger, **{{**settings, **options}})

"""


@pytest.fixture(params=["lightning.pytorch"])
def train(request: Any, tmp_path: Path) -> Any:
    """Runs a script in which both processes of a test's training begin, as users start theirs."""
    if importlib.util.find_spec(request.param) is None:
        pytest.skip(f"{request.param} is not installed")

    def call(code: str) -> subprocess.CompletedProcess[str]:
        lines = "".join(f"    {line}\n" for line in code.strip().splitlines())
        script = SCRIPT.format(package=request.param) + 'if __name__ == "__main__":\n' + lines
        (tmp_path / "train.py").write_text(script)
        environment = {**os.environ, "PYTHONPATH": str(Path(aim.__file__).parents[1])}
        command = [sys.executable, "train.py"]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)

    return call


@pytest.mark.parametrize("train", ["lightning.pytorch", "pytorch_lightning"], indirect=True)
def test_prefixes_become_subsets_and_steps_are_kept(train: Any, tmp_path: Path) -> None:
    done = train("""
aim_logger = AimLogger(experiment="pt_lightning_exp")
aim_logger.log_hyperparams({"max_epochs": 2})
fitted = trainer(aim_logger)
fitted.fit(net := Net(), data(), data())
fitted.test(net, data(), verbose=False)
""")
    assert done.returncode == 0, done.stderr
    run, series = only(tmp_path)
    assert set(series) == {("loss", "train"), ("loss", "val"), ("loss", "test"), ("own", None)}
    assert series["loss", "train"].steps.tolist() == [1, 3, 5, 7]
    assert series["loss", "train"].epochs.tolist() == [0, 0, 1, 1]
    assert series["loss", "val"].steps.tolist() == [3, 7]
    assert series["loss", "val"].epochs.tolist() == [0, 1]
    assert series["loss", "test"].steps.tolist() == [8]
    assert run.experiment == "pt_lightning_exp"
    assert run.params["hparams"] == {"max_epochs": 2, "fail": False}
    assert run.status == "finished"


@pytest.mark.parametrize("train", ["lightning.pytorch", "pytorch_lightning"], indirect=True)
def test_a_failed_training_is_a_failed_run_also_when_caught(train: Any, tmp_path: Path) -> None:
    done = train("""
try:
    trainer(AimLogger()).fit(Net(fail=True), data())
except ArithmeticError:
    pass
""")
    assert done.returncode == 0, done.stderr
    run, series = only(tmp_path)
    assert (run.status, run.error) == ("failed", "ArithmeticError: diverged")
    assert series["loss", "train"].steps.tolist() == [1, 3]


def test_two_processes_record_once(train: Any, tmp_path: Path) -> None:
    done = train('trainer(AimLogger(), strategy="ddp", devices=2, max_epochs=3).fit(Net(), data(), data())')
    assert done.returncode == 0, done.stderr
    run, series = only(tmp_path)
    assert series["loss", "val"].epochs.tolist() == [0, 1, 2]
    assert len(series["own", None]) == 6, "6 steps of rank zero; rank one has an object that records nothing"
    assert run.status == "finished"


def test_spawned_processes_join_the_run(train: Any, tmp_path: Path) -> None:
    done = train("""
logger = AimLogger(run="spawned")
fitted = trainer(logger, strategy="ddp_spawn", devices=2)
fitted.fit(net := Net(), data(), data())
logger.experiment.track(1.0, name="after")
""")
    assert done.returncode == 0, done.stderr
    run, series = only(tmp_path)
    assert run.hash == "spawned"
    assert series["loss", "val"].epochs.tolist() == [0, 1]
    assert ("after", None) in series


def test_a_checkpoint_is_resumed_in_the_same_run(train: Any, tmp_path: Path) -> None:
    done = train("""
first = trainer(AimLogger(run="resumed"), enable_checkpointing=True)
first.fit(Net(), data(), data())
path = first.checkpoint_callback.best_model_path
first.logger.close()
trainer(AimLogger(run="resumed", resume=True), max_epochs=3).fit(Net(), data(), data(), ckpt_path=path)
""")
    assert done.returncode == 0, done.stderr
    _, series = only(tmp_path)
    assert series["loss", "train"].steps.tolist() == [1, 3, 5, 7, 9, 11]
    assert series["loss", "val"].epochs.tolist() == [0, 1, 2]


def test_a_fast_dev_run_records_nothing(train: Any, tmp_path: Path) -> None:
    done = train("trainer(AimLogger(), fast_dev_run=True).fit(Net(), data(), data())")
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / ".aim").exists()


@pytest.mark.parametrize(
    "prefixes, name, expected",
    [
        ({}, "train_loss", ("train", "loss")),
        ({}, "val_acc_top5", ("val", "acc_top5")),
        ({}, "lr-SGD", (None, "lr-SGD")),
        ({}, "val_", (None, "val_")),
        ({"val_metric_prefix": "valid/"}, "valid/loss", ("val", "loss")),
        ({"train_metric_prefix": None}, "train_loss", (None, "train_loss")),
    ],
)
def test_prefixes(prefixes: dict[str, Any], name: str, expected: tuple[Any, str], tmp_path: Path) -> None:
    logger = aim.pytorch_lightning.AimLogger(tmp_path, **prefixes)
    logger.log_metrics({name: 1.0, "epoch": 2}, step=7)
    logger.close()
    run, series = only(tmp_path)
    assert set(series) == {(expected[1], expected[0])}


def test_a_pickled_logger_knows_its_run(tmp_path: Path) -> None:
    logger = aim.pytorch_lightning.AimLogger(str(tmp_path))
    copied = pickle.loads(pickle.dumps(logger))
    assert copied._arguments["run"] == logger.version
    logger.close()


def test_a_dropped_logger_ends_its_run(tmp_path: Path) -> None:
    aim.pytorch_lightning.AimLogger(str(tmp_path)).log_hyperparams({"a": 1})
    assert [run.status for run in aim.select_runs(None, tmp_path)] == ["finished"]


@pytest.mark.parametrize(("options", "folder"), [("", "."), (", save_dir='out'", "out")])
def test_checkpoints_land_outside_of_the_repository(train: Any, tmp_path: Path, options: str, folder: str) -> None:
    """`.aim/cache` can be deleted at any time."""
    code = f"logger = AimLogger(experiment='cache'{options})\n"
    ended = train(code + "trainer(logger, enable_checkpointing=True).fit(Net(), data(), data())")
    assert ended.returncode == 0, ended.stderr
    (checkpoint,) = tmp_path.rglob("*.ckpt")
    assert checkpoint.parts[: len(tmp_path.parts) + (folder != ".")] == (tmp_path / folder).parts
    assert checkpoint.relative_to(tmp_path / folder).parts[0] == "cache" and ".aim" not in checkpoint.parts
    assert only(tmp_path)[0].experiment == "cache"
