"""A server in a process of its own, started by a script that prints its port, and raw connections to servers."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx

from tests.waiting import PATIENCE


@contextlib.contextmanager
def started(script: str, folder: Path, number: int) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The process and its port. The script gets `folder` and `number` as arguments; warnings are errors."""
    command = [sys.executable, "-W", "error", "-c", script, str(folder), str(number)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, int(process.stdout.readline())
        finally:
            process.kill()


def connected(client: httpx.Client) -> socket.socket:
    url = httpx.URL(str(client.base_url))
    return socket.create_connection((url.host, url.port or 0), timeout=PATIENCE)
