"""aim.keras.AimCallback in real trainings, also as the seed README prints it; on every backend that is installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import aim
from tests.integrations.frameworks import framework, only

keras = framework("keras")
numpy = framework("numpy")


@pytest.fixture
def model() -> Any:
    network = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1)])
    network.compile(optimizer=keras.optimizers.Adam(0.01), loss="mse", metrics=["mae"])
    return network


def fit(model: Any, *callbacks: object, **options: Any) -> None:
    x = numpy.random.default_rng(0).normal(size=(64, 4))
    y = x.sum(axis=1)
    settings = {"validation_split": 0.25, "epochs": 3, "batch_size": 16, "verbose": 0, **options}
    model.fit(x, y, callbacks=list(callbacks), **settings)


class Diverges(keras.callbacks.Callback):  # type: ignore[misc]
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == 1:
            raise ArithmeticError("diverged")


def test_metrics_of_every_epoch_have_their_subset(model: Any, tmp_path: Path) -> None:
    with aim.Session(repo=tmp_path, experiment="experiment_name") as session:
        fit(model, aim.keras.AimCallback(session))
    run, series = only(tmp_path)
    assert set(series) == {("loss", "train"), ("loss", "val"), ("mae", "train"), ("mae", "val"), ("lr", "train")}
    assert all(trace.epochs.tolist() == [0, 1, 2] for trace in series.values())
    assert series["lr", "train"].values.tolist() == pytest.approx([0.01] * 3)
    assert run.experiment == "experiment_name"
    assert run.params["keras"]["optimizer"]["name"] == "adam"
    assert run.params["keras"]["model"]["parameters"] == 5
    assert run.params["keras"]["fit"]["epochs"] == 3


def test_a_schedule_gives_the_rate_in_force(model: Any, tmp_path: Path) -> None:
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, decay_steps=3, decay_rate=0.5)
    model.compile(optimizer=keras.optimizers.SGD(schedule), loss="mse")
    fit(model, aim.keras.AimCallback())
    _, series = only(tmp_path)
    assert series["lr", "train"].values.tolist() == pytest.approx([0.05, 0.025, 0.0125])


def test_batches_are_recorded_on_request(model: Any, tmp_path: Path) -> None:
    fit(model, aim.keras.AimCallback(every=2))
    _, series = only(tmp_path)
    assert series["batch_loss", "train"].epochs.tolist() == [0, 1, 2]
    assert series["batch_loss", "train"].steps.tolist() == [0, 1, 2]


def test_a_run_of_its_own_ends_with_the_training(model: Any, tmp_path: Path) -> None:
    fit(model, callback := aim.keras.AimCallback())
    assert [run.status for run in aim.select_runs(None, tmp_path)] == ["finished"]
    fit(model, callback, initial_epoch=3, epochs=5)
    run, series = only(tmp_path)
    assert run.status == "finished"
    assert series["loss", "val"].epochs.tolist() == [0, 1, 2, 3, 4]
    assert series["loss", "val"].steps.tolist() == [0, 1, 2, 3, 4]


def test_the_open_session_is_used_and_left_open(model: Any, tmp_path: Path) -> None:
    aim.set_params({"seed": 1}, name="hparams")
    fit(model, aim.keras.AimCallback())
    aim.track(1.0, name="after")
    run, series = only(tmp_path)
    assert run.status == "running"
    assert run.params["hparams"] == {"seed": 1}
    assert ("after", None) in series and ("loss", "val") in series


def test_a_failed_training_is_a_failed_run(model: Any, tmp_path: Path) -> None:
    with pytest.raises(ArithmeticError):
        fit(model, callback := aim.keras.AimCallback(), Diverges())
    other = keras.models.clone_model(model)
    other.compile(optimizer="sgd", loss="mse")
    fit(other, callback)
    failed, finished = sorted(aim.select_runs(None, tmp_path), key=lambda run: run.status)
    assert (failed.status, finished.status) == ("failed", "finished")


def test_an_optimizer_that_cannot_describe_itself_stops_nothing(model: Any, tmp_path: Path, capfd: Any) -> None:
    class Secretive(keras.optimizers.SGD):  # type: ignore[misc]
        def get_config(self) -> dict[str, Any]:
            raise RuntimeError("no config today")

    model.compile(optimizer=Secretive(0.1), loss="mse")
    fit(model, aim.keras.AimCallback())
    _, series = only(tmp_path)
    assert ("loss", "train") in series
    assert "no config today" in capfd.readouterr().err


def test_an_invalid_session_is_refused() -> None:
    with pytest.raises(TypeError, match="must be an aim.Run or aim.Session, not 'exp'"):
        aim.keras.AimCallback("exp")


AS_PRINTED = """
import numpy as np, {package} as keras
import aim

aim.set_params({{"batch_size": 16}}, name="params_name")
model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1)])
model.compile(optimizer="adam", loss="mse", metrics=["mae"])
x_train = np.random.default_rng(0).normal(size=(64, 4))
y_train = x_train.sum(axis=1)
model.fit(x_train, y_train, validation_split=0.25, epochs=2, verbose=0, callbacks=[
    aim.{module}.AimCallback(aim.Session(experiment="experiment_name"))
])
if {fail}:
    raise ArithmeticError("diverged")
"""


@pytest.mark.parametrize(
    "backend, module, package",
    [
        ("torch", "keras", "keras"),
        ("jax", "keras", "keras"),
        ("tensorflow", "keras", "keras"),
        ("tensorflow", "tensorflow", "tensorflow.keras"),
    ],
)
@pytest.mark.parametrize("fail", [False, True])
def test_the_seed_readme_on_every_backend(backend: str, module: str, package: str, fail: bool, tmp_path: Path) -> None:
    pytest.importorskip(backend) if backend in sys.modules else skip_without(backend)
    (tmp_path / "train.py").write_text(AS_PRINTED.format(package=package, module=module, fail=fail))
    environment = {**os.environ, "PYTHONPATH": str(Path(aim.__file__).parents[1]), "KERAS_BACKEND": backend}
    done = subprocess.run([sys.executable, "train.py"], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == int(fail), done.stderr
    (run,) = aim.select_metrics("loss, mae, lr if experiment == experiment_name", tmp_path)
    tracked = {(trace.name, trace.context["subset"]) for metric in run.metrics.values() for trace in metric.traces}
    assert tracked == {("loss", "train"), ("loss", "val"), ("mae", "train"), ("mae", "val"), ("lr", "train")}
    assert run.status == ("failed" if fail else "finished")


def skip_without(package: str) -> None:
    import importlib.util

    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
