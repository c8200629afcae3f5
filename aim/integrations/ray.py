"""Ray Tune: `tune.RunConfig(callbacks=[AimCallback()])` records a run for every trial."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import aim
from aim.integrations.training_run import harmless, needed, place

with needed("ray[tune]"):
    from ray.tune.logger import LoggerCallback

# Fields that Ray adds to every result, and that are constant or only grow with the clock.
_NOT_METRICS = frozenset(
    {
        "done",
        "iterations_since_restore",
        "pid",
        "time_since_restore",
        "time_this_iter_s",
        "timestamp",
        "training_iteration",
    }
)


class AimCallback(LoggerCallback):  # type: ignore[misc]
    """Records a run for each trial: its config as `hparams`, and its results by training iteration. A failed trial is a
    failed run.

    `repo`, `experiment`: as in aim.Run; a relative `repo` is a folder of the script, wherever Ray runs the callback.
    """

    def __init__(self, *, repo: str | None = None, experiment: str | None = None) -> None:
        self._repo = os.path.abspath(repo) if repo is not None else None
        self._experiment = experiment
        self._runs: dict[str, aim.Run] = {}

    @harmless
    def log_trial_start(self, trial: Any) -> None:
        if trial.trial_id not in self._runs:
            run = self._runs[trial.trial_id] = aim.Run(repo=self._repo, experiment=self._experiment)
            run.name = str(trial)
            run.set_params(trial.config, name="hparams")
            run.set_params({"trial": trial.trial_id}, name="ray")

    @harmless
    def log_trial_result(self, iteration: int, trial: Any, result: Mapping[str, Any]) -> None:
        self.log_trial_start(trial)
        step = result.get("training_iteration", iteration)
        for name, value in _numbers(result):
            metric, context = place(name)
            self._runs[trial.trial_id].track(value, metric, step, result.get("epoch"), context=context)

    @harmless
    def log_trial_end(self, trial: Any, failed: bool = False) -> None:
        run = self._runs.pop(trial.trial_id, None)
        if run is not None:
            run.close(error=f"trial {trial.trial_id} failed" if failed else None)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_runs": {}}


def _numbers(result: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Numbers at any depth, by path."""
    numbers: list[tuple[str, Any]] = []
    for name, value in result.items():
        if isinstance(value, Mapping) and name != "config":
            numbers += _numbers(value, f"{prefix}{name}/")
        elif name not in _NOT_METRICS and (isinstance(value, (int, float)) or getattr(value, "shape", None) == ()):
            numbers.append((f"{prefix}{name}", value))
    return numbers
