"""Runs the app: binds the port and answers until SIGINT or SIGTERM."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable, Collection, Iterator
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Protocol

import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from aim.errors import ServerError
from aim.server.door import AT_ONCE, BACKLOG, MOST, Complaints, Door, Visitors, most_connections
from aim.server.security import HEADERS, MAX_HEADERS, MAX_URL
from aim.server.team import ProxyHeader
from aim.server.tls import Tls

if TYPE_CHECKING:
    from aim.repo import Repo

HEAD_SECONDS = 20.0
TAKE_SECONDS = 60.0
TAKE_BYTES = 64 * 1024
GRACE_SECONDS = 2
SWITCH_SECONDS = 0.0005


def serve(
    repo: Repo,
    *,
    host: str = "127.0.0.1",
    port: int = 43800,
    sock: socket.socket | None = None,
    token: str | None = None,
    tokens: bool = False,
    header: ProxyHeader | None = None,
    tls: Tls | None = None,
    plain: bool = False,
    allow_hosts: Collection[str] = (),
    ui_dir: Path | None = None,
    allow_run: bool = False,
    command: str = "aim up",
    ready: Callable[[int], None] | None = None,
) -> int:
    """Answers until a signal arrives, and returns its number. `ready` is called with the port once the server answers.

    `sock` is a listening or bound socket to use instead of `host` and `port`. An address that other machines can reach
    needs a token, the tokens of users, or a header in which a proxy names them. Tokens of users need `tls` there, or
    `plain` where something in front speaks TLS. `allow_run`: commands can be started, which needs a token and a
    loopback address.
    """
    # Not for `aim server`, which uses the rest of this module and has to be back soon after a crash.
    from aim.server.app import create_app

    # Threads that evaluate queries give way ten times sooner than Python's default, so that other requests do not wait.
    sys.setswitchinterval(SWITCH_SECONDS)
    sock = sock or bind(host, port)
    try:
        address = str(sock.getsockname()[0])
        refuse_open_door(address, closed=token is not None or tokens or header is not None)
        if tokens:
            refuse_plain(sock, encrypted=tls is not None or plain)
        if tls is not None:
            tls.check()
        if allow_run:
            refuse_strangers(address)
        named = [name for name in tls.names() if "*" not in name] if tls is not None else []
        hosts = {host.partition("%")[0], address.partition("%")[0], *named, *allow_hosts}
        app = create_app(
            repo,
            token=token,
            tokens=tokens,
            header=header,
            allow_hosts=hosts,
            ui_dir=ui_dir,
            allow_run=allow_run,
            command=command,
        )
        server = Server(app, tls=tls, ready=ready)
        server.run(sockets=[sock])
    finally:
        sock.close()
    return server.signal


def bind(host: str, port: int) -> socket.socket:
    """A bound socket; port 0 takes any free one."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError) as error:
        raise ServerError(f"{host} is not an address of this machine: {error}; try --host 127.0.0.1") from None
    sock = socket.socket(family, kind, protocol)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(address)
        sock.listen(256)
    except OSError as error:
        sock.close()
        raise ServerError(cannot_bind(host, port, error)) from None
    return sock


def cannot_bind(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is in use; choose another with --port, or --port 0 for any free one"
    if error.errno == errno.EACCES:
        return f"this user may not open port {port}; choose one above 1023 with --port"
    return f"cannot listen on {host} port {port}: {error.strerror or error}; try --host 127.0.0.1"


def is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


def refuse_open_door(address: str, *, closed: bool) -> None:
    if not closed and not is_loopback(address):
        raise ServerError(f"other machines can reach {address}, so the server needs a token; or use --host 127.0.0.1")


def refuse_strangers(address: str) -> None:
    if not is_loopback(address):
        raise ServerError(
            f"other machines can reach {address}, so this server cannot start commands: omit --host. From another "
            "machine, connect with ssh -L 43800:localhost:43800"
        )


def refuse_plain(sock: socket.socket, *, encrypted: bool) -> None:
    """For a server whose users have tokens."""
    address = str(sock.getsockname()[0])
    if not encrypted and not is_loopback(address):
        raise ServerError(
            f"other machines can reach {address}, and without TLS others can read tokens: pass --tls-cert and "
            "--tls-key, or --plain where a proxy in front speaks TLS"
        )


class Closable(Protocol):
    """An ASGI app."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...

    def close(self) -> None: ...


class Server(uvicorn.Server):
    """At most `most` connections are open."""

    def __init__(
        self,
        app: Closable,
        *,
        tls: Tls | None = None,
        most: int = MOST,
        ready: Callable[[int], None] | None = None,
    ) -> None:
        self.visitors = Visitors(most_connections(most))
        config = uvicorn.Config(
            app,
            ssl_certfile=tls.certificate if tls else None,
            ssl_keyfile=tls.key if tls else None,
            http=partial(Connection, self.visitors),  # type: ignore[arg-type]
            backlog=AT_ONCE,
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
            h11_max_incomplete_event_size=2 * (MAX_URL + MAX_HEADERS),
        )
        # problems.py and security.py log errors, once.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        super().__init__(config)
        self.app = app
        self.ready = ready
        self.signal = 0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().set_exception_handler(Complaints())
        doors = [Door(sock, self.visitors, plain=not self.config.is_ssl) for sock in sockets or ()]
        await super().startup(list(doors))
        for door in doors:
            door.listen(BACKLOG)
        if self.ready is not None and doors:
            self.ready(doors[0].getsockname()[1])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.app.close()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Like uvicorn's, but without raising the signal again: the caller has its own cleanup."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.signal = sig
        super().handle_exit(sig, frame)


class Connection(H11Protocol):
    """Closes the connection of a client that does not finish the head of a request, or does not read the answer."""

    patience: asyncio.TimerHandle | None = None
    stalling: asyncio.TimerHandle | None = None
    address: Any = None

    def __init__(self, visitors: Visitors, **given: Any) -> None:
        super().__init__(**given)
        self.visitors = visitors

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.address = transport.get_extra_info("peername")
        self.wait_for_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.rests:
            self.wait_for_head()

    def handle_events(self) -> None:
        cycle = self.cycle
        super().handle_events()
        if self.cycle is not cycle:
            self.stop_waiting()
            self.visitors.work(self.address)

    def on_response_complete(self) -> None:
        if self.stalling is None:
            self.visitors.rest(self.address)
        super().on_response_complete()

    @property
    def rests(self) -> bool:
        """Whether no request is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def connection_lost(self, exc: Exception | None) -> None:
        self.stop_waiting()
        self.stop_watching()
        super().connection_lost(exc)

    def wait_for_head(self) -> None:
        if self.patience is None:
            self.patience = self.loop.call_later(HEAD_SECONDS, self.timeout_keep_alive_handler)

    def stop_waiting(self) -> None:
        if self.patience is not None:
            self.patience.cancel()
            self.patience = None

    def pause_writing(self) -> None:
        super().pause_writing()
        self.watch_writing(sys.maxsize)

    def resume_writing(self) -> None:
        self.stop_watching()
        if self.rests:
            self.visitors.rest(self.address)
        super().resume_writing()

    def watch_writing(self, before: int) -> None:
        left = self.transport.get_write_buffer_size()
        if left <= before - TAKE_BYTES:
            self.stalling = self.loop.call_later(TAKE_SECONDS, self.watch_writing, left)
        else:
            self.transport.abort()

    def stop_watching(self) -> None:
        if self.stalling is not None:
            self.stalling.cancel()
            self.stalling = None

    def send_400_response(self, msg: str) -> None:
        """Like uvicorn's, with our headers. In the middle of an answer, it is too late for another one."""
        if self.rests:
            body = f"{msg}\n"
            headers = {**HEADERS, "content-type": "text/plain", "content-length": str(len(body)), "connection": "close"}
            lines = ["HTTP/1.1 400 Bad Request", *(f"{name}: {value}" for name, value in headers.items()), "", body]
            self.transport.write("\r\n".join(lines).encode("latin-1", "replace"))
        self.transport.close()
