"""Stable-Baselines3: `model.learn(..., callback=AimCallback())`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import aim
from aim.integrations.training_run import EXPERIMENT, TrainingRun, Where, harmless, needed, scalars, subset

if TYPE_CHECKING:
    from typing_extensions import Unpack

with needed("stable-baselines3"):
    from stable_baselines3.common.callbacks import BaseCallback
    from stable_baselines3.common.logger import KVWriter


class AimCallback(BaseCallback):  # type: ignore[misc]
    """Records the metrics of the model's logger by environment step: `rollout/ep_rew_mean` becomes `ep_rew_mean` with
    subset='rollout'.

    `run`, `repo`, `experiment`: as in the other integrations.
    """

    experiment = EXPERIMENT

    def __init__(self, run: aim.Run | aim.Session | None = None, **where: Unpack[Where]) -> None:
        super().__init__()
        self._recording = TrainingRun(run, **where)
        self._writer = _MetricsWriter(self._recording)

    def _on_training_start(self) -> None:
        self._recording.begin(self.model)
        self._describe()
        if self._writer not in self.logger.output_formats:
            self.logger.output_formats.append(self._writer)

    def _on_step(self) -> bool:
        return True

    @harmless
    def _on_training_end(self) -> None:
        self.logger.output_formats.remove(self._writer)
        self._recording.end()

    @harmless
    def _describe(self) -> None:
        plain = (bool, int, float, str)
        attributes = {name: value for name, value in vars(self.model).items() if isinstance(value, plain)}
        settings = {name: value for name, value in attributes.items() if not name.startswith("_")}
        self._recording.run.set_params({"algorithm": type(self.model).__name__, **settings}, name="hparams")


class _MetricsWriter(KVWriter):  # type: ignore[misc]
    def __init__(self, recording: TrainingRun) -> None:
        self._recording = recording

    @harmless
    def write(self, key_values: Mapping[str, Any], key_excluded: Mapping[str, Any], step: int = 0) -> None:
        for name, value in scalars(key_values).items():
            group, _, metric = name.rpartition("/")
            plain = "lr" if metric == "learning_rate" else metric
            self._recording.run.track(value, plain, step, context={"subset": subset(group)} if group else None)

    def close(self) -> None:
        """The run ends with the training, not with the logger."""
