"""A database that is none, or is broken or hostile: every answer ends in a clear error, in bounded time and memory."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from aim.clickhouse import client, native
from aim.clickhouse.address import parse
from aim.clickhouse.client import DatabaseClient
from aim.clickhouse.database import Database
from aim.clickhouse.table import DistantTable
from aim.engine import Among, HasRow
from aim.errors import EngineError
from aim.index import distant
from aim.index.restarts import Restarts
from tests.waiting import PATIENCE

Script = Callable[[socket.socket, threading.Event], None]


@contextmanager
def answering(script: Script) -> Iterator[DatabaseClient]:
    """A client of a server that reads each request and then does what the script says."""
    ended = threading.Event()

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                with connection, suppress(OSError):
                    connection.settimeout(10)
                    connection.recv(1 << 16)
                    script(connection, ended)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield DatabaseClient(parse(f"clickhouse://127.0.0.1:{listening.getsockname()[1]}/aim"))
        finally:
            ended.set()
            listening.shutdown(socket.SHUT_RDWR)
            thread.join(PATIENCE)
    assert not thread.is_alive()


def once(answer: bytes) -> Script:
    return lambda connection, ended: connection.sendall(answer)


def forever(start: bytes, part: bytes, seconds: float = 0.0) -> Script:
    def send(connection: socket.socket, ended: threading.Event) -> None:
        connection.sendall(start)
        while not ended.wait(seconds) if seconds else not ended.is_set():
            connection.sendall(part)

    return send


def framed(body: bytes, *, more: int = 0, status: str = "200 OK") -> bytes:
    """A whole answer; `more`: so many bytes are missing at its end."""
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body) + more}\r\n\r\n".encode() + body


BLOCK = native.encode({"run": np.arange(3)}, {"run": "Int64"})
HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
ANSWERS: dict[str, tuple[Script, str]] = {
    "endless": (forever(CHUNKED, b"10000\r\n" + b"x" * 65_536 + b"\r\n"), "more than 1,048,576 bytes"),
    "endless, with a length": (forever(HEAD + b"Content-Length: 9999999999\r\n\r\n", b"x" * 65_536), "more than"),
    "endless, refused": (
        forever(b"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n", b"1000\r\n" + b"x" * 4096 + b"\r\n"),
        "more than",
    ),
    "byte by byte": (forever(CHUNKED, b"1\r\nx\r\n", 0.05), "not answer within 1 s"),
    "a head byte by byte": (forever(HEAD + b"X-A: ", b"x", 0.05), "not answer within 1 s"),
    "nothing": (forever(b"", b"", 0.05), "not answer within 1 s"),
    "go on, again and again": (forever(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.01), "not answer within 1 s"),
    "endless lines of a head": (forever(HEAD, b"X-A: b\r\n"), "cannot be reached"),
    "an endless line of a head": (forever(HEAD + b"X-A: ", b"x" * 65_536), "cannot be reached"),
    "no HTTP": (once(b"SSH-2.0-OpenSSH_9.2\r\n"), "cannot be reached"),
    "hangs up": (once(b""), "cannot be reached"),
    "no length": (once(HEAD + b"\r\n" + BLOCK), "does not say where its answer ends"),
    "half": (once(framed(BLOCK, more=5)), "cannot be reached"),
    "half, in chunks": (once(CHUNKED + b"%x\r\n" % len(BLOCK) + BLOCK + b"\r\n"), "cannot be reached"),
    "a page": (once(framed(b"<html><title>Sign in</title></html>" * 9)), "cannot be read"),
    "a page that refuses": (once(framed(b"<html>Bad gateway</html>", status="502 Bad")), "refused a statement"),
    "JSON": (once(framed(b'{"data": []}')), "cannot be read|without"),
    "another column": (once(framed(native.encode({"a": np.arange(3)}, {"a": "Int64"}))), "without the numbers 'run'"),
    "texts": (once(framed(native.encode({"run": np.array(["a"], object)}, {"run": "String"}))), "without the numbers"),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_every_answer_ends_in_a_clear_error(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    script, words = ANSWERS[kind]
    monkeypatch.setattr(client, "MOST_BYTES", 1 << 20)
    monkeypatch.setattr(client, "ANSWER_SECONDS", 1.0)
    with answering(script) as asked, pytest.raises(EngineError, match=words):
        DistantTable(asked, "runs").matching(HasRow("params", (Among("path", ("lr",)),)))


def test_a_number_that_is_no_number_is_refused() -> None:
    """In each statement, the columns of the answer are those that were asked for."""
    table = native.encode({"x": np.array(["a"], object)}, {"x": "String"})
    with answering(once(framed(table))) as asked:
        database = Database(asked.address)
        for ask in (
            database.version, database.about, database.check, database.sizes, database.folded_at,
            lambda: DistantTable(asked, "series").read(["run", "name"], {}),
            lambda: DistantTable(asked, "series").distinct(["name"]),
            lambda: DistantTable(asked, "series").holders("name"),
            lambda: DistantTable(asked, "params").found("path", ["lr"]),
            lambda: DistantTable(asked, "params").counted(np.arange(2), ["path"], column="value", values=True),
            lambda: DistantTable(asked, "params").containing("value", "a", ["run"]),
        ):  # fmt: skip
            with pytest.raises(EngineError, match="answered without"):
                ask()


def test_an_answer_without_rows_is_none() -> None:
    types = {"run": "Int64", "host": "String", "begun": "Int64"}
    empty = native.encode({name: np.empty(0, np.int64) for name in types}, types)
    with answering(once(framed(empty))) as asked:
        assert asked.query("SELECT run FROM runs", {"run": int}) == {}
        with pytest.raises(EngineError, match="answered without a row"):
            Restarts(Database(asked.address)).news()


def test_endless_digits_are_no_version_and_no_time() -> None:
    """One row answers all statements."""
    row = {"version": "2" * 5000, "host": "h", "begun": 1, "name": "begun h", "value": "9" * 5000}
    types = {name: "Int64" if name == "begun" else "String" for name in row}
    columns = {name: np.array([value], np.int64 if name == "begun" else object) for name, value in row.items()}
    with answering(once(framed(native.encode(columns, types)))) as asked:
        assert Database(asked.address).version() == (int("2" * 40),)
        assert Restarts(Database(asked.address)).news() == {"begun h": "1"}


@pytest.mark.parametrize("counts", [[1 << 50], [1 << 62, 1 << 62]])
def test_a_count_that_fits_no_memory_is_refused(monkeypatch: pytest.MonkeyPatch, counts: list[int]) -> None:
    monkeypatch.setattr(distant, "_of_name", lambda *_: {"value": np.zeros(1)})
    rows = SimpleNamespace(columns={"name": np.array(["loss"] * len(counts), object)})
    with pytest.raises(EngineError, match="fold the logs again with: aim engine rebuild"):
        distant.points(cast(Any, rows), ["value"], np.array(counts))
