"""Weights & Biases in its offline mode."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

os.environ.update(WANDB_MODE="offline", WANDB_SILENT="true", WANDB_CONSOLE="off", WANDB_DISABLE_GIT="true")

import wandb  # noqa: E402
import workload  # noqa: E402


def _settings() -> Any:
    return wandb.Settings(x_disable_stats=True, x_disable_meta=True, console="off", silent=True)


def _run(folder: Path) -> Any:
    folder.mkdir(parents=True, exist_ok=True)
    return wandb.init(project="bench", dir=str(folder), settings=_settings(), reinit="finish_previous")


def call(folder: Path, calls: int) -> dict[str, float]:
    run = _run(folder)
    answer = workload.per_call(lambda value, step: run.log({"loss": value}), calls)
    run.finish()
    return answer


def open_close(folder: Path, count: int) -> dict[str, float]:
    _run(folder).finish()
    return {"ms": workload.timed(lambda: [_run(folder).finish() for _ in range(count)]) / count * 1e3}


def record(folder: Path, runs: int, steps: int) -> dict[str, Any]:
    def all_runs() -> None:
        for number in range(runs):
            run = _run(folder)
            run.config.update(workload.params(number))
            for step, values in workload.points(number, steps):
                run.log(dict(zip(workload.METRICS, values)), step=step)  # noqa: B905
            run.finish()

    return {"seconds": workload.timed(all_runs), **workload.disk(folder)}


workload.main(call=call, open_close=open_close, record=record)
