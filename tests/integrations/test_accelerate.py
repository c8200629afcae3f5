"""A tracker of ours and, by name, Accelerate's own for aim; both with the real Accelerator."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path
from typing import Any

import pytest

import aim
from tests.integrations.frameworks import framework, only

framework("torch")
accelerate = framework("accelerate")

from aim.integrations.accelerate import AimTracker  # noqa: E402


def train(log_with: Any, **options: Any) -> Any:
    accelerator = accelerate.Accelerator(cpu=True, log_with=log_with, **options)
    accelerator.init_trackers("project", config={"lr": 0.1})
    for step in range(3):
        accelerator.log({"train_loss": 1.0 / (step + 1), "epoch": step}, step=step)
    accelerator.log({"eval_loss": 0.5}, step=2)
    return accelerator


def test_logged_values(tmp_path: Path) -> None:
    accelerator = train(AimTracker(experiment="accelerated"))
    assert isinstance(accelerator.get_tracker("aim", unwrap=True), aim.Run)
    accelerator.end_training()
    run, series = only(tmp_path)
    assert set(series) == {("loss", "train"), ("loss", "val")}
    assert series["loss", "train"].epochs.tolist() == [0, 1, 2]
    assert series["loss", "val"].steps.tolist() == [2]
    assert run.params["hparams"] == {"lr": 0.1}
    assert (run.status, run.experiment) == ("finished", "accelerated")


def test_by_name(tmp_path: Path) -> None:
    """Accelerate's own tracker, which it takes for `log_with="aim"` where aim is installed as a distribution."""
    try:
        importlib.metadata.version("aim")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("aim is not installed as a distribution here")
    train("aim", project_dir=str(tmp_path)).end_training()
    run, series = only(tmp_path)
    assert series["train_loss", None].steps.tolist() == [0, 1, 2]
    assert (run.status, run.name) == ("finished", "project")
    assert run.params["hparams"] == {"lr": 0.1}
