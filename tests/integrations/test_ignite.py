"""Ignite engines with AimLogger attached as its own loggers are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import aim
from tests.integrations.frameworks import framework, only

torch = framework("torch")
ignite = framework("ignite")
engines = framework("ignite.engine")
metrics = framework("ignite.metrics")
handlers = framework("ignite.handlers")

from aim.integrations.ignite import AimLogger  # noqa: E402

EPOCH = engines.Events.EPOCH_COMPLETED


def train(logger: Any, *, fail: bool = False) -> None:
    torch.manual_seed(0)
    model = torch.nn.Linear(4, 1)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    data = [(torch.randn(8, 4), torch.zeros(8, 1)) for _ in range(4)]
    trainer = engines.create_supervised_trainer(model, optimizer, torch.nn.MSELoss())
    evaluator = engines.create_supervised_evaluator(model, {"mse": metrics.MeanSquaredError()})
    trainer.add_event_handler(EPOCH, lambda: evaluator.run(data))
    if fail:
        trainer.add_event_handler(engines.Events.ITERATION_COMPLETED(once=2), lambda: 1 / 0)
    logger.attach_output_handler(
        trainer, engines.Events.ITERATION_COMPLETED(every=2), "training", output_transform=lambda loss: {"loss": loss}
    )
    logger.attach_output_handler(
        evaluator, EPOCH, "validation", metric_names="all",
        global_step_transform=handlers.global_step_from_engine(trainer),
    )  # fmt: skip
    logger.attach_opt_params_handler(trainer, EPOCH, optimizer, tag="training")
    trainer.run(data, max_epochs=2)


def test_outputs_metrics_and_rates(tmp_path: Path) -> None:
    with AimLogger(experiment="ignited") as logger:
        logger.set_params({"batch_size": 8})
        train(logger)
    run, series = only(tmp_path)
    assert set(series) == {("loss", "train"), ("mse", "val"), ("lr", "train")}
    assert series["loss", "train"].steps.tolist() == [2, 4, 6, 8]
    assert series["loss", "train"].epochs.tolist() == [1, 1, 2, 2]
    assert series["mse", "val"].steps.tolist() == [1, 2]
    assert series["lr", "train"].values.tolist() == pytest.approx([0.1, 0.1])
    assert run.params["hparams"] == {"batch_size": 8}
    assert (run.status, run.experiment) == ("finished", "ignited")


def test_a_failed_training_is_a_failed_run(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), AimLogger() as logger:
        train(logger, fail=True)
    assert [run.status for run in aim.select_runs(None, tmp_path)] == ["failed"]
