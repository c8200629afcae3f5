"""wandb's callbacks of frameworks, here with modules of the same shape in place of the frameworks."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import aim
import aim.wandb as wandb
from tests.dropins import recorded


class Callback:
    """What each framework's base class has."""

    model: Any = None
    n_calls = 0

    def __init__(self, verbose: int = 0) -> None:
        self.verbose = verbose


class ModelCheckpoint(Callback):
    def __init__(self, filepath: str) -> None:
        self.filepath = filepath

    def _get_file_path(self, epoch: int, batch: int | None, logs: Any) -> str:
        return self.filepath.format(epoch=epoch)

    def _save_model(self, epoch: int, batch: int | None, logs: Any) -> None:
        if epoch:
            Path(self._get_file_path(epoch, batch, logs)).write_text(f"weights {epoch}")


FRAMEWORKS: dict[str, dict[str, Any]] = {
    "keras": {"callbacks": SimpleNamespace(Callback=Callback, ModelCheckpoint=ModelCheckpoint)},
    "stable_baselines3.common.callbacks": {"BaseCallback": Callback},
    "xgboost.callback": {"TrainingCallback": Callback},
}


@pytest.fixture(autouse=True)
def frameworks(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, content in FRAMEWORKS.items():
        parts = name.split(".")
        for i in range(1, len(parts) + 1):
            monkeypatch.setitem(sys.modules, ".".join(parts[:i]), ModuleType(".".join(parts[:i])))
        vars(sys.modules[name]).update(content)
    for name in [name for name in sys.modules if name.startswith(("aim.wandb.integration", "aim.wandb.keras"))]:
        monkeypatch.delitem(sys.modules, name)


def part(name: str) -> Any:
    return importlib.import_module(f"aim.wandb.{name}")


def test_keras_by_epoch_and_by_batch(tmp_path: Path) -> None:
    with wandb.init():
        for callback in (part("integration.keras").WandbMetricsLogger("batch"), wandb.keras.WandbMetricsLogger()):
            callback.model = SimpleNamespace(optimizer=SimpleNamespace(learning_rate=0.5))
            for epoch in range(2):
                for batch in range(3):
                    callback.on_train_batch_end(batch, {"loss": epoch + batch / 10})
                callback.on_epoch_end(epoch, {"loss": epoch, "val_loss": -epoch})
    read = recorded.only(tmp_path).metrics
    assert read["batch/loss"].traces[0].steps.tolist() == [0, 1, 2, 3, 4, 5]
    assert read["batch/loss"].traces[0].values.tolist() == [0, 0.1, 0.2, 1, 1.1, 1.2]
    assert read["epoch/val_loss"].traces[0].steps.tolist() == [0, 0, 1, 1], "epochs are the steps, as in wandb"
    assert read["epoch/learning_rate"].traces[0].last == 0.5


def test_checkpoints_of_keras_are_versions(tmp_path: Path) -> None:
    with wandb.init(id="a"):
        callback = part("keras").WandbModelCheckpoint(str(tmp_path / "{epoch}.keras"))
        for epoch in range(3):
            callback._save_model(epoch, None, {})
    versions = aim.Repo(tmp_path).artifacts.versions("run_a_model")
    assert [version.type for version in versions] == ["model", "model"]
    assert [file.path for file in versions[-1].files] == ["2.keras"]


def test_the_older_callback_of_keras(tmp_path: Path) -> None:
    with wandb.init():
        part("keras").WandbCallback(monitor="loss").on_epoch_end(1, {"loss": 0.5})
    assert recorded.points(tmp_path) == {"epoch": [(0, 1)], "loss": [(0, 0.5)]}
    assert recorded.epochs(tmp_path, "loss") == [1]


def test_stable_baselines3(tmp_path: Path) -> None:
    class PPO:
        def __init__(self) -> None:
            self.gamma, self.policy = 0.9, [1]

        def save(self, path: str) -> None:
            Path(path).write_text("model")

    with wandb.init(id="a", config={"gamma": 0.5}):
        callback = part("integration.sb3").WandbCallback(model_save_path=str(tmp_path / "models"), verbose=2)
        callback.model = PPO()
        callback._init_callback()
        assert callback._on_step()
        callback._on_training_end()
    assert recorded.params(tmp_path, "hparams") == {"gamma": 0.5, "algo": "PPO", "policy": "[1]"}
    [files] = aim.Repo(tmp_path).artifacts.versions("run-a-files")
    assert [file.path for file in files.files] == ["model.zip"]


def test_xgboost(tmp_path: Path) -> None:
    booster = SimpleNamespace(
        save_config=lambda: '{"learner": {"depth": 3}}',
        get_score=lambda importance_type: {"f0": 2.0, "f1": 1.0},
        attr={"best_score": "0.25", "best_iteration": "1"}.get,
    )
    with wandb.init():
        callback = part("integration.xgboost").WandbCallback()
        assert callback.before_training(booster) is booster
        for epoch, loss in enumerate((0.5, 0.25)):
            assert callback.after_iteration(booster, epoch, {"val": {"logloss": [9, loss]}}) is False
        assert callback.after_training(booster) is booster
    assert recorded.params(tmp_path, "hparams") == {"learner": {"depth": 3}}
    points = recorded.points(tmp_path)
    assert points["val-logloss"] == [(0, 0.5), (1, 0.25)] and points["best_score"] == [(3, 0.25)]
    assert list(recorded.media(tmp_path)) == ["Feature Importance"]


def test_lightgbm(tmp_path: Path) -> None:
    booster = SimpleNamespace(
        best_iteration=1, best_score={"val": {"auc": 0.75}},
        feature_name=lambda: ["a", "b"], feature_importance=lambda: [3, 1],
    )  # fmt: skip
    with wandb.init():
        lightgbm = part("integration.lightgbm")
        callback = lightgbm.wandb_callback()
        for iteration, auc in enumerate((0.5, 0.75)):
            found = [("val", "auc", auc, True), ("cv_agg", "train l2", 1 - auc, False, 0.1)]
            callback(
                SimpleNamespace(
                    iteration=iteration, begin_iteration=0, params={"lr": 0.1}, evaluation_result_list=found
                )
            )
        lightgbm.log_summary(booster)
    points = recorded.points(tmp_path)
    assert points["val_auc"] == [(0, 0.5), (1, 0.75)] and points["train_l2-mean"] == [(0, 0.5), (1, 0.25)]
    assert points["train_l2-stdv"][0] == (0, 0.1) and points["iteration"] == [(0, 0), (1, 1)]
    run = recorded.only(tmp_path)
    assert run.params["hparams"] == {"lr": 0.1} and run.params["summary"]["best_iteration"] == 1


def test_without_the_framework_they_are_absent(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "keras", None)
    wandb.init()
    part("integration.keras").WandbMetricsLogger()
    assert "WandbMetricsLogger is not available" in capsys.readouterr().err


def test_an_error_of_a_callback_does_not_stop_the_training(capsys: pytest.CaptureFixture[str]) -> None:
    wandb.init()
    callback = part("keras").WandbMetricsLogger()
    callback.on_epoch_end(0, {"loss": 0.5})
    assert "_log()" in capsys.readouterr().err
