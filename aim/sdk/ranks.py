"""Ranks: which processes belong to one launch, and whether they are alive.

A launch is everything that one command of a launcher starts: the ranks of a torchrun, an srun or an mpirun. Environment
variables name it, but an interactive Slurm shell or `torchrun --rdzv_id=job1` gives the same name to the next training.
A process therefore joins only a launch that is alive: one of its writers records, or ended after this process had
started. Two launches at one time may have the same name too, as those of MPICH have. They differ in the process that
started their ranks, or both have a process of one rank.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from aim import regular
from aim.errors import LogError, StoreError
from aim.handlers import let_through
from aim.log import record, seal, status
from aim.log.reader import Log, OpenLog
from aim.threads import cached_property

_TAIL = 1 << 14

# A launcher, the variable that shows it, and the variables that name one launch of it, with its restarts.
_LAUNCHERS = (
    (
        "torchelastic",
        "TORCHELASTIC_RUN_ID",
        ("TORCHELASTIC_RUN_ID", "TORCHELASTIC_RESTART_COUNT", "MASTER_ADDR", "MASTER_PORT"),
    ),
    ("slurm", "SLURM_STEP_ID", ("SLURM_JOB_ID", "SLURM_STEP_ID", "SLURM_RESTART_COUNT")),
    ("openmpi", "OMPI_COMM_WORLD_SIZE", ("PMIX_NAMESPACE", "OMPI_MCA_ess_base_jobid")),
    ("mpi", "PMI_SIZE", ("PMI_JOBID", "HYDI_CONTROL_FD", "HYDRA_BSTRAP_XTERM")),
)
_BY_HAND = "aim:"
_RANKS = ("RANK", "LOCAL_RANK", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK", "PMI_RANK")


def launch_name(environ: Mapping[str, str]) -> str | None:
    """The name of this process's launch; None if it has none."""
    if value := environ.get("AIM_ATTEMPT"):
        return f"{_BY_HAND}{value}"
    for kind, needed, names in _LAUNCHERS:
        if environ.get(needed):
            return ":".join([kind, *(environ.get(name, "") for name in names)])
    return None


def rank(environ: Mapping[str, str]) -> str | None:
    """The rank of this process in its launch, such as `RANK=3 LOCAL_RANK=1`; None if there is none."""
    return " ".join(f"{name}={environ[name]}" for name in _RANKS if environ.get(name)) or None


def launcher(environ: Mapping[str, str]) -> str | None:
    """The process that started the ranks on this machine: the nearest ancestor that has no variables of the launch."""
    needed = next((needed for _, needed, _ in _LAUNCHERS if environ.get(needed)), None)
    if needed is None or environ.get("AIM_ATTEMPT"):
        return None
    for pid in status.parents(os.getpid()):
        if not _has_variable(pid, needed):
            return f"{pid} {status.started(pid)}"
    return None


def _has_variable(pid: int, name: str) -> bool:
    """Whether a process was started with this variable. False for one of another user, as the daemon of a cluster."""
    try:
        content = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError as error:
        let_through(error)
        return False
    return any(entry.startswith(os.fsencode(f"{name}=")) for entry in content.split(b"\0"))


class Member:
    """A process that recorded the run, according to its file. `closed_at` is when a person closed the run, else 0."""

    def __init__(self, log: Log, start: Mapping[str, Any], closed_at: float) -> None:
        self.log = log
        self.start = start
        self.began = status.seconds(start.get("time"))
        self.process: Mapping[str, Any] = start.get("process") or {}
        self._closed_at = closed_at

    @property
    def attempt(self) -> tuple[str, Any]:
        return self.log.run, self.start.get("attempt")

    @cached_property
    def alive(self) -> bool | None:
        return status.alive(self.process)

    @cached_property
    def end(self) -> Mapping[str, Any] | None:
        """The content of its END record."""
        try:
            return _end_of(self.log)
        except StoreError:  # what is sealed has ended
            return {}
        except (OSError, LogError, ValueError) as error:
            let_through(error)
            return None

    @cached_property
    def touched(self) -> float:
        """The time of its last heartbeat."""
        try:
            return regular.changed(self.log.path.stat()) / 1e9
        except OSError as error:
            let_through(error)
            return 0.0

    @cached_property
    def ended_at(self) -> float | None:
        """When it ended; None while it may record."""
        if self.end is not None:
            return status.seconds(self.end.get("time"))
        if self._closed_at >= self.began:
            return self._closed_at
        if self.alive or (self.alive is None and status.is_recent(self.touched, time.time())):
            return None
        return self.touched

    @property
    def finished(self) -> bool:
        return self.end is not None and self.end.get("status") == "finished"

    def was_launched_by(self, own: str | None) -> bool:
        """False if another process is known to have launched it."""
        theirs = self.start.get("launcher")
        return self.alive is None or own is None or theirs is None or own == theirs

    @property
    def is_stranger(self) -> bool:
        """Whether it records, and is no worker of the program that started this process too."""
        if not self.alive or self.ended_at is not None:
            return False
        above, mine = status.parents(int(self.process.get("pid") or 0))[:1], status.parents(os.getpid())[:1]
        return above != mine or not above or _program(above[0]) != _program(os.getpid())

    def __str__(self) -> str:
        pid, host = (self.process.get(name) for name in ("pid", "host"))
        who = "a process whose number is unknown" if pid is None else f"process {pid}"
        return f"{who} on {'an unknown machine' if host is None else host}"


def to_join(members: Sequence[Member]) -> Member | None:
    """The member whose attempt this process joins, the latest first: the runner that started this process as this run,
    a member of its own launch, or an ancestor that records the run."""
    me = status.this_process()
    others = [member for member in members if member.process != me and member.start.get("attempt")]
    name = launch_name(os.environ)
    own = launcher(os.environ)
    crew = [
        member
        for member in members
        if name is not None and member.start.get("launch") == name and member.was_launched_by(own)
    ]
    mates = [member for member in crew if member in others and member.attempt == crew[0].attempt]
    ancestors = status.parents(os.getpid())
    runner = os.environ.get("AIM_PROCESS")
    for member in others:
        if member.start.get("role") == "main" and member.log.run == runner:
            return member
        if member in mates and _lives(mates, name or "", any(other.process == me for other in members)):
            return member
        if member.process.get("pid") in ancestors and member.alive and member.ended_at is None:
            return member
    return None


def _lives(mates: Sequence[Member], name: str, here_before: bool) -> bool:
    """Whether the launch of `mates` is alive and includes this process. It does not if a process of the same rank
    failed or records: then this one is a restart, or of another launch."""
    by_hand, place = name.startswith(_BY_HAND), rank(os.environ)
    same = [member for member in mates if place is not None and member.start.get("rank") == place]
    if not by_hand and same and not (same[-1].finished or same[-1].alive):
        return False
    if not by_hand and any(member.is_stranger for member in same):
        return False
    ends = [member.ended_at for member in mates if member.ended_at is not None]
    if len(ends) < len(mates):
        return True
    late = (by_hand or (place is not None and not same)) and not here_before
    began = status.began_at(os.getpid())
    return late and began is not None and began < max(ends)


def starter() -> str | None:
    """The program that started this process as one of its workers, such as a pool; None if another program did."""
    parent = os.getppid()
    program = _program(parent) if parent > 1 else None
    if program is None or program != _program(os.getpid()):
        return None
    return f"{status.hostname()} {parent} {status.started(parent)}"


def is_other_launch(key: str, place: str | None, started_by: str | None) -> bool:
    """Whether a process of this rank that begins the run at the same moment belongs to another launch of the same
    name, as of two scripts in one Slurm shell. Workers of one program have one rank."""
    if key.startswith(_BY_HAND) or place is None or place != rank(os.environ):
        return False
    return started_by is None or started_by != starter()


def _program(pid: int) -> str | None:
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except OSError as error:
        let_through(error)
        return None


def recording(members: Sequence[Member]) -> Member | None:
    """Another process that records the run now, and was not started by this one; None if none is known."""
    me = os.getpid()
    for member in members:
        pid = member.process.get("pid")
        if member.alive and member.ended_at is None and pid != me and me not in status.parents(int(pid or 0)):
            return member
    return None


def records(file: Path) -> bool:
    """Whether the process that writes `file` records, as far as that is known."""
    try:
        log = Log.head(file)
        start = log.start()
    except (OSError, LogError) as error:
        let_through(error)
        return False
    return start is not None and Member(log, start, 0.0).ended_at is None


def _end_of(log: Log) -> Mapping[str, Any] | None:
    if log.path.suffix == ".seal":
        last_records = list(seal.others(log.path))
    else:
        with closing(OpenLog(log.path)) as opened:
            last_records, _ = opened.before(opened.size, _TAIL)
    ends = [entry for entry in last_records if entry.kind == record.END]
    try:
        end = record.decode_json(ends[-1].payload) if ends else None
    except ValueError:
        return {}
    return end if isinstance(end, Mapping) else None
