"""Accelerate: `Accelerator(log_with=AimTracker())`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import aim
from aim.integrations.training_run import TrainingRun, Where, harmless, needed, place

if TYPE_CHECKING:
    from typing_extensions import Unpack

with needed("accelerate"):
    from accelerate.tracking import GeneralTracker, on_main_process


class AimTracker(GeneralTracker):  # type: ignore[misc]
    """Records the values of `accelerator.log` on the main process: `val_loss` becomes `loss` with subset='val'.

    An `epoch` among the values is the epoch of the others. `run`, `repo`, `experiment`: as in the other integrations.
    """

    name = "aim"
    requires_logging_directory = False

    def __init__(self, run: aim.Run | aim.Session | None = None, **where: Unpack[Where]) -> None:
        super().__init__()
        self._recording = TrainingRun(run, **where)

    @property
    def tracker(self) -> aim.Run:
        return self._recording.run

    @on_main_process  # type: ignore[untyped-decorator]
    def start(self) -> None:
        self._recording.begin(self)

    @on_main_process  # type: ignore[untyped-decorator]
    @harmless
    def store_init_configuration(self, values: Mapping[str, Any]) -> None:
        self._recording.run.set_params(values, name="hparams")

    @on_main_process  # type: ignore[untyped-decorator]
    @harmless
    def log(self, values: Mapping[str, Any], step: int | None = None, **others: Any) -> None:
        for name, value in values.items():
            if name != "epoch":
                metric, context = place(name)
                self._recording.run.track(value, metric, step, values.get("epoch"), context=context)

    @on_main_process  # type: ignore[untyped-decorator]
    @harmless
    def finish(self) -> None:
        self._recording.end()
