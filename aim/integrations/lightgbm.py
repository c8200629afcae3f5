"""LightGBM, its own API and scikit-learn's: `lightgbm.train(..., callbacks=[AimCallback()])`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aim
from aim.integrations.training_run import EXPERIMENT, TrainingRun, Where, harmless, subset

if TYPE_CHECKING:
    from typing_extensions import Unpack


class AimCallback:
    """Metrics of every boosting round with subset= the name of the data, and the parameters.

    Rounds of `lightgbm.cv` have means, and deviations as `<metric>_std`. `run`, `repo`, `experiment`: as in the other
    integrations. LightGBM does not report an early stop; the run then ends with the callback or the script.
    """

    order = 25  # Before early_stopping (30), which skips later callbacks in the round that it stops at.
    before_iteration = False

    experiment = EXPERIMENT

    def __init__(self, run: aim.Run | aim.Session | None = None, **where: Unpack[Where]) -> None:
        self._recording = TrainingRun(run, **where, ends=False)

    def __call__(self, env: Any) -> None:
        if env.iteration == env.begin_iteration:
            self._recording.begin(env.model)
            self._describe(env)
        self._record(env)

    @harmless
    def _describe(self, env: Any) -> None:
        self._recording.run.set_params(env.params, name="hparams")

    @harmless
    def _record(self, env: Any) -> None:
        for data, metric, value, _, *deviation in env.evaluation_result_list or ():
            context = {"subset": subset(data)}
            self._recording.run.track(value, metric, env.iteration, context=context)
            for number in deviation:
                if number is not None:
                    self._recording.run.track(number, f"{metric}_std", env.iteration, context=context)
        if env.iteration == env.end_iteration - 1:
            self._recording.end()
