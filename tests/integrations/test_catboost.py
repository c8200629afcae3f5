"""CatBoost on generated data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aim
from tests.integrations.frameworks import framework, only

numpy = framework("numpy")
catboost = framework("catboost")

from aim.catboost import AimCallback, AimLogger  # noqa: E402

X = numpy.random.default_rng(0).normal(size=(100, 4))
Y = X[:, 0]


def model(**options: Any) -> Any:
    return catboost.CatBoostRegressor(
        iterations=5, depth=2, logging_level="Silent", allow_writing_files=False, thread_count=1, **options
    )


def test_fit(tmp_path: Path) -> None:
    fitted = model()
    callback = AimCallback(fitted, experiment="cats")
    fitted.fit(X, Y, eval_set=(X, Y), callbacks=[callback])
    del callback, fitted
    run, series = only(tmp_path)
    assert set(series) == {("RMSE", "train"), ("RMSE", "val")}
    assert series["RMSE", "val"].steps.tolist() == [0, 1, 2, 3, 4]
    assert run.params["hparams"]["depth"] == 2
    assert run.experiment == "cats"


def test_each_fit_has_a_run(tmp_path: Path) -> None:
    callback = AimCallback()
    model().fit(X, Y, callbacks=[callback])
    model().fit(X, Y, callbacks=[callback])
    del callback
    assert [run.status for run in aim.select_runs(None, tmp_path)] == ["finished", "finished"]


def test_what_catboost_prints_as_in_aim_3(tmp_path: Path) -> None:
    fitted = model()
    logger = AimLogger(loss_function="RMSE", experiment="printed", log_cout=None)
    fitted.fit(X, Y, eval_set=(X, Y), log_cout=logger, logging_level="Info")
    scores = fitted.get_evals_result()
    del logger
    run, series = only(tmp_path)
    assert set(series) == {("RMSE", "train"), ("RMSE", "val")} and run.experiment == "printed"
    assert series["RMSE", "val"].values.tolist() == [float(f"{value:.7f}") for value in scores["validation"]["RMSE"]]
