"""Addresses of databases: what they mean, and errors that never show a password."""

from __future__ import annotations

from pathlib import Path

import pytest

from aim.clickhouse.address import DatabaseAddress, parse
from aim.engine import EngineError


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
def test_addresses(text: str, expected: DatabaseAddress) -> None:
    assert parse(text) == expected


def test_the_password_comes_from_the_environment_and_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIM_CLICKHOUSE_PASSWORD", "secret")
    address = parse("clickhouse://me@db/aim")
    assert address.password == "secret"
    assert "secret" not in f"{address} {address!r}"
    assert str(address) == "clickhouse://me@db:8443/aim"
    assert parse("clickhouse://me:other@db/aim").password == "other"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("http://me:secret@db/aim", "is no engine"),
        ("clickhouse://me:secret@db", "names no database"),
        ("clickhouse://me:secret@db/a-b", "names no database"),
        ("clickhouse://me:secret@/aim", "names no host"),
        ("clickhouse://me:secret@db:99999/aim", "no valid host and port"),
        ("clickhouse://me:secret@db/aim?tls=maybe", "tls=maybe"),
        ("clickhouse://me:secret@db/aim?compress=1", "compress"),
    ],
)
def test_other_texts_are_refused(text: str, words: str) -> None:
    with pytest.raises(EngineError) as caught:
        parse(text)
    assert words in str(caught.value) and "clickhouse://" in str(caught.value)
    assert "secret" not in str(caught.value)
