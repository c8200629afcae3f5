"""Questions about a repository as scripts for Aim 3 ask them."""

from __future__ import annotations

from pathlib import Path

import pytest

import aim
from aim.errors import QueryError, RepoError
from aim.repo import Repo


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    for number in range(3):
        with aim.Run(f"run {number}", repo=tmp_path, experiment="e") as run:
            run["hparams"] = {"lr": 0.1 * number}
            run.track(number, "loss", context={"subset": "train"})
            run.track(number, "accuracy")
            run.archived = number == 2
    return Repo(tmp_path)


def test_metrics_by_a_query(repo: Repo) -> None:
    collection = repo.query_metrics("metric.name == 'loss' and metric.context.subset == 'train' and run.hparams.lr > 0")
    assert [(series.run.hash, series.name) for series in collection] == [("run 1", "loss")]
    found = {}
    for of_run in repo.query_metrics("metric.name == 'loss'").iter_runs():
        for metric in of_run:
            assert of_run.run is metric.run
            found[metric.run["hparams", "lr"]] = metric.values.sparse_numpy()[1].tolist()
    assert found == {0.0: [0], 0.1: [1]}
    assert len(list(repo.query_metrics().iter())) == 4


def test_runs_by_a_query(repo: Repo) -> None:
    found = [
        of_run.run
        for of_run in repo.query_runs("run.experiment == 'e' and run.metrics['accuracy'].last > 0").iter_runs()
    ]
    assert [run and run.hash for run in found] == ["run 1"]
    assert len(list(repo.query_runs().iter_runs())) == 2


def test_a_wrong_query_is_marked_where_it_was_written(repo: Repo) -> None:
    with pytest.raises(QueryError, match=r"(?m)^  metric\.last > 1\n  \^{11}\n.*run\.loss\.last"):
        repo.query_metrics("metric.last > 1")


def test_runs_by_name(repo: Repo) -> None:
    run = repo.get_run("run 2")
    assert run is not None and run.archived and repo.get_run(run.id) is not None
    assert repo.get_run("absent") is None and not repo.run_exists("absent")
    assert repo.list_all_runs() == ["run 2", "run 1", "run 0"] and repo.total_runs_count() == 3
    assert [run.hash for run in repo.iter_runs()] == repo.list_all_runs() and repo.list_active_runs() == []


def test_runs_are_deleted_by_name(repo: Repo) -> None:
    assert repo.delete_run("run 0")
    assert repo.delete_runs(["run 1", "absent"]) == (False, ["absent"])
    assert repo.list_all_runs() == ["run 2"]


def test_a_repository_by_its_path(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Repo.from_path(tmp_path).path == repo.path and Repo.exists(tmp_path) and not Repo.exists(tmp_path / "new")
    with pytest.raises(RepoError):
        Repo.from_path(tmp_path / "new")
    assert Repo.from_path(tmp_path / "new", init=True).total_runs_count() == 0
    (tmp_path / "other").mkdir()
    monkeypatch.setenv("AIM_REPO", str(tmp_path / "new"))
    assert Repo.default_repo().path == str(tmp_path / "new" / ".aim")


def test_a_repository_stands_for_its_path(repo: Repo) -> None:
    with aim.Run("into", repo=repo):
        pass
    assert repo.run_exists("into") and Repo(repo).total_runs_count() == 4
