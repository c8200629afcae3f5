"""Everything that can go wrong with a server: it is told, nothing is lost, and when it is over everything arrives."""

from __future__ import annotations

import json
import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aim.remote import address, client, spool
from aim.remote.address import Address
from aim.remote.backlog import Backlog
from aim.remote.client import Client
from aim.remote.follow import Follower
from aim.remote.ship import ShipperProcess
from tests.log.disks import files_of_at_most
from tests.log.logs import Draft
from tests.remote.receiver import Fault, Receiver, receiving
from tests.waiting import PATIENCE, until

Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("AIM_SPOOL", str(tmp_path / "spool"))
    monkeypatch.setenv("AIM_TOKEN", "secret")
    with receiving(tmp_path / "server") as receiver:
        yield receiver


def recorded(aim_dir: Path) -> Path:
    """A run that ended, in a spool."""
    draft = Draft().start()
    for step in range(1000):
        draft.point(0, step, 0.5)
    path = aim_dir / "runs" / ("a" * 32) / f"{draft.run.hex()}-{draft.writer.hex()}.log"
    path.parent.mkdir(parents=True)
    path.write_bytes(draft.end().data)
    return path


def spooled(server: Receiver) -> tuple[Address, Path, Path]:
    """A server's address, the spool for it, and a log that waits there."""
    where = address.parse(server.address)
    aim_dir = spool.create(where)
    return where, aim_dir, recorded(aim_dir)


def always(status: int, body: bytes = b"", **headers: str) -> Callable[[Receiver], Fault]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: lambda method, target, request: (status, named, body)


def for_ship(**answer: object) -> Callable[[Receiver], Fault]:
    """A wrong answer to what is shipped; everything else is right."""
    body = json.dumps(answer).encode()
    return lambda _: lambda method, target, request: (200, {}, body) if target == "/v1/ship" else None


def hanging(receiver: Receiver) -> Fault:
    """It answers when the test is over with it, for a request that nobody waits for anymore."""

    def wait(method: str, target: str, request: bytes) -> Answer | None:
        until(lambda: receiver.fault is not wait)
        return None

    return wait


def kept_and_not_told(receiver: Receiver) -> Fault:
    """The request is carried out, and its answer is lost."""

    def lose(method: str, target: str, request: bytes) -> Answer | None:
        if target != "/v1/ship":
            return None
        receiver.fault = None
        threading.Thread(target=receiver.answer, args=(method, target, request)).start()
        return 200, {"Content-Length": "100", "Connection": "close"}, b"{"

    return lose


HTML = b"<!doctype html><title>Sign in</title>"
TROUBLES = {
    "a wrong token": (always(401, b'{"error": {"message": "no such token"}}'), "refuses the token: no such token"),
    "a token that may only read": (always(403, b'{"error": {"message": "may only read"}}'), "may only read"),
    "a redirection": (always(302, Location="http://127.0.0.1:1/"), "with status 302: is it an aim server"),
    "a page of a proxy": (always(200, HTML), "is it an aim server"),
    "an error page": (always(500, HTML), "with status 500: is it an aim server"),
    "a proxy whose server is away": (always(502, HTML), "cannot be reached: a proxy answers with status 502"),
    "another service": (always(404), "with status 404"),
    "an answer of gigabytes": (always(200, b" " * (5 << 20), Content_Length="5000000000"), "more than 4,194,304 bytes"),
    "an answer that breaks off": (
        always(200, b"{", Content_Length="100", Connection="close"),
        "its answer broke off",
    ),
    "a lost answer": (kept_and_not_told, "its answer broke off"),
    "a server that hangs": (hanging, "no answer in time"),
    "a busy one": (always(503, Retry_After="7"), "is busy: status 503"),
    "one that asks to wait forever": (always(429, Retry_After="1e99"), "is busy"),
    "one whose clock is wrong": (always(503, Retry_After="Fri, 31 Dec 1999 23:59:59 GMT"), "is busy"),
    "nested JSON": (always(200, b"[" * 100_000), "is it an aim server"),
    "sizes of another kind": (always(200, b'{"sizes": ["many"]}'), "where a size is expected"),
    "too few sizes": (always(200, b'{"sizes": []}'), "is it an aim server"),
    "too many outcomes": (for_ship(frames=[{"status": 200, "size": 1}] * 2), "is it an aim server"),
    "a status that there is not": (for_ship(frames=[{"status": 299, "size": 1}]), "is it an aim server"),
    "a full disk": (for_ship(frames=[{"status": 507, "size": 0, "error": "3 MB are left"}]), "no room: 3 MB are left"),
}


@pytest.mark.parametrize("which", TROUBLES)
def test_troubles_pass_and_nothing_is_lost(server: Receiver, which: str) -> None:
    fault, text = TROUBLES[which]
    where, aim_dir, path = spooled(server)
    content = path.read_bytes()
    server.fault = fault(server)
    hangs = text == "no answer in time"
    follower = Follower(aim_dir, where, clears=True, reports=True, timeout=0.3 if hangs else PATIENCE)
    wait = follower.turn()
    assert text in follower.problem, follower.problem
    assert 0 < wait <= client.LONGEST_WAIT
    assert path.read_bytes() == content
    assert spool.reported(aim_dir).problem == follower.problem
    server.fault = None
    until(lambda: follower.turn() and not path.exists())
    assert follower.problem == "" and spool.reported(aim_dir).problem == ""
    assert (server.folder / path.relative_to(aim_dir)).read_bytes() == content
    assert not path.exists()
    follower.client.close()


def test_a_server_that_asks_for_time_gets_it(server: Receiver) -> None:
    aim_dir = spool.create(address.parse(server.address))
    recorded(aim_dir)
    server.fault = always(503, Retry_After="7")(server)
    follower = Follower(aim_dir, address.parse(server.address), clears=True)
    assert 7 <= follower.turn() <= 15
    follower.client.close()


def test_the_longer_a_server_is_away_the_longer_are_the_waits(
    server: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that restarts is found within a second; one that is away for an hour is asked four times a minute."""
    now = 1000.0
    monkeypatch.setattr("aim.remote.follow.time.monotonic", lambda: now)
    _, aim_dir, _ = spooled(server)
    follower = Follower(aim_dir, Address("127.0.0.1", 1), clears=True)
    begun, waits = now, []
    while now < begun + 3600:
        waits.append(follower.turn())
        now += waits[-1]
    assert all(wait <= 1.0 for wait in waits[:3]) and max(waits) <= 15.0
    assert len(waits) < 600
    follower.client.close()


def test_while_a_server_is_away_nothing_is_read(server: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a shipper of 1,000 runs that grow needs a fifth of a core to learn each time that it cannot send them."""
    looks: list[object] = []
    original = Backlog.scan
    monkeypatch.setattr(Backlog, "scan", lambda self: (looks.append(self), original(self))[1])
    _, aim_dir, _ = spooled(server)
    follower = Follower(aim_dir, Address("127.0.0.1", 1), clears=True)
    for _ in range(5):
        follower.turn()
        assert "cannot be reached: Connection refused" in follower.problem
    assert len(looks) == 1
    follower.client.close()


def test_the_waits_for_a_server_begin_anew_when_something_arrived(
    server: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a server that is killed in the middle of each request."""
    now = 1000.0
    monkeypatch.setattr("aim.remote.follow.time.monotonic", lambda: now)
    where, aim_dir, path = spooled(server)
    there = server.folder / path.relative_to(aim_dir)
    there.parent.mkdir(parents=True)

    def keep_some_and_break(method: str, target: str, request: bytes) -> Answer | None:
        if target != "/v1/ship":
            return None
        there.write_bytes(path.read_bytes()[: int(now)])
        return 200, {"Content-Length": "100", "Connection": "close"}, b"{"

    server.fault = keep_some_and_break
    follower = Follower(aim_dir, where, clears=True)
    for _ in range(5):
        assert 0 < follower.turn() <= 1.0
        now += 100.0
    server.fault = None
    until(lambda: follower.turn() and not path.exists())
    follower.client.close()


@pytest.mark.parametrize(("header", "seconds"), [("4.5", 4.5), ("-3", 0.0), ("nan", 0.0), ("inf", 300.0), ("x", 0.0)])
def test_the_pace_of_a_server_is_bounded(server: Receiver, header: str, seconds: float) -> None:
    server.fault = always(200, b'{"sizes": []}', Aim_Next=header)(server)
    asks = Client(address.parse(server.address))
    asks.token = "secret"
    assert asks.ask("POST", "/v1/sizes").pace == seconds
    asks.close()


def test_an_answer_byte_by_byte_ends_with_the_time_of_a_request() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_drip, args=(listener,), daemon=True).start()
        asks = Client(Address("127.0.0.1", listener.getsockname()[1]), timeout=PATIENCE, limit=0.5)
        with pytest.raises(client.Unreachable):
            asks.sizes(["x"])


def _drip(listener: socket.socket) -> None:
    peer, _ = listener.accept()
    with peer:
        try:
            peer.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
            while True:
                peer.sendall(b"x")
                time.sleep(0.05)
        except OSError:
            return


def test_a_name_without_an_address() -> None:
    asks = Client(address.parse("aim://no-such-host.invalid"), timeout=PATIENCE)
    with pytest.raises(client.Unreachable, match="the name 'no-such-host.invalid' has no address"):
        asks.sizes(["x"])


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for `localhost` that nobody signed."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("needs openssl")
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    command = [
        program,
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "9",
    ]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(
        [*command, *names, "-keyout", path, "-out", path.with_suffix(".crt")], check=True, capture_output=True
    )
    path.write_text(path.read_text() + path.with_suffix(".crt").read_text())
    return path


def speaks_tls(server: Receiver, certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server._http.socket = context.wrap_socket(server._http.socket, server_side=True)


def test_a_certificate_that_is_not_valid(server: Receiver, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    speaks_tls(server, certificate)
    monkeypatch.setattr(Address, "is_loopback", property(lambda _: False))
    asks = Client(Address("localhost", server.port), timeout=PATIENCE)
    asks.token = "secret"
    with pytest.raises(client.Unreachable, match="its certificate is not valid: .*self.signed.*Set SSL_CERT_FILE"):
        asks.sizes(["x"])
    assert server.requests == [], "the token was not sent"
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.with_suffix(".crt")))
    assert asks.sizes([f"edits/{'0' * 32}-{'1' * 16}.log"]) == [None]
    asks.close()
    wrong_name = Client(Address("127.0.0.1", server.port), timeout=PATIENCE)
    with pytest.raises(client.Unreachable, match="its certificate is not valid: .*127.0.0.1"):
        wrong_name.sizes(["x"])


def test_a_server_without_tls(server: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Address, "is_loopback", property(lambda _: False))
    asks = Client(address.parse(server.address), timeout=PATIENCE)
    asks.token = "secret"
    with pytest.raises(client.Unreachable, match="it does not speak TLS .* Start it with --tls-cert"):
        asks.sizes(["x"])
    assert server.requests == []


def test_localhost_does_not_speak_tls(server: Receiver, certificate: Path) -> None:
    speaks_tls(server, certificate)
    asks = Client(address.parse(server.address), timeout=5.0)
    with pytest.raises(client.Unreachable, match="use the name in its certificate, aim://NAME:PORT"):
        asks.sizes(["x"])


CLOCKS = {"an hour ahead": 3600.0, "an hour behind": -3600.0, "in the year 1970": -time.time()}


@pytest.mark.parametrize("clock", CLOCKS)
def test_clocks_that_are_wrong_do_not_matter(server: Receiver, clock: str) -> None:
    where, aim_dir, path = spooled(server)
    when = max(0.0, time.time() + CLOCKS[clock])
    os.utime(path, (when, when))
    follower = Follower(aim_dir, where, clears=True)
    follower.turn()
    assert len(server.names()) == 1 and not path.exists()
    follower.client.close()


def test_a_full_disk_of_this_machine_costs_only_the_report(server: Receiver) -> None:
    where, aim_dir, path = spooled(server)
    follower = Follower(aim_dir, where, clears=True, reports=True)
    with files_of_at_most(0):
        spool.report(aim_dir, follower.shipper.status())
    assert spool.reported(aim_dir) == spool.ShipperStatus()
    shutil.rmtree(next(iter(aim_dir.parent.glob("*.json")), aim_dir.parent / "none"), ignore_errors=True)
    spool._beside(aim_dir, "json").mkdir()
    follower.turn()
    assert len(server.names()) == 1 and not path.exists()
    follower.client.close()


def test_a_file_that_cannot_be_read_stops_no_other(server: Receiver) -> None:
    where, aim_dir, path = spooled(server)
    link = path.with_name(path.name.replace("00", "ff", 1))
    link.symlink_to("/etc/passwd")
    follower = Follower(aim_dir, where, clears=True)
    follower.turn()
    assert server.names() == [path.relative_to(aim_dir).as_posix()]
    follower.client.close()


def test_another_token_comes_with_another_process(server: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shipper whose AIM_TOKEN is refused ends, so that the next run can start one with its own."""
    aim_dir = spool.create(address.parse(server.address))
    path = recorded(aim_dir)
    monkeypatch.setenv("AIM_TOKEN", "wrong")
    monkeypatch.setattr("signal.signal", lambda number, handler: None)
    ShipperProcess(aim_dir).work()
    assert path.exists() and "refuses the token" in spool.reported(aim_dir).problem
    monkeypatch.setenv("AIM_TOKEN", "secret")
    monkeypatch.setattr("aim.remote.ship._LINGER", 0.0)
    ShipperProcess(aim_dir).work()
    assert not path.exists() and spool.reported(aim_dir).problem == ""
