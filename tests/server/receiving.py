"""A real `aim server` in a process of its own, and a client that speaks its protocol by hand."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from aim.remote import answers, frames
from aim.remote.answers import Outcome
from aim.server.receiver import Receiver
from aim.server.serve import Server, bind
from aim.server.tokens import Role, Tokens
from tests.log.logs import Draft
from tests.ports import free_port
from tests.waiting import PATIENCE

RUN, WRITER, DIR = "a" * 32, "b" * 16, "d" * 32
NAME = f"runs/{DIR}/{RUN}-{WRITER}.log"


class Served:
    """A server on one repository, with a token for alice to write."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.aim_dir = root / ".aim"
        self.port = 0
        self.token = Tokens(self.aim_dir).add("alice", "write")
        self.clients: list[Client] = []

    def close_clients(self) -> None:
        for client in self.clients:
            client.connection.close()
        self.clients.clear()

    def add(self, user: str, role: Role) -> str:
        return Tokens(self.aim_dir).add(user, role)

    def client(self, token: str | None = None) -> Client:
        self.clients.append(Client(self.port, self.token if token is None else token))
        return self.clients[-1]

    def bytes_of(self, name: str = NAME) -> bytes | None:
        path = self.aim_dir / name
        return path.read_bytes() if path.exists() else None


class Threaded(Served):
    """In a thread of this process."""

    def __enter__(self) -> Threaded:
        self.sock = bind("127.0.0.1", 0)
        self.port = self.sock.getsockname()[1]
        self.receiver = Receiver(self.aim_dir).__enter__()
        ready = threading.Event()
        self.server = Server(self.receiver, ready=lambda port: ready.set())
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.sock]})
        self.thread.start()
        assert ready.wait(PATIENCE)
        return self

    def __exit__(self, *raised: object) -> None:
        self.close_clients()
        self.server.should_exit = True
        self.thread.join(PATIENCE)
        self.receiver.__exit__(None, None, None)
        self.sock.close()


class Receiving(Served):
    """`aim server` in a process of its own. It can be killed and started again, at the same port."""

    def __init__(self, root: Path, *, before: str = "", arguments: Sequence[str] = ()) -> None:
        super().__init__(root)
        self.port = free_port()
        self.before = before
        self.arguments = arguments
        self.output: list[str] = []
        self.drain: threading.Thread | None = None

    def __enter__(self) -> Receiving:
        self.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self.close_clients()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.stop()

    def start(self) -> None:
        code = f"{self.before}\nfrom aim.cli.main import main; main()"
        words = [sys.executable, "-c", code, "server", "--repo", str(self.root), "--port", str(self.port)]
        words += self.arguments
        environ = {name: value for name, value in os.environ.items() if not name.startswith("AIM_")}
        self.process = subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environ, cwd=self.root
        )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output.append(line)
            if f"aim://127.0.0.1:{self.port}" in line:
                self.drain = threading.Thread(target=self._drain)
                self.drain.start()
                return
        self._close()
        raise AssertionError("".join(self.output))

    def _drain(self) -> None:
        assert self.process.stdout is not None
        self.output.extend(self.process.stdout)

    def _close(self) -> int:
        code = self.process.wait(PATIENCE)
        if self.drain is not None:
            self.drain.join(PATIENCE)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code

    def kill(self) -> None:
        self.close_clients()
        self.process.kill()
        self._close()

    def stop(self) -> None:
        self.process.terminate()
        assert self._close() == 0, "".join(self.output)


class Answer(NamedTuple):
    status: int
    content: bytes
    headers: Mapping[str, str]


class Client:
    """One connection to a server."""

    def __init__(self, port: int, token: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.token = token

    def ask(self, method: str, path: str, body: bytes | None = None) -> Answer:
        given = {"authorization": f"Bearer {self.token}"} if self.token else {}
        self.connection.request(method, path, body, given)
        with self.connection.getresponse() as response:
            content = response.read()
        if response.will_close:
            self.connection.close()
        return Answer(response.status, content, {name.lower(): value for name, value in response.getheaders()})

    def json(self, method: str, path: str, value: Any = None, *, status: int = 200) -> Any:
        answer = self.ask(method, path, None if value is None else json.dumps(value).encode())
        assert answer.status == status, answer
        return json.loads(answer.content)

    def ship(self, *packed: bytes) -> list[Outcome]:
        answer = self.ask("POST", "/v1/ship", b"".join(packed))
        assert answer.status == 200, answer
        return answers.read_outcomes(answer.content, len(packed))

    def put(self, name: str, data: bytes, at: int, stop: int, *, size: int = 0) -> Answer:
        query = f"at={at}&check={frames.check(data[:at])}" + (f"&size={size}" if size else "")
        return self.ask("PUT", f"/v1/logs/{name}?{query}", data[at:stop])

    def sizes(self, *names: str) -> list[int | None]:
        return answers.read_sizes(self.ask("POST", "/v1/sizes", _names(names)).content, len(names))

    def confirm(self, *names: str) -> list[int | None]:
        return answers.read_sizes(self.ask("POST", "/v1/confirm", _names(names)).content, len(names))


def _names(names: Sequence[str]) -> bytes:
    return json.dumps({"names": names}).encode()


def piece(data: bytes, start: int, stop: int, name: str = NAME, *, age: float = 0.0) -> bytes:
    """The frame of a part of a file."""
    return frames.pack(name, start, data[start:stop], before=data[:start], age=age)


def a_log(points: int, *, writer: str = WRITER, name: str = "a run", ended: bool = True, ago: float = 0.0) -> bytes:
    """The bytes of a log that began so many seconds ago."""
    draft = Draft(bytes.fromhex(RUN), bytes.fromhex(writer))
    draft.start(hash=name, time=time.time() - ago).series(0, "loss")
    for step in range(points):
        draft.point(0, step, step / 3)
    return bytes((draft.end() if ended else draft).data)
