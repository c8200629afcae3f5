"""Hugging Face Transformers' Trainer, and TRL's, which are Trainers too.

Pass `callbacks=[AimCallback()]`, or import this module and write `report_to="aim"`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import aim
from aim.integrations.training_run import EXPERIMENT, TrainingRun, Where, harmless, needed, place, scalars

if TYPE_CHECKING:
    from typing_extensions import Unpack

with needed("transformers"):
    from transformers import TrainerCallback
    from transformers.integrations import integration_utils


class AimCallback(TrainerCallback):  # type: ignore[misc]
    """Records the Trainer's logs on the main process, with subset='train' for training, 'val' for evaluation and 'test'
    for prediction.

    - `run`: an aim.Run or aim.Session. Default: the open session, else one for this training alone.
    - `repo`, `experiment`: as in aim.Run, for a run of its own.
    """

    experiment = EXPERIMENT

    def __init__(self, run: aim.Run | aim.Session | None = None, **where: Unpack[Where]) -> None:
        self._recording = TrainingRun(run, **where)

    def on_train_begin(self, args: Any, state: Any, control: Any, model: Any = None, **others: Any) -> None:
        if state.is_world_process_zero:
            self._recording.begin(model)
            self._describe(args, state, model)

    @harmless
    def on_log(self, args: Any, state: Any, control: Any, logs: Mapping[str, Any] | None = None, **others: Any) -> None:
        if not state.is_world_process_zero:
            return
        for name, value in scalars(logs or {}).items():
            # `train_loss` is the mean of the whole training; recorded as `loss`, it would add a misleading point.
            if name.startswith("train_"):
                metric, context = name, {"subset": "train"}
            else:
                metric, context = place(name, "train")
            if name != "epoch":
                self._recording.run.track(value, metric, state.global_step, state.epoch, context=context)

    @harmless
    def on_train_end(self, args: Any, state: Any, control: Any, **others: Any) -> None:
        self._recording.end()

    @harmless
    def _describe(self, args: Any, state: Any, model: Any) -> None:
        run = self._recording.run
        run.set_params({**args.to_dict(), **(state.trial_params or {})}, name="hparams")
        config: Any = getattr(model, "config", None)
        if hasattr(config, "to_dict"):
            run.set_params(config.to_dict(), name="model")
        run.set_params({"parameters": sum(parameter.numel() for parameter in model.parameters())}, name="model")


integration_utils.INTEGRATION_TO_CALLBACK["aim"] = AimCallback
