"""Real searches, and the record of their results."""

from __future__ import annotations

from pathlib import Path

import pytest

import aim
from aim.integrations.sklearn import record_search
from tests.integrations.frameworks import framework

numpy = framework("numpy")
model_selection = framework("sklearn", "sklearn.model_selection")
tree = framework("sklearn.tree")

X = numpy.random.default_rng(0).normal(size=(60, 3))
Y = (X[:, 0] > 0).astype(int)


def test_every_candidate_is_a_run(tmp_path: Path) -> None:
    grid = {"max_depth": [1, 2, None]}
    search = model_selection.GridSearchCV(tree.DecisionTreeClassifier(), grid, cv=4, return_train_score=True)
    assert record_search(search.fit(X, Y)) is search
    runs = sorted(aim.select_metrics("*", tmp_path), key=lambda run: run.params["search"]["candidate"])
    assert [run.params["hparams"]["max_depth"] for run in runs] == [1, 2, None]
    assert [run.params["search"]["rank_test_score"] for run in runs] == search.cv_results_["rank_test_score"].tolist()
    assert {run.experiment for run in runs} == {"GridSearchCV"}
    by_subset = {trace.context["subset"]: trace for trace in runs[1].metrics["score"].traces}
    expected = [search.cv_results_[f"split{fold}_test_score"][1] for fold in range(4)]
    assert by_subset["test"].values.tolist() == pytest.approx(expected)
    assert set(by_subset) == {"test", "train"}
    best = aim.select_runs("search.rank_test_score == 1", tmp_path)
    assert search.best_params_["max_depth"] in {run.params["hparams"]["max_depth"] for run in best}


def test_several_scorers(tmp_path: Path) -> None:
    search = model_selection.RandomizedSearchCV(
        tree.DecisionTreeClassifier(), {"max_depth": [1, 2, 3]}, n_iter=2, cv=2, random_state=0,
        scoring=["accuracy", "neg_log_loss"], refit="accuracy",
    )  # fmt: skip
    record_search(search.fit(X, Y), experiment="trees")
    runs = aim.select_metrics("*", tmp_path)
    assert len(runs) == 2
    assert {run.experiment for run in runs} == {"trees"}
    assert set(runs[0].metrics) == {"accuracy", "neg_log_loss"}


def test_an_unfitted_search_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    search = model_selection.GridSearchCV(tree.DecisionTreeClassifier(), {})
    record_search(search)
    assert "cv_results_" in capsys.readouterr().err
