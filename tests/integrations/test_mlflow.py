"""Scripts for MLflow record to a repository by its entry points."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import aim
from tests.integrations.frameworks import framework

framework("sqlalchemy", "mlflow", "mlflow.store.model_registry.sqlalchemy_store")
mlflow = framework("mlflow")

from aim.integrations import mlflow_store as ours  # noqa: E402


@pytest.fixture(autouse=True)
def tracked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(f"aim:{tmp_path}")
    mlflow.set_experiment(experiment_id="0")
    yield tmp_path
    while mlflow.active_run():
        mlflow.end_run()
    mlflow.set_tracking_uri(before)


def runs(folder: Path) -> dict[str, Any]:
    return {run.hash: run for run in aim.Repo(folder).select_runs()}


def test_the_entry_points_lead_here(tmp_path: Path) -> None:
    store = mlflow.tracking._tracking_service.utils._get_store()
    assert isinstance(store, ours.AimStore)
    assert (tmp_path / "mlflow.db").is_file()


def test_a_run(tmp_path: Path) -> None:
    mlflow.set_experiment("digits")
    with mlflow.start_run(run_name="first", tags={"team": "a"}, description="why") as active:
        mlflow.log_params({"lr": 0.1, "depth": 3, "bias": True, "kind": "adam"})
        for step in range(3):
            mlflow.log_metric("loss", 1 / (step + 1), step=step)
        mlflow.log_metrics({"acc": math.nan, "top": math.inf}, step=7)
        with mlflow.start_run(run_name="child", nested=True) as child:
            mlflow.log_metric("loss", 9)
    known = runs(tmp_path)
    run, inner = known[active.info.run_id], known[child.info.run_id]
    assert (run.name, run.experiment, run.status, run.description) == ("first", "digits", "finished", "why")
    assert run.params["hparams"] == {"lr": 0.1, "depth": 3, "bias": True, "kind": "adam"}
    assert run.params["tags"]["team"] == "a" and inner.params["mlflow"] == {"parent": run.hash}
    loss = run.metrics["loss"].traces[0]
    assert (loss.steps.tolist(), loss.values.tolist()) == ([0, 1, 2], [1.0, 0.5, 1 / 3])
    assert math.isnan(run.metrics["acc"].traces[0].last) and run.metrics["top"].traces[0].last == math.inf
    assert mlflow.get_run(run.hash).data.metrics["loss"] == 1 / 3, "MLflow itself knows it too"


def test_a_failed_run_and_one_that_goes_on(tmp_path: Path) -> None:
    with pytest.raises(ArithmeticError), mlflow.start_run() as active:
        raise ArithmeticError
    assert runs(tmp_path)[active.info.run_id].status == "failed"
    with mlflow.start_run(active.info.run_id):
        mlflow.log_metric("late", 1)
    run = runs(tmp_path)[active.info.run_id]
    assert run.status == "finished" and run.metrics["late"].traces[0].last == 1


def test_artifacts_images_and_models(tmp_path: Path) -> None:
    numpy, sklearn = framework("numpy"), framework("sklearn.linear_model")
    (tmp_path / "notes.txt").write_text("notes")
    with mlflow.start_run() as active:
        mlflow.log_artifact(str(tmp_path / "notes.txt"))
        mlflow.log_dict({"a": 1}, "deep/facts.json")
        mlflow.log_image(numpy.zeros((4, 4, 3), numpy.uint8), key="samples/first", step=3)
        model = sklearn.LogisticRegression().fit([[0], [1]], [0, 1])
        info = mlflow.sklearn.log_model(model, name="model", serialization_format="cloudpickle")
    repo = aim.Repo(tmp_path)
    made = {made.name: made for made in repo.artifacts.of_run(repo.run(active.info.run_id).id).made}
    assert {"notes.txt", "deep", "model"} <= set(made)
    assert "MLmodel" in [file.path for file in made["model"].files] and made["model"].type == "model"
    (series,) = repo.objects()
    assert (series.name, series.kind, series.steps.tolist()) == ("samples/first", "image", [3])
    assert mlflow.sklearn.load_model(info.model_uri).predict([[1]]).tolist() == [1]


def test_autolog(tmp_path: Path) -> None:
    sklearn = framework("sklearn.linear_model")
    mlflow.sklearn.autolog()
    try:
        sklearn.LogisticRegression(C=0.5).fit([[0.0], [1.0], [0.2], [0.9]], [0, 1, 0, 1])
    finally:
        mlflow.sklearn.autolog(disable=True)
    (run,) = runs(tmp_path).values()
    assert run.params["hparams"]["C"] == 0.5 and "training_accuracy_score" in run.metrics
    assert run.status == "finished"
    assert "model" in {made.name for made in aim.Repo(tmp_path).artifacts.of_run(run.id).made}


def test_points_keep_the_times_that_a_script_passes(tmp_path: Path) -> None:
    with mlflow.start_run() as active:
        mlflow.log_metric("loss", 1, step=0, timestamp=1_700_000_000_500)
        mlflow.log_metrics({"acc": 0.5}, step=1, timestamp=1_700_000_001_250)
        mlflow.log_metric("far", 1, timestamp=1_700_000_000_500_000)
    run = runs(tmp_path)[active.info.run_id]
    assert run.metrics["loss"].traces[0].times.tolist() == [1_700_000_000.5]
    assert run.metrics["acc"].traces[0].times.tolist() == [1_700_000_001.25]
    assert run.metrics["far"].traces[0].times[0] > 1_700_000_002


def test_a_metric_that_is_logged_again_with_its_time_is_one_point(tmp_path: Path) -> None:
    moment = 1_700_000_000_000
    values = [1.0, math.nan, math.inf, -math.inf, 1.0]
    client = mlflow.MlflowClient()
    with mlflow.start_run() as active:
        id = active.info.run_id
        for _ in range(2):
            for value in values:
                client.log_metric(id, "loss", value, timestamp=moment, step=3)
            client.log_batch(id, [mlflow.entities.Metric("many", i % 300, moment, i % 300) for i in range(600)])
        client.log_metric(id, "loss", 1.0, timestamp=moment + 1, step=3)
        client.log_metric(id, "loss", 1.0, timestamp=moment, step=4)
    run = runs(tmp_path)[id]
    assert [repr(value) for value in run.metrics["loss"].traces[0].values.tolist()] == [
        "1.0", "nan", "inf", "-inf", "1.0", "1.0",
    ]  # fmt: skip
    assert run.metrics["many"].traces[0].steps.tolist() == list(range(300))
    assert len(client.get_metric_history(id, "many")) == 300


def test_a_deleted_tag(tmp_path: Path) -> None:
    client = mlflow.MlflowClient()
    with mlflow.start_run(description="why", tags={"team": "a", "kept": "b"}) as active:
        id = active.info.run_id
        client.delete_tag(id, "team")
        client.delete_tag(id, "mlflow.note.content")
    run = runs(tmp_path)[id]
    assert (run.description, run.params["tags"]) == ("", {"team": None, "kept": "b"})


def test_a_deleted_run_is_archived(tmp_path: Path) -> None:
    with mlflow.start_run() as active:
        pass
    client = mlflow.MlflowClient()
    client.delete_run(active.info.run_id)
    assert runs(tmp_path) == {} and aim.Repo(tmp_path).run(active.info.run_id).archived
    client.restore_run(active.info.run_id)
    assert active.info.run_id in runs(tmp_path)


def test_the_model_registry_is_in_the_same_database(tmp_path: Path) -> None:
    client = mlflow.MlflowClient()
    client.create_registered_model("digits")
    assert [model.name for model in client.search_registered_models()] == ["digits"]
    assert not (tmp_path / "mlruns").exists()


def test_errors_of_aim_do_not_reach_mlflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **others: Any) -> Any:
        raise OSError("disk full")

    monkeypatch.setattr(aim, "Run", refuse)
    with mlflow.start_run() as active:
        mlflow.log_metric("loss", 1)
    assert mlflow.get_run(active.info.run_id).data.metrics == {"loss": 1}
