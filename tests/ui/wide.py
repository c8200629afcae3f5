"""Many runs with many params, as large sweeps leave them: a table of `runs` rows and some 300 columns.

`python -m tests.ui.wide FOLDER [RUNS]` writes them; `aim up --repo FOLDER` shows them.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

from aim import demo, layout

PARAMS = 224
STEPS = 12
WORDS = ("relu", "gelu", "silu", "tanh", "swish")


def generate(folder: Path, runs: int, *, steps: int = STEPS, series: int = 10, more: bool = True) -> None:
    """Runs of the demo. With `more`, each has `PARAMS` params more: numbers, words, switches, and some that few runs
    have."""
    aim_dir = layout.resolve(folder)
    layout.create(aim_dir)
    noise, names, fates = demo.Noise(0), demo.series_of(series), demo.plan_fates(runs, 0)
    for index in range(runs):
        plan = demo.plan_run(index, runs, steps, 0, fates[index], time.time())
        if more:
            plan.params["more"] = params(random.Random(index))
        demo.write_run(aim_dir, plan, names, noise)


def params(draw: random.Random) -> dict[str, float | int | str | bool]:
    drawn: dict[str, float | int | str | bool] = {}
    for number in range(PARAMS):
        kind = number % 4
        name = f"{('rate', 'size', 'activation', 'switch')[kind]}_{number:03}"
        if number % 16 == 15 and draw.random() < 0.9:
            continue
        drawn[name] = (
            (10 ** draw.uniform(-5, 0)) if kind == 0
            else draw.choice((16, 32, 64, 128)) if kind == 1
            else draw.choice(WORDS) if kind == 2
            else draw.random() < 0.5
        )  # fmt: skip
    return drawn


if __name__ == "__main__":
    generate(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10_000)
