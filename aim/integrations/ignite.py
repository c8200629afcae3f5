"""PyTorch Ignite: a logger with the methods that Ignite's own loggers have, `attach_output_handler` and the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

import aim
from aim.integrations.training_run import EXPERIMENT, TrainingRun, Where, harmless, needed, subset

if TYPE_CHECKING:
    from typing_extensions import Unpack

with needed("pytorch-ignite"):
    from ignite.distributed import get_rank
    from ignite.handlers.base_logger import BaseLogger, BaseOptimizerParamsHandler, BaseOutputHandler


class AimLogger(BaseLogger):  # type: ignore[misc]
    """Records the attached handlers on rank zero; the `tag` of a handler becomes the subset.

    `run`, `repo`, `experiment`: as in the other integrations. As in Ignite's loggers, `with AimLogger() as logger:` or
    `logger.close()` ends the run; else it ends with the script.
    """

    experiment = EXPERIMENT

    def __init__(self, run: aim.Run | aim.Session | None = None, **where: Unpack[Where]) -> None:
        super().__init__()
        self._recording = TrainingRun(run, **where, ends=False)

    @harmless
    def set_params(self, params: Mapping[str, Any], name: str = "hparams") -> None:
        if get_rank() == 0:
            self._recording.run.set_params(params, name)

    def log_params(self, params: Mapping[str, Any]) -> None:
        """The same as `set_params`."""
        self.set_params(params)

    @harmless
    def record(self, values: Mapping[Any, Any], tag: str | None, step: int, epoch: float | None) -> None:
        if get_rank() == 0:
            context = {"subset": subset(tag)} if tag else None
            for name, value in values.items():
                self._recording.run.track(value, name, step, epoch, context=context)

    def close(self) -> None:
        self._recording.end()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._recording.end(error)

    def attach(self, *args: Any, **kwargs: Any) -> Any:
        """Attach a handler, as for every logger of Ignite; opens the run."""
        if get_rank() == 0:
            self._recording.begin(self)
        return super().attach(*args, **kwargs)

    def _create_output_handler(self, *args: Any, **kwargs: Any) -> OutputHandler:
        return OutputHandler(*args, **kwargs)

    def _create_opt_params_handler(self, *args: Any, **kwargs: Any) -> OptimizerParamsHandler:
        return OptimizerParamsHandler(*args, **kwargs)


class OutputHandler(BaseOutputHandler):  # type: ignore[misc]
    """The metrics and outputs of an engine, by its own steps and epochs or by the steps of `global_step_transform`."""

    def __init__(
        self,
        tag: str,
        metric_names: str | list[str] | None = None,
        output_transform: Callable[[Any], Any] | None = None,
        global_step_transform: Callable[[Any, Any], int] | None = None,
        state_attributes: list[str] | None = None,
    ) -> None:
        super().__init__(tag, metric_names, output_transform, global_step_transform, state_attributes)
        self._own_steps = global_step_transform is None

    def __call__(self, engine: Any, logger: AimLogger, event_name: Any) -> None:
        metrics = self._setup_output_metrics_state_attrs(engine)
        values = {"/".join(key[1:]): value for key, value in metrics.items()}
        step = self.global_step_transform(engine, event_name)
        logger.record(values, self.tag, step, engine.state.epoch if self._own_steps else None)


class OptimizerParamsHandler(BaseOptimizerParamsHandler):  # type: ignore[misc]
    """A parameter of the optimizer (default: its learning rate) for each of its groups."""

    def __call__(self, engine: Any, logger: AimLogger, event_name: Any) -> None:
        groups = self.optimizer.param_groups
        step = engine.state.get_event_attrib_value(event_name)
        for number, group in enumerate(groups):
            name = self.param_name if len(groups) == 1 else f"{self.param_name}/group_{number}"
            logger.record({name: group[self.param_name]}, self.tag, step, engine.state.epoch)
