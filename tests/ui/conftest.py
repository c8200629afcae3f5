"""Runs for UI tests, and a server with runs that no test changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import aim
from tests.browsing import up


def record(folder: Path) -> Path:
    """Four finished runs with loss and accuracy, two of them at each learning rate."""
    for number in range(4):
        with aim.Run(f"run {number}", repo=folder, experiment=("first", "second")[number % 2]) as run:
            run["hparams"] = {"lr": (0.1, 0.01)[number // 2], "seed": number}
            for step in range(50):
                run.track((number + 1) / (step + 1), "loss", step=step, context={"subset": "train"})
                run.track(step / (50 + number), "accuracy", step=step)
    return folder


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """Runs that a test may change."""
    return record(tmp_path)


@pytest.fixture(scope="session")
def shared_url(tmp_path_factory: pytest.TempPathFactory, profile: object) -> Iterator[str]:
    """A server with runs that no test changes."""
    with up(record(tmp_path_factory.mktemp("shared")), "--read-only") as url:
        yield url
