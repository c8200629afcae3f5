"""Statements against real servers: answers, refusals, and servers that are away or die in between."""

from __future__ import annotations

import gc
import http.client
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from aim.clickhouse import schema
from aim.clickhouse.address import parse
from aim.clickhouse.client import DatabaseClient, ServerRefused
from aim.clickhouse.database import Database
from aim.deadline import Cancellation
from aim.errors import EngineError, Stopped
from tests.clickhouse import folds, servers
from tests.clickhouse.servers import Server
from tests.ports import free_port
from tests.waiting import until

ENDLESS = "SELECT count() AS endless FROM system.numbers"


def test_making_a_database_twice_changes_nothing(clickhouse: Server) -> None:
    database = folds.database(clickhouse)
    before = database.check()
    database.make()
    assert database.check() == before and before["version"] == schema.VERSION and len(before["id"]) == 32
    database.drop()
    assert not database.exists()


def test_connections_of_a_client_that_is_freed_in_a_cycle_are_closed(clickhouse: Server) -> None:
    """Python frees what is in a cycle in any order: here the connection first."""
    connection = http.client.HTTPConnection("127.0.0.1", clickhouse.port)
    connection.connect()
    client = DatabaseClient(parse(clickhouse.url()))
    client._keep(connection)
    client.__dict__["itself"] = client
    del connection, client
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        gc.collect()
    assert not told


def test_a_database_belongs_to_one_repository(clickhouse: Server) -> None:
    database = folds.database(clickhouse)
    database.claim("one")
    database.claim("one")
    with pytest.raises(EngineError, match="another repository"):
        database.claim("two")
    with pytest.raises(EngineError, match="another repository"):
        database.make_again("two")
    assert database.about()["repository"] == "one"
    database.make_again("one")
    assert "repository" not in database.check()


def test_a_drop_leaves_tables_of_others(clickhouse: Server) -> None:
    database = folds.database(clickhouse)
    for name in ("other", "signs"):
        database.client.command(f"CREATE TABLE {name} (a Int64) ENGINE = MergeTree() ORDER BY a")
    database.drop()
    assert not database.exists()
    assert database.client.query("SELECT count() AS rows FROM other")["rows"].tolist() == [0]
    assert database.client.query("SELECT count() AS rows FROM signs")["rows"].tolist() == [0]


def test_a_drop_takes_the_tables_of_earlier_versions_too(clickhouse: Server) -> None:
    database = folds.database(clickhouse)
    database.client.command("CREATE TABLE signs (a Int64) ENGINE = MergeTree() ORDER BY a")
    database.client.command("INSERT INTO about VALUES ('version', '1')")
    with pytest.raises(EngineError, match="tables of version 1.*aim engine rebuild"):
        database.check()
    database.drop()
    names = f"SELECT name FROM system.databases WHERE name = '{database.address.database}'"
    assert not len(database.client.query(names, database=False).get("name", ()))


def test_a_missing_database_says_what_makes_it(clickhouse: Server) -> None:
    missing = Database(parse(clickhouse.url("missing")))
    assert not missing.exists()
    with pytest.raises(ServerRefused, match="aim engine init"):
        missing.check()


def test_other_columns_are_noticed(clickhouse: Server) -> None:
    database = folds.database(clickhouse)
    database.client.command("DROP TABLE heartbeats")
    database.client.command(
        "CREATE TABLE heartbeats (writer String, at Int64) ENGINE = ReplacingMergeTree(at) ORDER BY writer"
    )
    with pytest.raises(EngineError, match="no column at of type Float64 in its table heartbeats"):
        database.check()


def test_a_wrong_statement_is_quoted_without_the_password(clickhouse: Server) -> None:
    with pytest.raises(ServerRefused, match="refused a statement") as caught:
        DatabaseClient(parse(clickhouse.url("default"))).query("SELECT 'a' + ")
    assert len(str(caught.value)) < 1000


def test_a_wrong_password_says_where_it_comes_from(clickhouse: Server) -> None:
    if clickhouse.kind != "18.16":
        pytest.skip("chdb has no users")
    right = DatabaseClient(parse(clickhouse.url("default", "reader:open%20sesame@")))
    assert right.query("SELECT 1 AS one")["one"].tolist() == [1]
    with pytest.raises(ServerRefused, match="AIM_CLICKHOUSE_PASSWORD") as caught:
        DatabaseClient(parse(clickhouse.url("default", "reader:wrong-one@"))).query("SELECT 1")
    assert "wrong-one" not in str(caught.value)


def test_a_server_that_is_away_is_named() -> None:
    with pytest.raises(EngineError, match="127.0.0.1.*cannot be reached: Connection refused"):
        DatabaseClient(parse(f"clickhouse://127.0.0.1:{free_port()}/aim")).query("SELECT 1")


def test_another_port_of_the_server_is_told_in_one_line() -> None:
    """The native port answers a request of HTTP with a line of text."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    with connection:
                        connection.recv(1 << 16)
                        connection.sendall(
                            b"HTTP/1.0 400 Bad Request\r\n\r\nPort 9000 is for clickhouse-client program\r\n"
                        )

        threading.Thread(target=answer, daemon=True).start()
        client = DatabaseClient(parse(f"clickhouse://127.0.0.1:{listening.getsockname()[1]}/aim"))
        with pytest.raises(EngineError, match=r"Is it ClickHouse, at its port for HTTP \(8123"):
            client.query("SELECT 1")
        assert client.sent == 2, "the statement, and once to end it"
        listening.close()


def test_a_query_that_nobody_waits_for_ends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client, stop = DatabaseClient(parse(f"clickhouse://127.0.0.1:{silent.getsockname()[1]}/aim")), Cancellation()
        threading.Timer(0.2, stop.request).start()
        begun = time.monotonic()
        with pytest.raises((Stopped, EngineError)):
            stop.context().run(client.query, "SELECT 1")
        assert time.monotonic() - begun < 60


def test_a_query_that_was_stopped_before_it_had_a_connection_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[bytes] = []

    class Stopping(http.client.HTTPConnection):
        def connect(self) -> None:
            stop.request()
            super().connect()

        def request(self, method: str, url: str, body: bytes, headers: dict[str, bytes]) -> None:  # type: ignore[override]
            sent.append(body)
            raise ConnectionResetError

    monkeypatch.setattr(http.client, "HTTPConnection", Stopping)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client, stop = DatabaseClient(parse(f"clickhouse://127.0.0.1:{silent.getsockname()[1]}/aim")), Cancellation()
        with pytest.raises(Stopped):
            stop.context().run(client.query, "SELECT 1")
    assert [body for body in sent if not body.startswith(b"KILL QUERY")] == []


def test_the_database_ends_a_query_that_nobody_waits_for(clickhouse: Server) -> None:
    if clickhouse.kind != "18.16":
        pytest.skip("chdb answers one statement after the other")
    client, asked, stop = (
        folds.database(clickhouse).client,
        DatabaseClient(parse(clickhouse.url("default"))),
        Cancellation(),
    )
    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(stop.context().run, asked.query, ENDLESS)
        until(lambda: endless(client) == 1)
        stop.request()
        with pytest.raises(Stopped):
            answer.result()
        until(lambda: endless(client) == 0)


def test_the_database_ends_a_query_that_was_interrupted(clickhouse: Server, tmp_path: Path) -> None:
    """As by Ctrl+C in `aim query`."""
    if clickhouse.kind != "18.16":
        pytest.skip("chdb answers one statement after the other")
    client = folds.database(clickhouse).client
    script = (
        "import sys\nfrom aim.clickhouse.address import parse\nfrom aim.clickhouse.client import DatabaseClient\n"
        "DatabaseClient(parse(sys.argv[1])).query(sys.argv[2])"
    )
    command = [sys.executable, "-c", script, clickhouse.url("default"), ENDLESS]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE) as process:
        until(lambda: endless(client) == 1)
        process.send_signal(signal.SIGINT)
        assert b"KeyboardInterrupt" in process.communicate(timeout=60)[1]
        until(lambda: endless(client) == 0)


def endless(client: DatabaseClient) -> int:
    """How often the query runs."""
    own = "query LIKE 'SELECT count(%) AS endless%'"
    return int(client.query(f"SELECT toInt64(count()) AS c FROM system.processes WHERE {own}")["c"][0])


def test_a_server_that_was_killed_is_asked_again(tmp_path: Path) -> None:
    if "18.16" not in servers.HERE:
        pytest.skip("no clickhouse-server")
    server = servers.make("18.16", tmp_path)
    try:
        server.start()
        database = folds.database(server)
        assert database.client.query("SELECT 1 AS one")["one"].tolist() == [1]
        server.kill()
        with pytest.raises(EngineError, match="cannot be reached"):
            database.client.query("SELECT 1")
        server.start()
        assert database.check()["version"] == schema.VERSION
    finally:
        server.kill()


def test_a_long_list_of_runs_is_one_statement(clickhouse: Server) -> None:
    from aim.clickhouse.table import DistantTable

    database = folds.database(clickhouse)
    columns = {"path": np.array(["a"] * 3, object), "run": np.array([-5, 3, 2**62]), "segment": np.ones(3, np.int32)}
    columns |= {"value": np.array(["1"] * 3, object), "number": np.ones(3)}
    table = DistantTable(database.client, "params")
    database.client.insert("params", columns, table.table.columns)
    sent = database.client.sent
    rows = table.read(["run"], {"run": [*range(100_000), 2**62]})
    assert sorted(rows["run"].tolist()) == [3, 2**62] and database.client.sent == sent + 1
