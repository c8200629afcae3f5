"""The server as a process: it starts, reports its port, ends on a signal at once, and frees the port."""

from __future__ import annotations

import re
import signal
import socket
from pathlib import Path

import httpx
import pytest

from aim.errors import ServerError
from aim.repo import Repo
from aim.server.serve import bind, serve
from tests.ports import free_port
from tests.server.serving import started
from tests.waiting import PATIENCE

SCRIPT = """
import sys
from aim.repo import Repo
from aim.server.serve import serve
got = serve(Repo(sys.argv[1]), port=int(sys.argv[2]), ready=lambda port: print(port, flush=True))
print("ended by", got, flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_although_pages_are_open(shared_folder: Path, number: signal.Signals) -> None:
    with started(SCRIPT, shared_folder, free_port()) as (process, port):
        url = f"http://127.0.0.1:{port}"
        with (
            httpx.Client(base_url=url, trust_env=False, timeout=PATIENCE) as client,
            client.stream("GET", "/api/live") as live,
        ):
            lines = live.iter_lines()
            assert next(lines).startswith("data: ")
            process.send_signal(number)
            assert [line for line in lines if line] == [], "the stream was ended in good order"
        out, err = process.communicate()
    assert (process.returncode, out, err) == (0, f"ended by {int(number)}\n", "")
    with started(SCRIPT, shared_folder, port) as (_, same):
        assert same == port


def test_a_taken_port_is_named(shared_folder: Path) -> None:
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServerError, match=f"port {port} of 127.0.0.1 is in use; choose another with --port"):
            serve(Repo(shared_folder), port=port)


@pytest.mark.parametrize("host", ["no.such.name.invalid", "203.0.113.7", "", "a b"])
def test_an_address_of_another_machine(shared_folder: Path, host: str) -> None:
    with pytest.raises(ServerError, match=r"--host 127\.0\.0\.1"):
        serve(Repo(shared_folder), host=host, port=0)


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_an_address_that_others_reach_needs_a_token(shared_folder: Path, host: str) -> None:
    if host == "::" and not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    with pytest.raises(ServerError, match=re.escape(f"other machines can reach {host}, so the server needs a token")):
        serve(Repo(shared_folder), host=host, port=0)


def test_a_socket_of_the_caller_is_closed(shared_folder: Path) -> None:
    sock = bind("0.0.0.0", 0)
    with pytest.raises(ServerError):
        serve(Repo(shared_folder), sock=sock)
    assert sock.fileno() == -1
