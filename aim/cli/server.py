"""`aim server`: receives what other machines record, until it is stopped."""

from __future__ import annotations

import os
import socket
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aim.cli.engine import opened
from aim.cli.opening import to_paste
from aim.cli.options import engine_option, host_option, port_option, repo_option, store_option, tls_options
from aim.cli.printer import say
from aim.cli.sealing import sealing_when_idle
from aim.cli.table import count
from aim.cli.token import to_serve
from aim.cli.up import WILDCARDS, host_and_port, tokens_of
from aim.remote.address import PORT, SCHEME

if TYPE_CHECKING:
    from aim.server.receiver import Receiver
    from aim.server.tls import Tls


@click.command()
@host_option
@port_option(PORT)
@repo_option
@tls_options
@engine_option
@store_option
def server(
    host: str,
    port: int,
    repo: str | None,
    tls: tuple[Path, Path] | None,
    plain: bool,
    engine: str | None,
    store: str | None,
) -> None:
    """Receive what other machines record into this repository.

    Each user needs a token: aim token add USER. To view the runs, start `aim up` on the same repository. With
    --store, runs that ended more than ten minutes ago are sealed and moved to the object store.
    """
    from aim.server.receive import receive
    from aim.server.tls import Tls

    def announce(bound: int, receiver: Receiver) -> None:
        say(*started(receiver, host, bound, chosen))

    chosen, database, aim_dir = Tls(*tls) if tls else None, opened(engine) if engine else None, to_serve(repo)
    with moving(aim_dir, store) if store else nullcontext():
        receive(aim_dir, host=host, port=port, tls=chosen, plain=plain, engine=database, ready=announce)
    say("Stopped")


def moving(aim_dir: Path, store: str) -> AbstractContextManager[None]:
    """Meanwhile, seals go to the store, and what is asked for is read from there."""
    from aim.store import VARIABLE, opened

    opened(store)
    os.environ[VARIABLE] = store
    return sealing_when_idle(aim_dir, store=store)


def started(receiver: Receiver, host: str, port: int, tls: Tls | None) -> list[str]:
    """What the server prints when it answers."""
    name = socket.gethostname() if host in WILDCARDS else host
    name = tls.name_for(name) if tls else name
    lines = [f"Recording into {receiver.aim_dir}"]
    lines += [f"Truncated {count(len(receiver.boot.cut), 'log')} after a system crash; senders continue"] * bool(
        receiver.boot.cut
    )
    lines.append(tokens_of(receiver.aim_dir))
    place = f"{SCHEME}{host_and_port(name, port)}"
    lines.append(f"Record with: aim login {place}, then AIM_REPO={place}")
    return [*lines, f"View the runs with: {to_paste(receiver.aim_dir, 'up')}", "Press Ctrl+C to stop"]
