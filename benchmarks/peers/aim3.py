"""Aim 3.29.1 from the public index, in a venv of its own."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import workload

from aim import Repo, Run


def _run(folder: Path) -> Run:
    return Run(repo=str(folder), system_tracking_interval=None, capture_terminal_logs=False, log_system_params=False)


def _repo(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / ".aim").exists():
        Repo.from_path(str(folder), init=True)


def call(folder: Path, calls: int) -> dict[str, float]:
    _repo(folder)
    run = _run(folder)
    answer = workload.per_call(lambda value, step: run.track(value, name="loss", step=step), calls)
    run.close()
    return answer


def open_close(folder: Path, count: int) -> dict[str, float]:
    _repo(folder)
    _run(folder).close()
    return {"ms": workload.timed(lambda: [_run(folder).close() for _ in range(count)]) / count * 1e3}


def record(folder: Path, runs: int, steps: int) -> dict[str, Any]:
    _repo(folder)

    def all_runs() -> None:
        for number in range(runs):
            run = _run(folder)
            run["hparams"] = workload.params(number)
            for step, values in workload.points(number, steps):
                for name, value in zip(workload.METRICS, values):  # noqa: B905
                    run.track(value, name=name, step=step)
            run.close()

    return {"seconds": workload.timed(all_runs), **workload.disk(folder)}


def index(folder: Path) -> dict[str, Any]:
    """Its SDK sees finished runs only after this."""
    command = [str(Path(sys.executable).parent / "aim"), "storage", "--repo", str(folder), "reindex", "-y"]
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, input="y\n")
    return {"seconds": time.perf_counter() - started, "code": done.returncode}


def query(folder: Path) -> dict[str, Any]:
    answers: list[Any] = []

    def ask() -> None:
        repo = Repo(str(folder))
        for runs in repo.query_metrics("metric.name == 'loss' and run.hparams.lr < 0.01", report_mode=0).iter_runs():
            for metric in runs:
                answers.append(metric.values.sparse_numpy()[1])

    seconds = workload.timed(ask)
    return {"seconds": seconds, "series": len(answers), "points": sum(len(values) for values in answers)}


workload.main(call=call, open_close=open_close, record=record, index=index, query=query)
