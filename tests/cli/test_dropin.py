"""`aim as` and `aim run --as`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import aim as package
from aim.dropins.table import DROPINS, PATH
from tests.cli.conftest import Aim


@pytest.mark.parametrize(("words", "names"), [(["wandb"], ["wandb"]), (["wandb", "auto"], list(DROPINS))])
def test_as_prints_the_path(aim: Aim, monkeypatch: pytest.MonkeyPatch, words: list[str], names: list[str]) -> None:
    monkeypatch.setenv("PYTHONPATH", "/mine")
    printed = aim("as", *words).stdout
    assert printed == os.pathsep.join([*(str(PATH / name) for name in names), "/mine"]) + "\n"


def test_an_unknown_tracker_is_refused_with_those_there_are(aim: Aim) -> None:
    assert "'wandbb' is not one of 'wandb'" in aim("as", "wandbb", code=2).output


def test_run_as_records_what_a_script_logs(here: Path) -> None:
    (here / "train.py").write_text("import wandb\nwandb.init(project='digits').log({'loss': 0.5})\n")
    command = [sys.executable, "-m", "aim", "run", "--repo", ".", "--as", "wandb", "--", sys.executable, "train.py"]
    root = str(Path(package.__file__).parents[1])
    done = subprocess.run(command, cwd=here, env={**os.environ, "PYTHONPATH": root}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (run,) = package.Repo(here).select_runs()
    assert (run.experiment, run.metrics["loss"].traces[0].last, run.status) == ("digits", 0.5, "finished")
