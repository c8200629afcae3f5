"""A copied handle is the same run; one that was pickled joins the run in another process."""

from __future__ import annotations

import copy
import gc
import pickle
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import aim
from tests.sdk.recorded import files, only, python, status_of

COPIES: dict[str, Callable[[Any], Any]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "deepcopy of what has it": lambda run: copy.deepcopy({"logger": [run]})["logger"][0],
    "pickle in the same process": lambda run: pickle.loads(pickle.dumps(run)),
}


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_is_the_same_run_and_dropping_it_ends_nothing(here: Path, name: str) -> None:
    run = aim.Run("x")
    again = COPIES[name](run)
    assert again is run
    del again
    gc.collect()
    run.track(1.0, "loss")
    run.close()
    assert only(here).values("loss") == [1.0] and run.lost == 0


def test_a_copied_session_has_the_same_run(here: Path) -> None:
    session = aim.Session(run="x")
    for again in (copy.copy(session), copy.deepcopy(session), pickle.loads(pickle.dumps(session))):
        assert again.run is session.run
        again.track(1.0, name="loss", subset="val")
        del again
    session.close()
    assert only(here).steps("loss", subset="val") == [0, 1, 2]


SPAWN = """
import aim, multiprocessing, os, pickle, sys

def work(run, number):
    if number is not None:
        run.track(float(number), "worker", context={"of": number})
        run["child"] = number
    print(f"{run.hash} {run.experiment} {run.lost}" + os.linesep, end="", flush=True)

if __name__ == "__main__":
    run = aim.Run("x", experiment="vision")
    run.track(0.5, "loss")
    context = multiprocessing.get_context(sys.argv[1])
    workers = [context.Process(target=work, args=(run, number)) for number in (0, 1, None)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    run.track(0.5, "loss")
"""


@pytest.mark.parametrize("method", ["spawn", "forkserver", "fork"])
def test_processes_that_get_the_handle_join_its_run(here: Path, method: str) -> None:
    ended = python(here, SPAWN, method)
    assert (ended.returncode, ended.stdout) == (0, "x vision 0\n" * 3), ended.stderr
    assert [line for line in ended.stderr.splitlines() if "recording to" not in line] == []
    parent, *workers = files(here)
    assert len(workers) == 2, "one that records nothing leaves no trace"
    assert {file.run for file in workers} == {parent.run}
    for file in workers:
        assert (file.start["role"], file.start["attempt"]) == ("join", parent.start["attempt"])
        assert file.start["process"]["pid"] != parent.start["process"]["pid"]
    assert sorted(name for file in workers for name, _ in file.points) == ["worker", "worker"]
    assert parent.steps("loss") == [0, 1] and status_of(here).word == "finished"


SAVE_AND_DIE = """
import os, pickle, signal, aim
run = aim.Run("x", repo="shared")
with open("handle", "wb") as file:
    pickle.dump(run, file)
os.kill(os.getpid(), signal.SIGKILL)
"""

LOAD = """
import pickle, sys
with open("handle", "rb") as file:
    run = pickle.load(file)
run.track(1.0, "late")
run["p"] = 1
print(run.lost, run.closed)
"""


@pytest.mark.parametrize("ends", ["before it is pickled", "before it is loaded"])
def test_a_handle_that_outlives_its_run_records_nothing(here: Path, ends: str) -> None:
    """As one in a checkpoint that is loaded the next day."""
    run = aim.Run("x")
    if ends == "before it is pickled":
        run.close()
    (here / "handle").write_bytes(pickle.dumps(run))
    run.close()
    before = only(here)
    ended = python(here, LOAD)
    assert (ended.returncode, ended.stdout) == (0, "2 True\n"), ended.stderr
    expected = "is closed" if ends == "before it is pickled" else "aim.Run('x', resume=True)"
    assert expected in ended.stderr
    assert only(here).path.read_bytes() == before.path.read_bytes()


def test_a_handle_with_an_unreadable_repository(here: Path) -> None:
    killed = python(here, SAVE_AND_DIE)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    (here / "shared").rename(here / "moved")
    ended = python(here, LOAD)
    assert (ended.returncode, ended.stdout) == (0, "2 True\n"), ended.stderr
    assert "cannot be read here" in ended.stderr and not (here / "shared").exists()


def test_a_handle_in_a_process_where_nothing_is_recorded(here: Path) -> None:
    run = aim.Run("x")
    (here / "handle").write_bytes(pickle.dumps(run))
    ended = python(here, LOAD, AIM_DISABLED="1")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "0 False\n", "")
    run.close()
    assert len(files(here)) == 1
