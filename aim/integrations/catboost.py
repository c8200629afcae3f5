"""CatBoost on the CPU (on a GPU it calls no callbacks): `model.fit(..., callbacks=[AimCallback(model)])`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import aim
from aim.integrations.training_run import EXPERIMENT, TrainingRun, Where, harmless, subset

if TYPE_CHECKING:
    from typing_extensions import Unpack


class AimCallback:
    """Metrics of every iteration with subset='train' for the data learned from, 'val' for the (first) evaluation set.

    - `model`: the model that is fitted, for its parameters and to know when it starts again.
    - `run`, `repo`, `experiment`: as in the other integrations. CatBoost does not report the end of a training, so a
      run opened by the callback ends with the callback or the script.
    """

    experiment = EXPERIMENT

    def __init__(
        self,
        model: Any = None,
        run: aim.Run | aim.Session | None = None,
        **where: Unpack[Where],
    ) -> None:
        self._model = model
        self._recording = TrainingRun(run, **where, ends=False)
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


class AimLogger:
    """Aim 3's way, which works on a GPU too: `model.fit(..., log_cout=AimLogger(loss_function="Logloss"))` records what
    CatBoost prints. `log_cout`: where it is printed; None prints nothing."""

    experiment = EXPERIMENT

    def __init__(self, loss_function: str = "Loss", log_cout: Any = sys.stdout, **where: Unpack[Where]) -> None:
        self._loss = loss_function
        self._printed = log_cout
        self._recording = TrainingRun(**where, ends=False)

    def write(self, text: str) -> None:
        """A line of CatBoost: `7:	learn: 0.41	test: 0.52	best: 0.52 (7)	total: 16ms	remaining: 5ms`."""
        if self._printed is not None:
            self._printed.write(text)
        self._record(text)

    def flush(self) -> None:
        if self._printed is not None:
            self._printed.flush()

    @harmless
    def _record(self, text: str) -> None:
        number, *parts = text.strip().split("\t")
        if not number.rstrip(":").isdigit():
            return
        for part in parts:
            name, _, value = part.partition(":")
            if name in ("learn", "test"):
                context = {"subset": "train" if name == "learn" else "val"}
                self._recording.run.track(float(value.split()[0]), self._loss, int(number[:-1]), context=context)
