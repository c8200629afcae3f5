"""A learner on generated data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import aim
from tests.integrations.frameworks import framework, only

torch = framework("torch")
fastai = framework("fastai", "fastai.learner")
loading = framework("fastai.data.core")
metrics = framework("fastai.metrics")

from aim.integrations.fastai import AimCallback  # noqa: E402


def learner(*callbacks: Any) -> Any:
    torch.manual_seed(0)
    data = torch.utils.data.TensorDataset(torch.randn(32, 4), torch.zeros(32, 1))
    batches = [loading.DataLoader(data, batch_size=8), loading.DataLoader(data, batch_size=8)]
    loaders = loading.DataLoaders(*batches, device="cpu")
    learn = fastai.Learner(
        loaders, torch.nn.Linear(4, 1), loss_func=torch.nn.MSELoss(), metrics=metrics.mae, cbs=list(callbacks)
    )
    for callback in list(learn.cbs):
        if type(callback).__name__ == "ProgressCallback":
            learn.remove_cb(callback)
    learn.logger = lambda *values: None
    return learn


def test_epochs_and_batches(tmp_path: Path) -> None:
    learner().fit(3, lr=0.1, cbs=AimCallback(every=2, experiment="fast"))
    run, series = only(tmp_path)
    assert set(series) == {("loss", "train"), ("loss", "val"), ("mae", "val"), ("lr", "train"), ("batch_loss", "train")}
    assert series["loss", "val"].epochs.tolist() == [0, 1, 2]
    assert series["batch_loss", "train"].steps.tolist() == [1, 3, 5, 7, 9, 11]
    assert series["lr", "train"].values.tolist() == pytest.approx([0.1] * 3)
    assert run.params["model"]["parameters"] == 5
    assert run.params["hparams"]["epochs"] == 3
    assert (run.status, run.experiment) == ("finished", "fast")


def test_two_fits_of_one_model_are_one_run(tmp_path: Path) -> None:
    learn = learner(AimCallback())
    learn.fit(1)
    learn.fit(2)
    run, series = only(tmp_path)
    assert len(series["loss", "val"]) == 3
    assert run.status == "finished"


def test_validation_alone_records_nothing(tmp_path: Path) -> None:
    learner(AimCallback()).get_preds()
    assert not (tmp_path / ".aim").exists()


def test_a_failed_training_is_a_failed_run(tmp_path: Path) -> None:
    learn = learner(callback := AimCallback())
    learn.loss_func = lambda *values: 1 / 0
    with pytest.raises(ZeroDivisionError):
        learn.fit(1)
    learn.remove_cb(callback)
    learner(callback).fit(1)
    assert sorted(run.status for run in aim.select_runs(None, tmp_path)) == ["failed", "finished"]
