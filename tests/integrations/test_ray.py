"""Ray Tune with two trials, one of which fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import aim
from tests.integrations.frameworks import framework

ray = framework("ray")
tune = framework("ray.tune")

from aim.integrations.ray import AimCallback  # noqa: E402


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("RAY_raylet_start_wait_time_s", "300")
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, configure_logging=False)
    yield
    ray.shutdown()


def objective(config: dict[str, Any]) -> None:
    for step in range(3):
        tune.report({"val_loss": config["lr"] * step, "nested": {"depth": 1}})
        if config["lr"] > 1 and step == 1:
            raise ArithmeticError("diverged")


@pytest.mark.timeout(600)
def test_every_trial_is_a_run(cluster: Any, tmp_path: Path) -> None:
    tuner = tune.Tuner(
        objective,
        param_space={"lr": tune.grid_search([0.5, 2.0])},
        run_config=tune.RunConfig(
            storage_path=str(tmp_path / "ray"),
            verbose=0,
            callbacks=[AimCallback(repo=str(tmp_path), experiment="tuned")],
        ),
    )
    tuner.fit()
    runs = sorted(aim.select_metrics("*", tmp_path), key=lambda run: run.params["hparams"]["lr"])
    assert [run.params["hparams"] for run in runs] == [{"lr": 0.5}, {"lr": 2.0}]
    assert [run.status for run in runs] == ["finished", "failed"]
    (trace,) = runs[0].metrics["loss"].traces
    assert trace.context == {"subset": "val"}
    assert (trace.steps.tolist(), trace.values.tolist()) == ([1, 2, 3], [0.0, 0.5, 1.0])
    assert runs[0].metrics["nested/depth"].traces[0].last == 1
    assert len(runs[1].metrics["loss"].traces[0]) == 2
    assert {run.experiment for run in runs} == {"tuned"}
