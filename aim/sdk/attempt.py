"""Opens a run by name: refuses an existing name, resumes on request, and lets the processes of one launch join.

An attempt is one try at a run: the process that began it, and the ranks and children that joined. A resume starts a new
attempt.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from aim import layout
from aim.errors import LogError, RunError, RunExists
from aim.log import edits, status
from aim.log.output import is_output
from aim.log.reader import Log, writers

_CLAIM_SECONDS = 2.0


class Attempt(NamedTuple):
    """The place of a writer's file, and the attempt's fields for its START record."""

    folder: Path
    run: bytes
    hash: str
    id: str
    launch: str | None
    role: str
    earlier: dict[str, int]
    resume_from: int | None
    experiment: str | None


def open_attempt(aim_dir: Path, name: str | None, *, resume: bool, resume_from: int | None) -> Attempt:
    """Decide how the run called `name` (None: a new run without a name) is opened.

    Raises RunExists if it exists and neither `resume` nor a common launch allows continuing it, and RunError if a name
    is ambiguous.
    """
    if name is None:
        run = os.urandom(16)
        return _new(layout.run_dir(aim_dir, run.hex()), run, run.hex(), None)
    launch = launch_key(os.environ)
    folder = layout.run_dir(aim_dir, name)
    if existing := _folder_of_id(aim_dir, name):
        folder, logs = existing, [log for log in _runs_in(existing, aim_dir) if log.run == name]
    elif _claim(folder, aim_dir):
        return _new(folder, os.urandom(16), name, launch)
    else:
        logs = _runs_in(folder, aim_dir)
    if not logs:
        return _new(folder, os.urandom(16), name, launch)
    starts = {log.writer: start for log in logs if (start := log.start()) is not None}
    joined = _to_join(logs, starts, launch)
    if joined is not None:
        return _join(folder, *joined, launch)
    if not resume:
        raise RunExists(
            f"run {name!r} already exists. Pass resume=True to continue it, resume_from=STEP to continue from a "
            f"checkpoint and hide later points, or choose another name.{_hint()} It is in {aim_dir}"
        )
    return _resume(folder, logs, starts, launch, resume_from)


def unrecorded(aim_dir: Path, name: str | None, experiment: str) -> Attempt:
    """The attempt of a run that records nothing and makes no folder."""
    run = os.urandom(16)
    return Attempt(aim_dir, run, name or run.hex(), "", None, "main", {}, None, experiment)


def launch_key(environ: Mapping[str, str]) -> str | None:
    """The identity of the launch of this process; None if it has none."""
    if value := environ.get("AIM_ATTEMPT"):
        return f"aim:{value}"
    for kind, needed, names in _LAUNCHERS:
        if environ.get(needed):
            return ":".join([kind, *(environ.get(name, "") for name in names)])
    return None


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

# Keys that the next launch may have too (torchrun's run id is "none" by default): joined only while the attempt lives.
_UNSURE = ("torchelastic:none:", "mpi:")


def _new(folder: Path, run: bytes, name: str, launch: str | None) -> Attempt:
    return Attempt(folder, run, name, _attempt_id(run, launch, 0), launch, "main", {}, None, None)


def _join(folder: Path, log: Log, start: dict[str, Any], launch: str | None) -> Attempt:
    run = bytes.fromhex(log.run)
    return Attempt(folder, run, start["hash"], start["attempt"], launch, "join", {}, None, start.get("experiment"))


def _resume(
    folder: Path, logs: list[Log], starts: dict[str, dict[str, Any]], launch: str | None, resume_from: int | None
) -> Attempt:
    runs = sorted({log.run for log in logs})
    newest = max(starts.values(), key=_began, default={})
    name = str(newest.get("hash", runs[0]))
    if len(runs) > 1:
        raise RunError(
            f"{len(runs)} runs are called {name!r} here, because of a merge; pass the id of the one to resume: "
            + ", ".join(f"run={run!r}" for run in runs)
        )
    run = bytes.fromhex(runs[0])
    attempt = _attempt_id(
        run, launch, len({start["attempt"] for start in starts.values() if start.get("launch") == launch})
    )
    earlier = {log.writer: log.size for log in logs if _is_earlier(log, starts.get(log.writer), attempt)}
    return Attempt(folder, run, name, attempt, launch, "main", earlier, resume_from, newest.get("experiment"))


def _is_earlier(log: Log, start: Mapping[str, Any] | None, attempt: str) -> bool:
    """Whether a writer belongs to an earlier attempt. A writer without a START is just beginning, like this one."""
    if start is None:
        return next(log.records(), None) is not None
    return start.get("attempt") != attempt


def _attempt_id(run: bytes, launch: str | None, before: int) -> str:
    """Ranks that resume at the same moment agree on the attempt without communicating.

    `before`: the number of attempts of a launch with this key in the run.
    """
    return hashlib.sha256(run + f"{launch}#{before}".encode()).hexdigest()[:16] if launch else os.urandom(8).hex()


def _claim(folder: Path, aim_dir: Path) -> bool:
    """True for the one process that creates the folder of a name, and if no folder can be created yet."""
    try:
        layout.make_folder(folder.parent, aim_dir)
        folder.mkdir()
    except FileExistsError:
        return False
    except OSError:
        return not folder.exists()
    layout.inherit_access(folder, aim_dir)
    return True


def _runs_in(folder: Path, aim_dir: Path) -> list[Log]:
    """The logs of all runs in a folder, without deleted runs. Waits for a process that has just claimed it."""
    deadline = time.monotonic() + _CLAIM_SECONDS
    while True:
        logs = [log for file in writers(folder) if not is_output(file.path) and (log := _log(file.path))]
        if any(log.start() is not None for log in logs) or not _fresh(folder) or time.monotonic() > deadline:
            gone = edits.deleted(aim_dir)
            return [log for log in logs if log.run not in gone]
        time.sleep(0.01)


def _fresh(folder: Path) -> bool:
    try:
        return abs(time.time() - folder.stat().st_mtime) < _CLAIM_SECONDS
    except OSError:
        return False


def _log(path: Path) -> Log | None:
    try:
        return Log.head(path)
    except (OSError, LogError):
        return None


def _folder_of_id(aim_dir: Path, name: str) -> Path | None:
    """The folder of the run with this id, if `name` can be the id of a run with another name."""
    if not re.fullmatch("[0-9a-f]{32}", name) or layout.run_dir(aim_dir, name).exists():
        return None
    return next((path.parent for path in (aim_dir / "runs").glob(f"*/{name}-*") if layout.parse_name(path.name)), None)


def _to_join(
    logs: list[Log], starts: dict[str, dict[str, Any]], launch: str | None
) -> tuple[Log, dict[str, Any]] | None:
    """The writer whose attempt this process joins: the runner's that started it as this run, one of its own launch, or
    one of a living ancestor."""
    me = status.this_process()
    ancestors = status.parents(os.getpid())
    for log in sorted(logs, key=lambda log: _began(starts.get(log.writer)), reverse=True):
        start = starts.get(log.writer)
        if start is None or not start.get("attempt"):
            continue
        process = start.get("process") or {}
        if process == me:
            continue
        if start.get("role") == "main" and log.run == os.environ.get("AIM_PROCESS"):
            return log, start
        if launch is not None and start.get("launch") == launch and (_is_sure(launch) or _may_live(log, process)):
            return log, start
        if process.get("pid") in ancestors and status.alive(process):
            return log, start
    return None


def _hint() -> str:
    if launch_key(os.environ) is not None or not any(os.environ.get(name) for name in ("RANK", "LOCAL_RANK")):
        return ""
    return " To let the ranks of one launch join it, set AIM_ATTEMPT to a text that is unique to the launch."


def _began(start: Mapping[str, Any] | None) -> float:
    return float((start or {}).get("time") or 0.0)


def _is_sure(launch: str) -> bool:
    return not launch.startswith(_UNSURE)


def _may_live(log: Log, process: Mapping[str, Any]) -> bool:
    alive = status.alive(process)
    try:
        return alive or (alive is None and time.time() - log.path.stat().st_mtime < status.LOST_AFTER)
    except OSError:
        return False
