"""A training that records to a server: real processes, and a server that speaks docs/format/ship.md."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import aim
from aim.errors import RepoError, RunError, RunExists
from aim.log import record
from aim.log.reader import Log
from aim.remote import spool
from aim.sdk import ranks
from tests.remote.processes import shippers
from tests.remote.receiver import Receiver
from tests.sdk import recorded
from tests.sdk.recorded import killed_when_it_recorded, python, started
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the processes are found in /proc")

OPEN = "import aim, time, os, sys\nrun = aim.Run(system_interval=0)\n"
ON = "print('on', flush=True)\nsys.stdin.read()\n"
# A busy machine may take longer to answer than a training waits.
PATIENT = "from aim.sdk import shipping\nshipping._CLAIM_SECONDS = 200.0\n"
NAMED = "import aim, time, os, sys\n" + PATIENT + "run = aim.Run('baseline', system_interval=0)\n"

CLAIMED = {"run": "0" * 32, "launch": None, "attempt": "0" * 16, "rank": None, "starter": None}


@pytest.fixture
def server(hasty: Receiver, monkeypatch: pytest.MonkeyPatch) -> Receiver:
    """A server to which every test of this file records."""
    monkeypatch.setattr("aim.sdk.shipping._CLAIM_SECONDS", 200.0)
    return hasty


def again(server: Receiver) -> Receiver:
    """The same server, after it was away."""
    return Receiver(server.folder, port=server.port)


def waiting(tmp_path: Path) -> list[Path]:
    """The files that the server does not have for good."""
    return sorted((tmp_path / "spool").glob("*/.aim/runs/*/*.log"))


def arrived(server: Receiver) -> list[recorded.File]:
    return recorded.files(server.folder.parent, arriving=True)


def test_a_run_arrives_and_nothing_stays_behind(tmp_path: Path, here: Path, server: Receiver) -> None:
    code = "for i in range(1000): run.track(i / 1000, 'loss')\nrun['lr'] = 0.1\n"
    ended = python(here, OPEN + code)
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr.startswith(f"aim: recording to {server.address}, by way of ") and ended.stderr.count("\n") == 1
    until(lambda: not waiting(tmp_path))
    (file,) = arrived(server)
    assert file.values("loss") == [i / 1000 for i in range(1000)]
    assert file.end is not None and file.end["status"] == "finished"
    until(lambda: not shippers(tmp_path))
    assert not (here / ".aim").exists()


def test_training_writes_the_same_with_and_without_a_server(here: Path, server: Receiver) -> None:
    """The write path is the same: the file in the spool has the same records, in the same order, of the same size."""
    code = "import aim\nwith aim.Run(system_interval=0, environment=False) as run:\n"
    code += "    for i in range(50): run.track({'loss': 1.0 * i, 'acc': i}, context={'subset': 'val'})\n"
    sizes = []
    for repo in (server.address, str(here)):
        ended = python(here, code, AIM_REPO=repo, AIM_SYNC_WAIT="200")
        assert ended.returncode == 0, ended.stderr
    for folder in (server.folder.parent, here):
        log = Log(recorded.only(folder).path)
        sizes.append([(entry.kind, len(entry.payload)) for entry in log.records() if entry.kind in KINDS])
    assert sizes[0] == sizes[1]


KINDS = (record.SERIES, record.POINT, record.PARAMS)


def test_a_killed_training_loses_nothing(tmp_path: Path, here: Path, server: Receiver) -> None:
    killed_when_it_recorded(here, OPEN + "for i in range(500): run.track(1.0, 'loss')")
    until(lambda: arrived(server) and len(arrived(server)[0].values("loss")) == 500)
    until(lambda: not waiting(tmp_path))


def test_a_server_that_is_away_at_the_start(tmp_path: Path, here: Path, server: Receiver) -> None:
    server.close()
    ended = python(here, NAMED + "for i in range(100): run.track(1.0, 'loss')\n")
    assert ended.returncode == 0
    assert ended.stderr.count("cannot be reached: Connection refused") == 1, ended.stderr
    assert "Training continues; what it records waits in" in ended.stderr
    assert "If the server has a run called 'baseline', it then has two" in ended.stderr
    (path,) = waiting(tmp_path)
    content = path.read_bytes()
    back = again(server)
    until(lambda: not waiting(tmp_path))
    assert (back.folder / "runs" / path.parent.name / path.name).read_bytes() == content
    back.close()


def test_a_server_that_goes_away_and_comes_back(tmp_path: Path, here: Path, server: Receiver) -> None:
    code = "for part in range(3):\n    for i in range(100): run.track(1.0, 'loss')\n"
    process = started(here, OPEN + code + "    print(part, flush=True)\n    sys.stdin.readline()\n")
    assert process.stdout is not None and process.stdin is not None
    assert process.stdout.readline() == "0\n"
    until(lambda: arrived(server))
    server.close()
    print(file=process.stdin, flush=True)
    assert process.stdout.readline() == "1\n"
    back = again(server)
    print(file=process.stdin, flush=True)
    _, err = process.communicate("\n")
    assert process.returncode == 0 and "Traceback" not in err
    until(lambda: not waiting(tmp_path))
    (file,) = arrived(back)
    assert len(file.values("loss")) == 300
    back.close()


def test_the_reason_of_an_unreachable_server_is_reported_once_at_the_end(here: Path, server: Receiver) -> None:
    process = started(
        here, OPEN + "run.track(1.0, 'loss')\nprint('on', flush=True)\nsys.stdin.read()\n", AIM_TOKEN="wrong"
    )
    assert process.stdout is not None and process.stdout.readline() == "on\n"
    (_, aim_dir), *_ = spool.every()
    until(lambda: spool.reported(aim_dir).problem)
    until(lambda: spool.reported(aim_dir).time - spool.reported(aim_dir).since >= 0)
    spool.report(aim_dir, spool.reported(aim_dir)._replace(since=1.0))
    _, err = process.communicate()
    assert process.returncode == 0
    assert err.count("refuses the token: wrong token") == 1, err


def test_what_keeps_the_server_away_is_told_once_for_many_runs(here: Path, server: Receiver) -> None:
    server.close()
    code = "import aim\n" + PATIENT + "shipping._TRANSIENT_SECONDS = 0.0\n"
    code += "runs = [aim.Run(name, system_interval=0) for name in ('a', 'b', None, None)]\n"
    code += "from tests.waiting import until\nfrom aim.remote import spool\n"
    code += "(_, aim_dir), *_ = spool.every()\nuntil(lambda: spool.reported(aim_dir).problem)\n"
    ended = python(here, code + "for run in runs: run.close()\n")
    assert ended.returncode == 0
    assert ended.stderr.count("cannot be reached: Connection refused") == 1, ended.stderr


def test_close_waits_for_the_server_when_asked_to(tmp_path: Path, here: Path, server: Receiver) -> None:
    ended = python(here, OPEN + "run.track(1.0, 'loss'); run.close(); print(len(os.listdir(sys.argv[1])))",
                   str(server.folder / "runs"), AIM_SYNC_WAIT="200")  # fmt: skip
    assert ended.stdout == "1\n", ended.stderr


def test_close_that_waits_in_vain_says_so(here: Path, server: Receiver) -> None:
    server.close()
    ended = python(here, OPEN + "run.track(1.0, 'loss')", AIM_SYNC_WAIT="0.5")
    assert ended.returncode == 0
    assert f"is not yet on {server.address} after 0.5 s" in ended.stderr
    for wrong in ("soon", "-1", "nan"):
        ended = python(here, OPEN + "run.track(1.0, 'loss')", AIM_SYNC_WAIT=wrong)
        assert f"AIM_SYNC_WAIT={wrong!r} must be a number of seconds; not waiting" in ended.stderr


def test_a_name_that_the_server_has_is_refused(tmp_path: Path, here: Path, server: Receiver) -> None:
    assert python(here, NAMED + "run.track(1.0, 'loss')").returncode == 0
    until(lambda: not waiting(tmp_path))
    ended = python(here, NAMED, AIM_SPOOL=str(tmp_path / "another machine"))
    assert ended.returncode == 1
    assert f"RunExists: run 'baseline' already exists on {server.address}. Pass resume=True" in ended.stderr


def test_a_run_goes_on_on_another_machine(tmp_path: Path, here: Path, server: Receiver) -> None:
    assert python(here, NAMED + "for i in range(10): run.track(1.0, 'loss')\nrun['lr'] = 1").returncode == 0
    until(lambda: not waiting(tmp_path))
    code = NAMED.replace("'baseline'", "'baseline', resume=True") + "for i in range(5): run.track(2.0, 'loss')\n"
    ended = python(here, code, AIM_SPOOL=str(tmp_path / "another machine"))
    assert ended.returncode == 0, ended.stderr
    until(lambda: len(arrived(server)) == 2 and arrived(server)[1].end is not None)
    first, second = arrived(server)
    assert first.run == second.run
    assert second.steps("loss") == [10, 11, 12, 13, 14]
    assert second.start["earlier"] == {first.writer: first.path.stat().st_size}
    until(lambda: not list((tmp_path / "another machine").glob("*/.aim/runs/*/*.log")))


def test_a_server_that_hangs_is_asked_once_and_close_asks_nothing(
    here: Path, hasty: Receiver, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The time of the wait is over as soon as the server has the claim, which it does not answer."""
    waits: list[float] = []
    released = threading.Event()

    def hang(method: str, path: str, body: bytes) -> None:
        released.wait(PATIENCE)

    def run_out(command: list[str], *, input: bytes, timeout: float, **given: object) -> None:
        waits.append(timeout)
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
            assert process.stdin is not None
            process.stdin.write(input)
            process.stdin.close()
            until(lambda: "POST /v1/run" in hasty.requests)
            process.kill()
        raise subprocess.TimeoutExpired(command, timeout)

    hasty.fault = hang
    monkeypatch.setattr("aim.sdk.shipping._silent", {})
    monkeypatch.setattr("aim.sdk.shipping._told", {})
    monkeypatch.setattr("aim.sdk.shipping.subprocess.run", run_out)
    runs = [aim.Run(name, system_interval=0, environment=False) for name in ("a", "b")]
    assert len(waits) == 1 and waits[0] <= 1.5, "of two seconds, half a second is left for the rest of an opening"
    assert capsys.readouterr().err.count(f"{hasty.address} does not answer within {waits[0]:g} s") == 1
    monkeypatch.setattr("aim.sdk.shipping.time.sleep", lambda seconds: pytest.fail("close waits"))
    for run in runs:
        run.track(1.0, "loss")
        run.close()
    assert len(waits) == 1
    released.set()


def test_a_resume_needs_an_answer(here: Path, server: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    server.close()
    monkeypatch.setattr("aim.sdk.shipping._silent", {})
    with pytest.raises(RunError, match="cannot be resumed, because its records are on the server, and .* refused"):
        aim.Run("baseline", resume=True, system_interval=0)


def test_ranks_on_two_machines_record_one_run(tmp_path: Path, here: Path, server: Receiver) -> None:
    code = NAMED + "run.track(float(os.environ['RANK']), 'loss')\n" + ON
    processes = [
        started(here, code, AIM_ATTEMPT="job 7", RANK=str(rank), AIM_SPOOL=str(tmp_path / f"machine {rank}"))
        for rank in range(3)
    ]
    for process in processes:
        assert process.stdout is not None and process.stdout.readline() == "on\n", process.communicate()
    for process in processes:
        process.communicate()
    until(lambda: sum(file.end is not None for file in arrived(server)) == 3)
    assert len({file.run for file in arrived(server)}) == 1
    assert len({file.start["attempt"] for file in arrived(server)}) == 1
    assert sorted(file.start["role"] for file in arrived(server)) == ["join", "join", "main"]


def test_children_of_a_run_join_it_without_asking(tmp_path: Path, here: Path, server: Receiver) -> None:
    child = "import aim; aim.Run('baseline').track(1.0, 'x')"
    ended = python(here, f"{NAMED}import subprocess\nsubprocess.run([sys.executable, '-c', {child!r}], check=True)")
    assert ended.returncode == 0, ended.stderr
    until(lambda: len(arrived(server)) == 2)
    assert server.requests.count("POST /v1/run") == 1


def test_forks_travel_too(tmp_path: Path, here: Path, server: Receiver) -> None:
    code = OPEN + "run.track(1.0, 'loss')\nif os.fork() == 0:\n    run.track(2.0, 'loss')\nelse:\n    os.wait()\n"
    ended = python(here, code)
    assert ended.returncode == 0, ended.stderr
    until(lambda: [file.end is not None for file in arrived(server)] == [True, True])


def test_media_output_lines_and_tags_travel(tmp_path: Path, here: Path, server: Receiver) -> None:
    code = OPEN.replace("(sys", "(console=True, sys") + (
        "run.track(aim.Text(os.urandom(1_000_000).hex()), 'samples')\n"
        "run.log_info('a line')\nrun.add_tag('good')\nprint('printed')\n"
    )
    ended = python(here, code)
    assert ended.returncode == 0, ended.stderr
    until(lambda: len(arrived(server)) == 2 and all(file.end for file in arrived(server)))
    kinds = {kind for file in arrived(server) for kind in file.kinds}
    assert kinds >= {record.OBJECT, record.BLOB, record.MESSAGE, record.EDIT, record.OUTPUT}


def test_a_deleted_run_stops_where_it_is_recorded(tmp_path: Path, here: Path, server: Receiver) -> None:
    code = OPEN + "print(run.id, flush=True)\nrun.track(1.0, 'loss')\nsys.stdin.readline()\n"
    process = started(here, code + "run.flush()\nrun.track(1.0, 'loss')\n")
    assert process.stdout is not None and process.stdin is not None
    run = process.stdout.readline().strip()
    until(lambda: arrived(server))
    server.deleted.add(run)
    os.utime(waiting(tmp_path)[0])
    until(lambda: not waiting(tmp_path))
    _, err = process.communicate("\n")
    assert process.returncode == 0 and err.count("was deleted; recording stops, training continues") == 1


def test_a_shipper_that_was_killed_is_replaced(tmp_path: Path, here: Path, server: Receiver) -> None:
    code = "import aim, sys\nfrom aim.sdk import shipping\nshipping._START_SECONDS = 0.1\n"
    code += "run = aim.Run(system_interval=0.1)\n" + ON
    process = started(here, code)
    assert process.stdout is not None and process.stdout.readline() == "on\n"
    until(lambda: shippers(tmp_path))
    (first,) = shippers(tmp_path)
    os.kill(first, signal.SIGKILL)
    until(lambda: [pid for pid in shippers(tmp_path) if pid != first])
    process.communicate()
    assert process.returncode == 0


def test_a_run_that_begins_just_after_the_shipper_ended_is_sent(tmp_path: Path, here: Path, server: Receiver) -> None:
    """The next run of a script starts another shipper, however soon it comes."""
    code = "import aim\nfrom pathlib import Path\nfrom tests.remote.processes import shippers\n"
    code += "from tests.waiting import until\n"
    code += "for _ in range(2):\n    aim.Run(system_interval=0).close()\n"
    code += f"    until(lambda: not shippers(Path({str(tmp_path)!r})))\n"
    ended = python(here, code)
    assert ended.returncode == 0, ended.stderr
    assert len(arrived(server)) == 2


def test_a_relative_folder_for_spools_is_the_same_everywhere(tmp_path: Path, here: Path, server: Receiver) -> None:
    """The shipper works in another folder than the training, which may go to another one. Its variables stay."""
    code = OPEN + "os.chdir('/')\nrun.track(1.0, 'loss')\nprint(os.environ['AIM_SPOOL'])\n"
    ended = python(here, code, AIM_SPOOL="../elsewhere", AIM_SYNC_WAIT="200")
    assert ended.stdout == "../elsewhere\n"
    assert ended.returncode == 0 and "not yet on" not in ended.stderr, ended.stderr
    assert (tmp_path / "elsewhere").is_dir() and len(arrived(server)) == 1


def test_nothing_starts_when_tracking_is_off(tmp_path: Path, here: Path, server: Receiver) -> None:
    ended = python(here, NAMED + "run.track(1.0, 'loss')", AIM_DISABLED="1")
    assert ended.returncode == 0 and ended.stderr == ""
    assert not (tmp_path / "spool").exists() and not server.requests


WRONG = {
    "aim://": "names no host",
    "aim://ann:secret@host": "no user and no token",
    "http://host:43900": "a server to record to is written aim://HOST:PORT",
    "https://host": "a server to record to is written aim://HOST:PORT",
}


@pytest.mark.parametrize("repo", WRONG)
def test_wrong_addresses_are_refused_at_open(here: Path, server: Receiver, repo: str) -> None:
    for opened in (lambda: aim.Run(repo=repo), lambda: aim.Session(repo=repo), lambda: aim.init(repo)):
        with pytest.raises(RepoError) as raised:
            opened()
        assert WRONG[repo] in str(raised.value) and "secret" not in str(raised.value)
    assert os.listdir(here) == []


def test_a_disk_without_room_for_the_spool(tmp_path: Path, here: Path, server: Receiver) -> None:
    (tmp_path / "spool").write_text("a file")
    with pytest.raises(RepoError, match="Set AIM_SPOOL to a folder"):
        aim.Run(system_interval=0)


def test_a_name_is_refused_while_another_process_starts_it(here: Path, server: Receiver) -> None:
    server.claims["baseline"] = CLAIMED
    with pytest.raises(RunExists, match="is just being started by another process"):
        aim.Run("baseline", system_interval=0)


@pytest.mark.parametrize(
    ("name", "claim", "joins"),
    [
        ("another rank", {"rank": "SLURM_PROCID=1"}, True),
        ("the same rank, as of two scripts in one Slurm shell", {"rank": "SLURM_PROCID=0"}, False),
        ("the same rank, of another program's worker", {"rank": "SLURM_PROCID=0", "starter": "host 1 2"}, False),
        ("a worker of the same program", {"rank": "SLURM_PROCID=0", "starter": "ours"}, True),
        ("another step", {"rank": "SLURM_PROCID=1", "launch": "slurm:7:1:"}, False),
        ("a process without a rank", {}, True),
    ],
)
def test_only_processes_of_one_launch_join_at_the_same_moment(
    here: Path, server: Receiver, monkeypatch: pytest.MonkeyPatch, name: str, claim: dict[str, str], joins: bool
) -> None:
    for variable, value in (("SLURM_JOB_ID", "7"), ("SLURM_STEP_ID", "0"), ("SLURM_PROCID", "0")):
        monkeypatch.setenv(variable, value)
    monkeypatch.setattr(ranks, "starter", lambda: "ours")
    server.claims["baseline"] = {**CLAIMED, "launch": "slurm:7:0:", **claim}
    if joins:
        assert aim.Run("baseline", system_interval=0).id == CLAIMED["run"]
    else:
        with pytest.raises(RunExists, match="is just being started by another process"):
            aim.Run("baseline", system_interval=0)
