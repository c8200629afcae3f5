"""XGBoost's train, cv and scikit-learn API, on generated data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import aim
from tests.integrations.frameworks import framework, only

numpy = framework("numpy")
xgboost = framework("xgboost")

from aim.integrations.xgboost import AimCallback  # noqa: E402

X = numpy.random.default_rng(0).normal(size=(120, 4))
Y = (X[:, 0] > 0).astype(int)
PARAMS = {"objective": "binary:logistic", "max_depth": 2, "eta": 0.5, "nthread": 1}


def data() -> Any:
    return xgboost.DMatrix(X, Y)


def test_train(tmp_path: Path) -> None:
    evals = [(data(), "train"), (data(), "eval")]
    xgboost.train(PARAMS, data(), 5, evals=evals, verbose_eval=False, callbacks=[AimCallback(experiment="boosted")])
    run, series = only(tmp_path)
    assert set(series) == {("logloss", "train"), ("logloss", "val")}
    assert series["logloss", "val"].steps.tolist() == [0, 1, 2, 3, 4]
    assert run.params["hparams"]["max_depth"] == 2
    assert run.params["hparams"]["eta"] == pytest.approx(0.5)
    assert run.params["hparams"]["objective"] == "binary:logistic"
    assert (run.status, run.experiment) == ("finished", "boosted")


def test_an_early_stop_records_the_best_round(tmp_path: Path) -> None:
    evals = [(data(), "eval")]
    xgboost.train(
        {**PARAMS, "eval_metric": "error"}, data(), 50, evals=evals, verbose_eval=False, early_stopping_rounds=2,
        callbacks=[AimCallback()],
    )  # fmt: skip
    run, series = only(tmp_path)
    assert run.status == "finished"
    assert run.params["best"]["iteration"] == series["error", "val"].values.argmin()
    assert len(series["error", "val"]) < 50


def test_cv_has_means_and_deviations(tmp_path: Path) -> None:
    xgboost.cv(PARAMS, data(), 3, nfold=2, callbacks=[AimCallback()])
    _, series = only(tmp_path)
    assert set(series) == {(name, subset) for name in ("logloss", "logloss_std") for subset in ("train", "test")}
    assert len(series["logloss", "test"]) == 3


def test_sklearn_api(tmp_path: Path) -> None:
    framework("sklearn")
    model = xgboost.XGBClassifier(n_estimators=3, callbacks=[AimCallback()], n_jobs=1)
    model.fit(X, Y, eval_set=[(X, Y)], verbose=False)
    _, series = only(tmp_path)
    assert series["logloss", "validation_0"].steps.tolist() == [0, 1, 2]


def test_a_failed_training_is_a_failed_run(tmp_path: Path) -> None:
    class Diverges(xgboost.callback.TrainingCallback):  # type: ignore[misc]
        def after_iteration(self, *args: Any) -> bool:
            raise ArithmeticError("diverged")

    callback = AimCallback()
    with pytest.raises(ArithmeticError):
        xgboost.train(PARAMS, data(), 2, callbacks=[callback, Diverges()])
    del callback
    assert [run.status for run in aim.select_runs(None, tmp_path)] == ["failed"]
