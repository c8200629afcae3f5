from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from aim.log import record
from aim.remote.answers import Outcome
from aim.server.door import MOST
from tests.server.receiving import NAME, WRITER, Receiving, a_log, piece

DATA = a_log(200)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Receiving]:
    with Receiving(tmp_path) as running:
        yield running


def test_a_killed_server_goes_on(server: Receiving) -> None:
    server.client().ship(piece(DATA, 0, 3000))
    server.kill()
    server.start()
    client = server.client()
    assert client.sizes(NAME) == [3000]
    assert client.ship(piece(DATA, 3000, len(DATA))) == [Outcome(200, len(DATA))]
    assert server.bytes_of() == DATA


def test_a_second_server_on_the_folder_is_refused(server: Receiving) -> None:
    second = Receiving(server.root)
    with pytest.raises(AssertionError, match=f"process {server.process.pid} already serves .* stop it first"):
        second.start()


def test_each_sender_of_a_cluster_behind_one_address_keeps_its_connection(server: Receiving) -> None:
    """There are more of them than there are pages of `aim up`."""
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < 4 * MOST:
        pytest.skip("this user may not open so many connections")
    clients = [server.client() for _ in range(MOST // 2 + 44)]
    for client in clients:
        client.connection.connect()
    for client in clients:
        client.connection.auto_open = 0
        assert client.ask("GET", "/v1/health").status == 200


def test_a_full_disk_refuses_and_tears_nothing(tmp_path: Path) -> None:
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))"
    with Receiving(tmp_path, before=limit) as server:
        client = server.client()
        assert client.ship(piece(DATA, 0, 3000)) == [Outcome(200, 3000)]
        (outcome,) = client.ship(piece(DATA, 3000, len(DATA)))
        assert (outcome.status, outcome.size) == (507, 3000)
        assert "File too large" in (outcome.error or "")
        assert server.bytes_of() == DATA[:3000]
        answer = client.put(NAME, DATA, 3000, len(DATA))
        assert (answer.status, answer.headers["retry-after"]) == (507, "30")
        other = NAME.replace(WRITER, "c" * 16)
        data = a_log(2, writer="c" * 16)
        assert server.client().ship(piece(data, 0, len(data), other)) == [Outcome(200, len(data))]


def test_a_stopped_server_has_everything_on_the_disk(server: Receiving) -> None:
    server.client().ship(piece(DATA, 0, 3000))
    assert (server.aim_dir / "server" / "running").exists()
    server.stop()
    assert not (server.aim_dir / "server" / "running").exists()
    assert server.bytes_of() == DATA[:3000]


def test_after_a_crash_of_the_system_logs_are_cut_to_what_is_good(server: Receiving) -> None:
    client = server.client()
    names = [NAME.replace(WRITER, letter * 16) for letter in "123"]
    logs = [a_log(300, writer=letter * 16) for letter in "123"]
    client.ship(*(piece(data, 0, 9000, name) for data, name in zip(logs, names, strict=True)))
    server.kill()
    marker = server.aim_dir / "server" / "running"
    marker.write_text(json.dumps({"boot": "another", "pid": 1}))
    zeros, middle, whole = (server.aim_dir / name for name in names)
    zeros.write_bytes(logs[0][:5000] + bytes(4000))
    middle.write_bytes(logs[1][:4096] + bytes(2048) + logs[1][6144:9000])
    server.start()
    sizes = server.client().sizes(*names)
    assert all(size is not None for size in sizes)
    assert 4900 < (sizes[0] or 0) <= 5000
    assert 4000 < (sizes[1] or 0) <= 4096
    assert 8900 < (sizes[2] or 0) <= 9000
    for data, name, size in zip(logs, names, sizes, strict=True):
        assert server.bytes_of(name) == data[:size]
        assert (size - record.HEADER_SIZE) % 4 == 0
    assert "after a system crash; senders continue" in "".join(server.output)
    assert whole.exists()


def test_a_paused_server_answers_when_it_continues(server: Receiving) -> None:
    client = server.client()
    server.process.send_signal(signal.SIGSTOP)
    client.connection.request("POST", "/v1/ship", piece(DATA, 0, 100), {"authorization": f"Bearer {client.token}"})
    server.process.send_signal(signal.SIGCONT)
    with client.connection.getresponse() as response:
        assert response.status == 200


def test_a_server_that_receives_imports_nothing_that_only_pages_need() -> None:
    """Each import makes the time longer for which a server that was killed is away."""
    code = "import sys, aim.cli.server, aim.server.receive\n"
    code += "print(*sorted({'numpy', 'duckdb', 'aim.server.app', 'aim.query.select'} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.split() == []
