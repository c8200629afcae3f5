"""Each test has a repository and a working folder of its own, and no settings of other trackers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import aim.trackio
import aim.wandb
from aim.dropins import absent
from aim.sdk.run import open_runs
from aim.sdk.trouble import Trouble


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AIM_REPO", str(tmp_path))
    for name in [name for name in os.environ if name.startswith("WANDB_")]:
        monkeypatch.delenv(name)
    absent.trouble.__dict__.update(vars(Trouble()))
    yield
    aim.wandb.teardown()
    aim.trackio.finish()
    for run in open_runs():
        run.close()
