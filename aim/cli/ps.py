"""`aim ps` and `aim stop`: list the supervised commands of a repository, and stop one."""

from __future__ import annotations

import shlex
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aim import user
from aim.cli.opening import find_to_read, open_repo
from aim.cli.options import form_options, launch_view_option, utc_option
from aim.cli.printer import say
from aim.cli.selection import AnyRow, every_run, matching
from aim.cli.table import Row, count, moment, show, span
from aim.errors import RemoteError, RunError
from aim.remote import spool

if TYPE_CHECKING:
    from aim.launch.processes import Process, Usage
    from aim.repo import Repo

COLUMNS = ("run", "state", "trial", "pid", "cpu", "memory", "started", "duration", "ended", "command")
COLUMNS_OF_SERVER = ("run", "state", "trial", "host", *COLUMNS[3:])
USAGE = ("cpu_percent", "memory_mb", "processes")
MOST_ENDED = 10
_MEASURED_SECONDS = 0.2
_EVERY = 0.1
_SERVER_SECONDS = 40.0


@click.command()
@launch_view_option
@click.option(
    "-a", "--all", "every", is_flag=True, help=f"Also list all ended commands, not only the last {MOST_ENDED}."
)
@form_options
@utc_option
def ps(repo: str | None, every: bool, form: str | None) -> None:
    """List commands started by aim run, the UI and queues; running ones first.

    CPU and memory include all child processes. With a server as --repo, those of all machines that record to it are
    listed.
    """
    from aim.launch.processes import FIELDS, Meter

    aim_dir, here = recorded_here(repo)
    commands, total = known(aim_dir, here)
    ended = [command for command in commands if not command.lives]
    shown = [command for command in commands if command.lives] + (ended if every else ended[:MOST_ENDED])
    meter = Meter()
    meter.read(shown)
    if any(command.lives and command.here for command in shown):
        time.sleep(_MEASURED_SECONDS)
    usage = meter.read(shown)
    if form is not None:
        show((*FIELDS, *USAGE), [exact(command, FIELDS, usage.get(command.id)) for command in shown], form)
        return
    columns = COLUMNS if spool.address_of(aim_dir) is None else COLUMNS_OF_SERVER
    show(columns, [row(command, usage.get(command.id)) for command in shown], None)
    if not shown:
        say("No commands were started in this repository. Start one with: aim run -- COMMAND", err=True)
    elif len(shown) < len(commands):
        say(f"{count(len(commands) - len(shown), 'older command')} not shown. See: aim ps --all", err=True)
    elif len(commands) < total:
        say(f"{count(total - len(commands), 'older command')} not shown: the server lists the last ones", err=True)


def recorded_here(repo: str | None) -> tuple[Path, list[Process]]:
    """The repository and its commands."""
    from aim.launch.processes import processes

    aim_dir = find_to_read(repo)
    return aim_dir, processes(open_repo(repo, read_only=True)) if aim_dir.is_dir() else []


def known(aim_dir: Path, commands: list[Process]) -> tuple[list[Process], int]:
    """The commands of a repository, and how many there are. A spool has those that run here, `commands`; its server has
    all. If it does not answer, this says why."""
    from aim.launch import served
    from aim.launch.processes import in_order

    server = spool.address_of(aim_dir)
    if server is None:
        return commands, len(commands)
    try:
        others, total = served.ask(server, seconds=_SERVER_SECONDS)
    except RemoteError as error:
        say(f"Only commands that run here are listed: {error}", err=True)
        return commands, len(commands)
    here = {command.id for command in commands}
    return in_order([*commands, *(command for command in others if command.id not in here)]), total


@click.command()
@launch_view_option
@click.option("--now", is_flag=True, help="Kill it immediately with SIGKILL.")
@click.argument("run", metavar="RUN")
def stop(repo: str | None, now: bool, run: str) -> None:
    """Stop a command and all of its child processes, and wait for them to end.

    Sends SIGINT, then SIGTERM and SIGKILL if needed. RUN is a hash, an id, or a unique prefix of an id.
    """
    from aim.launch import processes

    aim_dir = find_to_read(repo)
    opened = open_repo(repo) if aim_dir.is_dir() else None
    process = named(aim_dir, opened, run)
    if process.lives and (opened is None or not process.here):
        raise processes.elsewhere(process)
    by = {"user": user.name(), "via": "cli"}
    why = f"aim stop by {user.name()}"
    if opened is None or not process.lives or not processes.stop(opened, process.id, by=by, why=why, now=now):
        say(f"{process.hash} is already {process.state}")
        return
    try:
        while (left := processes.find(opened, process.id)).lives:
            time.sleep(_EVERY)
    except RunError:
        # A spool keeps no run that has ended once the server has it.
        say(f"{process.hash} has ended, and its records are on the server")
        return
    say(f"{left.hash} is {left.state}{described_end(left)}")


def named(aim_dir: Path, opened: Repo | None, name: str) -> Process:
    """The command of a run that is recorded here, or on the server of a spool. Raises RunError if no run, or several
    runs, match."""
    from aim.launch import processes

    rows = [] if opened is None else matching(every_run(opened), name)
    if opened is not None and (rows or spool.address_of(aim_dir) is None):
        return processes.find(opened, only(rows, name).id)
    commands = [] if opened is None else processes.processes(opened)
    return only(matching(known(aim_dir, commands)[0], name), name)


def only(rows: Sequence[AnyRow], name: str) -> AnyRow:
    if not rows:
        raise RunError(f"no run matches {name!r}. List running commands with: aim ps")
    if len(rows) > 1:
        raise RunError(
            f"{name!r} matches {len(rows)} runs; use one of their ids: {', '.join(match.id for match in rows[:5])}"
        )
    return rows[0]


def described_end(process: Process) -> str:
    if process.signal:
        return f", signal {process.signal}"
    return f", exit status {process.exit_code}" if process.exit_code is not None else ""


def row(process: Process, usage: Usage | None) -> Row:
    return {
        "run": process.hash[:12] if process.hash == process.id else process.hash,
        "state": f"{process.state}, orphan" if process.orphan else process.state,
        "trial": process.trial,
        "host": process.host,
        "pid": process.pid if process.lives else None,
        "cpu": f"{usage.cpu_percent:.0f} %" if usage else None,
        "memory": f"{usage.memory_mb:.0f} MB" if usage else None,
        "started": moment(process.started),
        "duration": span(process.duration),
        "ended": None if process.lives else process.signal or process.exit_code,
        "command": shlex.join(process.argv),
    }


def exact(process: Process, fields: Sequence[str], usage: Usage | None) -> Row:
    costs = dict.fromkeys(USAGE) if usage is None else usage._asdict()
    return {**{name: getattr(process, name) for name in fields}, **costs}
