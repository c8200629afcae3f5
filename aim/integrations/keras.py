"""The recording of `aim.keras.AimCallback` and `aim.tensorflow.AimCallback`, which differ only in the base class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import aim
from aim.integrations.training_run import EXPERIMENT, TrainingRun, Where, harmless, place

if TYPE_CHECKING:
    from typing_extensions import Unpack


class KerasCallback:
    """Metrics of every epoch: `val_x` becomes metric `x` with subset='val', others have subset='train'.

    - `session`: an aim.Session or aim.Run. Default: the open session, else one for this training alone.
    - `repo`, `experiment`: as in aim.Session, for a run of its own.
    - `every`: also record the running metrics of every so many batches, as `batch_x`; 0 records none.
    """

    model: Any
    params: dict[str, Any]

    experiment = EXPERIMENT

    def __init__(self, session: aim.Session | aim.Run | None = None, *, every: int = 0, **where: Unpack[Where]) -> None:
        super().__init__()
        self._recording = TrainingRun(session, **where)
        self._every = every
        self._epoch = 0
        self.async_safe = not every  # Keras then does not wait for the device after every batch.

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        self._recording.begin(self.model)
        self._describe()

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        self._epoch = epoch

    @harmless
    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        if self._every and (batch + 1) % self._every == 0:
            for name, value in (logs or {}).items():
                self._recording.run.track(value, f"batch_{name}", epoch=self._epoch, context={"subset": "train"})

    @harmless
    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        metrics = dict(logs or {})
        rate = _learning_rate(getattr(self.model, "optimizer", None))
        if rate is not None:
            metrics.setdefault("learning_rate", rate)
        for name, value in metrics.items():
            metric, context = place(name, "train")
            self._recording.run.track(value, metric, epoch=epoch, context=context)

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        self._recording.end()

    @harmless
    def _describe(self) -> None:
        self._recording.run.set_params(_facts(self.model, self.params), name="keras")


def _learning_rate(optimizer: Any) -> Any:
    """The learning rate at this step, also if a schedule sets it."""
    rate = getattr(optimizer, "learning_rate", None)
    if callable(rate) and not hasattr(rate, "numpy"):
        rate = rate(getattr(optimizer, "iterations", 0))
    return rate if rate is None or isinstance(rate, float) else float(rate)


def _facts(model: Any, fit: Mapping[str, Any]) -> dict[str, Any]:
    optimizer = getattr(model, "optimizer", None)
    facts: dict[str, Any] = {
        "model": {"name": model.name, "class": type(model).__name__, "layers": len(model.layers)},
        "fit": {key: fit[key] for key in ("epochs", "steps") if fit.get(key) is not None},
    }
    if getattr(model, "built", False):
        facts["model"]["parameters"] = model.count_params()
    if optimizer is not None:
        facts["optimizer"] = optimizer.get_config()
    return facts
