"""Recorded runs whose seals are moved, and what a repository says of them."""

from __future__ import annotations

import random
from pathlib import Path

import aim as package
from aim import Repo

STEPS = 30


def recorded(root: Path, name: str) -> None:
    noise = random.Random(name)
    with package.Run(name, repo=root, experiment=name) as run:
        for step in range(STEPS):
            run.track(1 / (step + 1), "loss")
        for _ in range(8):
            run.track(package.Text(noise.randbytes(50_000).hex()), "sample")


def seals(root: Path) -> list[Path]:
    return sorted((root / ".aim" / "runs").rglob("*.seal"))


def answers(root: Path) -> dict[str, object]:
    """What the repository says of its runs, points and media."""
    repo = Repo(root)
    return {
        run.hash: (
            run.status,
            [trace.values.tolist() for metric in run.metrics.values() for trace in metric.traces],
            [point.data for series in repo.objects() if series.run.id == run.id for point in series],
        )
        for run in repo.select_runs()
    }
