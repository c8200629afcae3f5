"""Questions about a repository as scripts for Aim 3 ask them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
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


@pytest.fixture
def shown(tmp_path: Path) -> Repo:
    """Three runs with images, two of them at each step, and other media."""
    for number in range(3):
        with aim.Run(f"run {number}", repo=tmp_path) as run:
            run["hparams"] = {"lr": 0.1 * number}
            for step in (0, 4):
                pair = [aim.Image(np.full((2, 3), step + n, np.uint8), caption=f"{step} {n}") for n in (0, 1)]
                run.track(pair, "digits", step, context={"subset": "val"})
            run.track(aim.Text("hello"), "notes")
            run.track(aim.Distribution(hist=[1, 2], bin_range=(0, 4)), "weights")
            run.track(aim.Figure({"data": [], "layout": {}}), "curve")
            run.track(aim.Audio(np.zeros((1, 9), np.float32), rate=8000), "tone")
    return Repo(tmp_path)


def test_images_by_a_query(shown: Repo) -> None:
    query = "images.name == 'digits' and images.context.subset == 'val' and run.hparams.lr > 0.15"
    [series] = shown.query_images(query)
    assert (series.run.hash, series.name, series.context.to_dict()) == ("run 2", "digits", {"subset": "val"})
    assert (len(series), series.record_length, series.steps.tolist()) == (2, 2, [0, 4])
    batch = series.values.first_value()
    assert [image.json()["caption"] for image in batch] == ["0 0", "0 1"] and batch[0].size == (3, 2)
    steps, values = series.values.sparse_numpy()
    assert steps.tolist() == [0, 4] and [image.caption for image in values[1]] == ["4 0", "4 1"]
    assert [step for step, _ in series.values.items()] == series.values.sparse_list()[0] == [0, 4]
    assert series.timestamps.values_numpy().shape == (2,) and len(series.values[0:1]) == 1


def test_media_of_each_kind(shown: Repo) -> None:
    runs = {
        of_run.run["hparams", "lr"]: list(of_run) for of_run in shown.query_images("run.hparams.lr < 0.15").iter_runs()
    }
    assert {lr: len(series) for lr, series in runs.items()} == {0.0: 1, 0.1: 1}
    assert len(list(shown.query_images().iter())) == 3
    texts, weights = (
        next(iter(shown.query_texts())),
        next(iter(shown.query_distributions("distributions.name == 'weights'"))),
    )
    assert texts.values.last_value().text == "hello" and len(texts) == 1
    counts, edges = weights.values[0].to_np_histogram()
    assert (counts.tolist(), edges.tolist()) == ([1, 2], [0, 2, 4])
    assert (weights.values[0].bin_count, weights.values[0].range) == (2, (0, 4))
    assert [series.name for series in shown.query_figure_objects("run.hash == 'run 1'")] == ["curve"]
    assert [series.name for series in shown.query_audios("run.hash == 'run 1'")] == ["tone"]
    assert (
        list(shown.query_texts("texts.name == 'absent'")) == [] and shown.query_images("run.hash == 'no'").run is None
    )


def test_images_and_figures_open_in_their_libraries(shown: Repo) -> None:
    pytest.importorskip("PIL", reason="Pillow is not installed")
    [series] = shown.query_images("run.hash == 'run 0'")
    assert series.values[1][1].to_pil_image().getpixel((0, 0)) == 5
    pytest.importorskip("plotly", reason="plotly is not installed")
    [curve] = shown.query_figure_objects("run.hash == 'run 0'")
    assert curve.values[0].to_plotly_figure().to_plotly_json()["data"] == []


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
