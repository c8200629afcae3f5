"""Connections are bounded, in all and for each address; idle ones keep nobody out, and leave descriptors for files."""

from __future__ import annotations

import contextlib
import json
import resource
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from aim.repo import Repo
from aim.server.door import AT_ONCE, MOST, Complaints, Door, Visitor, Visitors, most_connections, network
from aim.server.serve import bind
from tests.server.conftest import Serving
from tests.server.serving import connected, started
from tests.waiting import PATIENCE

SCRIPT = """
import resource, sys
from aim.repo import Repo
from aim.server.serve import serve
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
serve(Repo(sys.argv[1]), port=0, ready=lambda port: print(port, flush=True))
"""


@contextlib.contextmanager
def connections(port: int, count: int, start: bytes, *, address: str = "127.0.0.1") -> Iterator[list[socket.socket]]:
    """Connections that begin a request and never end it."""
    with contextlib.ExitStack() as stack:
        socks = []
        for _ in range(count):
            sock = stack.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE, (address, 0)))
            with contextlib.suppress(OSError):
                sock.sendall(start)
            socks.append(sock)
        yield socks


@pytest.fixture
def many_files() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 4096:
        pytest.skip("this user may not open so many connections")
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("limit", [1024, 256])
@pytest.mark.parametrize("start", [b"", b"GET /api/project HTTP/1.1\r\nHost: localhost\r\nA: "])
@pytest.mark.usefixtures("many_files")
def test_2000_silent_connections_do_not_block_others(shared_folder: Path, limit: int, start: bytes) -> None:
    with started(SCRIPT, shared_folder, limit) as (process, port):
        with connections(port, 2000, start):
            for path in ("/api/project", "/api/series?q=loss", "/api/page"):
                answer = httpx.get(f"http://127.0.0.1:{port}{path}", timeout=PATIENCE, trust_env=False)
                assert answer.status_code == 200, path
            open_now = len(list(Path(f"/proc/{process.pid}/fd").iterdir())) if sys.platform == "linux" else 0
            assert open_now < limit / 2, "descriptors are left for files"
        process.terminate()
        _, err = process.communicate()
    assert err == ""


@pytest.mark.usefixtures("many_files")
def test_requests_in_a_flood_of_new_connections_from_another_address(shared_folder: Path) -> None:
    over = threading.Event()

    def flood(port: int) -> None:
        while not over.is_set():
            with contextlib.suppress(OSError), connections(port, 100, b"GET / ", address="127.0.0.2"):
                pass

    with started(SCRIPT, shared_folder, 256) as (process, port):
        threads = [threading.Thread(target=flood, args=(port,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        try:
            url = f"http://127.0.0.1:{port}/api/series?q=loss"
            transport = httpx.HTTPTransport(retries=3)
            with httpx.Client(transport=transport, trust_env=False, timeout=PATIENCE) as client:
                assert {client.get(url, headers={"connection": "close"}).status_code for _ in range(20)} == {200}
        finally:
            over.set()
        for thread in threads:
            thread.join(PATIENCE)
        process.terminate()
        assert process.communicate()[1] == ""


def test_pages_that_listen_leave_room_for_requests(shared_folder: Path) -> None:
    """Event streams are never idle, so they have a limit of their own."""
    with started(SCRIPT, shared_folder, 256) as (_, port), contextlib.ExitStack() as stack:
        codes = []
        for _ in range(60):
            client = stack.enter_context(
                httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=PATIENCE)
            )
            answer = stack.enter_context(client.stream("GET", "/api/live"))
            codes.append(answer.status_code)
        assert set(codes) <= {200, 429} and codes.count(200) == 16
        answer = httpx.get(f"http://127.0.0.1:{port}/api/series?q=loss", trust_env=False, timeout=PATIENCE)
        assert answer.status_code == 200


def test_an_unread_stream_ends(shared_folder: Path, serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aim.server.live.LONGEST_STREAM", 0.2)
    monkeypatch.setattr("aim.server.live.QUIET", 0.05)
    with serving(Repo(shared_folder)) as client, client.stream("GET", "/api/live") as live:
        lines = list(live.iter_lines())
    assert json.loads(lines[0].removeprefix("data: "))["runs"] == []


def test_a_body_that_drips(folder: Path, serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes in time, the whole body does not."""
    monkeypatch.setattr("aim.server.security.BODY_SECONDS", 1.0)
    with serving(Repo(folder)) as client:
        url = httpx.URL(str(client.base_url))
        head = "POST /api/runs/archive HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n"
        head += "Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
        with socket.create_connection((url.host, url.port or 0), timeout=PATIENCE) as sock:
            sock.sendall(head.encode())
            sock.settimeout(0.1)
            answer = b""
            until = time.monotonic() + 60
            while not answer and time.monotonic() < until:
                sock.sendall(b" ")
                with contextlib.suppress(TimeoutError):
                    answer = sock.recv(1000)
    assert answer.startswith(b"HTTP/1.1 408 ")


def test_a_reader_that_takes_a_little_at_a_time(
    tmp_path: Path,
    shared_folder: Path,
    serving: Serving,
    disconnected: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It takes some of the answer in each period, but less than it must."""
    monkeypatch.setattr("aim.server.serve.TAKE_SECONDS", 0.5)
    monkeypatch.setattr("aim.server.serve.TAKE_BYTES", 1 << 30)
    (tmp_path / "large.js").write_bytes(bytes(64 << 20))
    with serving(Repo(shared_folder), ui_dir=tmp_path) as client, connected(client) as sock:
        sock.sendall(b"GET /large.js HTTP/1.1\r\nHost: localhost\r\n\r\n")
        taken = 0
        with contextlib.suppress(ConnectionError):
            while not disconnected.wait(0.02):
                taken += len(sock.recv(1 << 16))
        assert taken < 16 << 20


# Who makes room


class Peer:
    def __init__(self, host: str, port: int) -> None:
        self.address = host, port
        self.network = network(host)
        self.left = False

    def hang_up(self) -> None:
        self.left = True


def entered(visitors: Visitors, peer: Peer) -> bool:
    return visitors.enter(peer)  # type: ignore[arg-type]


def left(visitors: Visitors, peers: list[Peer]) -> list[int]:
    for peer in peers:
        if peer.left:
            visitors.leave(peer)  # type: ignore[arg-type]
    return [peer.address[1] for peer in peers if peer.left]


def test_the_longest_idle_connection_of_the_same_address_makes_room() -> None:
    visitors = Visitors(8)
    peers = [Peer("192.0.2.1", port) for port in range(5)]
    assert all(entered(visitors, peer) for peer in peers[:4])
    visitors.work(peers[0].address)
    assert entered(visitors, peers[4])
    assert left(visitors, peers) == [1], "the first one is being answered"


def test_the_address_with_the_most_idle_connections_makes_room_for_others() -> None:
    visitors = Visitors(4)
    peers = [Peer("192.0.2.9", 1), Peer("192.0.2.1", 2), Peer("192.0.2.1", 3), Peer("192.0.2.8", 4)]
    for peer in [*peers, Peer("192.0.2.7", 5)]:
        assert entered(visitors, peer)
    assert left(visitors, peers) == [2]


def test_a_flood_from_many_addresses_costs_little_for_each_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """The network of an address is found once, and no connection counts all others."""
    asked: list[str] = []
    monkeypatch.setattr("aim.server.door.network", lambda address: asked.append(address) or network(address))
    visitors = Visitors(64)
    socks = [socket.socket() for _ in range(200)]
    peers = [Visitor(sock, (f"192.0.2.{port % 100}", port), visitors) for port, sock in enumerate(socks)]
    assert all(visitors.enter(peer) for peer in peers)
    assert len(visitors.open) == 64 == sum(visitors.resting.values()) and len(asked) == len(peers)
    for peer in peers:
        peer.close()
    assert (visitors.open, visitors.idle, +visitors.resting, +visitors.counts) == ({}, {}, {}, {})


def test_a_connection_that_reads_its_answer_is_not_closed() -> None:
    visitors = Visitors(4)
    for port in range(2):
        assert entered(visitors, Peer("192.0.2.1", port))
        visitors.work(("192.0.2.1", port))
    assert not entered(visitors, Peer("192.0.2.1", 9)), "half of all places for one address"
    assert entered(visitors, Peer("192.0.2.2", 9))


def test_an_address_cannot_change_its_turn_after_it_left() -> None:
    visitors = Visitors(4)
    visitors.rest(("192.0.2.1", 1))
    assert visitors.idle == {}


def test_a_refused_connection_gets_an_answer(shared_folder: Path) -> None:
    door = Door(bind("127.0.0.1", 0), Visitors(0))
    with door, socket.create_connection(door.getsockname(), timeout=PATIENCE) as sock:
        with pytest.raises(BlockingIOError):
            door.accept()
        assert sock.recv(100).startswith(b"HTTP/1.1 503 ")


@pytest.mark.parametrize(("soft", "most"), [(256, 64), (1024, 256), (100_000, MOST), (20, AT_ONCE)])
def test_most_connections(soft: int, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda which: (soft, soft))
    assert most_connections() == most


def test_a_failing_accept_is_a_line_a_minute(shared_folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    told = Complaints()
    for _ in range(3):
        told(None, {"message": "socket.accept() out of system resource", "exception": OSError(24, "Too many files")})
    assert caplog.text.count("ulimit -n") == 1
    assert "Traceback" not in caplog.text


def test_network_of_a_text() -> None:
    assert network("testclient") == "testclient"
