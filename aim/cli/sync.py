"""`aim sync`: sends what was recorded here to a server. `aim login`: keeps the token for one."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import click

from aim.cli.opening import find_repo
from aim.cli.options import form_options
from aim.cli.printer import say
from aim.cli.progress import ProgressBar
from aim.cli.table import count, show, size
from aim.errors import RemoteError, RepoError
from aim.remote import address, spool
from aim.remote.address import Address
from aim.remote.client import Busy, Client, Unreachable
from aim.remote.follow import Follower
from aim.remote.spool import ShipperStatus

COLUMNS = ("server", "files", "bytes", "shipper", "problem", "repo")
_TRIES = 3
_LAST_SECONDS = 5.0
_SLICE = 0.1
_LOOK_SECONDS = 2.0


class Transfer(NamedTuple):
    """A repository, and the server that gets it."""

    aim_dir: Path
    server: Address

    @property
    def is_spool(self) -> bool:
        return spool.address_of(self.aim_dir) == self.server


@click.command()
@click.option("--repo", metavar="PATH", help="Repository to send. Default: what waits for servers on this machine.")
@click.option("--to", metavar="ADDRESS", help="Server to send it to, aim://HOST:PORT. Default: AIM_REPO.")
@click.option("--follow", is_flag=True, help="Keep sending what is recorded from now on, until stopped.")
@click.option("--status", is_flag=True, help="Show what waits here and why, and send nothing.")
@form_options
@click.pass_context
def sync(ctx: click.Context, repo: str | None, to: str | None, follow: bool, status: bool, form: str | None) -> None:
    """Send what was recorded on this machine to a server.

    Without options, sends what trainings with AIM_REPO=aim://HOST:PORT left here, for example on a machine that was
    offline. With --repo and --to, sends any repository; it is only read, also while runs are being recorded. What
    the server has already is not sent again. The exit code is 1 if something is not on the server.
    """
    if form and not status:
        raise click.UsageError("--json and --csv belong to --status.")
    if follow and not status:
        _follow(lambda: _transfers(repo, to, waits=True))
        return
    transfers = _transfers(repo, to)
    if status:
        show(COLUMNS, [_row(transfer, exact=bool(form)) for transfer in transfers], form)
        _tell_kept([spool.reported(transfer.aim_dir) for transfer in transfers if transfer.is_spool])
    elif not all([_send(transfer) for transfer in transfers]):
        ctx.exit(1)
    if not transfers:
        say(
            f"Nothing waits for a server in {spool.root()}. To send a repository: aim sync --repo PATH --to aim://HOST:PORT"
        )


def _transfers(repo: str | None, to: str | None, *, waits: bool = False) -> list[Transfer]:
    """What to send. With `waits`, the repository need not be there yet."""
    chosen = os.environ.get("AIM_REPO", "")
    given = to or (chosen if address.is_address(chosen) else None)
    server = address.parse(given) if given else None
    if repo is None and to is None:
        return [Transfer(aim_dir, where) for where, aim_dir in spool.every() if server in (None, where)]
    place = repo or (None if address.is_address(chosen) else chosen or None)
    is_named = place is not None and (waits or address.is_address(place))
    aim_dir = spool.resolve(place) if place is not None and is_named else find_repo(place)
    server = server or spool.address_of(aim_dir)
    if server is None:
        raise RepoError(f"pass the server that gets {aim_dir}: --to aim://HOST:PORT")
    return [Transfer(aim_dir, server)]


class Sending:
    """One repository on its way. The lock of a spool permits removing what is safe on the server."""

    def __init__(self, transfer: Transfer, held: ExitStack) -> None:
        lock = spool.take_lock(transfer.aim_dir) if transfer.is_spool else None
        if lock is not None:
            held.enter_context(lock)
        self.transfer = transfer
        self._due = 0.0
        self.follower = Follower(transfer.aim_dir, transfer.server, clears=lock is not None, reports=lock is not None)
        self.shipper = self.follower.shipper
        self.shipper.sends_all = True
        held.callback(self.follower.client.close)

    def go_on(self) -> None:
        """Take a turn when it is time, and tell what changed."""
        if time.monotonic() < self._due:
            return
        before = self.follower.problem
        self._due = time.monotonic() + self.follower.turn()
        if (problem := self.follower.problem) != before:
            say(f"{problem}. Trying again" if problem else f"{self.transfer.server} answers again", err=True)

    def send_rest(self, seconds: float) -> None:
        """Send what is here, as far as it goes in this time."""
        self.shipper.hurries = True
        until = time.monotonic() + seconds
        self.follower.turn()
        while not self.shipper.has_all and time.monotonic() < until:
            time.sleep(_SLICE)
            self.follower.turn()

    def send_all(self) -> None:
        """Send what is here now. Raises RemoteError if the server does not take it."""
        self.shipper.hurries = True
        self.shipper.backlog.scan()
        goal = {name: file.size for name, file in self.shipper.backlog.files.items()}
        total, failures, progress = max(1, sum(goal.values())), 0, ProgressBar(f"Sending to {self.transfer.server}")
        while failures < _TRIES:
            wait = self.follower.turn()
            left = [file for name, file in self.shipper.backlog.files.items() if not file.has(goal.get(name, 0))]
            if not self.follower.problem and not left:
                progress.wipe()
                return
            failures = failures + 1 if self.follower.problem and not self.follower.is_asked_to_wait else 0
            progress(min(total - 1, total - sum(file.left for file in left)), total)
            time.sleep(wait if self.follower.problem else 0.0)
        progress.wipe()
        raise RemoteError(self.follower.problem)


def _send(transfer: Transfer) -> bool:
    """Whether everything is on the server."""
    with ExitStack() as held:
        sending = Sending(transfer, held)
        try:
            sending.send_all()
        except RemoteError as error:
            work = sending.shipper.status()
            say(
                f"{error}. {count(work.files, 'file')}, {size(work.bytes)} are not there yet: {transfer.aim_dir}",
                err=True,
            )
            return False
        work = sending.shipper.status()
        sent = f"{size(sending.shipper.sent)} were sent, and all are on {transfer.server}"
        say(f"{count(sending.shipper.seen, 'file')} of {transfer.aim_dir.parent}: {sent}")
        if work.deleted:
            runs = len(work.deleted)
            say(f"Not sent: {count(runs, 'run')} that {'was' if runs == 1 else 'were'} deleted on the server")
        return _tell_kept([work])


def _follow(transfers: Callable[[], list[Transfer]]) -> None:
    """Send what there is, and what comes, until a signal comes; then send the rest."""
    stops: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: stops.append(number))
    with ExitStack() as held:
        sendings: dict[Transfer, Sending] = {}
        while not stops:
            for transfer in transfers():
                if transfer not in sendings:
                    sendings[transfer] = Sending(transfer, held)
                    say(f"Sending {transfer.aim_dir} to {transfer.server}. Press Ctrl+C to stop")
            for sending in sendings.values():
                sending.go_on()
            time.sleep(_SLICE)
        for sending in sendings.values():
            sending.send_rest(_LAST_SECONDS)


def _tell_kept(works: list[ShipperStatus]) -> bool:
    """Print which files the server did not take; True if there are none."""
    kept = [pair for work in works for pair in work.kept]
    for name, why in kept:
        say(f"{name}: {why}", err=True)
    return not kept


def _row(transfer: Transfer, *, exact: bool) -> dict[str, object]:
    """What waits here, according to the shipper of a spool, or to the server itself."""
    work = _waiting(transfer)
    lock = spool.take_lock(transfer.aim_dir) if transfer.is_spool else None
    if lock is not None:
        lock.close()
    at_work = transfer.is_spool and lock is None
    idle = "none: run `aim sync`" if work.files and transfer.is_spool else "none"
    row = {
        "server": str(transfer.server),
        "files": work.files,
        "bytes": work.bytes if exact else size(work.bytes),
        "shipper": f"process {spool.reported(transfer.aim_dir).pid or '?'}" if at_work else idle,
    }
    return {**row, "problem": work.problem or None, "repo": str(transfer.aim_dir.parent)}


def _waiting(transfer: Transfer) -> ShipperStatus:
    with ExitStack() as held:
        follower = Follower(transfer.aim_dir, transfer.server, timeout=_LOOK_SECONDS)
        held.callback(follower.client.close)
        follower.shipper.sends_all = True
        return follower.look()


@click.command()
@click.argument("server", metavar="ADDRESS")
def login(server: str) -> None:
    """Keep the token for a server, aim://HOST:PORT, in a file that only you can read.

    The token is read from the terminal, or from standard input. The owner of the server creates one with
    `aim token add`. Aim asks the server whether the token allows recording. If the server does not answer, the token
    is kept unchecked, unless there is one already.
    """
    where = address.parse(server)
    typed = click.prompt("Token", hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.read(1 << 13)
    token = address.checked(typed.strip(), "this text")
    problem = _unchecked(where, token)
    path = address.token_file(where)
    if problem and path.exists():
        raise RemoteError(
            f"a token for {where} is kept already, and the new one cannot be checked: {problem}. The old one stays. "
            f"Try again when the server answers, or remove {path} first"
        )
    address.keep_token(where, token)
    if not problem:
        say(f"The token for {where} is kept in {path}. Record with: AIM_REPO={where}")
        return
    say(f"The token for {where} is kept in {path}, but was not checked: {problem}", err=True)
    say(f"Record to {where} as usual; records wait here until it answers. Then check with: aim sync --status", err=True)


def _unchecked(where: Address, token: str) -> str:
    """Why the server does not say whether one may record with the token; empty if one may. Raises RemoteError if not,
    or if it is no Aim server."""
    client = Client(where, timeout=_LOOK_SECONDS)
    client.token = token
    try:
        client.sizes([], confirm=True)
    except (Busy, Unreachable) as error:
        return str(error)
    finally:
        client.close()
    return ""
