"""`aim server`: receives what other machines record, until it is stopped."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aim.cli.engine import opened
from aim.cli.opening import to_paste
from aim.cli.options import engine_option, host_option, port_option, repo_option, tls_options
from aim.cli.printer import say
from aim.cli.token import to_serve
from aim.cli.up import WILDCARDS, host_and_port, tokens_of
from aim.remote.address import PORT, SCHEME

if TYPE_CHECKING:
    from aim.server.receiver import Receiver


@click.command()
@host_option
@port_option(PORT)
@repo_option
@tls_options
@engine_option
def server(
    host: str, port: int, repo: str | None, tls: tuple[Path, Path] | None, plain: bool, engine: str | None
) -> None:
    """Receive what other machines record into this repository.

    Each user needs a token: aim token add USER. To look at the runs, start `aim up` on the same repository.
    """
    from aim.server.receive import receive
    from aim.server.tls import Tls

    def announce(bound: int, receiver: Receiver) -> None:
        say(*started(receiver, host, bound))

    chosen, database = Tls(*tls) if tls else None, opened(engine) if engine else None
    receive(to_serve(repo), host=host, port=port, tls=chosen, plain=plain, engine=database, ready=announce)
    say("Stopped")


def started(receiver: Receiver, host: str, port: int) -> list[str]:
    """What the server prints when it answers."""
    name = socket.gethostname() if host in WILDCARDS else host
    lines = [f"Recording into {receiver.aim_dir}"]
    lines += [f"After a crash of the system, {len(receiver.boot.cut)} logs were cut; their senders go on"] * bool(
        receiver.boot.cut
    )
    lines.append(tokens_of(receiver.aim_dir))
    place = f"{SCHEME}{host_and_port(name, port)}"
    lines.append(f"Record with: aim login {place}, then AIM_REPO={place}")
    return [*lines, f"Look at the runs with: {to_paste(receiver.aim_dir, 'up')}", "Press Ctrl+C to stop"]
