"""A small server that speaks docs/format/ship.md, and misbehaves when a test asks for it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zlib import crc32

from aim.log import record
from aim.log.reader import OpenLog
from aim.remote import files, frames
from aim.remote.answers import Outcome, pack_outcomes, pack_sizes
from tests.ports import free_port

# Takes the method, the path and the body; returns status, headers and body, or None to answer as usual.
Fault = Callable[[str, str, bytes], tuple[int, Mapping[str, str], bytes] | None]


CLAIM = ("run", "launch", "attempt", "rank", "starter")


class Receiver:
    """What a server keeps, in a folder: a test compares it with what was recorded."""

    def __init__(self, folder: Path, *, token: str = "secret", port: int | None = None) -> None:
        self.folder = folder
        self.token = token
        self.deleted: set[str] = set()
        self.requests: list[str] = []
        self.confirmed: set[str] = set()
        self.full = False
        self.fault: Fault | None = None
        self._lock = threading.Lock()
        self.port = port or free_port()
        self._http = ThreadingHTTPServer(("127.0.0.1", self.port), type("Handler", (_Handler,), {"receiver": self}))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"aim://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def names(self) -> list[str]:
        """What arrived, by name."""
        return sorted(path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file())

    def answer(self, method: str, target: str, body: bytes) -> tuple[int, Mapping[str, str], bytes]:
        with self._lock:
            self.requests.append(f"{method} {target}")
            if self.fault is not None and (wrong := self.fault(method, target, body)) is not None:
                return wrong
            path, query = (
                urlsplit(target).path,
                {key: each[0] for key, each in parse_qs(urlsplit(target).query).items()},
            )
            if path == "/v1/ship":
                return 200, {}, pack_outcomes([self._keep(frame) for frame in read_frames(body)])
            if path in ("/v1/sizes", "/v1/confirm"):
                names = json.loads(body)["names"]
                if path == "/v1/confirm":
                    self.confirmed |= set(names)
                return 200, {}, pack_sizes([self._size(name) for name in names])
            if path == "/v1/run":
                return 200, {}, self._run(query.get("name") or json.loads(body)["name"], body)
            if path.startswith("/v1/logs/"):
                return self._log(method, path.removeprefix("/v1/logs/"), query, body)
            return 404, {}, b"{}"

    def _keep(self, frame: frames.FileFrame) -> Outcome:
        place = files.parse(frame.name)
        assert place is not None, frame.name
        there = self._read(frame.name)
        if place.run in self.deleted:
            return Outcome(410, 0)
        if self.full:
            return Outcome(507, len(there), "no space left")
        if frame.at > len(there):
            return Outcome(409, len(there))
        if crc32(there[max(0, frame.at - frames.BEFORE) : frame.at]) != frame.check:
            return Outcome(412, len(there))
        if not frame.data.startswith(there[frame.at : frame.at + len(frame.data)]):
            return Outcome(412, len(there))
        path = self.folder / frame.name
        path.parent.mkdir(parents=True, exist_ok=True)
        # A test reads the file meanwhile.
        with open(path, "ab") as file:
            file.write(frame.data[len(there) - frame.at :])
        return Outcome(200, len(self._read(frame.name)))

    def _read(self, name: str) -> bytes:
        path = self.folder / name
        return path.read_bytes() if path.exists() else b""

    def _size(self, name: str) -> int | None:
        place = files.parse(name)
        if place is not None and place.run in self.deleted:
            return -1
        return len(self._read(name)) if (self.folder / name).exists() else None

    def _run(self, name: str, body: bytes) -> bytes:
        runs: dict[str, dict[str, Any]] = {}
        for file in self.names():
            place = files.parse(file)
            if place is None or place.run is None or place.kind != "log" or place.run in self.deleted:
                continue
            log = OpenLog(self.folder / file)
            start = record.decode_start(log.at(record.HEADER_SIZE))
            entries, _ = log.before(log.size)
            ends = [record.decode_json(entry.payload) for entry in entries if entry.kind == record.END]
            if start is not None and name in (start["hash"], start["run"]):
                run = runs.setdefault(
                    place.run, {"id": place.run, "name": start["hash"], "recording": False, "files": []}
                )
                run["recording"] = run["recording"] or not ends
                run["files"].append(
                    {"name": file, "size": log.size, "age": 0.5, "start": start, "end": ends[-1] if ends else None}
                )
            log.close()
        claim = None
        if body and not runs:
            asked = json.loads(body)
            claim = self.claims.setdefault(asked["name"], {key: asked[key] for key in CLAIM})
        return json.dumps({"runs": list(runs.values()), "claim": claim}).encode()

    @property
    def claims(self) -> dict[str, dict[str, Any]]:
        return self.__dict__.setdefault("_claims", {})

    def _log(
        self, method: str, name: str, query: Mapping[str, str], body: bytes
    ) -> tuple[int, Mapping[str, str], bytes]:
        at = int(query["at"])
        if method == "GET":
            return 200, {}, self._read(name)[at : at + int(query["length"])]
        outcome = self._keep(frames.FileFrame(name, at, int(query["check"]), 0, body))
        return outcome.status, {}, pack_outcomes([outcome])


def read_frames(body: bytes) -> list[frames.FileFrame]:
    reader = frames.FrameReader()
    read = list(reader.feed(body))
    reader.close()
    return read


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Authorization") != f"Bearer {self.receiver.token}":
            self._send(401, {}, b'{"error": {"message": "wrong token", "hint": "ask for another"}}')
        else:
            self._send(*self.receiver.answer(self.command, self.path, body))

    do_GET = do_PUT = do_POST

    def _send(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response(status)
        if not any(name.lower() == "content-length" for name in headers):
            self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@contextmanager
def receiving(folder: Path, **options: Any) -> Iterator[Receiver]:
    receiver = Receiver(folder, **options)
    try:
        yield receiver
    finally:
        receiver.close()
