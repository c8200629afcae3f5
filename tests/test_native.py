"""A script may end while its daemon threads read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import aim

READS = """
import atexit, sys, threading
import aim

def read():
    while True:
        aim.select_metrics("loss")
        begun.set()

begun = threading.Event()
if sys.argv[1] == "and at the exit":
    atexit.register(lambda: print(len(aim.select_runs("hparams.lr > 0.5"))))
for _ in range(3):
    threading.Thread(target=read, daemon=True).start()
if sys.argv[1] != "importing":
    begun.wait()
sys.exit(3)
"""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recorded")
    for number in range(4):
        with aim.Run(f"run {number}", repo=folder, environment=False, system_interval=0) as run:
            run["hparams"] = {"lr": number / 4}
            for step in range(500):
                run.track(step / 4, "loss")
    return folder


@pytest.mark.parametrize("when", ["reading", "reading", "importing", "and at the exit"])
def test_daemon_threads_that_read_do_not_abort_the_exit(recorded: Path, when: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", READS, when], cwd=recorded, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (3, "")
    assert ended.stdout == ("1\n" if when == "and at the exit" else "")
