"""Addresses of databases: what they mean, and errors that never show a password."""

from __future__ import annotations

import socket
from pathlib import Path
from threading import Thread

import pytest

from aim.clickhouse.address import DatabaseAddress, of_place, parse
from aim.clickhouse.client import DatabaseClient
from aim.errors import EngineError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("clickhouse://localhost/aim", DatabaseAddress("localhost", 8123, "aim", "default", "", False, None)),
        ("clickhouse://db/aim", DatabaseAddress("db", 8443, "aim", "default", "", True, None)),
        ("clickhouse://db/aim?tls=off", DatabaseAddress("db", 8123, "aim", "default", "", False, None)),
        ("clickhouse://127.0.0.1/aim?tls=on", DatabaseAddress("127.0.0.1", 8443, "aim", "default", "", True, None)),
        ("clickhouse://me@db:9/aim?ca=/ca.pem", DatabaseAddress("db", 9, "aim", "me", "", True, Path("/ca.pem"))),
        ("clickhouse://me:a%2Fb@db:9/aim", DatabaseAddress("db", 9, "aim", "me", "a/b", True, None)),
        ("clickhouse://[::1]:9/aim", DatabaseAddress("::1", 9, "aim", "default", "", False, None)),
    ],
)
def test_addresses(text: str, expected: DatabaseAddress, monkeypatch: pytest.MonkeyPatch) -> None:
    address = parse(text)
    assert address == expected
    monkeypatch.setenv("AIM_CLICKHOUSE_PASSWORD", "another")
    assert parse(address.secret()) == expected


def test_the_password_comes_from_the_environment_and_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIM_CLICKHOUSE_PASSWORD", "secret")
    address = parse("clickhouse://me@db/aim")
    assert address.password == "secret"
    assert "secret" not in f"{address} {address!r}"
    assert str(address) == "clickhouse://me@db:8443/aim"
    assert parse("clickhouse://me:other@db/aim").password == "other"


@pytest.mark.parametrize("place", ["db:9/a_1_b", "db_1_x:9/aim", "[::1]:9/aim", "127.0.0.1:8123/aim"])
def test_the_place_of_a_database_leads_back_to_its_address(place: str) -> None:
    address = parse(f"clickhouse://me:secret@{place}")
    assert len(address.place.parts) == 3 and address.place == parse(f"clickhouse://other@{place}").place
    assert of_place(address.place) == of_place(address.place / "43800") == f"clickhouse://{place}"
    assert of_place(Path("/home/me/.aim")) is of_place(Path("/nonexistent")) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("http://me:secret@db/aim", "is not an engine"),
        ("clickhouse://me:secret@db", "has no database"),
        ("clickhouse://me:secret@db/a-b", "has no database"),
        ("clickhouse://me:secret@/aim", "has no host"),
        ("clickhouse://me:secret@db:99999/aim", "no valid host and port"),
        ("clickhouse://me:secret@db/aim?tls=maybe", "other options"),
        ("clickhouse://me:secret@db/aim?compress=1", "other options"),
    ],
)
def test_other_texts_are_refused(text: str, words: str) -> None:
    with pytest.raises(EngineError) as caught:
        parse(text)
    assert words in str(caught.value) and "clickhouse://" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("clickhouse://me:hu/sh@db/aim", "...@db/aim"),
        ("clickhouse://me:1/hush@db/aim", "...@db/aim"),
        ("clickhouse://me:hu@sh@db/a-b", "...@db/a-b"),
        ("clickhouse://me:hu?sh@db/aim", "the address"),
        ("clickhouse://me:hu#sh@db/aim", "...@db/aim"),
        ("clickhouse:/me:hush@db/aim", "...@db/aim"),
        ("clickhouse://me:hush/aim", "the address"),
        ("http://me:hu/sh@db/aim", "...@db/aim"),
        ("me:hush@db", "...@db"),
        ("me:hush", "the address"),
        ("clickhouse://me@db/aim?password=hush", "...@db/aim"),
        ("clickhouse://me@db/aim?tls=hush", "...@db/aim"),
        ("clickhouse://me@db/aim?password=hu@sh", "the address"),
        ("clickhouse://me@db/aim?hush", "...@db/aim"),
        ("http://db:8123/aim", "http://db:8123/aim"),
    ],
)
def test_an_error_names_the_place_and_shows_no_password(text: str, named: str) -> None:
    with pytest.raises(EngineError) as caught:
        parse(text)
    message = str(caught.value)
    assert message.replace("'", "").startswith(named), message
    assert not any(part in message for part in ("hush", "hu/", "hu@", "sh@", "hu?", "hu#")), message


@pytest.mark.parametrize("password", ["hush\r\nX: y", "hu\x00sh", "hush\n\n", " hush", "hu\x7fsh", "hush\udcff"])
def test_a_password_that_no_header_can_have_is_refused_and_not_shown(
    password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.environ", {"AIM_CLICKHOUSE_PASSWORD": password})
    with pytest.raises(EngineError, match="the password of the engine has") as caught:
        parse("clickhouse://me@db/aim")
    assert "hu" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "password"), [("hush\n", "hush"), ("hush\r\n", "hush"), ("h\u20acsh", "h\u20acsh"), ("a b", "a b")]
)
def test_other_passwords_are_sent_as_utf_8(given: str, password: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIM_CLICKHOUSE_PASSWORD", given)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = parse(f"clickhouse://me@127.0.0.1:{listening.getsockname()[1]}/aim")
        assert address.password == password
        heads: list[bytes] = []
        answering = Thread(target=_answer, args=(listening, heads))
        answering.start()
        DatabaseClient(address).command("SELECT 1")
        answering.join(timeout=60)
    assert b"X-ClickHouse-Key: " + password.encode() + b"\r\n" in heads[0]


def _answer(listening: socket.socket, heads: list[bytes]) -> None:
    connection, _ = listening.accept()
    with connection:
        head = b""
        while not head.endswith(b"SELECT 1"):
            head += connection.recv(1 << 16)
        heads.append(head)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
