"""The repositories that `ui.py` measures."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

import aim
from aim import demo, layout

POINTS, SPIKE = 1_000_000, 654_321


def thousands(path: Path) -> None:
    demo.generate(path, runs=10_000, metrics=10, steps=100, trouble=False)


def lines(path: Path) -> None:
    demo.generate(path, runs=1_000, metrics=1, steps=500, trouble=False)


def crowd(path: Path) -> None:
    demo.generate(path, runs=20_000, metrics=1, steps=50, trouble=False)


def wide(path: Path) -> None:
    """As many params as make 300 columns."""
    aim_dir, runs, noise = path / ".aim", 10_000, demo.Noise(0)
    layout.create(aim_dir)
    for index in range(runs):
        plan = demo.plan_run(index, runs, 1, 0, demo.FINISHED, time.time())
        more = {f"option {number:03}": round(plan.draw.random(), 4) for number in range(275)}
        demo.write_run(aim_dir, plan._replace(params={**plan.params, "sweep": more}), demo.series_of(1), noise)


def spiky(path: Path) -> None:
    """One series of a million points that waver around 0, and one point of 40."""
    aim_dir = path / ".aim"
    layout.create(aim_dir)
    plan = demo.plan_run(0, 1, POINTS, 0, demo.FINISHED, time.time())
    values = [0.5 * wobble for wobble in demo.Noise(1).table]
    curve = [values[step % len(values)] for step in range(POINTS)]
    curve[SPIKE] = 40.0
    demo.write_run(aim_dir, plan, [("signal", {}, lambda plan, noise: curve)], demo.Noise(0))


def metrics_500(path: Path) -> None:
    demo.generate(path, runs=20, metrics=500, steps=100, trouble=False)


def metrics_3000(path: Path) -> None:
    demo.generate(path, runs=200, metrics=3_000, steps=10, trouble=False)


def pictures(path: Path) -> None:
    """10,000 images of 256 x 256 pixels: four at each of 25 steps of 100 runs."""
    down, across = np.mgrid[0:256, 0:256] / 40
    for index in range(100):
        waves = [np.stack([np.sin(across + k), np.cos(down - index), np.sin(down + k)], -1) for k in range(4)]
        images = [aim.Image((wave + 1) / 2, caption=f"class {k}") for k, wave in enumerate(waves)]
        with aim.Run(f"run {index}", repo=path, system_interval=0) as run:
            run["hparams"] = {"lr": 10.0 ** -(index % 4), "seed": index}
            for step in range(25):
                run.track(images, "samples", step=step, context={"subset": "val"})
