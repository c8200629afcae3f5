"""The status of a run, computed from its records, file times and process facts, without a daemon or a lock.

- finished, failed: the process wrote an END record.
- killed: `aim run` wrote an END record, because a signal ended its command; or there is no END and the process is gone;
  or a person closed the run.
- stopped: `aim run` was told to end its command (by a person, a rule or a signal) and recorded why; or a person stopped
  a command whose `aim run` was gone.
- running: a writer of any attempt has no END, and its process lives: in the same boot and pid namespace by its pid and
  start time, elsewhere by a heartbeat within `LOST_AFTER` seconds.
- lost: started elsewhere and without a heartbeat for longer. The next heartbeat makes it running again.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from aim.handlers import let_through
from aim.log.bounds import seconds as seconds

LOST_AFTER = 180.0
PULSE_SECONDS = 30.0
_AHEAD = 86_400.0
_PAUSES, _LONGEST_PAUSE = 3, 3_600.0
_MOST_STAT = 1 << 12
# The name of a process that ships a spool or uploads artifacts. It may be started by a command, and is no part of it.
SHIPPER = "aim-ship"
WORDS = ("running", "finished", "failed", "stopped", "killed", "lost")


class Life(NamedTuple):
    """One writer of a run: the content of START and END, its file's time in seconds since 1970, and whether the file
    cannot be read."""

    writer: str
    start: Mapping[str, Any]
    end: Mapping[str, Any] | None
    touched: float
    unreadable: bool = False


class Status(NamedTuple):
    word: str
    error: str | None
    finished_at: float | None
    seen_at: float


def of_run(
    lives: Sequence[Life],
    closed: Mapping[str, Any] | None = None,
    stop: Mapping[str, Any] | None = None,
    *,
    now: float | None = None,
) -> Status:
    """The status of a run with these writers. `closed` is the value of its `ended` edit, if a person closed it; `stop`
    that of its `stop` edit, if a person or a rule asked for its end."""
    now = time.time() if now is None else now
    seen_at = max(life.touched for life in lives)
    counted, attempt, main = latest(lives)
    if closed is not None and seconds(closed.get("time")) >= seconds(main.start.get("time")):
        word = closed.get("status")
        return Status(word if word in WORDS else "killed", None, seconds(closed.get("time")), seen_at)
    if main.start.get("source"):
        return _without_end(main.start, seen_at, now)
    if any(_lives(life, main, now) for life in counted if life.end is None):
        return Status("running", None, None, seen_at)
    if (stopped := _stopped(main, stop or {}, seen_at)) is not None:
        return stopped
    if main.end is not None and main.end.get("status") == "killed":
        return Status("killed", _text(main.end.get("error")), seconds(main.end.get("time")), seen_at)
    if (failed := _failed(attempt)) is not None:
        return Status("failed", _text(failed.get("error")), seconds(failed.get("time")), seen_at)
    if main.end is not None:
        return Status("finished", None, max(seconds(life.end.get("time")) for life in attempt if life.end), seen_at)
    word = "lost" if alive(main.start.get("process") or {}) is None else "killed"
    # The clock of the recording machine may be ahead of the one that gave the file its time.
    ended = max(*(life.touched for life in attempt), seconds(main.start.get("time")))
    return Status(word, None, ended, seen_at)


def _lives(life: Life, main: Life, now: float) -> bool:
    """Whether a writer without an END records. On another host, a writer of an earlier attempt does if its heartbeat is
    later than the start of `main`, the latest one."""
    if life.unreadable:
        return False
    here = alive(life.start.get("process") or {})
    earlier = life.start.get("attempt") != main.start.get("attempt")
    since = seconds(main.start.get("time")) + PULSE_SECONDS if earlier else 0.0
    return bool(here) or (here is None and life.touched >= since and is_recent(life.touched, now))


def is_recent(touched: float, now: float) -> bool:
    """Whether a heartbeat is from the last `LOST_AFTER` seconds. The clock of a shared disk may be ahead, but not by a
    day."""
    return -_AHEAD < now - touched < LOST_AFTER


def _stopped(main: Life, stop: Mapping[str, Any], seen_at: float) -> Status | None:
    """The status of a command that was told to end; None if it was not. Its runner recorded that, or the runner is gone
    and only the request is known."""
    if main.end is not None:
        if (told := stop_of(main.end)) is None:
            return None
        return Status("stopped", stop_reason(told), seconds(main.end.get("time")), seen_at)
    if not stop or seconds(stop.get("time")) < seconds(main.start.get("time")):
        return None
    return Status("stopped", stop_reason(stop), main.touched, seen_at)


def stop_of(end: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The stop that the runner of a command recorded with its END."""
    process = end.get("process")
    told = process.get("stop") if isinstance(process, Mapping) else None
    return told if isinstance(told, Mapping) else None


def stop_reason(stop: Mapping[str, Any]) -> str:
    """Why a command was stopped, or by whom."""
    by = stop.get("by")
    who = (by.get("user") or by.get("via")) if isinstance(by, Mapping) else None
    return str(stop.get("why") or f"stopped by {who or 'somebody'}")


def _failed(attempt: Sequence[Life]) -> Mapping[str, Any] | None:
    """The END with the reason why the run failed: of the script rather than of the `aim run` that started it."""
    ends = [life.end for life in attempt if life.end is not None and life.end.get("status") == "failed"]
    return next((end for end in ends if "process" not in end), ends[0] if ends else None)


def _without_end(start: Mapping[str, Any], seen_at: float, now: float) -> Status:
    """Of a run of another tracker. Where its files do not tell that it ended, it ends when they stop changing; where
    they do (`ends`), it is lost then. One that records rarely may be silent for three times its longest `pause`."""
    patience = max(LOST_AFTER, _PAUSES * min(seconds(start.get("pause")), _LONGEST_PAUSE))
    if start.get("failed") is None and -_AHEAD < now - seen_at < patience:
        return Status("running", None, None, seen_at)
    without = "lost" if start.get("ends") and start.get("failed") is None else "finished"
    return Status("failed" if start.get("failed") else without, None, seen_at, seen_at)


class Latest(NamedTuple):
    """Of the writers that record: all, those of the latest attempt, and its main one."""

    counted: Sequence[Life]
    attempt: Sequence[Life]
    main: Life


def latest(lives: Sequence[Life]) -> Latest:
    if len(lives) == 1:
        return Latest(lives, lives, lives[0])
    counted = [life for life in lives if life.start.get("role") != "output"] or lives
    attempt = _latest_attempt(counted)
    main = min(attempt, key=lambda life: (life.start.get("role") != "main", seconds(life.start.get("time"))))
    return Latest(counted, attempt, main)


def _latest_attempt(lives: Sequence[Life]) -> list[Life]:
    mains = [life for life in lives if life.start.get("role") == "main"] or lives
    found_before = {writer for life in lives for writer in (life.start.get("earlier") or ())}
    # A later attempt lists the writers that it found. The clock decides only if none does.
    newest = max(mains, key=lambda life: (life.writer not in found_before, seconds(life.start.get("time"))))
    return [life for life in lives if life.start.get("attempt") == newest.start.get("attempt")]


def alive(process: Mapping[str, Any]) -> bool | None:
    """Whether the process still runs; None if that cannot be known from here."""
    boot, pid_ns, pid = process.get("boot"), process.get("pid_ns"), process.get("pid")
    if not isinstance(pid, int) or not boot or boot != boot_id() or pid_ns != pid_namespace():
        return None
    return started(pid) == process.get("started") is not None


def this_process() -> dict[str, Any]:
    """The facts by which `alive` later recognizes this process."""
    pid = os.getpid()
    return {"host": hostname(), "pid": pid, "started": started(pid), "boot": boot_id(), "pid_ns": pid_namespace()}


@lru_cache(maxsize=1)
def hostname() -> str:
    return socket.gethostname()


@lru_cache(maxsize=1)
def boot_id() -> str | None:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError as error:
        let_through(error)
        return None


def pid_namespace() -> str | None:
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError as error:
        let_through(error)
        return None


def started(pid: int) -> str | None:
    """When a process began, in clock ticks since boot; None if no such process lives."""
    about = stat(pid)
    return about.fields[19] if about is not None and about.fields[0] not in ("Z", "X") else None


def began_at(pid: int) -> float | None:
    """When a process began, in seconds since 1970, rounded up to a clock tick; None where the system does not tell."""
    ticks = int(started(pid) or 0)
    if not ticks or not hasattr(time, "CLOCK_BOOTTIME"):
        return None
    age = time.clock_gettime(time.CLOCK_BOOTTIME) - (ticks + 1) / os.sysconf("SC_CLK_TCK")
    return time.time() - age


def parents(pid: int) -> list[int]:
    """The process's parent, its parent, and so on."""
    above: list[int] = []
    while len(above) < 64:
        about = stat(pid)
        pid = 0 if about is None else int(about.fields[1])
        if pid <= 1 or pid in above:
            break
        above.append(pid)
    return above


class Stat(NamedTuple):
    """/proc/<pid>/stat: the name of the command, which may itself have spaces and parentheses, and the fields after
    it."""

    name: str
    fields: list[str]


def stat(pid: int) -> Stat | None:
    try:
        # A reader of 1,000 growing runs asks thousands of times a second.
        file = os.open(f"/proc/{pid}/stat", os.O_RDONLY)
        try:
            text = os.read(file, _MOST_STAT).decode(errors="replace")
        finally:
            os.close(file)
    except OSError as error:
        let_through(error)
        return None
    before, _, after = text.rpartition(")")
    fields = after.split()
    return Stat(before.partition("(")[2], fields) if fields else None


def _text(value: object) -> str | None:
    return None if value is None else str(value)
