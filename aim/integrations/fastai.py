"""fastai: `learn.fit(3, cbs=AimCallback())`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aim
from aim.integrations.training_run import EXPERIMENT, TrainingRun, Where, harmless, needed, place

if TYPE_CHECKING:
    from typing_extensions import Unpack

with needed("fastai"):
    from fastai.callback.core import Callback
    from fastai.learner import Recorder
    from fastai.torch_core import rank_distrib


class AimCallback(Callback):  # type: ignore[misc]
    """Losses and metrics of every epoch with subset='train' and 'val', and the learning rate, on rank zero.

    - `every`: also record the running loss of every so many batches, as `batch_loss`; 0 records none.
    - `run`, `repo`, `experiment`: as in the other integrations.
    """

    order = Recorder.order + 1

    experiment = EXPERIMENT

    def __init__(
        self,
        run: aim.Run | aim.Session | None = None,
        *,
        every: int = 0,
        **where: Unpack[Where],
    ) -> None:
        super().__init__()
        self._recording = TrainingRun(run, **where)
        self._every = every

    def before_fit(self) -> None:
        self.run = not hasattr(self.learn, "lr_finder") and not hasattr(self, "gather_preds") and rank_distrib() == 0
        if self.run:
            self._recording.begin(self.learn.model)
            self._describe()

    @harmless
    def after_batch(self) -> None:
        learn = self.learn
        if self._every and learn.training and (learn.train_iter + 1) % self._every == 0:
            run = self._recording.run
            run.track(learn.smooth_loss, "batch_loss", learn.train_iter, learn.epoch, context={"subset": "train"})

    @harmless
    def after_epoch(self) -> None:
        values = dict(zip(self.recorder.metric_names, self.recorder.log, strict=False))
        for name, value in values.items():
            if value is not None and name not in ("epoch", "time"):
                metric, context = place(name, "val")
                self._recording.run.track(value, metric, epoch=self.epoch, context=context)
        self._recording.run.track(self.opt.hypers[-1]["lr"], "lr", epoch=self.epoch, context={"subset": "train"})

    @harmless
    def after_fit(self) -> None:
        if self.run:
            self._recording.end()

    @harmless
    def _describe(self) -> None:
        parameters = sum(parameter.numel() for parameter in self.learn.model.parameters())
        self._recording.run.set_params({"class": type(self.learn.model).__name__, "parameters": parameters}, "model")
        hparams = {"epochs": self.learn.n_epoch, "batch_size": self.learn.dls.bs, "loss": str(self.learn.loss_func)}
        self._recording.run.set_params({**hparams, "optimizer": dict(self.learn.opt.hypers[-1])}, name="hparams")
