"""A training records to a real `aim server`, each in a process of its own, through the shipper."""

from __future__ import annotations

import re
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from aim.log.reader import covers
from aim.remote import files
from aim.repo import Repo
from tests.remote.processes import end_shippers
from tests.sdk import recorded
from tests.sdk.recorded import killed_when_it_recorded, python, started
from tests.server.receiving import Receiving
from tests.waiting import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the processes are found in /proc")

BEGIN = "import aim, time, os, sys\n"
# A busy machine may take longer to answer than a training waits.
PATIENT = BEGIN + "from aim.sdk import shipping\nshipping._CLAIM_SECONDS = shipping._BRING_SECONDS = 200.0\n"
RUN = "run = aim.Run('baseline', system_interval=0)\n"
OPEN = PATIENT + RUN
SYNC_WAIT = "200"
# Records until there is a line to read.
WRITERS = """
import select, sys, time, aim
count, pause = int(sys.argv[1]), float(sys.argv[2])
runs = [aim.Run(system_interval=0, environment=False) for _ in range(count)]
step = 0
while not select.select([sys.stdin], [], [], pause)[0]:
    for run in runs:
        run.track(step / 3, "loss")
    step += 1
print(step)
"""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiving]:
    """A server to which every training of this file records."""
    (tmp_path / "server").mkdir()
    with Receiving(tmp_path / "server") as running:
        monkeypatch.setenv("AIM_REPO", f"aim://127.0.0.1:{running.port}")
        monkeypatch.setenv("AIM_TOKEN", running.token)
        monkeypatch.setenv("AIM_SPOOL", str(tmp_path / "spool"))
        monkeypatch.setenv("AIM_SPOOL_KEEP", str(1 << 40))
        yield running
        end_shippers(tmp_path)


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "here").mkdir()
    return tmp_path / "here"


def spool_of(server: Receiving, tmp_path: Path) -> Path:
    return tmp_path / "spool" / f"127.0.0.1_{server.port}" / ".aim"


def differing(server: Receiving, spool: Path) -> list[str]:
    """The files of a spool that are not byte for byte on the server."""
    names = [place.name for place in files.every(spool)]
    return [name for name in names if (spool / name).read_bytes() != server.bytes_of(name)]


def test_a_run_arrives_byte_for_byte(tmp_path: Path, here: Path, server: Receiving) -> None:
    code = "for i in range(500): run.track(i / 500, 'loss')\nrun['lr'] = 0.1\nrun.add_tag('night')\n"
    ended = python(here, OPEN + code, AIM_SYNC_WAIT=SYNC_WAIT)
    assert ended.returncode == 0, ended.stderr
    assert differing(server, spool_of(server, tmp_path)) == []
    (run,) = Repo(server.root).select_metrics("loss")
    assert (run.status, run.hash, run.params["lr"], list(run.tags)) == ("finished", "baseline", 0.1, ["night"])
    assert [len(trace.values) for trace in run.metrics["loss"].traces] == [500]


def test_the_tail_of_a_killed_training_arrives(tmp_path: Path, here: Path, server: Receiving) -> None:
    killed_when_it_recorded(here, OPEN + "for i in range(500): run.track(1.0, 'loss')")
    spool = spool_of(server, tmp_path)
    until(lambda: differing(server, spool) == [])
    assert recorded.only(server.root).values("loss") == [1.0] * 500


def test_a_name_is_taken_and_a_run_is_resumed_from_another_machine(
    tmp_path: Path, here: Path, server: Receiving
) -> None:
    assert python(here, OPEN + "for i in range(10): run.track(i, 'loss')\n", AIM_SYNC_WAIT=SYNC_WAIT).returncode == 0
    elsewhere = str(tmp_path / "another machine")
    ended = python(here, OPEN, AIM_SPOOL=elsewhere)
    assert ended.returncode == 1 and "RunExists" in ended.stderr, ended.stderr
    code = PATIENT + "run = aim.Run('baseline', resume=True, system_interval=0)\nrun.track(10, 'loss')\n"
    ended = python(here, code, AIM_SPOOL=elsewhere, AIM_SYNC_WAIT=SYNC_WAIT)
    assert ended.returncode == 0, ended.stderr
    (run,) = Repo(server.root).select_metrics("loss")
    (trace,) = run.metrics["loss"].traces
    assert list(trace.steps) == list(range(11))


def test_machines_that_resume_one_rank_at_one_instant_lose_nothing(
    tmp_path: Path, here: Path, server: Receiving
) -> None:
    """As after a job was put into the queue again while its first try still ran. Elsewhere, nobody knows that the other
    one lives, so each is an attempt; the server keeps both, byte for byte."""
    assert python(here, OPEN + "for i in range(10): run.track(i, 'loss')\n", AIM_SYNC_WAIT=SYNC_WAIT).returncode == 0
    code = PATIENT + "print('on', flush=True)\nsys.stdin.readline()\n"
    code += "run = aim.Run('baseline', resume=True, system_interval=0)\nfor i in range(20): run.track(i, 'loss')\n"
    spools = [tmp_path / f"machine {number}" for number in range(2)]
    both = [started(here, code, AIM_SPOOL=str(spool), AIM_SYNC_WAIT=SYNC_WAIT) for spool in spools]
    for process in both:
        assert process.stdout is not None and process.stdout.readline() == "on\n"
    for process in both:
        assert process.stdin is not None
        print(file=process.stdin, flush=True)
    for process in both:
        _, err = process.communicate()
        assert process.returncode == 0, err
    for spool in spools:
        assert differing(server, spool / spool_of(server, tmp_path).parent.name / ".aim") == []
    (run,) = Repo(server.root).select_metrics("loss")
    assert [len(trace.values) for trace in run.metrics["loss"].traces] == [50]
    assert not list((server.aim_dir / "runs").glob("*/*.conflict"))


def test_a_deleted_run_stops_its_writer_and_stays_away(tmp_path: Path, here: Path, server: Receiving) -> None:
    process = started(here, OPEN + "while True: run.track(1.0, 'loss'); time.sleep(0.05)\n")
    try:
        repo = Repo(server.root)
        until(lambda: len(repo.select_runs()) == 1)
        repo.runs.delete([run.id for run in repo.select_runs()])
        until(lambda: not list((spool_of(server, tmp_path) / "runs").glob("*/*.log")))
        assert process.stderr is not None and any("deleted" in told for told in process.stderr)
        assert repo.select_runs() == []
        assert not list((server.aim_dir / "runs").glob("*/*"))
    finally:
        process.kill()
        process.communicate()


def test_a_seal_of_the_server_costs_the_client_nothing(tmp_path: Path, here: Path, server: Receiving) -> None:
    assert python(here, OPEN + "run.track(1, 'loss')\n", AIM_SYNC_WAIT=SYNC_WAIT).returncode == 0
    command = f"import sys; sys.argv = ['aim', 'storage', 'seal', '--repo', {str(server.root)!r}]\n"
    assert python(here, command + "from aim.cli.main import main; main()").returncode == 0
    (sealed,) = (server.aim_dir / "runs").glob("*/*.seal")
    command = "import sys; sys.argv = ['aim', 'sync']\nfrom aim.cli.main import main; main()"
    ended = python(here, command)
    assert ended.returncode == 0, ended.stderr
    (log,) = (spool_of(server, tmp_path) / "runs").glob("*/*.log")
    assert covers(sealed) == log.stat().st_size
    assert not list((server.aim_dir / "runs").glob("*/*.log"))


def test_a_server_that_hangs_holds_no_training(tmp_path: Path, here: Path, server: Receiving) -> None:
    server.process.send_signal(signal.SIGSTOP)
    ended = python(here, BEGIN + RUN + "for i in range(500): run.track(1.0, 'loss')\n")
    assert ended.returncode == 0 and re.search("does not answer within|no answer in time", ended.stderr), ended.stderr
    server.process.send_signal(signal.SIGCONT)
    until(lambda: differing(server, spool_of(server, tmp_path)) == [])
    assert recorded.only(server.root).values("loss") == [1.0] * 500


def away_from_writers(server: Receiving, here: Path, tmp_path: Path, *, seconds: float) -> None:
    """2,000 points a second, which wait in the spool."""
    training = started(here, WRITERS, "20", "0.01")
    until(lambda: len(list((server.aim_dir / "runs").glob("*/*.log"))) == 20)
    server.kill()
    time.sleep(seconds)
    spool = spool_of(server, tmp_path)
    until(lambda: len(differing(server, spool)) == 20)
    out, err = training.communicate("\n")
    assert training.returncode == 0 and "Traceback" not in err, err
    assert len(differing(server, spool)) == 20
    server.start()
    until(lambda: differing(server, spool) == [])
    runs = Repo(server.root).select_metrics("loss")
    assert [len(trace.values) for run in runs for trace in run.metrics["loss"].traces] == [int(out)] * 20


def test_a_server_that_is_away_among_writers_gets_everything(tmp_path: Path, here: Path, server: Receiving) -> None:
    away_from_writers(server, here, tmp_path, seconds=2)


@pytest.mark.stress
def test_a_server_that_is_away_for_600_seconds_gets_everything(tmp_path: Path, here: Path, server: Receiving) -> None:
    away_from_writers(server, here, tmp_path, seconds=600)


def killed_among_writers(
    server: Receiving, here: Path, tmp_path: Path, *, processes: int, writers: int, seconds: float, kills: int
) -> None:
    trainings = [started(here, WRITERS, str(writers), "0.02") for _ in range(processes)]
    until(lambda: len(list((server.aim_dir / "runs").glob("*/*.log"))) == processes * writers)
    for _ in range(kills):
        time.sleep(seconds / (kills + 1))
        server.kill()
        server.start()
    steps = [training.communicate("\n") for training in trainings]
    spool = spool_of(server, tmp_path)
    until(lambda: differing(server, spool) == [])
    counts = sorted(int(out) for out, _ in steps for _ in range(writers))
    runs = Repo(server.root).select_metrics("loss")
    assert sorted(len(trace.values) for run in runs for trace in run.metrics["loss"].traces) == counts
    assert len(runs) == processes * writers


def test_a_server_that_is_killed_among_20_writers_loses_nothing(tmp_path: Path, here: Path, server: Receiving) -> None:
    killed_among_writers(server, here, tmp_path, processes=2, writers=10, seconds=4.0, kills=3)


@pytest.mark.stress
def test_a_server_that_is_killed_9_times_among_1000_writers(tmp_path: Path, here: Path, server: Receiving) -> None:
    killed_among_writers(server, here, tmp_path, processes=4, writers=250, seconds=90.0, kills=9)
