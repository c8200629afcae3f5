"""Real studies: trials that finish, fail, or are pruned, with one objective and with two."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

import aim
from tests.integrations.frameworks import framework

optuna = framework("optuna")

from aim.optuna import AimCallback  # noqa: E402


def objective(trial: Any) -> float:
    x = trial.suggest_float("x", -1, 1)
    trial.set_user_attr("note", "tried")
    for step in range(3):
        trial.report(x + step, step)
    if trial.number == 1:
        raise optuna.TrialPruned
    if trial.number == 2:
        raise ArithmeticError("diverged")
    return float(x**2)


def test_every_trial_is_a_run(tmp_path: Path) -> None:
    study = optuna.create_study(study_name="squares", sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(objective, n_trials=3, callbacks=[AimCallback()], catch=ArithmeticError)
    runs = sorted(aim.select_metrics("*", tmp_path), key=lambda run: run.name)
    assert [run.name for run in runs] == ["trial 0", "trial 1", "trial 2"]
    assert [run.status for run in runs] == ["finished", "finished", "failed"]
    assert [list(run.tags) for run in runs] == [[], ["pruned"], []]
    assert {run.experiment for run in runs} == {"squares"}
    first = runs[0]
    assert first.params["hparams"] == study.trials[0].params
    assert first.params["optuna"]["user_attrs"] == {"note": "tried"}
    assert first.metrics["objective"].traces[0].values.tolist() == [study.trials[0].value]
    assert first.metrics["intermediate"].traces[0].steps.tolist() == [0, 1, 2]
    assert abs(first.created_at - study.trials[0].datetime_start.timestamp()) < 1e-3


def test_several_objectives_by_their_names(tmp_path: Path) -> None:
    study = optuna.create_study(directions=["minimize", "maximize"])
    study.set_metric_names(["loss", "accuracy"])
    study.optimize(lambda trial: (trial.suggest_float("x", 0, 1), 0.5), n_trials=1, callbacks=[AimCallback()])
    (run,) = aim.select_metrics("*", tmp_path)
    assert set(run.metrics) == {"loss", "accuracy"}
    assert run.metrics["accuracy"].traces[0].last == 0.5


def test_one_run_for_all_trials_as_in_aim_3(tmp_path: Path) -> None:
    callback = AimCallback(as_multirun=False, experiment_name="single", metric_name="loss")
    study = optuna.create_study(study_name="squares")
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1) ** 2, n_trials=4, callbacks=[callback])
    assert callback.experiment is not None
    callback.close()
    assert callback.experiment is None
    (run,) = aim.select_metrics("x, loss", tmp_path)
    assert (run.experiment, run.name, run.status) == ("single", "squares", "finished")
    assert run.metrics["x"].traces[0].values.tolist() == [trial.params["x"] for trial in study.trials]
    assert run.metrics["loss"].traces[0].steps.tolist() == [0, 1, 2, 3]


def test_an_objective_records_to_the_run_of_its_trial(tmp_path: Path) -> None:
    callback = AimCallback(as_multirun=True, experiment_name="decorated")

    @callback.track_in_aim()
    def objective(trial: Any) -> float:
        x = trial.suggest_float("x", 0, 1)
        callback.experiment.track(2.0, name="power")
        return float(x**2)

    optuna.create_study().optimize(objective, n_trials=3, callbacks=[callback])
    runs = aim.select_metrics("power, objective", tmp_path)
    assert len(runs) == 3 and all(set(run.metrics) == {"power", "objective"} for run in runs)
    assert {run.experiment for run in runs} == {"decorated"} and {run.status for run in runs} == {"finished"}


def test_trials_at_once_have_runs_of_their_own(tmp_path: Path) -> None:
    callback, together = AimCallback(), threading.Barrier(2, timeout=60)

    @callback.track_in_aim()
    def objective(trial: Any) -> float:
        together.wait()
        callback.experiment.track(float(trial.number), name="mine")
        together.wait()
        return float(trial.number)

    optuna.create_study().optimize(objective, n_trials=4, n_jobs=2, callbacks=[callback])
    runs = aim.select_metrics("mine, objective", tmp_path)
    values = {run.name: [run.metrics[name].traces[0].values.tolist() for name in ("mine", "objective")] for run in runs}
    assert values == {f"trial {number}": [[number], [number]] for number in range(4)}
    assert callback.experiment is None


@pytest.mark.parametrize("as_multirun", [True, False])
def test_trials_go_on_where_no_run_can_be_opened(tmp_path: Path, as_multirun: bool) -> None:
    (tmp_path / "file").write_text("no folder")
    callback = AimCallback(repo=str(tmp_path / "file"), as_multirun=as_multirun)

    @callback.track_in_aim()
    def objective(trial: Any) -> float:
        callback.experiment.track(2.0, name="power")
        callback.experiment["hparams"] = {"seed": 7}
        callback.experiment.name = "mine"
        return float(trial.suggest_float("x", 0, 1))

    study = optuna.create_study()
    study.optimize(objective, n_trials=2, callbacks=[callback])
    assert [trial.state.name for trial in study.trials] == ["COMPLETE", "COMPLETE"]


def test_a_trial_that_never_reached_the_callback_leaves_no_open_run(tmp_path: Path) -> None:
    callback = AimCallback()

    @callback.track_in_aim()
    def objective(trial: Any) -> float:
        callback.experiment.track(2.0, name="power")
        return 1.0

    optuna.create_study().optimize(objective, n_trials=2)
    assert not callback.experiment.closed
    assert sorted(run.status for run in aim.select_metrics("power", tmp_path)) == ["finished", "running"]
    callback.close()
    assert {run.status for run in aim.select_metrics("power", tmp_path)} == {"finished"}
