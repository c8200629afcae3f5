"""Optuna: `study.optimize(objective, n_trials=100, callbacks=[AimCallback()])` records a run for every trial."""

from __future__ import annotations

from typing import Any

import aim
from aim.integrations.training_run import harmless


class AimCallback:
    """Records a run for each trial when it ends: its params, its intermediate values, and its result.

    A trial that failed is a failed run; one that was pruned has the tag `pruned`. The run began when the trial did.

    - `repo`, `experiment`: as in aim.Run; `experiment` defaults to the name of the study.
    """

    def __init__(self, *, repo: str | None = None, experiment: str | None = None) -> None:
        self._repo = repo
        self._experiment = experiment

    @harmless
    def __call__(self, study: Any, trial: Any) -> None:
        began = trial.datetime_start.timestamp() if trial.datetime_start else None
        experiment = self._experiment or study.study_name
        with aim.Run(repo=self._repo, experiment=experiment, started_at=began) as run:
            run.name = f"trial {trial.number}"
            run.set_params(trial.params, name="hparams")
            facts = {"study": study.study_name, "trial": trial.number, "state": trial.state.name.lower()}
            run.set_params({**facts, "user_attrs": trial.user_attrs}, name="optuna")
            for step, value in trial.intermediate_values.items():
                run.track(value, "intermediate", step)
            for name, value in zip(_names(study), trial.values or (), strict=False):
                run.track(value, name)
            if facts["state"] == "pruned":
                run.add_tag("pruned")
            if facts["state"] == "fail":
                run.close(error=f"trial {trial.number} failed")


def _names(study: Any) -> list[str]:
    if study.metric_names:
        return list(study.metric_names)
    count = len(study.directions)
    return ["objective"] if count == 1 else [f"objective_{number}" for number in range(count)]
