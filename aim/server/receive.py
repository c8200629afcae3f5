"""Runs `aim server`: binds the port, and receives until SIGINT or SIGTERM."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

from aim.errors import ServerError
from aim.server.receiver import Receiver
from aim.server.serve import Server, bind, refuse_plain
from aim.server.tls import Tls

if TYPE_CHECKING:
    from aim.clickhouse.database import Database

log = logging.getLogger("aim.server")

MAX_FILES = 1 << 16
# Each sender keeps a connection open.
MOST_SENDERS = 1 << 13
_STOP_SECONDS = 10.0


def receive(
    aim_dir: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 43900,
    tls: Tls | None = None,
    plain: bool = False,
    engine: Database | None = None,
    ready: Callable[[int, Receiver], None] | None = None,
) -> int:
    """Receives what other machines record until a signal arrives, and returns its number. An address that other
    machines can reach needs `tls`, or `plain` where something in front speaks TLS. `engine`: the database to fold
    into."""
    if os.name != "posix":
        raise ServerError("aim server needs Linux or macOS; clients can run on any system")
    if tls is not None:
        tls.check()
    more_files()
    sock = bind(host, port)
    try:
        refuse_plain(sock, encrypted=tls is not None or plain)
        with Receiver(aim_dir) as receiver, folded_into(engine, aim_dir):
            server = Server(
                receiver, tls=tls, most=MOST_SENDERS, ready=lambda bound: ready(bound, receiver) if ready else None
            )
            receiver.pace.connections = lambda: len(server.server_state.connections)
            server.run(sockets=[sock])
    finally:
        sock.close()
    return server.signal


@contextmanager
def folded_into(engine: Database | None, aim_dir: Path) -> Iterator[None]:
    """Meanwhile, a thread keeps the database up to date. The server receives also while it is away, and does not wait
    long for it to end: what arrived still has to reach the disk."""
    if engine is None:
        yield
        return
    from aim.index.folding import filling, follow

    stopped = Event()
    with filling(aim_dir, engine, away=True) as some:
        thread = Thread(target=follow, args=(some, stopped, log.warning), name="aim-fold", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stopped.set()
            thread.join(timeout=_STOP_SECONDS)


def more_files() -> None:
    """A connection is a descriptor."""
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_FILES if most == resource.RLIM_INFINITY else min(most, MAX_FILES)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
