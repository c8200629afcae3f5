"""The same seeded work for every tracker, and what times it. Standard library only: it runs in each peer's venv."""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

METRICS = ("loss", "accuracy", "lr", "grad_norm", "f1", "recall", "precision", "perplexity", "entropy", "time_ms")


def params(run: int) -> dict[str, Any]:
    """20 params; half of the runs have lr < 0.01."""
    rng = random.Random(run)
    lr = 10 ** rng.uniform(-4, -2.0001) if run % 2 else 10 ** rng.uniform(-1.9999, -1)
    values: dict[str, Any] = {
        "lr": lr,
        "seed": run,
        "optimizer": rng.choice(["adam", "sgd"]),
        "batch": rng.choice([32, 64]),
    }
    values.update({f"p{i}": rng.random() if i % 2 else rng.randrange(100) for i in range(16)})
    return values


def points(run: int, steps: int) -> list[tuple[int, list[float]]]:
    """For each step, one value of each metric. There are 16 sets of curves, so that making them costs nothing."""
    return _curves(run % 16, steps)


@lru_cache(maxsize=16)
def _curves(seed: int, steps: int) -> list[tuple[int, list[float]]]:
    rng = random.Random(1_000_003 + seed)
    return [(step, [1 / (1 + step) + rng.gauss(0, 0.05) for _ in METRICS]) for step in range(steps)]


def main(**tasks: Callable[..., dict[str, Any]]) -> None:
    """`python <peer>.py TASK FOLDER '{"runs": 10}'` prints the task's answer as JSON on its last line."""
    task, folder, options = sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3])
    answer = tasks[task](folder, **options)
    sys.stdout.flush()
    print("\n" + json.dumps(answer), flush=True)
    sys.stdout.flush()


def timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def per_call(call: Callable[[float, int], object], calls: int) -> dict[str, float]:
    """Microseconds of one call, after a warm-up of a tenth."""
    for step in range(calls // 10):
        call(0.5, step)
    started = time.perf_counter()
    for step in range(calls):
        call(0.25 + step, step)
    return {"us": (time.perf_counter() - started) / calls * 1e6}


def disk(folder: Path) -> dict[str, int]:
    """Bytes and files below a folder."""
    sizes = [os.path.getsize(os.path.join(place, name)) for place, _, names in os.walk(folder) for name in names]
    return {"bytes": sum(sizes), "files": len(sizes)}
