"""The frameworks' own loggers of other trackers: what Aim records is what the tracker recorded.

MLflow and TensorBoard record beside Aim, wandb in a run of its own, without a network. Values that depend on the clock
are left out.
"""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

import aim
from aim.dropins.table import on_path
from tests.integrations.frameworks import framework

Points = dict[str, list[tuple[int, float]]]
NEEDED = {
    "wandb": ("wandb",),
    "mlflow": ("sqlalchemy", "mlflow", "mlflow.store.model_registry.sqlalchemy_store"),
    "tensorboard": ("tensorboard", "torch.utils.tensorboard"),
}
HOME = str(Path(aim.__file__).parents[1])
CLOCK = re.compile(r"runtime|per_second|time/|_timestamp|flos")
ACCELERATE = """
from accelerate import Accelerator

accelerator = Accelerator(log_with=sys.argv[1], project_dir="logs", cpu=True)
accelerator.init_trackers("digits", config={"lr": 0.1, "layers": 3})
for step in range(5):
    accelerator.log({"train/loss": 1 / (step + 1), "acc": step / 10}, step=step)
accelerator.end_training()
"""
TRAININGS = {
    "accelerate": (("torch", "accelerate"), ACCELERATE, NEEDED),
}
CASES = [(name, tracker) for name, (_, _, trackers) in TRAININGS.items() for tracker in trackers]


def train(folder: Path, name: str, tracker: str, **variables: str) -> None:
    folder.mkdir()
    (folder / "train.py").write_text("import os, sys\n" + TRAININGS[name][1])
    there = {
        **os.environ, "PYTHONPATH": HOME, "AIM_REPO": str(folder), "WANDB_MODE": "offline", "WANDB_SILENT": "true",
        "OMP_NUM_THREADS": "1", "MLFLOW_TRACKING_URI": f"aim:{folder}", "MLFLOW_DISABLE_TELEMETRY": "true", **variables,
    }  # fmt: skip
    words = [sys.executable, "-W", "ignore", "train.py", tracker]
    done = subprocess.run(words, cwd=folder, env=there, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]


def single(value: float) -> float:
    """As an event file has it."""
    return float(struct.unpack("f", struct.pack("f", value))[0])


def points(repo: aim.Repo) -> Points:
    """Of all runs, without what depends on the clock."""
    read: Points = {}
    for run in repo.select_runs():
        for metric in run.metrics.values():
            for trace in metric:
                name = trace.name
                if not CLOCK.search(name) and not name.startswith("system/"):
                    read.setdefault(name, []).extend(
                        zip(trace.steps.tolist(), map(single, trace.values.tolist()), strict=True)
                    )
    return {name: sorted(pairs) for name, pairs in read.items()}


@pytest.mark.parametrize(("name", "tracker"), CASES, ids=["-".join(case) for case in CASES])
def test_what_is_recorded_is_what_the_tracker_recorded(tmp_path: Path, name: str, tracker: str) -> None:
    framework(*NEEDED[tracker], *TRAININGS[name][0])
    folder = tmp_path / "ours"
    theirs = folder
    if tracker == "wandb":
        theirs = tmp_path / "theirs"
        train(theirs, name, tracker)
    train(
        folder,
        name,
        tracker,
        **({} if tracker == "mlflow" else {"PYTHONPATH": on_path([tracker], {"PYTHONPATH": HOME})}),
    )
    ours, known = points(aim.Repo(folder)), points(aim.Repo(logs=theirs))
    assert ours and ours == known
