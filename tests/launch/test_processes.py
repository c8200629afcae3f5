"""The list of supervised commands, their usage, and the commands `aim ps` and `aim stop`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import aim as aim_package
from aim import layout
from aim.cli.main import main
from aim.errors import LaunchError, RunError
from aim.launch import detached, processes, runner, schedule
from aim.launch.kept import CommandRun
from aim.launch.processes import Meter
from aim.launch.runner import Spec
from aim.log import status
from aim.repo import Repo
from tests.commands import answer, environment
from tests.launch.commands import facts, python
from tests.waiting import until

pytestmark = pytest.mark.skipif(os.name != "posix", reason="runners need process groups and signals")

WORKS = """
import time
block = b"x" * 100_000_000
open("ready", "w").close()
end = time.time() + 600
while time.time() < end:
    pass
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A working folder with a repository, in which nothing runs in the background."""
    folder = tmp_path / "here"
    layout.create(folder / ".aim")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PYTHONPATH", environment()["PYTHONPATH"])
    yield folder
    repo = Repo(folder)
    for process in processes.processes(repo):
        if process.lives:
            processes.stop(repo, process.id, by={}, why="the test is over", now=True)
            until(lambda id=process.id: not processes.find(repo, id).lives)


def ended(here: Path, *command: str) -> str:
    id = runner.start_detached(here, Spec(command))
    until(lambda: Repo(here).run(id).status != "running")
    return id


@pytest.mark.parametrize(("length", "kept"), [(0, 0), (2_000, 2_000), ((1 << 20) + 1, 0)])
def test_messages_of_detached_processes_are_kept_until_they_are_many(here: Path, length: int, kept: int) -> None:
    messages = detached.place(Repo(here).aim_dir) / f"{os.getuid()}-messages.log"
    messages.write_bytes(b"x" * length)
    ended(here, "true")
    assert messages.stat().st_size == kept


def test_running_commands_come_first_then_the_newest(here: Path) -> None:
    first = runner.start_detached(here, Spec(["sleep", "600"]))
    second, third = ended(here, "true"), ended(here, "false")
    aim_package.Run("by hand").close()
    repo = Repo(here)
    listed = processes.processes(repo)
    assert [(entry.id, entry.state) for entry in listed] == [
        (first, "running"),
        (third, "failed"),
        (second, "finished"),
    ]
    assert [process.id for process in processes.processes(repo, only=[second])] == [second]
    repo.runs.archive(first)
    assert processes.processes(repo)[0].id == first, "what runs is shown wherever it was put"


def test_usage_of_a_command_and_its_children(here: Path) -> None:
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"
    id = runner.start_detached(here, Spec(python(code, WORKS)))
    until((here / "ready").exists)
    repo, meter = Repo(here), Meter()
    usage = meter.read(processes.processes(repo))[id]
    assert usage.processes == 2
    assert usage.memory_mb > 100
    assert until(lambda: meter.read(processes.processes(repo))[id].cpu_percent) > 0
    processes.stop(repo, id, by={}, why="", now=True)
    until(lambda: not processes.find(repo, id).lives)
    assert meter.read(processes.processes(repo)) == {}


def test_only_living_commands_on_this_machine_are_measured(here: Path) -> None:
    id = runner.start_detached(here, Spec(python(WORKS)))
    until((here / "ready").exists)
    repo = Repo(here)
    process = processes.find(repo, id)
    elsewhere, ended = replace(process, here=False), replace(process, state="finished", orphan=False)
    assert list(Meter().read([process])) == [id]
    assert Meter().read([elsewhere]) == Meter().read([ended]) == {}
    processes.stop(repo, id, by={}, why="", now=True)


def test_the_system_metrics_of_a_run_are_those_of_its_command(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIM_SYSTEM_INTERVAL", "0.1")
    id = runner.start_detached(here, Spec(python(WORKS)))
    until((here / "ready").exists)
    repo = Repo(here)
    query = '"system/process_memory_mb", "system/process_cpu_percent"'

    def measured() -> bool:
        latest = {
            name: metric.traces[0].last for run in repo.select_metrics(query) for name, metric in run.metrics.items()
        }
        return latest.get("system/process_memory_mb", 0) > 100 and latest.get("system/process_cpu_percent", 0) > 0

    assert until(measured)
    assert id


def test_only_supervised_commands_can_be_stopped(here: Path) -> None:
    repo = Repo(here)
    with aim_package.Run("by hand") as run:
        with pytest.raises(LaunchError, match="run by hand was not started by aim run or a queue"):
            processes.stop(repo, run.id, by={}, why="")
    with pytest.raises(RunError, match="no run has the id 'x'"):
        processes.stop(repo, "x", by={}, why="")


def test_a_command_on_another_machine_is_stopped_there(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    id = runner.start_detached(here, Spec(["sleep", "600"]))
    repo = Repo(here)
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr("aim.log.status.boot_id", lambda: "another")
        (process,) = processes.processes(repo)
        assert (process.here, process.orphan) == (False, False)
        with pytest.raises(LaunchError, match="run aim stop there"):
            processes.stop(repo, id, by={}, why="")
    assert "stop" not in repo.edits.fields(id)


def test_aim_ps_and_aim_stop(here: Path) -> None:
    assert "No commands were started" in answer(here, "ps").stderr
    id = runner.start_detached(here, Spec(python("import time; time.sleep(600)"), env={"SIZE": "3"}))
    shown = answer(here, "ps").stdout
    assert id[:12] in shown and "running" in shown and "time.sleep(600)" in shown
    (row,) = json.loads(answer(here, "ps", "--json").stdout)
    assert (row["id"], row["state"], row["env"], row["processes"]) == (id, "running", {"SIZE": "3"}, 1)
    stopped = answer(here, "stop", id[:10])
    assert stopped.stdout == f"{id} is stopped, signal SIGINT\n"
    assert answer(here, "stop", id).stdout == f"{id} is already stopped\n"
    assert "\nstopped     aim stop by " in answer(here, "runs", "show", id).stdout
    assert facts(Repo(here), id)["stop"]["by"]["via"] == "cli"
    assert "no run matches 'nothing'" in answer(here, "stop", "nothing", code=1).stderr


def test_aim_stop_when_a_server_takes_the_run_before_it_looks_again(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = runner.start_detached(here, Spec(["sleep", "600"]))
    stop = processes.stop

    def stop_and_ship(repo: Repo, *given: Any, **options: Any) -> bool:
        told = stop(repo, *given, **options)
        until(lambda: not processes.find(repo, id).lives)
        shutil.rmtree(layout.run_dir(repo.aim_dir, id))
        return told

    monkeypatch.setattr(processes, "stop", stop_and_ship)
    ended = CliRunner().invoke(main, ["stop", id])
    assert (ended.exit_code, ended.output) == (0, f"{id} has ended, and its records are on the server\n")


def test_aim_ps_shows_the_last_ones_that_ended(here: Path) -> None:
    for _ in range(11):
        ended(here, "true")
    few = answer(here, "ps")
    assert (few.stdout.count("finished"), "1 older command not shown" in few.stderr) == (10, True)
    assert answer(here, "ps", "--all").stdout.count("finished") == 11


def facts_of(pid: int) -> dict[str, Any]:
    return {**status.this_process(), "pid": pid, "started": status.started(pid)}


@pytest.mark.parametrize("role", ["keeper", "child"])
def test_records_that_name_another_program_stop_nothing(here: Path, role: str) -> None:
    """A run of a stranger can name any process of this machine: their pids and start times are public."""
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as victim:
        gone = {**facts_of(victim.pid), "started": "1"}
        named = {"keeper": facts_of(victim.pid) if role == "keeper" else gone, "child": facts_of(victim.pid)}
        run = CommandRun("theirs", repo=here)
        run.facts({"process": {"argv": ["train"], **named}})
        repo = Repo(here)
        try:
            processes.stop(repo, run.id, by={"user": "ada"}, why="it takes too long", now=True)
        except LaunchError as error:
            assert f"names process {victim.pid} as its runner, but that is another program" in str(error)
        time.sleep(0.2)
        assert victim.poll() is None
        assert not processes.find(repo, run.id).orphan
        run.close()
        victim.kill()


def test_a_process_number_that_no_system_has_does_not_stop_the_supervisor(here: Path) -> None:
    """It waits for every command of its queues, whose records anybody may have written."""
    run = CommandRun("theirs", repo=here)
    run.facts({"process": {"argv": ["train"], "keeper": {**facts_of(os.getpid()), "pid": 1 << 40}}})
    process = processes.find(Repo(here), run.id)
    assert process.here and schedule._handle(process) is None
    run.close()


def test_the_first_stop_is_kept_and_a_later_one_only_speeds_it_up(tmp_path: Path) -> None:
    layout.create(tmp_path / ".aim")
    id, kept = "a" * 32, []
    for why, now in (("first", False), ("second", False), ("third", True), ("fourth", True)):
        processes._record_wish(tmp_path / ".aim", id, {"time": 1.0, "by": {}, "why": why}, now=now)
        wish = processes._wishes(tmp_path / ".aim")[id]
        files = len(list((tmp_path / ".aim" / "edits").glob("*.log")))
        kept.append((wish["why"], wish.get("now", False), files))
    assert kept == [("first", False, 1), ("first", False, 1), ("first", True, 2), ("first", True, 2)]
