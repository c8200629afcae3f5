"""An object store on loopback for the tests: moto's server of S3, where the package is installed or where AIM_TEST_MOTO
names a Python that has it, and a proxy before it that misbehaves when a test asks for it."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path

import pytest

from aim.errors import StoreError
from tests.ports import free_port

# Read before a test removes it.
_PYTHON = os.environ.get("AIM_TEST_MOTO") or (sys.executable if find_spec("moto") and find_spec("flask") else None)
MISSING = None if _PYTHON and find_spec("obstore") else "needs the packages obstore and moto[server]"
NEEDS_S3 = pytest.mark.skipif(MISSING is not None, reason=str(MISSING))
SECRET = "very-secret-key-0123456789"

# Takes the method and the path; returns status, headers and body, or None to ask the store.
Fault = Callable[[str, str], tuple[int, Mapping[str, str], bytes] | None]


class Objects:
    """A store in memory."""

    address = "s3://memory"

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put(self, name: str, data: bytes) -> bool:
        return self.objects.setdefault(name, data) is data

    def size(self, name: str) -> int:
        if name not in self.objects:
            raise StoreError(f"has no {name}")
        return len(self.objects[name])

    def read(self, name: str, start: int, stop: int) -> bytes:
        data = self.objects.get(name, b"")[start:stop]
        if len(data) != stop - start:
            raise StoreError(f"no such bytes of {name}")
        return data

    def remove(self, name: str) -> None:
        self.objects.pop(name, None)


class S3:
    """`environment`: what a process needs to use it."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self.port = port
        self.process = process
        self.buckets = 0

    def bucket(self) -> str:
        """The address of a new bucket."""
        self.buckets += 1
        name = f"bucket{self.buckets}"
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/{name}", method="PUT"), timeout=30).close()
        return f"s3://{name}/team/runs"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def environment(url: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": SECRET,
    }


@contextmanager
def serving(folder: Path) -> Iterator[S3]:
    assert _PYTHON is not None
    port = free_port()
    with open(folder / "moto.log", "wb") as log:
        command = [_PYTHON, "-c", "from moto.server import main; main()", "-H", "127.0.0.1", "-p", str(port)]
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        _wait(port, process, folder / "moto.log")
        yield S3(port, process)
    finally:
        process.kill()
        process.wait(30)


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(1200):
        assert process.poll() is None, log.read_text()[-2000:]
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"moto does not answer: {log.read_text()[-2000:]}")


class Proxy:
    """Between a client and a store. `requests` are the methods, paths and ranges that were asked for."""

    def __init__(self, port: int, fault: Fault | None = None) -> None:
        self.to = port
        self.fault = fault
        self.requests: list[tuple[str, str, str]] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"proxy": self}))
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def __enter__(self) -> Proxy:
        return self

    def __exit__(self, *raised: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    proxy: Proxy
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        self.proxy.requests.append((self.command, self.path, self.headers.get("range", "")))
        faulty = self.proxy.fault and self.proxy.fault(self.command, self.path)
        status, headers, data = faulty or self.forwarded(body)
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "connection", "transfer-encoding", "date", "server"):
                self.send_header(name, value)
        # The length of what HEAD asks about.
        length = {name.lower(): value for name, value in headers.items()}.get("content-length", str(len(data)))
        self.send_header("content-length", length if self.command == "HEAD" else str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def forwarded(self, body: bytes) -> tuple[int, Mapping[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.proxy.to, timeout=60)
        try:
            connection.request(self.command, self.path, body or None, dict(self.headers))
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read()
        finally:
            connection.close()

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = answer

    def log_message(self, format: str, *args: object) -> None:
        pass
