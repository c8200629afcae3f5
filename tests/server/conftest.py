"""Real logs, a real server on a free port of loopback, and a client that comes from the same origin."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

import aim
from aim.repo import Repo
from aim.server.app import App, create_app
from aim.server.serve import Connection, Server, bind
from aim.server.tokens import Tokens
from tests.waiting import PATIENCE

Serving = Callable[..., AbstractContextManager[httpx.Client]]
DTYPES = {"f8": "<f8", "i4": "<i4", "i8": "<i8", "u1": "u1"}


def record(folder: Path, hash: str, *, lr: Any = 0.1, steps: int = 10, experiment: str = "default") -> None:
    """One finished run: loss in two contexts and accuracy, `steps` points each."""
    with aim.Run(repo=folder, run=hash, experiment=experiment) as run:
        run["hparams"] = {"lr": lr, "layers": [64, 32]}
        for step in range(steps):
            run.track(1 / (step + 1), name="loss", step=step, context={"subset": "train"})
            run.track(2 / (step + 1), name="loss", step=step, context={"subset": "val"})
            run.track(step / steps, name="accuracy", step=step, epoch=step / 2)


@contextlib.contextmanager
def running(served: Repo | App, **options: Any) -> Iterator[httpx.Client]:
    """A client of a server over a repository, or of an app that the test made to look into."""
    sock = bind("127.0.0.1", 0)
    port = sock.getsockname()[1]
    server = Server(served if isinstance(served, App) else create_app(served, **options))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, name="server")
    thread.start()
    origin = f"http://127.0.0.1:{port}"
    try:
        with httpx.Client(base_url=origin, headers={"origin": origin}, trust_env=False, timeout=PATIENCE) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        assert not thread.is_alive()


@pytest.fixture(scope="session")
def serving() -> Serving:
    return running


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three runs that no test changes."""
    folder = tmp_path_factory.mktemp("shared")
    record(folder, "first", lr=0.1)
    record(folder, "second", lr=0.01, experiment="other")
    record(folder, "third", lr=float("nan"), steps=4)
    return folder


@pytest.fixture(scope="session")
def client(shared_folder: Path) -> Iterator[httpx.Client]:
    """A client of a server over the shared folder that may only read."""
    with running(Repo(shared_folder, read_only=True)) as client:
        yield client


@pytest.fixture
def disconnected(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set when the server has lost or closed a connection."""
    event, lost = threading.Event(), Connection.connection_lost

    def connection_lost(connection: Connection, error: Exception | None) -> None:
        lost(connection, error)
        event.set()

    monkeypatch.setattr(Connection, "connection_lost", connection_lost)
    return event


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two runs of a test's own."""
    record(tmp_path, "first")
    record(tmp_path, "second", lr=0.01)
    return tmp_path


@pytest.fixture
def tokens(folder: Path) -> Tokens:
    return Tokens(folder / ".aim")


@pytest.fixture
def team(folder: Path, tokens: Tokens, serving: Any) -> Iterator[httpx.Client]:
    with serving(Repo(folder), tokens=True, allow_hosts=["aim.example"]) as client:
        yield client


def split(content: bytes) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Frames, read by the words of docs/server.md and nothing else."""
    frames = []
    at = 0
    while at < len(content):
        assert content[at : at + 4] == b"AIMF"
        length = int.from_bytes(content[at + 4 : at + 8], "little")
        assert length % 8 == 0
        header = json.loads(content[at + 8 : at + 8 + length])
        at += 8 + length
        arrays = {}
        for array in header["arrays"]:
            dtype = np.dtype(DTYPES[array["dtype"]])
            arrays[array["name"]] = np.frombuffer(content, dtype, array["length"], at)
            at += -(-array["length"] * dtype.itemsize // 8) * 8
        if header["kind"] == "runs":
            header["runs"] = runs_of(header, arrays)
        frames.append((header, arrays))
    assert at == len(content)
    return frames


def runs_of(header: dict[str, Any], arrays: dict[str, Any]) -> list[dict[str, Any]]:
    """The runs of a frame, which has them by column."""
    columns: dict[str, list[Any]] = {"id": header["ids"]}
    for name, values in header["texts"].items():
        columns[name] = [None if code < 0 else values[code] for code in arrays[name].tolist()]
    columns["hash"] = [hash or id for hash, id in zip(columns["hash"], header["ids"], strict=True)]
    for name, array in arrays.items():
        if name not in columns and name != "params":
            kind = bool if array.dtype == "u1" else float
            columns[name] = [None if value != value else kind(value) for value in array.tolist()]
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


@pytest.fixture(scope="session")
def frames() -> Callable[[bytes], list[tuple[dict[str, Any], dict[str, Any]]]]:
    return split
