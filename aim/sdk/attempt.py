"""Opens a run by name: refuses an existing name, resumes on request, and lets the processes of one launch join.

An attempt is one try at a run: the process that began it, and the ranks and children that joined. A resume starts a new
attempt.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from aim import layout, regular
from aim.errors import LogError, RunError, RunExists, StoreError
from aim.handlers import let_through
from aim.log import edits, status
from aim.log.output import is_output
from aim.log.reader import Log, writers
from aim.sdk import ranks
from aim.sdk.history import unreachable
from aim.sdk.ranks import Member
from aim.sdk.trouble import say

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


def open_attempt(
    aim_dir: Path,
    name: str | None,
    *,
    resume: bool,
    resume_from: int | None,
    new: bytes | None = None,
    known: Path | None = None,
) -> Attempt:
    """Decide how the run called `name` (None: a new run without a name) is opened. `new`: the id of a new run. `known`:
    the folder of the run with this id, if that was found before.

    Raises RunExists if it exists and neither `resume` nor a common launch allows continuing it, and RunError if a name
    is ambiguous.
    """
    run = new or os.urandom(16)
    if name is None:
        return _new(layout.run_dir(aim_dir, run.hex()), run, run.hex(), None)
    key = ranks.launch_name(os.environ)
    folder = layout.run_dir(aim_dir, name)
    if folder.is_symlink():
        raise RunError(f"run {name!r} cannot be recorded in {folder}: it {layout.NO_LINK}")
    if existing := known or layout.folder_of_id(aim_dir, name):
        folder, logs = existing, [log for log in _runs_in(existing, aim_dir) if log.run == name]
    elif _claim(folder, aim_dir):
        return _new(folder, run, name, key)
    else:
        logs = _runs_in(folder, aim_dir)
    if not logs:
        return _new(folder, run, name, key)
    members = _members(logs, aim_dir)
    joined = ranks.to_join(members)
    if joined is not None:
        return _join(folder, joined, key)
    living = ranks.recording(members)
    if not resume:
        now = f" {str(living).capitalize()} records it now." if living is not None else ""
        raise RunExists(
            f"run {name!r} already exists.{now} Pass resume=True to continue it, resume_from=STEP to continue from a "
            f"checkpoint and hide later points, or choose another name.{_hint(living)} It is in {aim_dir}"
        )
    if living is not None:
        raise RunError(
            f"run {name!r} cannot be resumed while {living} records it. Stop that process or wait for its end, or "
            f"choose another name.{_hint(living)} It is in {aim_dir}"
        )
    _warn_of_distant(members, name)
    return _resume(folder, logs, members, key, resume_from)


@contextmanager
def turn(aim_dir: Path, name: str | None) -> Iterator[Path | None]:
    """Processes that resume a run at the same instant open it one after another, so that each sees the START of those
    before it. Where the file system has no locks, nothing is waited for. Gives the folder of the run, if `name` is the
    id of one with another name."""
    known = None if name is None else layout.folder_of_id(aim_dir, name)
    handle = None if name is None else _held(known or layout.run_dir(aim_dir, name))
    try:
        yield known
    finally:
        if handle is not None:
            os.close(handle)


def _held(folder: Path) -> int | None:
    """A descriptor that holds the lock of a run's folder, unless another process keeps it for long."""
    try:
        handle = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    except OSError as error:
        let_through(error)
        return None
    regular.lock(handle, wait=_CLAIM_SECONDS)
    return handle


def is_recorded_here(aim_dir: Path, name: str) -> bool:
    """Whether a process that this one joins, or another one of this machine, records the run in this repository."""
    folder = layout.folder_of_id(aim_dir, name) or layout.run_dir(aim_dir, name)
    members = _members(_runs_in(folder, aim_dir), aim_dir) if folder.exists() else []
    return ranks.to_join(members) is not None or ranks.recording(members) is not None


def unrecorded(aim_dir: Path, name: str | None, experiment: str) -> Attempt:
    """The attempt of a run that records nothing and makes no folder."""
    run = os.urandom(16)
    return Attempt(aim_dir, run, name or run.hex(), "", None, "main", {}, None, experiment)


def _members(logs: list[Log], aim_dir: Path) -> list[Member]:
    """The processes that began to record, the latest first."""
    edited = edits.latest(aim_dir).values()
    closed = {edit.run: edit.value for edit in edited if edit.field == "ended" and isinstance(edit.value, Mapping)}
    members = [
        Member(log, start, status.seconds(closed.get(log.run, {}).get("time")))
        for log in logs
        if (start := log.start()) is not None
    ]
    return sorted(members, key=lambda member: member.began, reverse=True)


def _warn_of_distant(members: list[Member], name: str) -> None:
    """On another host, a killed process cannot be distinguished from one that records, so a resume continues."""
    for member in members:
        if member.ended_at is None and member.alive is None:
            ago = max(0, round(time.time() - member.touched))
            say(f"run {name!r} is resumed, but {member} may still record it: its last heartbeat was {ago} s ago")
            return


def _new(folder: Path, run: bytes, name: str, launch: str | None) -> Attempt:
    return Attempt(folder, run, name, attempt_id(run, launch, 0), launch, "main", {}, None, None)


def _join(folder: Path, member: Member, launch: str | None) -> Attempt:
    run, start = bytes.fromhex(member.log.run), member.start
    return Attempt(folder, run, start["hash"], start["attempt"], launch, "join", {}, None, start.get("experiment"))


def _resume(
    folder: Path, logs: list[Log], members: list[Member], launch: str | None, resume_from: int | None
) -> Attempt:
    runs = sorted({log.run for log in logs})
    newest = members[0].start if members else {}
    name = str(newest.get("hash", runs[0]))
    if len(runs) > 1:
        raise RunError(
            f"{len(runs)} runs are called {name!r} here, because of a merge; pass the id of the one to resume: "
            + ", ".join(f"run={run!r}" for run in runs)
        )
    run = bytes.fromhex(runs[0])
    starts = {member.log.writer: member.start for member in members}
    before = {start.get("attempt") for start in starts.values() if start.get("launch") == launch}
    attempt = attempt_id(run, launch, len(before))
    earlier = {log.writer: log.size for log in logs if _is_earlier(log, starts.get(log.writer), attempt)}
    return Attempt(folder, run, name, attempt, launch, "main", earlier, resume_from, newest.get("experiment"))


def _is_earlier(log: Log, start: Mapping[str, Any] | None, attempt: str) -> bool:
    """Whether a writer belongs to an earlier attempt. A writer without a START is just beginning, like this one."""
    if start is None:
        return next(log.records(), None) is not None
    return start.get("attempt") != attempt


def attempt_id(run: bytes, launch: str | None, before: int) -> str:
    """Ranks that resume at the same moment agree on the attempt without communicating.

    `before`: the number of attempts of a launch with this key in the run.
    """
    return hashlib.sha256(run + f"{launch}#{before}".encode()).hexdigest()[:16] if launch else os.urandom(8).hex()


def _claim(folder: Path, aim_dir: Path) -> bool:
    """True for the one process that creates the folder of a name, and if no folder can be created yet."""
    try:
        layout.make_folder(folder.parent, aim_dir)
        layout.make_new_folder(folder, aim_dir)
    except FileExistsError:
        return False
    except OSError as error:
        let_through(error)
        return not folder.exists()
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
    except OSError as error:
        let_through(error)
        return False


def _log(path: Path) -> Log | None:
    try:
        return Log.head(path)
    except StoreError as error:
        raise unreachable(error) from None
    except (OSError, LogError) as error:
        let_through(error)
        return None


def _hint(living: Member | None) -> str:
    key = ranks.launch_name(os.environ)
    of_launch = living is not None if key is not None else any(os.environ.get(name) for name in ("RANK", "LOCAL_RANK"))
    if not of_launch or os.environ.get("AIM_ATTEMPT"):
        return ""
    return " To let the ranks of one launch join it, set AIM_ATTEMPT to a text that is unique to the launch."
