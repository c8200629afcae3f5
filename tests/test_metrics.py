"""The direction of a metric: set by a person or a script, kept by merges, and what queries call the best."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import aim
from aim.errors import EditError, QueryError
from aim.log.edits import Editor
from aim.repo import MetricColumn, Repo


def train(folder: Path, hash: str, **metrics: list[float]) -> None:
    with aim.Run(hash, repo=folder) as run:
        for name, values in metrics.items():
            for value in values:
                run.track(value, name)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    train(tmp_path, "a", loss=[3.0, 1.0, 2.0], accuracy=[0.1, 0.5, 0.4], quality=[1.0, 5.0, 2.0])
    train(tmp_path, "b", loss=[9.0, 0.5, 8.0], accuracy=[0.9, 0.2, 0.3], quality=[4.0, 3.0, 0.0])
    train(tmp_path, "c", loss=[float("nan")], accuracy=[0.6], quality=[float("nan")])
    return Repo(tmp_path)


def order(repo: Repo, *columns: str) -> list[str]:
    return [run.hash for run in repo.table.rows(order=[(column, True) for column in columns]).runs]


def test_the_name_decides_until_someone_does(repo: Repo) -> None:
    assert repo.metrics.directions() == {}
    assert repo.metrics.direction("accuracy") == ("accuracy", "max", False)
    assert repo.metrics.direction("quality") == ("quality", "min", False)
    repo.metrics.set_direction("quality", "max")
    repo.metrics.set_direction("not yet recorded", "min")
    assert repo.metrics.directions() == {"not yet recorded": "min", "quality": "max"}
    assert repo.metrics.direction("quality") == ("quality", "max", True)
    repo.metrics.set_direction("quality", None)
    assert repo.metrics.direction("quality") == ("quality", "min", False)


QUERIES = [
    ("run.loss.best == 1.0", "a"),
    ("run.accuracy.best == 0.9", "b"),
    ("run.quality.best == 0", "b"),
    ("run.loss.at_best == 1 and run.accuracy.at_best == 0", "b"),
    ("at_best(loss, accuracy) == 9", "b"),
    ("at_best(run.accuracy, run.loss) == 0.5", "a"),
    ("run.loss.best is nan", "c"),
]


@pytest.mark.parametrize(("query", "found"), QUERIES)
def test_the_best_value_in_queries(repo: Repo, query: str, found: str) -> None:
    assert "".join(sorted(run.hash for run in repo.select_runs(query))) == found


def test_a_direction_that_is_set_decides_what_is_best(repo: Repo) -> None:
    assert [run.hash for run in repo.select_runs("run.quality.best == 5")] == []
    assert order(repo, "run.quality.best") == ["a", "b", "c"]
    repo.metrics.set_direction("quality", "max")
    assert [run.hash for run in repo.select_runs("run.quality.best == 5")] == ["a"]
    assert order(repo, "run.quality.best") == ["a", "b", "c"]
    repo.metrics.set_direction("loss", "max")
    assert order(repo, "run.loss.best") == ["b", "a", "c"]
    page = repo.table.page(order=[(MetricColumn("loss", {}, "at_best", by="accuracy"), False)])
    assert [run.hash for run in page.runs][:1] == ["a"]


@pytest.mark.parametrize("descending", [False, True])
def test_runs_without_a_best_value_are_last_both_ways(repo: Repo, descending: bool) -> None:
    rows = repo.table.rows(order=[("run.loss.best", descending)]).runs
    assert rows[-1].hash == "c"


@pytest.mark.parametrize(
    ("name", "direction", "words"),
    [
        ("loss", "up", "cannot be 'up'; it is 'max' if higher values are better, 'min' if lower ones are, or None"),
        ("loss", True, "cannot be True"),
        (" ", "max", "needs a name"),
        ("a\nb", "max", "control characters"),
        ("x" * 1001, "max", "1,001 characters"),
        (3, "max", "needs a name"),
        ("loss", np.array(["max", "min"]), "cannot be"),
    ],
)
def test_wrong_directions_are_refused_by_value(repo: Repo, name: Any, direction: Any, words: str) -> None:
    with pytest.raises(EditError, match=words):
        repo.metrics.set_direction(name, direction)
    assert repo.metrics.directions() == {}


def test_odd_values_of_other_programs_count_as_none(repo: Repo) -> None:
    editor = Editor(repo.aim_dir)
    for name, value in {"a": "max", "b": {"direction": "up"}, "c": {"direction": "max", "more": 1}}.items():
        editor.edit(None, f"metric:{name}", value)
    editor.close()
    assert repo.metrics.directions() == {"c": "max"}
    assert repo.select_runs("run.a.best == 1") == []


def test_a_merge_keeps_the_later_one(repo: Repo, tmp_path: Path) -> None:
    other = Repo.init(tmp_path / "other")
    other.metrics.set_direction("loss", "max")
    other.metrics.set_direction("accuracy", "min")
    repo.metrics.set_direction("accuracy", "max")
    repo.merge(tmp_path / "other")
    assert repo.metrics.directions() == {"accuracy": "max", "loss": "max"}


def test_a_reader_changes_nothing(repo: Repo) -> None:
    with pytest.raises(aim.errors.RepoError, match="read-only"):
        Repo(repo.root, read_only=True).metrics.set_direction("loss", "max")


def test_no_metric_has_another_kind_of_best(repo: Repo) -> None:
    with pytest.raises(QueryError, match="has no 'finest'"):
        repo.table.page(order=[(MetricColumn("loss", {}, "finest"), False)])
