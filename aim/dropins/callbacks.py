"""wandb's callbacks of training frameworks, made of the framework's own classes when a script imports them."""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from aim.dropins.absent import harmless

# Of LightGBM's metrics.
_BETTER = {
    **dict.fromkeys(("map", "auc", "average_precision"), "max"),
    **dict.fromkeys(("l1", "l2", "rmse", "mape", "huber", "fair", "poisson", "gamma", "binary_logloss"), "min"),
}


def of_keras(face: ModuleType) -> Mapping[str, Any]:
    callbacks: Any = importlib.import_module("keras").callbacks

    class WandbMetricsLogger(callbacks.Callback):  # type: ignore[misc]
        """What `compile` named, and the learning rate: `epoch/loss` by epoch, and with `log_freq` `batch/loss`."""

        def __init__(self, log_freq: Any = "epoch", initial_global_step: int = 0, *args: Any, **others: Any) -> None:
            super().__init__()
            self._every = {"epoch": 0, "batch": 1}.get(log_freq, log_freq)
            self._batch = 0
            group, axis = ("batch", "batch/batch_step") if self._every else ("epoch", "epoch/epoch")
            face.define_metric(axis)
            face.define_metric(f"{group}/*", step_metric=axis)

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self._log("epoch", logs, {"epoch/epoch": epoch})

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if self._every and batch % self._every == 0:
                self._log("batch", logs, {"batch/batch_step": self._batch})
                self._batch += self._every

        @harmless()
        def _log(self, group: str, logs: Any, axis: dict[str, int]) -> None:
            named = {f"{group}/{name}": value for name, value in (logs or {}).items()}
            face.log({**named, **axis, f"{group}/learning_rate": float(self.model.optimizer.learning_rate)})

    class WandbModelCheckpoint(callbacks.ModelCheckpoint):  # type: ignore[misc]
        """Each checkpoint is a version of an artifact."""

        def _save_model(self, epoch: int, batch: int | None, logs: Any) -> None:
            super()._save_model(epoch, batch, logs)
            self._log(self._get_file_path(epoch, batch, logs), epoch, batch)

        @harmless()
        def _log(self, path: Any, epoch: int, batch: int | None) -> None:
            if os.path.exists(path):
                alias = f"epoch_{epoch}" if batch is None else f"epoch_{epoch}_batch_{batch}"
                face.log_artifact(path, f"run_{face.run.id}_model", "model", [alias])

    class WandbCallback(callbacks.Callback):  # type: ignore[misc]
        """The callback of earlier releases: metrics by epoch, without a group."""

        def __init__(self, *args: Any, **others: Any) -> None:
            super().__init__()

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            face.log({"epoch": epoch, **(logs or {})})

    return _named(WandbMetricsLogger, WandbModelCheckpoint, WandbCallback)


def of_stable_baselines3(face: ModuleType) -> Mapping[str, Any]:
    base: Any = importlib.import_module("stable_baselines3.common.callbacks").BaseCallback

    class WandbCallback(base):  # type: ignore[misc]
        """The algorithm and its settings become the config, the model is saved with the run. Metrics come from
        `wandb.init(sync_tensorboard=True)`."""

        def __init__(
            self, verbose: int = 0, model_save_path: Any = None, model_save_freq: int = 0,
            gradient_save_freq: int = 0, log: Any = "all",
        ) -> None:  # fmt: skip
            super().__init__(verbose)
            self._folder, self._every, self._gradients = model_save_path, model_save_freq, gradient_save_freq

        @harmless()
        def _init_callback(self) -> None:
            about = {name: v if type(v) in (float, int, str) else str(v) for name, v in vars(self.model).items()}
            face.config.setdefaults({"algo": type(self.model).__name__, **about})
            if self._gradients:
                face.watch(self.model.policy)

        def _on_step(self) -> bool:
            if self._every and self.n_calls % self._every == 0:
                self._save()
            return True

        def _on_training_end(self) -> None:
            self._save()

        @harmless()
        def _save(self) -> None:
            if self._folder is not None:
                os.makedirs(self._folder, exist_ok=True)
                path = os.path.join(self._folder, "model.zip")
                self.model.save(path)
                face.save(path, base_path=self._folder)

    return _named(WandbCallback)


def of_xgboost(face: ModuleType) -> Mapping[str, Any]:
    base: Any = importlib.import_module("xgboost.callback").TrainingCallback

    class WandbCallback(base):  # type: ignore[misc]
        """Metrics of each iteration as `SET-METRIC`, the config of the booster, and the importance of features."""

        def __init__(
            self, log_model: bool = False, log_feature_importance: bool = True, importance_type: str = "gain",
            define_metric: bool = True,
        ) -> None:  # fmt: skip
            super().__init__()
            self._keeps_model, self._importance = log_model, importance_type if log_feature_importance else None

        def before_training(self, model: Any) -> Any:
            _configured(face, lambda: json.loads(model.save_config()))
            return model

        @harmless(False)
        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
            last = {f"{data}-{name}": log[-1] for data, named in evals_log.items() for name, log in named.items()}
            face.log({**last, "epoch": epoch})
            return False

        def after_training(self, model: Any) -> Any:
            self._finish(model)
            return model

        @harmless()
        def _finish(self, model: Any) -> None:
            if self._keeps_model:
                path = os.path.join(face.run.dir, f"{face.run.id}_model.json")
                model.save_model(path)
                face.log_artifact(path, f"{face.run.id}_model.json", "model")
            if self._importance:
                _log_importance(face, list(model.get_score(importance_type=self._importance).items()))
            if (best := model.attr("best_score")) is not None:
                face.log({"best_score": float(best), "best_iteration": int(model.attr("best_iteration"))})

    return _named(WandbCallback)


def of_lightgbm(face: ModuleType) -> Mapping[str, Any]:
    def wandb_callback(log_params: bool = True, define_metric: bool = True) -> Callable[[Any], None]:
        @harmless()
        def callback(env: Any) -> None:
            evaluated = [part for item in env.evaluation_result_list for part in _evaluated(item)]
            if env.iteration == env.begin_iteration:
                if log_params:
                    _configured(face, lambda: env.params)
                for name, metric, _ in evaluated if define_metric else ():
                    if better := _BETTER.get(metric.lower(), "min" if "loss" in metric.lower() else None):
                        face.define_metric(name, summary=better)
            face.log({**{name: value for name, _, value in evaluated}, "iteration": env.iteration})

        callback.order = 20  # type: ignore[attr-defined]
        return callback

    @harmless()
    def log_summary(model: Any, feature_importance: bool = True, save_model_checkpoint: bool = False) -> None:
        face.summary.update({"best_iteration": model.best_iteration, "best_score": model.best_score})
        if feature_importance:
            _log_importance(face, list(zip(model.feature_name(), model.feature_importance(), strict=True)))
        if save_model_checkpoint:
            path = os.path.join(face.run.dir, f"model_ckpt_{model.best_iteration}.txt")
            model.save_model(path, num_iteration=model.best_iteration)
            face.log_artifact(path, f"model_{face.run.id}", "model", ["best"])

    return {"wandb_callback": wandb_callback, "log_summary": log_summary}


def _evaluated(item: tuple[Any, ...]) -> list[tuple[str, str, float]]:
    """The names, metrics and values of `lightgbm.train` (set, metric, value, ...), and of `lightgbm.cv` ("cv_agg",
    "set metric", mean, ..., spread)."""
    if len(item) == 4:
        return [(f"{item[0]}_{item[1]}", item[1], item[2])]
    data, metric = item[1].split()
    return [(f"{data}_{metric}-mean", metric, item[2]), (f"{data}_{metric}-stdv", metric, item[4])]


@harmless()
def _configured(face: ModuleType, config: Callable[[], Any]) -> None:
    face.config.update(config())


def _log_importance(face: ModuleType, scores: list[tuple[str, float]]) -> None:
    table = face.Table(columns=["Feature", "Importance"], data=[list(pair) for pair in scores])
    chart = importlib.import_module(f"{face.__name__}.plot").bar(table, "Feature", "Importance", "Feature Importance")
    face.log({"Feature Importance": chart})


def _named(*classes: type) -> Mapping[str, Any]:
    return {each.__name__: each for each in classes}
