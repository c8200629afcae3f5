"""The floor: `os.write` of one packed record, one bare file a run, and numpy to read them."""

from __future__ import annotations

import json
import os
import struct
from pathlib import Path
from typing import Any

import workload

pack = struct.Struct("<IIqddd").pack


def call(folder: Path, calls: int) -> dict[str, float]:
    folder.mkdir(parents=True, exist_ok=True)
    fd = os.open(folder / "bare", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    return workload.per_call(lambda value, step: os.write(fd, pack(0, 0, step, value, 0.0, 0.0)), calls)


def record(folder: Path, runs: int, steps: int) -> dict[str, Any]:
    folder.mkdir(parents=True, exist_ok=True)

    def all_runs() -> None:
        for number in range(runs):
            (folder / f"{number}.json").write_text(json.dumps(workload.params(number)))
            with open(folder / f"{number}.bin", "wb") as file:
                for step, values in workload.points(number, steps):
                    for metric, value in enumerate(values):
                        file.write(pack(0, metric, step, value, 0.0, 0.0))

    return {"seconds": workload.timed(all_runs), **workload.disk(folder)}


def query(folder: Path) -> dict[str, Any]:
    import numpy as np

    layout = np.dtype(
        [("mark", "<u4"), ("metric", "<u4"), ("step", "<i8"), ("value", "<f8"), ("a", "<f8"), ("b", "<f8")]
    )
    answers = []

    def ask() -> None:
        for path in folder.glob("*.json"):
            if json.loads(path.read_text())["lr"] < 0.01:
                points = np.fromfile(path.with_suffix(".bin"), layout)
                answers.append(points["value"][points["metric"] == 0])

    seconds = workload.timed(ask)
    return {"seconds": seconds, "series": len(answers), "points": sum(len(values) for values in answers)}


workload.main(call=call, record=record, query=query)
