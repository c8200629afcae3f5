"""TensorBoard's own summary writer, without TensorFlow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import workload
from tensorboard.summary import Writer


def call(folder: Path, calls: int) -> dict[str, float]:
    writer = Writer(str(folder / "run"))
    answer = workload.per_call(lambda value, step: writer.add_scalar("loss", value, step), calls)
    writer.close()
    return answer


def open_close(folder: Path, count: int) -> dict[str, float]:
    seconds = workload.timed(lambda: [Writer(str(folder / str(number))).close() for number in range(count)])
    return {"ms": seconds / count * 1e3}


def record(folder: Path, runs: int, steps: int) -> dict[str, Any]:
    """Params are left out: the writer alone has no place for them."""

    def all_runs() -> None:
        for number in range(runs):
            writer = Writer(str(folder / str(number)))
            for step, values in workload.points(number, steps):
                for name, value in zip(workload.METRICS, values):  # noqa: B905
                    writer.add_scalar(name, value, step)
            writer.close()

    return {"seconds": workload.timed(all_runs), **workload.disk(folder)}


workload.main(call=call, open_close=open_close, record=record)
