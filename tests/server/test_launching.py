"""Commands and queues of a machine that records to a real `aim server`: what its processes page and its queues show."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from aim.errors import LaunchError
from aim.launch import processes, queue, supervisor
from aim.launch.processes import Process
from aim.launch.queue import Queue, TrialState
from aim.log import status
from aim.remote import spool
from aim.repo import Repo
from tests.commands import environment, output_of
from tests.remote.processes import end_shippers
from tests.server.receiving import Receiving
from tests.waiting import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the processes are found in /proc")

TRAIN = "import aim, sys; run = aim.Run(); run.track(float(sys.argv[1]), 'loss'); print('lr', sys.argv[1])"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiving]:
    """A server on another machine, to which every command of this file records."""
    (tmp_path / "server").mkdir()
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr(status, "boot_id", lambda: "that of the server")
    with Receiving(tmp_path / "server") as running:
        monkeypatch.setenv("AIM_REPO", f"aim://127.0.0.1:{running.port}")
        monkeypatch.setenv("AIM_TOKEN", running.token)
        monkeypatch.setenv("AIM_SPOOL", "../spool")
        # Another test in this process used these words for another folder.
        spool._absolute.cache_clear()
        yield running
        end_shippers(tmp_path)


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return tmp_path / "here"


def listed(server: Receiving) -> list[Process]:
    with suppress(LaunchError):
        return processes.processes(Repo(server.root))
    return []


def queued(server: Receiving) -> tuple[Queue, dict[int, TrialState]]:
    repo = Repo(server.root)
    (only,) = queue.read(repo.aim_dir)
    return only, queue.states(only, queue.seen(repo, [only]))


def test_a_command_and_its_output_are_on_the_server(here: Path, server: Receiving, tmp_path: Path) -> None:
    told = output_of(
        here, "run", "--param", "lr=0.5", "--", sys.executable, "-c", TRAIN + "; sys.exit(3)", "0.5", code=3
    )
    assert f"records this command in aim://127.0.0.1:{server.port}" in told
    until(lambda: [process.exit_code for process in listed(server)] == [3])
    repo, (process,) = Repo(server.root), listed(server)
    assert (process.state, process.here, process.argv[-1]) == ("failed", False, "0.5")
    (run,) = repo.select_metrics("loss")
    assert (run.status, run.params["default"]["lr"]) == ("failed", 0.5)
    assert "lr 0.5" in output_of(here, "runs", "logs", "--repo", str(server.root), run.hash)
    until(lambda: not list((tmp_path / "spool").glob("*/.aim/runs/*/*")))
    (row,) = json.loads(output_of(here, "ps", "--json"))
    assert (row["id"], row["host"], row["argv"]) == (process.id, status.hostname(), list(process.argv))
    assert (row["state"], row["exit_code"], row["asked_by"]["user"]) == ("failed", 3, process.asked_by["user"])
    assert f" {status.hostname()} " in output_of(here, "ps")
    server.kill()
    alone = output_of(here, "ps")
    assert "Only commands that run here are listed: " in alone and "cannot be reached" in alone
    server.start()


def test_a_command_is_stopped_where_it_runs(here: Path, server: Receiving, monkeypatch: pytest.MonkeyPatch) -> None:
    words = [sys.executable, "-m", "aim", "run", "--", "sleep", "60"]
    command = subprocess.Popen(words, cwd=here, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment())
    until(lambda: [process.state for process in listed(server)] == ["running"])
    (process,) = listed(server)
    with pytest.raises(LaunchError, match=f"runs on {status.hostname()}; run aim stop there"):
        processes.stop(Repo(server.root), process.id, by={}, why="")
    assert [row["state"] for row in json.loads(output_of(here, "ps", "--json"))] == ["running"]
    with monkeypatch.context() as patch:
        patch.setenv("AIM_SPOOL", "../another")
        assert f"runs on {status.hostname()}; run aim stop there" in output_of(here, "stop", process.hash, code=1)
    assert re.search("is stopped|has ended, and its records are on the server", output_of(here, "stop", process.hash))
    command.wait()
    until(lambda: [process.state for process in listed(server)] == ["stopped"])
    assert listed(server)[0].why == processes.find(Repo(server.root), process.id).why is not None


def test_a_queue_is_on_the_server_and_starts_nothing_there(here: Path, server: Receiving, tmp_path: Path) -> None:
    output_of(here, "template", "add", "train", "--", sys.executable, "-c", TRAIN, "{lr}")
    output_of(here, "queue", "add", "train", "lr=0.1,0.2,0.3", "--slots", "1", "--gpus", "none", "--yes")
    until(lambda: queue.read(server.aim_dir) and queue.word(*queued(server)) == "done")
    only, states = queued(server)
    assert (only.own, only.here, only.host) == (False, False, status.hostname())
    assert [state.word for state in states.values()] == ["finished"] * 3
    assert all(state.run for state in states.values())
    (template,) = queue.templates(server.aim_dir)
    assert not template.own
    assert not supervisor.ensure(server.root) or queue.word(*queued(server)) == "done"
    assert len(Repo(server.root).select_runs()) == 3
    assert "done" in output_of(here, "queue", "ls")
    until(lambda: not list((tmp_path / "spool").glob("*/.aim/runs/*/*")))
    assert "3 finished" in output_of(here, "queue", "ls")


def test_runs_of_a_queue_stay_until_its_last_trial_ended(here: Path, server: Receiving, tmp_path: Path) -> None:
    """The supervisor claims a trial by its run: one that is gone would start again."""
    wait = tmp_path / "go on"
    code = f"{TRAIN}; import time, os\nwhile sys.argv[1] == '2' and not os.path.exists({str(wait)!r}): time.sleep(0.05)"
    output_of(here, "template", "add", "train", "--", sys.executable, "-c", code, "{lr}")
    output_of(here, "queue", "add", "train", "lr=1,2", "--slots", "1", "--gpus", "none", "--yes")
    until(
        lambda: (
            queue.read(server.aim_dir) and [each.word for each in queued(server)[1].values()] == ["finished", "running"]
        )
    )
    assert queue.word(*queued(server)) == "running"
    (aim_dir,) = [place for _, place in spool.every()]
    until(lambda: spool.reported(aim_dir).files == 0)
    assert len(os.listdir(aim_dir / "runs")) == 2
    wait.touch()
    until(lambda: not os.listdir(aim_dir / "runs"))
    assert [each.word for each in queued(server)[1].values()] == ["finished", "finished"]
