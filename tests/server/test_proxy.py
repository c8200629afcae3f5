"""Behind the prefix of a reverse proxy, without an option: one that removes the prefix and one that keeps it."""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest

from aim.repo import Repo

PREFIX = "/user/me/proxy/43800"
TOKEN = "a token of sufficient length"


@contextlib.contextmanager
def proxied(upstream: httpx.URL, *, cuts: bool) -> Iterator[str]:
    """The address of Aim behind a proxy that passes the Host header on."""

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert self.path.startswith(PREFIX)
            path = self.path.removeprefix(PREFIX) if cuts else self.path
            body = self.rfile.read(int(self.headers.get("content-length", 0))) or None
            onward = http.client.HTTPConnection(upstream.host, upstream.port)
            onward.request(self.command, path, body, dict(self.headers))
            answer = onward.getresponse()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() != "transfer-encoding":
                    self.send_header(name, value)
            self.send_header("connection", "close")
            self.end_headers()
            self.wfile.write(answer.read())
            onward.close()

        do_POST = do_GET

        def log_message(self, *given: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://lab.example:{server.server_port}{PREFIX}/"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def ui(tmp_path: Path) -> Path:
    (tmp_path / "ui" / "assets").mkdir(parents=True)
    (tmp_path / "ui" / "index.html").write_text("the page")
    (tmp_path / "ui" / "assets" / "index-12345678.js").write_text("the script")
    return tmp_path / "ui"


@pytest.mark.parametrize("cuts", [True, False])
def test_everything_is_found_by_relative_addresses(
    folder: Path, ui: Path, serving: Any, frames: Any, cuts: bool
) -> None:
    options = {"ui_dir": ui, "allow_hosts": ["lab.example"], "token": TOKEN}
    with serving(Repo(folder), **options) as client, proxied(httpx.URL(str(client.base_url)), cuts=cuts) as page:
        at_home = str(httpx.URL(page).copy_with(host="127.0.0.1"))
        host = {"host": httpx.URL(page).netloc.decode()}
        with httpx.Client(headers=host, trust_env=False) as browser:
            assert browser.get(at_home).status_code == 401
            welcome = browser.get(at_home, params={"q": "loss", "token": TOKEN})
            assert welcome.headers["location"] == "./?q=loss"
            assert next(iter(browser.cookies.jar)).path == PREFIX, "not for other servers of this host"
            assert browser.get(urljoin(at_home, welcome.headers["location"])).text == "the page"
            assert browser.get(urljoin(at_home, "./assets/index-12345678.js")).text == "the script"
            assert browser.get(urljoin(at_home, "api/project")).json()["runs"] == 2
            runs, *_ = frames(browser.get(urljoin(at_home, "api/series?q=loss")).content)
            body = json.dumps({"runs": [runs[0]["runs"][0]["id"]], "archived": True})
            headers = {"origin": page.removesuffix(PREFIX + "/"), "content-type": "application/json"}
            written = browser.post(urljoin(at_home, "api/runs/archive"), content=body, headers=headers)
            assert written.json() == {"changed": 1}
