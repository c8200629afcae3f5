from __future__ import annotations

from pathlib import Path

import pytest

from aim.errors import RemoteError
from aim.remote import address, spool
from aim.remote.address import Address, parse

GOOD = {
    "aim://aim.example.org": ("aim.example.org", 43900, False),
    "aim://aim.example.org:443/": ("aim.example.org", 443, False),
    "AIM://Aim.Example.ORG:1": ("aim.example.org", 1, False),
    "aim://10.0.0.7:65535": ("10.0.0.7", 65535, False),
    "aim://localhost": ("localhost", 43900, True),
    "aim://127.0.0.1:80": ("127.0.0.1", 80, True),
    "aim://[::1]:80": ("[::1]", 80, True),
    "aim://[2001:db8::7]": ("[2001:db8::7]", 43900, False),
    "aim://localhost.example.org": ("localhost.example.org", 43900, False),
    "aim://127.0.0.1.example.org": ("127.0.0.1.example.org", 43900, False),
}
BAD = {
    "aim://": "names no host",
    "aim://:80": "names no host",
    "aim://a b": "names no host",
    "aim://host/runs": "names no host",
    "aim://../../etc": "names no host",
    "aim://host:0": "port '0'",
    "aim://host:65536": "port '65536'",
    "aim://host:x": "port 'x'",
    "aim://host:": "port ''",
    "aim://ann:secret@host": "no user and no token",
    "aim://[::1": "names no host",
    "http://aim.example.org:43900": "does not begin with aim://",
    "127.0.0.1:43900": "does not begin with aim://",
}


@pytest.mark.parametrize("text", GOOD)
def test_addresses(text: str) -> None:
    host, port, loopback = GOOD[text]
    server = parse(text)
    assert (server, server.is_loopback) == (Address(host, port), loopback)
    assert parse(str(server)) == server
    assert address.from_place(server.place) == server, "the folder of a spool tells its server"
    assert "/" not in server.place and ":" not in server.place


@pytest.mark.parametrize("text", BAD)
def test_invalid_addresses(text: str) -> None:
    with pytest.raises(RemoteError) as raised:
        parse(text)
    assert BAD[text] in str(raised.value)
    assert "aim://HOST:PORT" in str(raised.value), "it says what to write"
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("name", ["", "x", "_80", "host_", "host_080", "HOST_80", "..%_80", ".aim"])
def test_other_folders_are_not_spools(name: str) -> None:
    assert address.from_place(name) is None


def test_where_the_token_comes_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = parse("aim://aim.example.org")
    assert address.token(server) is None
    kept = address.keep_token(server, "kept")
    assert kept.stat().st_mode & 0o777 == 0o600
    assert address.token(server) == "kept"
    assert address.token(parse("aim://aim.example.org:1")) is None, "it is for one server"
    (tmp_path / "mounted").write_text("mounted\n")
    monkeypatch.setenv("AIM_TOKEN_FILE", str(tmp_path / "mounted"))
    assert address.token(server) == "mounted"
    monkeypatch.setenv("AIM_TOKEN", " given ")
    assert address.token(server) == "given"


def test_tokens_that_cannot_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = parse("aim://aim.example.org")
    address.keep_token(server, "kept").chmod(0o640)
    with pytest.raises(RemoteError, match="others may read it: run chmod 600"):
        address.token(server)
    monkeypatch.setenv("AIM_TOKEN_FILE", str(tmp_path / "missing"))
    with pytest.raises(RemoteError, match="No such file or directory: .*missing"):
        address.token(server)
    monkeypatch.setenv("AIM_TOKEN", "se\ncret")
    with pytest.raises(RemoteError, match="AIM_TOKEN is not a token") as raised:
        address.token(server)
    assert "cret" not in str(raised.value)


def test_a_spool_is_private_and_known_by_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIM_SPOOL", str(tmp_path / "spool"))
    server = parse("aim://[::1]:80")
    aim_dir = spool.create(server)
    assert (tmp_path / "spool").stat().st_mode & 0o777 == 0o700
    assert spool.address_of(aim_dir) == server
    assert spool.resolve("aim://[::1]:80") == aim_dir
    assert spool.every() == [(server, aim_dir)]
    stranger = tmp_path / "elsewhere" / server.place / ".aim"
    assert spool.address_of(stranger) is None, "a stranger's folder does not say where its records go"


def test_what_a_shipper_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIM_SPOOL", str(tmp_path / "spool"))
    aim_dir = spool.create(parse("aim://localhost"))
    assert spool.reported(aim_dir) == spool.ShipperStatus()
    said = spool.ShipperStatus(1.5, 7, "away", 1.0, 2, 300, 0.5, (("runs/a", "no room"),), ("b" * 32,))
    spool.report(aim_dir, said)
    assert spool.reported(aim_dir) == said
    path = next((tmp_path / "spool").glob("*/*.json"))
    for damaged in ("", "[]", "{}", '{"time": []}', '{"kept": 1}'):
        path.write_text(damaged)
        assert spool.reported(aim_dir) == spool.ShipperStatus()


def test_one_shipper_has_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIM_SPOOL", str(tmp_path / "spool"))
    aim_dir = spool.create(parse("aim://localhost"))
    lock = spool.take_lock(aim_dir)
    assert lock is not None
    with lock:
        assert lock.name
    freed = spool.take_lock(aim_dir)
    assert freed is not None
    freed.close()
