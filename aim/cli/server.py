"""`aim server`: receives what other machines record, until it is stopped."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aim.cli.options import host_option, port_option, repo_option
from aim.cli.printer import say
from aim.cli.token import to_serve
from aim.cli.up import WILDCARDS, host_and_port
from aim.remote.address import PORT, SCHEME

if TYPE_CHECKING:
    from aim.server.receiver import Receiver

_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@host_option
@port_option(PORT)
@repo_option
@click.option("--tls-cert", type=_file, help="Certificate with its chain, in PEM.")
@click.option("--tls-key", type=_file, help="Key of the certificate, in PEM.")
@click.option("--plain", is_flag=True, help="Answer other machines without TLS: a proxy in front speaks it.")
def server(host: str, port: int, repo: str | None, tls_cert: Path | None, tls_key: Path | None, plain: bool) -> None:
    """Receive what other machines record into this repository.

    Each user needs a token: aim token add USER. To look at the runs, start `aim up` on the same repository.
    """
    if (tls_cert is None) != (tls_key is None):
        raise click.UsageError("--tls-cert and --tls-key belong together: pass both.")
    from aim.server.receive import receive
    from aim.server.serve import Tls

    tls = None if tls_cert is None or tls_key is None else Tls(tls_cert, tls_key)

    def announce(bound: int, receiver: Receiver) -> None:
        say(*started(receiver, host, bound))

    receive(to_serve(repo), host=host, port=port, tls=tls, plain=plain, ready=announce)
    say("Stopped")


def started(receiver: Receiver, host: str, port: int) -> list[str]:
    """What the server prints when it answers."""
    name = socket.gethostname() if host in WILDCARDS else host
    lines = [f"Recording into {receiver.aim_dir}"]
    lines += [f"After a crash of the system, {len(receiver.boot.cut)} logs were cut; their senders go on"] * bool(
        receiver.boot.cut
    )
    users = sorted({f"{token.user} ({token.role})" for token in receiver.tokens if not token.expired})
    lines.append(f"Tokens: {', '.join(users)}" if users else "No tokens yet. Make one with: aim token add USER")
    place = f"{SCHEME}{host_and_port(name, port)}"
    return [*lines, f"Record with: AIM_REPO={place} AIM_TOKEN=...", "Press Ctrl+C to stop"]
