"""Machines that record to one server: hosts made of namespaces, each with a name, processes and a spool of its own, and
the nodes of a real Slurm where it is installed."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from aim.remote import files
from aim.remote.answers import DELETED
from aim.repo import Repo
from tests.ports import free_port
from tests.remote.processes import end_shippers
from tests.sdk.recorded import environment
from tests.server.receiving import Receiving, piece
from tests.waiting import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="hosts are made of namespaces")

HOST = ["unshare", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc"]
# The server may answer late while other tests run.
OPEN = """
import aim, sys
from aim.sdk import shipping
shipping._CLAIM_SECONDS = 200.0
run = aim.Run("joint", system_interval=0)
print(run.id, flush=True)
"""
RECORD = (
    OPEN
    + """
for step in range(100): run.track(step, "loss", step=step)
print("on", flush=True)
sys.stdin.readline()
run.close()
"""
)
DELETED_MEANWHILE = (
    OPEN
    + """
import time
while True: run.track(1.0, "loss"); time.sleep(0.05)
"""
)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Receiving]:
    (tmp_path / "server").mkdir()
    with Receiving(tmp_path / "server") as running:
        yield running
        end_shippers(tmp_path)


class Host:
    """A machine: its processes see no others, and have a name and a spool of their own."""

    def __init__(self, name: str, folder: Path, server: Receiving) -> None:
        self.name, self.folder, self.server = name, folder / name, server
        self.folder.mkdir()

    @property
    def spool(self) -> Path:
        return self.folder / "spool" / f"127.0.0.1_{self.server.port}" / ".aim"

    def train(self, code: str, **variables: str) -> subprocess.Popen[str]:
        words = [*HOST, "sh", "-c", f'hostname {self.name} && exec "$@"', "sh", sys.executable, "-c", code]
        given = {
            "AIM_REPO": f"aim://127.0.0.1:{self.server.port}",
            "AIM_TOKEN": self.server.token,
            "AIM_SPOOL": str(self.folder / "spool"),
            "AIM_SYNC_WAIT": "200",
            **variables,
        }
        pipe = subprocess.PIPE
        return subprocess.Popen(
            words, cwd=self.folder, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=environment(**given)
        )


@pytest.fixture
def hosts(tmp_path: Path, server: Receiving) -> tuple[Host, Host]:
    if shutil.which("unshare") is None or subprocess.run([*HOST, "true"], capture_output=True).returncode != 0:
        pytest.skip("this user may not make namespaces")
    return Host("node-a", tmp_path, server), Host("node-b", tmp_path, server)


@contextmanager
def ranks(hosts: tuple[Host, Host], code: str) -> Iterator[list[subprocess.Popen[str]]]:
    """A launch with a rank on each host."""
    processes = [
        host.train(code, AIM_ATTEMPT="launch", RANK=str(number), WORLD_SIZE="2") for number, host in enumerate(hosts)
    ]
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    text = process.stdout.readline().strip()
    assert text, process.communicate()[1]
    return text


def ended(process: subprocess.Popen[str]) -> None:
    _, told = process.communicate("\n")
    assert process.returncode == 0 and "Traceback" not in told, told


def test_the_ranks_of_two_machines_record_one_run(server: Receiving, hosts: tuple[Host, Host]) -> None:
    repo = Repo(server.root)
    with ranks(hosts, RECORD) as processes:
        ids = [line(process) for process in processes]
        assert ids[0] == ids[1]
        assert [line(process) for process in processes] == ["on", "on"]
        until(lambda: points(repo) == 200)
        assert [run.status for run in repo.select_runs()] == ["running"]
        ended(processes[0])
        assert [run.status for run in repo.select_runs()] == ["running"], "its other rank goes on"
        ended(processes[1])
    (run,) = repo.select_runs()
    assert (run.id, run.status) == (ids[0], "finished")
    named = {writer.start["process"]["host"] for writer in repo.logs.writers(run.id)}
    assert named == {host.name for host in hosts}


def test_the_writers_of_a_deleted_run_are_told_on_every_machine(server: Receiving, hosts: tuple[Host, Host]) -> None:
    repo = Repo(server.root)
    with ranks(hosts, DELETED_MEANWHILE) as processes:
        run = line(processes[0])
        assert line(processes[1]) == run
        until(lambda: len(repo.logs.writers(run)) == 2, besides=(Exception,))
        sent = {path.relative_to(server.aim_dir).as_posix(): path.read_bytes() for path in logs(server, run)}
        repo.runs.delete([run])
        assert repo.select_runs() == []
        for host in hosts:
            until(lambda host=host: not [place for place in files.every(host.spool) if place.run == run])
        resent = server.client().ship(*(piece(data, 0, len(data), name) for name, data in sent.items()))
        assert [outcome.status for outcome in resent] == [DELETED, DELETED]
        for process in processes:
            assert process.stderr is not None and any("deleted" in told for told in process.stderr)
        assert logs(server, run) == []


def points(repo: Repo) -> int:
    runs = repo.select_metrics("loss")
    return sum(len(trace.values) for run in runs for trace in run.metrics["loss"].traces)


def logs(server: Receiving, run: str) -> list[Path]:
    return sorted((server.aim_dir / "runs").glob(f"*/{run}-*.log"))


SLURM = """
ClusterName=test
SlurmctldHost={host}
SlurmctldPort={port}
SlurmdPort={node_port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/slurmd
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
NodeName={host} CPUs={cpus} State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:4
"""


@contextmanager
def slurm(folder: Path) -> Iterator[dict[str, str]]:
    """A cluster of this machine alone: munge, slurmctld and slurmd. Gives the variables for its commands."""
    host = socket.gethostname().partition(".")[0]
    (folder / "state").mkdir()
    (folder / "slurmd").mkdir()
    folder.chmod(0o755)
    key = folder / "munge.key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o400)
    config = folder / "slurm.conf"
    given = {"host": host, "folder": folder, "port": free_port(), "node_port": free_port(), "cpus": os.cpu_count()}
    config.write_text(SLURM.format(**given))
    environ = {**environment(), "SLURM_CONF": str(config)}
    munge = ["munged", "-F", "-f", f"--key-file={key}", f"--socket={folder}/munge.socket"]
    munge += [f"--pid-file={folder}/munge.pid", f"--log-file={folder}/munge.log", f"--seed-file={folder}/munge.seed"]
    commands = [munge, ["slurmctld", "-D", "-i"], ["slurmd", "-D", "-N", host]]
    quiet = subprocess.DEVNULL
    processes = []
    try:
        for command in commands:
            processes.append(subprocess.Popen(command, env=environ, stdout=quiet, stderr=quiet, cwd=folder))
            time.sleep(1)
        up = ["sinfo", "-h", "-o", "%T"]
        until(lambda: "idle" in subprocess.run(up, env=environ, capture_output=True, text=True).stdout)
        yield environ
    finally:
        for process in reversed(processes):
            process.terminate()
            process.wait()


@pytest.mark.stress
@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0 or any(map(lambda name: shutil.which(name) is None, ("srun", "munged"))),
    reason="needs root, and Slurm: apt-get install slurm-wlm munge",
)
def test_the_tasks_of_a_slurm_job_record_one_run(tmp_path: Path, server: Receiving) -> None:
    code = OPEN.replace("joint", "job") + "import os\n"
    code += "context = {'rank': int(os.environ['SLURM_PROCID'])}\n"
    code += "for step in range(100): run.track(step, 'loss', context=context)\nrun.close()\n"
    (tmp_path / "train.py").write_text(code)
    (tmp_path / "slurm").mkdir()
    with slurm(tmp_path / "slurm") as environ:
        given = {
            "AIM_REPO": f"aim://127.0.0.1:{server.port}",
            "AIM_TOKEN": server.token,
            "AIM_SPOOL": str(tmp_path / "spool"),
            "AIM_SYNC_WAIT": "200",
        }
        words = ["srun", "-n", "2", "--overcommit", sys.executable, str(tmp_path / "train.py")]
        ended = subprocess.run(words, cwd=tmp_path, env=environ | given, capture_output=True, text=True)
        assert ended.returncode == 0, ended.stderr
    (run,) = Repo(server.root).select_metrics("loss")
    assert (run.hash, run.status, len(Repo(server.root).logs.writers(run.id))) == ("job", "finished", 2)
    contexts = [json.dumps(trace.context) for trace in run.metrics["loss"].traces]
    assert sorted(contexts) == ['{"rank": 0}', '{"rank": 1}']
    assert [len(trace.values) for trace in run.metrics["loss"].traces] == [100, 100]
