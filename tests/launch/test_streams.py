"""What a command prints is recorded as it was printed, whoever reads it and however much it is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from aim.launch import processes, runner
from aim.launch.runner import Spec
from aim.repo import Repo
from tests.commands import AIM, aim, environment
from tests.launch.commands import lives, only_run, outputs, printed, python, text_in
from tests.waiting import until

pytestmark = pytest.mark.skipif(os.name != "posix", reason="runners need process groups and signals")


def test_part_of_a_line_is_recorded_while_the_command_waits(here: Path) -> None:
    code = "import sys, time; sys.stdout.write('50 %'); sys.stdout.flush(); time.sleep(600)"
    id = runner.start_detached(here, Spec(python(code), waits=(5, 5)))
    repo = Repo(here)
    until(lambda: printed(repo, id) == b"50 %")
    assert repo.run(id).status == "running"
    assert processes.stop(repo, id, by={"user": "ada"}, why="seen enough")
    until(lambda: repo.run(id).status == "stopped")


def test_the_input_of_a_detached_command_is_empty_and_its_streams_are_told_apart(here: Path) -> None:
    code = "import sys; print(repr(sys.stdin.read())); print('e', file=sys.stderr)"
    id = runner.start_detached(here, Spec(python(code)))
    repo = Repo(here)
    until(lambda: repo.run(id).status == "finished")
    assert (printed(repo, id, 1), printed(repo, id, 2)) == (b"''\n", b"e\n")


READ_LATE = """
import fcntl, os, signal
runner, me = os.getppid(), os.getpid()
if os.fork() == 0:
    os.setsid()
    os.close(1)
    os.close(2)
    while os.getppid() == me:
        os.sched_yield()
    os.kill(runner, signal.SIGCONT)
    os._exit(0)
os.kill(runner, signal.SIGSTOP)
fcntl.fcntl(1, fcntl.F_SETPIPE_SZ, 1 << 20)
os.write(1, b"x" * 500_000)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only here a pipe can hold so much")
def test_output_that_is_read_when_the_command_has_ended_is_recorded_whole(here: Path) -> None:
    id = runner.start_detached(here, Spec(python(READ_LATE)))
    repo = Repo(here)
    until(lambda: repo.run(id).status != "running")
    assert (repo.run(id).status, len(printed(repo, id))) == ("finished", 500_000)


# In a runner, each look at the clock comes a second later.
AS_IF_BUSY = """
import itertools, sys, types
if "aim.launch.runner" in sys.orig_argv:
    from aim.launch import watch
    seconds = itertools.count()
    watch.time = types.SimpleNamespace(monotonic=lambda: float(next(seconds)))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only here a pipe can hold so much")
def test_output_is_read_to_its_end_however_late_the_runner_is(
    here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(AS_IF_BUSY)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), environment()["PYTHONPATH"]]))
    id = runner.start_detached(here, Spec(python(READ_LATE)))
    repo = Repo(here)
    until(lambda: repo.run(id).status != "running")
    assert (repo.run(id).status, len(printed(repo, id))) == ("finished", 500_000)


def test_where_both_streams_go_to_one_place_their_order_is_kept(here: Path) -> None:
    code = "import os\nfor i in range(500): os.write(1 + i % 2, b'%d ' % i)"
    with open(here / "out", "wb") as out:
        command = [*AIM, "run", "--", *python(code)]
        subprocess.run(command, cwd=here, env=environment(), stdout=out, stderr=out, check=True)
    wanted = b"".join(b"%d " % i for i in range(500))
    assert (here / "out").read_bytes().endswith(wanted)
    assert printed(Repo(here), only_run(here).hash) == wanted


FLOOD = """
import os, re
block = bytes(range(32, 127)) * 690
for i in range(1_650):
    os.write(1, block)
os.write(1, b"the end")
runner = open(f"/proc/{os.getppid()}/status").read()
open("kilobytes", "w").write(re.search(r"VmHWM:\\s*(\\d+)", runner)[1])
"""


def test_memory_stays_flat_and_the_record_bounded_however_much_is_printed(here: Path) -> None:
    """108 MB: more than is kept, so the head, a note of the gap and the last 64 KiB are there."""
    assert aim(here, "run", "--", *python(FLOOD)).returncode == 0
    assert int(text_in(here / "kilobytes")) < 60_000
    pieces = outputs(Repo(here), only_run(here).hash)
    kept = sum(len(entry.data) for entry in pieces if entry.stream == 1)
    skipped = sum(entry.skipped for entry in pieces)
    assert kept + skipped == 95 * 690 * 1_650 + len(b"the end")
    assert 99_000_000 < kept < 100_000_000 + 65_536
    assert pieces[-1].data.endswith(b"the end")


def test_a_reader_that_goes_away_ends_the_command_as_without_aim(here: Path) -> None:
    with subprocess.Popen(
        [*AIM, "run", "--", "yes"], cwd=here, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"y\n"
        process.stdout.close()
        assert process.wait() == 128 + signal.SIGPIPE


def test_background_processes_do_not_keep_the_run_open(here: Path) -> None:
    ended = aim(here, "run", "--", "sh", "-c", "sleep 600 & echo $!")
    assert (ended.returncode, only_run(here).status) == (0, "finished")
    assert lives(int(ended.stdout))
    os.kill(int(ended.stdout), signal.SIGKILL)


def test_the_input_of_a_command_is_that_of_aim_run(here: Path) -> None:
    with open(here / "in", "w+") as given:
        given.write("hello")
        given.seek(0)
        assert aim(here, "run", "--", "cat", stdin=given).stdout == "hello"
