"""A Hydra application with the callback in its config, run as a script, once and as a multirun."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import aim
from tests.integrations.frameworks import framework

framework("hydra")

CONFIG = """
lr: 0.1
model: {name: resnet, depth: 18}
double: ${lr}
hydra:
  job: {chdir: true}
  callbacks:
    aim:
      _target_: aim.integrations.hydra.AimCallback
      experiment: configured
"""
SCRIPT = """
import hydra, aim

@hydra.main(version_base="1.2", config_path=".", config_name="config")
def main(config):
    aim.track(config.lr, name="loss")
    if config.lr > 1:
        raise ArithmeticError("diverged")

main()
"""


def launch(folder: Path, *arguments: str) -> int:
    (folder / "config.yaml").write_text(CONFIG)
    (folder / "train.py").write_text(SCRIPT)
    environment = {**os.environ, "PYTHONPATH": str(Path(aim.__file__).parents[1])}
    command = [sys.executable, "train.py", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True).returncode


def test_a_job(tmp_path: Path) -> None:
    assert launch(tmp_path, "model.depth=50") == 0
    (run,) = aim.select_metrics("loss", tmp_path)
    assert run.params["hparams"] == {"lr": 0.1, "model": {"name": "resnet", "depth": 50}, "double": 0.1}
    assert run.params["hydra"]["overrides"] == ["model.depth=50"]
    assert run.metrics["loss"].traces[0].values.tolist() == [0.1]
    assert (run.status, run.experiment) == ("finished", "configured")


def test_a_config_with_values_that_cannot_be_read(tmp_path: Path) -> None:
    """A value of `???` and a variable that is not set: the others are kept."""
    assert launch(tmp_path, "+root='???'", "+home='${oc.env:NOT_SET}'", "model.name=mlp", "lr=0.5") == 0
    (run,) = aim.select_metrics("loss", tmp_path)
    assert run.params["hparams"] == {"lr": 0.5, "model": {"name": "mlp", "depth": 18}, "double": 0.5}
    assert run.params["hydra"]["overrides"][:2] == ["+root='???'", "+home='${oc.env:NOT_SET}'"]


def test_a_multirun_and_a_failure(tmp_path: Path) -> None:
    assert launch(tmp_path, "-m", "lr=0.5,2.0") == 1
    runs = sorted(aim.select_metrics("loss", tmp_path), key=lambda run: run.params["hparams"]["lr"])
    assert [run.params["hparams"]["lr"] for run in runs] == [0.5, 2.0]
    assert [run.metrics["loss"].traces[0].values.tolist() for run in runs] == [[0.5], [2.0]]
    assert [run.status for run in runs] == ["finished", "failed"]
    assert runs[1].error == "ArithmeticError: diverged"


@pytest.mark.parametrize("repo", ["elsewhere"])
def test_a_repository_of_choice(repo: str, tmp_path: Path) -> None:
    assert launch(tmp_path, f"+hydra.callbacks.aim.repo={tmp_path / repo}") == 0
    assert len(aim.select_runs(None, tmp_path / repo)) == 1
