"""ClickHouse's HTTP interface: statements, inserts in its Native format, and answers as columns.

Every statement that this package sends may be sent twice, so one that was lost with its connection is sent again.
"""

from __future__ import annotations

import http.client
import os
import re
import secrets
import socket
import ssl
import threading
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from itertools import count
from typing import Any
from urllib.parse import urlencode
from weakref import finalize

import numpy.typing as npt

from aim.clickhouse import native
from aim.clickhouse.address import PASSWORD, DatabaseAddress
from aim.clickhouse.texts import DamagedRows
from aim.deadline import check, interrupting, stopped, whole
from aim.engine import Columns
from aim.errors import EngineAway, EngineError

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 300.0
MOST_BYTES = 1 << 30
_READ = 1 << 20
_IDLE = 8
_CODE = re.compile(rb"Code: (\d+)")
# Codes of errors: no such database, no such table.
NO_TABLES = ("81", "60")
_BAD_USER = ("192", "193", "194", "516")
# What a large answer or a long list of runs needs.
_SETTINGS = {
    "wait_end_of_query": "1", "max_query_size": str(64 << 20), "max_execution_time": f"{ANSWER_SECONDS:.0f}",
}  # fmt: skip


class ServerRefused(EngineError):
    """An error that ClickHouse answered; `code` is its number."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class DatabaseClient:
    """Connections to one database. Safe in several threads and after a fork."""

    def __init__(self, address: DatabaseAddress) -> None:
        self.address = address
        self.sent = 0
        self.damage = DamagedRows()
        self._idle: deque[http.client.HTTPConnection] = deque()
        self._process = os.getpid()
        self._name, self._numbers = secrets.token_hex(8), count()
        # A __del__ would come after that of the sockets if all are freed in one cycle.
        finalize(self, _close, self._idle)

    def query(self, statement: str, wanted: Mapping[str, type] = {}, *, database: bool = True) -> Columns:
        """The answer of a SELECT; {} if it has no rows. `wanted`: its columns, `str` for texts, `int` for numbers."""
        columns = native.decode(self._send(statement.encode(), {"default_format": "Native"}, database=database))
        for name, kind in wanted.items() if columns else ():
            if name not in columns or (columns[name].dtype == object) != (kind is str):
                raise EngineError(
                    f"{self.address} answered without the {'texts' if kind is str else 'numbers'} {name!r} that were "
                    "asked for. Is it ClickHouse, and not behind another server?"
                )
        return columns if any(map(len, columns.values())) else {}

    def row(self, statement: str, wanted: Mapping[str, type], *, database: bool = True) -> dict[str, Any]:
        """The answer of a SELECT that always has a row."""
        rows = self.query(statement, wanted, database=database)
        if not rows:
            raise EngineError(f"{self.address} answered without a row: is it behind another server?")
        return {name: rows[name].tolist()[0] for name in wanted}

    def command(self, statement: str, *, database: bool = True) -> None:
        """A statement without an answer."""
        self._send(statement.encode(), {}, database=database)

    def insert(self, table: str, columns: Mapping[str, npt.NDArray[Any]], types: Mapping[str, str]) -> None:
        """Add rows to a table; `types` names all of its columns."""
        names = ", ".join(f"`{name}`" for name in types)
        self._send(native.encode(columns, types), {"query": f"INSERT INTO `{table}` ({names}) FORMAT Native"})

    def _send(self, body: bytes, options: Mapping[str, str], *, database: bool = True) -> bytearray:
        named = {"database": self.address.database} if database else {}
        path = "/?" + urlencode({**named, **_SETTINGS, **options})
        for again in (False, True):
            connection, query = self._connection(fresh=again), f"aim-{self._name}-{next(self._numbers)}"
            try:
                with interrupting(partial(_abort, connection)):
                    asked = f"{path}&query_id={query}"
                    status, headers, answer = self._exchange(connection, asked, body, ANSWER_SECONDS)
            except BaseException as error:
                connection.close()
                if stopped() or not isinstance(error, (OSError, http.client.HTTPException)):
                    self._kill(query)
                    check()
                    raise
                if again or isinstance(error, TimeoutError):
                    raise EngineAway(f"{self.address} {_why(error)}") from error
                continue
            self._keep(connection)
            if status != 200:
                self._refused(headers, answer)
            return answer
        raise AssertionError("unreachable")

    def _kill(self, query: str) -> None:
        """A server goes on with a statement after its connection was closed."""
        connection = self._connection(fresh=True)
        with whole(), suppress(EngineError, OSError, http.client.HTTPException):
            body = f"KILL QUERY WHERE query_id = '{query}' ASYNC"
            self._exchange(connection, "/?" + urlencode(_SETTINGS), body.encode(), CONNECT_SECONDS)
        connection.close()

    def _exchange(
        self, connection: http.client.HTTPConnection, path: str, body: bytes, seconds: float
    ) -> tuple[int, Mapping[str, str], bytearray]:
        self.sent += 1
        if connection.sock is None:
            connection.connect()
            connection.timeout = seconds
            connection.sock.settimeout(seconds)  # type: ignore[attr-defined]  # connect made it
            # An interrupt before this line had no socket to shut down.
            check()
        headers = {
            "X-ClickHouse-User": self.address.user.encode(), "X-ClickHouse-Key": self.address.password.encode()
        }  # fmt: skip
        late = threading.Event()
        watch = threading.Timer(seconds, _cut, [connection, late])
        watch.daemon = True
        watch.start()
        try:
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            answer = self._read(response)
        except (OSError, http.client.HTTPException, EngineError):
            if not late.is_set():
                raise
        finally:
            watch.cancel()
        if late.is_set():
            raise TimeoutError
        return response.status, dict(response.headers), answer

    def _read(self, response: http.client.HTTPResponse) -> bytearray:
        """All of an answer, and never half of one."""
        answer = bytearray()
        if response.length is None and not response.chunked:
            raise EngineError(
                f"{self.address} does not say where its answer ends. Is it ClickHouse, at its port for HTTP (8123, or "
                "8443 with TLS)?"
            )
        while part := response.read(_READ):
            answer += part
            if len(answer) > MOST_BYTES:
                raise EngineError(
                    f"{self.address} answered with more than {MOST_BYTES:,} bytes. Ask for fewer runs or metrics"
                )
        if response.length:
            raise http.client.IncompleteRead(b"", response.length)
        return answer

    def _connection(self, *, fresh: bool) -> http.client.HTTPConnection:
        if self._process != os.getpid():
            _close(self._idle)
            self._process = os.getpid()
            self._name = secrets.token_hex(8)
        if not fresh:
            with suppress(IndexError):
                return self._idle.pop()
        where = (self.address.host, self.address.port)
        if self.address.tls:
            return http.client.HTTPSConnection(*where, timeout=CONNECT_SECONDS, context=self._trust())
        return http.client.HTTPConnection(*where, timeout=CONNECT_SECONDS)

    def _trust(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=self.address.ca)
        except OSError as error:
            raise EngineError(f"the certificates in {self.address.ca} cannot be read: {error}") from error

    def _keep(self, connection: http.client.HTTPConnection) -> None:
        if connection.sock is not None and len(self._idle) < _IDLE:
            self._idle.append(connection)
        else:
            connection.close()

    def _refused(self, headers: Mapping[str, str], answer: bytearray) -> None:
        match = _CODE.search(answer)
        code = headers.get("X-ClickHouse-Exception-Code") or (match[1].decode() if match else "")
        text = " ".join(answer[:2000].decode("utf-8", "replace").split())
        if self.address.password:
            text = text.replace(self.address.password, "...")
        if code in _BAD_USER:
            raise ServerRefused(
                f"{self.address} refuses this user or password: set the user in the address and {PASSWORD}", code
            )
        if code in NO_TABLES:
            raise ServerRefused(f"{self.address} has no Aim tables. Create them with: aim engine init", code)
        raise ServerRefused(f"{self.address} refused a statement: {text:.500}", code)


def _close(connections: deque[http.client.HTTPConnection]) -> None:
    while connections:
        connections.pop().close()


def _abort(connection: http.client.HTTPConnection) -> None:
    with suppress(OSError):
        if connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_RDWR)


def _cut(connection: http.client.HTTPConnection, late: threading.Event) -> None:
    """End a statement that takes too long, also one whose answer comes byte by byte."""
    late.set()
    _abort(connection)


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return (
            f"cannot be trusted: {error}. Name its certificates with ?ca=FILE, or use ?tls=off inside a closed network"
        )
    if isinstance(error, TimeoutError):
        return (
            f"did not take a connection within {CONNECT_SECONDS:g} s, or not answer within {ANSWER_SECONDS:g} s. "
            "Check the host and port, and that the server runs"
        )
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return f"cannot be reached: {reason}. Check the host and port, and that the server runs"
