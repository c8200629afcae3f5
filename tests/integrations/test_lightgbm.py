"""LightGBM's train, cv and scikit-learn API, on generated data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.integrations.frameworks import framework, only

numpy = framework("numpy")
lightgbm = framework("lightgbm")

from aim.integrations.lightgbm import AimCallback  # noqa: E402

X = numpy.random.default_rng(0).normal(size=(200, 4))
Y = (X[:, 0] > 0).astype(int)
PARAMS = {"objective": "binary", "num_leaves": 4, "verbosity": -1, "num_threads": 1}


def data() -> Any:
    return lightgbm.Dataset(X, Y)


def train(rounds: int, *callbacks: Any) -> None:
    training = data()
    lightgbm.train(
        PARAMS, training, rounds, valid_sets=[training, lightgbm.Dataset(X, Y, reference=training)],
        valid_names=["training", "valid"], callbacks=list(callbacks),
    )  # fmt: skip


def test_train(tmp_path: Path) -> None:
    train(5, AimCallback(experiment="boosted"))
    run, series = only(tmp_path)
    assert set(series) == {("binary_logloss", "train"), ("binary_logloss", "val")}
    assert series["binary_logloss", "val"].steps.tolist() == [0, 1, 2, 3, 4]
    assert run.params["hparams"]["num_leaves"] == 4
    assert (run.status, run.experiment) == ("finished", "boosted")


def test_an_early_stop_keeps_its_last_round_and_ends_the_run(tmp_path: Path) -> None:
    stop = lightgbm.early_stopping(2, min_delta=10.0, verbose=False)
    train(50, stop, AimCallback())
    run, series = only(tmp_path)
    assert run.status == "finished"
    assert series["binary_logloss", "val"].steps.tolist() == [0, 1, 2]


def test_cv_has_means_and_deviations(tmp_path: Path) -> None:
    lightgbm.cv(PARAMS, data(), 3, nfold=2, callbacks=[AimCallback()])
    _, series = only(tmp_path)
    assert {name for name, _ in series} == {"binary_logloss", "binary_logloss_std"}


def test_sklearn_api(tmp_path: Path) -> None:
    framework("sklearn")
    model = lightgbm.LGBMClassifier(n_estimators=3, verbosity=-1, n_jobs=1)
    model.fit(X, Y, eval_set=[(X, Y)], callbacks=[AimCallback()])
    run, _ = only(tmp_path)
    assert run.status == "finished"
