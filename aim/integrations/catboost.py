"""CatBoost on the CPU (on a GPU it calls no callbacks): `model.fit(..., callbacks=[AimCallback(model)])`."""

from __future__ import annotations

from typing import Any

import aim
from aim.integrations.training_run import TrainingRun, harmless, subset


class AimCallback:
    """Metrics of every iteration with subset='train' for the data learned from, 'val' for the (first) evaluation set.

    - `model`: the model that is fitted, for its parameters and to know when it starts again.
    - `run`, `repo`, `experiment`: as in the other integrations. CatBoost does not report the end of a training, so a
      run opened by the callback ends with the callback or the script.
    """

    def __init__(
        self,
        model: Any = None,
        run: aim.Run | aim.Session | None = None,
        *,
        repo: str | None = None,
        experiment: str | None = None,
    ) -> None:
        self._model = model
        self._recording = TrainingRun(run, repo=repo, experiment=experiment, ends=False)
        self._last = 0

    def after_iteration(self, info: Any) -> bool:
        """True: continue training."""
        if not self._last or info.iteration <= self._last:
            self._recording.begin(object())
            self._describe()
        self._record(info)
        return True

    @harmless
    def _describe(self) -> None:
        if self._model is not None:
            self._recording.run.set_params(self._model.get_params(), name="hparams")

    @harmless
    def _record(self, info: Any) -> None:
        self._last = info.iteration
        for data, metrics in info.metrics.items():
            for name, values in metrics.items():
                self._recording.run.track(values[-1], name, info.iteration - 1, context={"subset": subset(data)})
