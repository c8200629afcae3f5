"""XGBoost, its own API and scikit-learn's: `xgboost.train(..., callbacks=[AimCallback()])`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import aim
from aim.integrations.training_run import EXPERIMENT, TrainingRun, Where, harmless, needed, subset

if TYPE_CHECKING:
    from typing_extensions import Unpack

with needed("xgboost"):
    from xgboost import collective
    from xgboost.callback import TrainingCallback


class AimCallback(TrainingCallback):  # type: ignore[misc]
    """Metrics of every boosting round with subset= the name of the data; the booster's settings; the best round.

    Rounds of `xgboost.cv` have means, and deviations as `<metric>_std`. `run`, `repo`, `experiment`: as in the other
    integrations.
    """

    experiment = EXPERIMENT

    def __init__(self, run: aim.Run | aim.Session | None = None, **where: Unpack[Where]) -> None:
        super().__init__()
        self._recording = TrainingRun(run, **where)

    def before_training(self, model: Any) -> Any:
        if collective.get_rank() == 0:
            self._recording.begin(model)
            self._describe(model)
        return model

    def after_iteration(self, model: Any, epoch: int, evals_log: Mapping[str, Mapping[str, list[Any]]]) -> bool:
        if collective.get_rank() == 0:
            self._record(epoch, evals_log)
        return False

    def after_training(self, model: Any) -> Any:
        if collective.get_rank() == 0:
            self._finish(model)
        return model

    @harmless
    def _record(self, step: int, evals: Mapping[str, Mapping[str, list[Any]]]) -> None:
        for data, metrics in evals.items():
            context = {"subset": subset(data)}
            for name, values in metrics.items():
                mean, *deviation = values[-1] if isinstance(values[-1], tuple) else (values[-1],)
                self._recording.run.track(mean, name, step, context=context)
                for number in deviation:
                    self._recording.run.track(number, f"{name}_std", step, context=context)

    @harmless
    def _describe(self, model: Any) -> None:
        if not hasattr(model, "save_config"):
            return
        learner = json.loads(model.save_config())["learner"]
        config: dict[str, Any] = {"objective": learner["objective"]["name"], **learner["learner_train_param"]}
        config.update(learner["gradient_booster"].get("tree_train_param", {}))
        self._recording.run.set_params({key: _value(text) for key, text in config.items()}, name="hparams")

    @harmless
    def _finish(self, model: Any) -> None:
        best = {"iteration": getattr(model, "best_iteration", None), "score": getattr(model, "best_score", None)}
        if best["score"] is not None:
            self._recording.run.set_params(best, name="best")
        self._recording.end()


def _value(text: Any) -> Any:
    """The booster reports its settings as text."""
    for kind in (int, float):
        try:
            return kind(text)
        except (TypeError, ValueError):
            continue
    return text
