"""This project, from this checkout."""

from __future__ import annotations

import resource
from pathlib import Path
from typing import Any

import workload

import aim


def call(folder: Path, calls: int) -> dict[str, float]:
    with aim.Run(repo=folder) as run:
        return workload.per_call(lambda value, step: run.track(value, "loss", step), calls)


def open_close(folder: Path, count: int) -> dict[str, float]:
    aim.Run(repo=folder).close()
    return {"ms": workload.timed(lambda: [aim.Run(repo=folder).close() for _ in range(count)]) / count * 1e3}


def record(folder: Path, runs: int, steps: int) -> dict[str, Any]:
    def all_runs() -> None:
        for number in range(runs):
            with aim.Run(repo=folder) as run:
                run["hparams"] = workload.params(number)
                for step, values in workload.points(number, steps):
                    for name, value in zip(workload.METRICS, values, strict=True):
                        run.track(value, name, step)

    return {"seconds": workload.timed(all_runs), **workload.disk(folder)}


def first_query(folder: Path) -> dict[str, Any]:
    """The first question to a repository that was never folded: it includes folding."""
    return query(folder)


def query(folder: Path) -> dict[str, Any]:
    answers: list[Any] = []

    def ask() -> None:
        for run in aim.select_metrics("loss if hparams.lr < 0.01", str(folder)):
            for trace in run.metrics["loss"].traces:
                answers.append(trace.values)

    seconds = workload.timed(ask)
    return {"seconds": seconds, "series": len(answers), "points": sum(len(values) for values in answers)}


def fold(folder: Path) -> dict[str, Any]:
    """Build the index of a repository from bare logs."""
    seconds = workload.timed(lambda: aim.Repo(folder).select("loss if hparams.lr < 0.01"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "peak_mb": peak, "index": workload.disk(folder / ".aim" / "cache")}


workload.main(call=call, open_close=open_close, record=record, first_query=first_query, query=query, fold=fold)
