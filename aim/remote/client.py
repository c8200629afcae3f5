"""Requests to a server that may be away, slow, full, or no aim server at all. Standard library only.

Each operation of a socket has a limit of time, each request one of time and of the size of its answer. Redirections are
not followed: they would carry the token elsewhere.
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
from collections.abc import Sequence
from email.message import Message
from typing import NamedTuple
from urllib.parse import quote

from aim.errors import RemoteError
from aim.plain import visible
from aim.remote import answers
from aim.remote.address import Address
from aim.remote.answers import Outcome
from aim.version import __version__

MOST_ANSWER = 4 << 20
LONGEST_WAIT = 300.0
_BUSY = (429, 503)
# A proxy answers for a server that is away.
_AWAY = (502, 504)
_OF_FRAMES = tuple(answers.STATUSES - {answers.REFUSED})


class Unreachable(RemoteError):
    """No answer came: the server is away, or the way to it is broken."""


class Unauthorized(RemoteError):
    """The token is missing, wrong, or not good enough."""


class Busy(RemoteError):
    """The server asks to be left alone for `seconds`."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class Response(NamedTuple):
    """`pace` is how many seconds the server asks to wait before the next request."""

    status: int
    body: bytes
    pace: float


class Client:
    """One connection to a server, opened when it is needed and kept. Every request may be sent twice without harm."""

    def __init__(self, address: Address, *, timeout: float = 20.0, limit: float = 300.0) -> None:
        self.address = address
        self.token: str | None = None
        self._timeout = timeout
        self._limit = limit
        self._connection: http.client.HTTPConnection | None = None
        self._answered_once = False

    def ship(self, body: bytes, count: int) -> tuple[list[Outcome], float]:
        """Send so many frames; what became of each, and how long the server asks to wait."""
        answer = self.ask("POST", "/v1/ship", body)
        return answers.read_outcomes(answer.body, count), answer.pace

    def put(self, name: str, data: bytes, *, at: int, check: int, age: float, size: int) -> tuple[Outcome, float]:
        """Send a part of a seal of so many bytes."""
        path = f"/v1/logs/{name}?at={at}&check={check}&age={int(age)}&size={size}"
        answer = self.ask("PUT", path, data, accept=_OF_FRAMES)
        return answers.read_outcomes(answer.body, 1)[0], answer.pace

    def sizes(self, names: Sequence[str], *, confirm: bool = False) -> list[int | None]:
        """The sizes of files on the server; with `confirm`, those that survive a loss of power."""
        body = json.dumps({"names": list(names)}).encode()
        answer = self.ask("POST", "/v1/confirm" if confirm else "/v1/sizes", body)
        return answers.read_sizes(answer.body, len(names))

    def ask(self, method: str, path: str, body: bytes = b"", *, accept: Sequence[int] = (200,)) -> Response:
        """Raises Unreachable, Unauthorized, Busy, and RemoteError for any other answer than those of `accept`."""
        answer = self._answered(method, path, body)
        if answer.status in accept:
            return answer
        why = visible(answers.read_error(answer.body))
        if answer.status in (401, 403):
            raise Unauthorized(f"{self.address} refuses the token: {why or self._about_token()}")
        if answer.status in _BUSY:
            raise Busy(f"{self.address} is busy: {why or f'status {answer.status}'}", answer.pace)
        if answer.status in _AWAY:
            raise Unreachable(f"{self.address} cannot be reached: a proxy answers with status {answer.status}")
        raise RemoteError(f"{self.address} answers {method} {path[:60]} with status {answer.status}: {why or _ASK}")

    def connect(self) -> None:
        """Connect unless there is a connection. Raises Unreachable."""
        try:
            self._connected()
        except (OSError, ValueError) as error:
            raise self._unreachable(error) from error

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _answered(self, method: str, path: str, body: bytes) -> Response:
        kept = self._connection is not None
        try:
            return self._once(method, path, body)
        except (http.client.RemoteDisconnected, ConnectionError) as error:
            self.close()
            if not kept:
                raise self._unreachable(error) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            raise self._unreachable(error) from error
        try:  # The server closed a connection that was not in use.
            return self._once(method, path, body)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            raise self._unreachable(error) from error

    def _once(self, method: str, path: str, body: bytes) -> Response:
        connection = self._connected()
        late = threading.Event()
        watch = threading.Timer(self._limit, _cut, [connection, late])
        watch.daemon = True
        watch.start()
        try:
            connection.request(method, path, body or None, self._headers())
            response = connection.getresponse()
            data = response.read(MOST_ANSWER + 1)
        finally:
            watch.cancel()
        if late.is_set():
            raise TimeoutError
        if len(data) > MOST_ANSWER or not response.isclosed():
            self.close()
        if len(data) > MOST_ANSWER:
            raise RemoteError(f"{self.address} answers with more than {MOST_ANSWER:,} bytes: {_ASK}")
        if response.length:
            raise http.client.HTTPException("its answer broke off")
        self._answered_once = True
        return Response(response.status, data, _pace(response.headers))

    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is None:
            self._connection = self._opened()
        return self._connection

    def _opened(self) -> http.client.HTTPConnection:
        host, port = self.address.host.strip("[]"), self.address.port
        if self.address.is_loopback:
            connection = http.client.HTTPConnection(host, port, timeout=self._timeout)
        else:
            context = ssl.create_default_context()
            connection = http.client.HTTPSConnection(host, port, timeout=self._timeout, context=context)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def _headers(self) -> dict[str, str]:
        headers = {"User-Agent": f"aim/{__version__}", "Content-Type": "application/octet-stream"}
        return {**headers, "Authorization": f"Bearer {self.token}"} if self.token else headers

    def _unreachable(self, error: Exception) -> Unreachable:
        if isinstance(error, ssl.SSLCertVerificationError):
            why = (
                f"its certificate is not valid: {error.verify_message}. Set SSL_CERT_FILE for an authority of your own"
            )
        elif isinstance(error, ssl.SSLError):
            why = f"it does not speak TLS ({error.reason or error}), and nothing is sent unencrypted. {_NO_TLS}"
        elif self._is_unlike_http(error):
            why = f"it ends the connection without an answer. {_MAYBE_TLS}"
        elif isinstance(error, TimeoutError):
            why = "no answer in time"
        elif isinstance(error, socket.gaierror):
            why = f"the name {self.address.host!r} has no address: {error.strerror}"
        else:
            why = getattr(error, "strerror", None) or str(error)[:200] or type(error).__name__
        return Unreachable(f"{self.address} cannot be reached: {visible(why)}")

    def _is_unlike_http(self, error: Exception) -> bool:
        """Whether a server on this machine, which never answered before, may expect TLS."""
        return (
            self.address.is_loopback
            and not self._answered_once
            and isinstance(error, ConnectionResetError | http.client.BadStatusLine)
        )

    def _about_token(self) -> str:
        if self.token:
            return "ask for another one, and set AIM_TOKEN"
        return "set AIM_TOKEN, or keep one with `aim login`"


_ASK = "is it an aim server, and is the port right?"
_NO_TLS = f"Start it with --tls-cert and --tls-key, or put a proxy that speaks TLS before it; {_ASK}"
_MAYBE_TLS = (
    "If it has --tls-cert, use the name in its certificate, aim://NAME:PORT: to localhost, nothing is encrypted"
)


def quoted(text: str) -> str:
    return quote(text, safe="")


def _cut(connection: http.client.HTTPConnection, late: threading.Event) -> None:
    """End a request that takes too long, also one whose answer comes byte by byte."""
    late.set()
    sock = connection.sock
    if sock is not None:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def _pace(headers: Message) -> float:
    """How long the server asks to wait. A date, or any other text, means nothing here: clocks differ."""
    seconds = 0.0
    for name in ("Aim-Next", "Retry-After"):
        try:
            seconds = max(seconds, float(headers.get(name) or 0))
        except ValueError:
            continue
    return min(seconds, LONGEST_WAIT) if seconds == seconds else 0.0
