"""scikit-learn's searches: `record_search(GridSearchCV(...).fit(X, y))` records a run for every candidate."""

from __future__ import annotations

import re
from typing import Any

import aim
from aim.integrations.training_run import harmless

_SPLIT = re.compile(r"split(\d+)_(train|test)_(.+)")


def record_search(search: Any, *, repo: str | None = None, experiment: str | None = None) -> Any:
    """Record the results of a fitted search; returns the search.

    Each candidate is a run: its params as `hparams`, the score of every fold as metric `score` (or the scorer's name)
    with subset='test' or 'train' and the fold as its step, and means, deviations, times and rank as `search`.
    """
    _record(search, repo, experiment)
    return search


@harmless
def _record(search: Any, repo: str | None, experiment: str | None) -> None:
    results = search.cv_results_
    estimator = type(search.estimator).__name__
    for number, params in enumerate(results["params"]):
        with aim.Run(repo=repo, experiment=experiment or type(search).__name__) as run:
            run.name = f"{estimator} {number}"
            run.set_params(params, name="hparams")
            run.set_params({"estimator": estimator, "candidate": number}, name="search")
            for column, values in results.items():
                if (match := _SPLIT.fullmatch(column)) is not None:
                    run.track(values[number], match[3], int(match[1]), context={"subset": match[2]})
                elif not column.startswith("param"):
                    run.set_params({column: values[number]}, name="search")
