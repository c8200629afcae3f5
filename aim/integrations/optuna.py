"""Optuna: `study.optimize(objective, n_trials=100, callbacks=[AimCallback()])` records a run for every trial."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import aim
from aim.integrations.training_run import Where, harmless, session_arguments

if TYPE_CHECKING:
    from typing_extensions import Unpack


_opening = threading.Lock()


class AimCallback:
    """Records a run for each trial when it ends: its params, its intermediate values, and its result.

    A trial that failed is a failed run; one that was pruned has the tag `pruned`. The run began when the trial did.

    - `metric_name`: what the objectives are called. Default: as in the study, else `objective`.
    - `as_multirun`: False records one run instead, in which the params and the results have the number of their trial
      as step.
    - `repo`, `experiment`: as in aim.Run; `experiment` defaults to the name of the study.
    """

    def __init__(
        self, metric_name: str | Sequence[str] | None = None, as_multirun: bool = True, **where: Unpack[Where]
    ) -> None:
        self._names = metric_name
        self._is_multirun = as_multirun
        self._where = session_arguments(where)
        self._run: aim.Run | None = None
        # By the number of the trial, and the trial of each thread, of which `n_jobs` makes several.
        self._runs: dict[int, aim.Run] = {}
        self._trials: dict[int, int] = {}

    @property
    def experiment(self) -> Any:
        """The run that is open: that of all trials, or that of its trial in an objective with `track_in_aim`, where it
        takes all calls and records nothing if no run could be opened."""
        if self._run is not None or not self._trials:
            return self._run
        number = self._trials.get(threading.get_ident())
        # A thread of the objective's own has the run of the only trial.
        runs = list(self._runs.values()) if number is None else [self._runs.get(number)]
        return runs[0] if len(runs) == 1 and runs[0] is not None else _Unrecorded()

    def track_in_aim(self) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
        """Decorates an objective, which can then record to its trial's run: `callback.experiment.track(...)`."""

        def decorate(objective: Callable[[Any], Any]) -> Callable[[Any], Any]:
            @functools.wraps(objective)
            def tracked(trial: Any) -> Any:
                self._begin(trial)
                return objective(trial)

            return tracked

        return decorate

    @harmless
    def __call__(self, study: Any, trial: Any) -> None:
        self._trials.pop(threading.get_ident(), None)
        if self._is_multirun:
            self._record_run(study, trial)
        else:
            self._record_step(study, trial)

    def close(self) -> None:
        """End the run of all trials, and those of trials that never reached this callback."""
        for run in (self._run, *self._runs.values()):
            if run is not None:
                run.close()
        self._run = None
        self._runs.clear()
        self._trials.clear()

    @harmless
    def _begin(self, trial: Any) -> None:
        thread = threading.get_ident()
        if (left := self._runs.pop(self._trials.get(thread, -1), None)) is not None:
            left.close()
        self._trials[thread] = trial.number
        if self._is_multirun:
            self._runs[trial.number] = self._open(trial.study.study_name)
        else:
            self._run_of_all(trial.study)

    def _open(self, study: str, began: float | None = None) -> aim.Run:
        where = {**self._where, "experiment": self._where["experiment"] or study}
        return aim.Run(**where, started_at=began)

    def _record_run(self, study: Any, trial: Any) -> None:
        began = trial.datetime_start.timestamp() if trial.datetime_start else None
        opened = self._runs.pop(trial.number, None)
        with opened or self._open(study.study_name, began) as run:
            run.name = f"trial {trial.number}"
            run.set_params(trial.params, name="hparams")
            facts = {"study": study.study_name, "trial": trial.number, "state": trial.state.name.lower()}
            run.set_params({**facts, "user_attrs": trial.user_attrs}, name="optuna")
            for step, value in trial.intermediate_values.items():
                run.track(value, "intermediate", step)
            for name, value in self._results(study, trial):
                run.track(value, name)
            if facts["state"] == "pruned":
                run.add_tag("pruned")
            if facts["state"] == "fail":
                run.close(error=f"trial {trial.number} failed")

    def _record_step(self, study: Any, trial: Any) -> None:
        run = self._run_of_all(study)
        numbers = {name: value for name, value in trial.params.items() if isinstance(value, (int, float))}
        for name, value in [*numbers.items(), *self._results(study, trial)]:
            run.track(value, name, trial.number)

    def _run_of_all(self, study: Any) -> aim.Run:
        with _opening:
            if self._run is None or self._run.closed:
                self._run = self._open(study.study_name)
                self._run.name = study.study_name
                self._run.set_params({"study": study.study_name}, name="optuna")
            return self._run

    def _results(self, study: Any, trial: Any) -> list[tuple[str, float]]:
        return list(zip(_named(self._names, study), trial.values or (), strict=False))


class _Unrecorded:
    """In place of a run that could not be opened: the objective goes on."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *args, **others: None

    def __setitem__(self, key: Any, value: Any) -> None:
        """Nothing is recorded."""


def _named(chosen: str | Sequence[str] | None, study: Any) -> list[str]:
    if chosen is not None and not isinstance(chosen, str):
        return list(chosen)
    if chosen is None and study.metric_names:
        return list(study.metric_names)
    count, name = len(study.directions), chosen or "objective"
    return [name] if count == 1 else [f"{name}_{number}" for number in range(count)]
