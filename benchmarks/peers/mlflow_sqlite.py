"""MLflow on sqlite, its default store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mlflow
import workload


def _open(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
    mlflow.set_experiment("bench")


def call(folder: Path, calls: int) -> dict[str, float]:
    _open(folder)
    with mlflow.start_run():
        return workload.per_call(lambda value, step: mlflow.log_metric("loss", value, step=step), calls)


def open_close(folder: Path, count: int) -> dict[str, float]:
    _open(folder)

    def one() -> None:
        with mlflow.start_run():
            pass

    one()
    return {"ms": workload.timed(lambda: [one() for _ in range(count)]) / count * 1e3}


def record(folder: Path, runs: int, steps: int) -> dict[str, Any]:
    """One call a step with its ten metrics, which is how its documentation logs many metrics."""
    _open(folder)

    def all_runs() -> None:
        for number in range(runs):
            with mlflow.start_run():
                mlflow.log_params(workload.params(number))
                for step, values in workload.points(number, steps):
                    mlflow.log_metrics(dict(zip(workload.METRICS, values)), step=step)  # noqa: B905

    return {"seconds": workload.timed(all_runs), **workload.disk(folder)}


def query(folder: Path) -> dict[str, Any]:
    """Params are text there, so the comparison happens here."""
    answers: list[Any] = []

    def ask() -> None:
        _open(folder)
        client = mlflow.MlflowClient()
        experiment = client.get_experiment_by_name("bench")
        token = None
        while True:
            page = client.search_runs([experiment.experiment_id], max_results=1000, page_token=token)
            for run in page:
                if float(run.data.params["lr"]) < 0.01:
                    answers.append([point.value for point in client.get_metric_history(run.info.run_id, "loss")])
            token = page.token
            if not token:
                return

    seconds = workload.timed(ask)
    return {"seconds": seconds, "series": len(answers), "points": sum(len(values) for values in answers)}


workload.main(call=call, open_close=open_close, record=record, query=query)
