"""ClickHouse's HTTP interface over chdb, as far as Aim uses it, a statement at a time: `chdb_server.py FOLDER PORT`."""

from __future__ import annotations

import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from urllib.parse import parse_qsl, urlsplit

from chdb import session

_turn = Lock()
_session = session.Session(sys.argv[1])


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._send(200, b"Ok.\n")

    def do_POST(self) -> None:
        given = dict(parse_qsl(urlsplit(self.path).query))
        body = self.rfile.read(int(self.headers["Content-Length"]))
        statement = given.pop("query", "")
        try:
            with _turn:
                answer = self._answer(statement, body, given)
        except Exception as error:
            code = re.search(r"Code: (\d+)", str(error))
            self._send(500, str(error).encode(), code[1] if code else "1")
            return
        self._send(200, answer)

    def _answer(self, statement: str, body: bytes, given: dict[str, str]) -> bytes:
        if statement.startswith("INSERT"):
            path = f"{sys.argv[1]}/../given.native"
            with open(path, "wb") as file:
                file.write(body)
            statement = statement.removesuffix("FORMAT Native") + f"SELECT * FROM file('{path}', Native)"
        else:
            statement += body.decode()
        other = ("database", "wait_end_of_query", "query_id")
        known = [f"{name} = '{value}'" for name, value in given.items() if name not in other]
        if database := given.get("database"):
            _session.query(f"USE `{database}`")
        if known and statement.startswith("SELECT"):
            statement += " SETTINGS " + ", ".join(known)
        result = _session.query(statement, "Native")
        return bytes(result.bytes()) if statement.startswith("SELECT") else b""

    def _send(self, status: int, body: bytes, code: str = "") -> None:
        self.send_response(status)
        if code:
            self.send_header("X-ClickHouse-Exception-Code", code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Handler).serve_forever()
