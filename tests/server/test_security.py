"""Attacks from pages of other sites, from the network, and by odd requests; honest requests pass."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from aim.errors import ServerError
from aim.repo import Repo
from aim.server.app import create_app
from aim.server.entrance import Open
from aim.server.problems import Refused
from aim.server.route import LARGE
from aim.server.security import HEADERS, Guard, Policy, host_name, is_allowed
from tests.server.serving import connected
from tests.waiting import PATIENCE, until

TOKEN = "a token of sufficient length"
RUN = "0" * 32
ARCHIVE = b'{"runs": ["' + RUN.encode() + b'"], "archived": true}'
JSON = {"content-type": "application/json"}
PAGE = {"accept": "text/html,application/xhtml+xml"}


def secured(answer: httpx.Response) -> bool:
    own = answer.headers.get("content-security-policy", "")
    others = {name: value for name, value in HEADERS.items() if name != "content-security-policy"}
    return (
        all(answer.headers.get(name) == value for name, value in others.items())
        and "default-src 'none'" in own
        and "frame-ancestors 'none'" in own
        and "unsafe" not in own
        and not any(name.startswith("access-control-") for name in answer.headers)
        and "server" not in answer.headers
    )


@pytest.mark.parametrize(
    ("status", "method", "path", "headers", "body"),
    [
        # DNS rebinding: a name of the attacker's that leads to 127.0.0.1
        (403, "GET", "/", {"host": "evil.example"}, b""),
        (403, "GET", "/api/project", {"host": "evil.example:43800"}, b""),
        (403, "GET", "/nothing", {"host": "127.0.0.1.evil.example"}, b""),
        (403, "GET", "/", {"host": "localhost.evil.example"}, b""),
        (403, "GET", "/", {"host": "93.184.216.34"}, b""),
        (403, "GET", "/", {"host": "0.0.0.0"}, b""),
        (403, "POST", "/api/runs/delete", {"host": "evil.example", **JSON}, ARCHIVE),
        (400, "GET", "/", {"host": ""}, b""),
        (400, "GET", "/", {"host": "a b"}, b""),
        (400, "GET", "/", {"host": "<script>"}, b""),
        (400, "GET", "/", {"host": "user@localhost"}, b""),
        # another site writes
        (403, "POST", "/api/runs/archive", {"origin": "http://evil.example", **JSON}, ARCHIVE),
        (403, "POST", "/api/runs/archive", {"origin": "http://127.0.0.1:1", **JSON}, ARCHIVE),
        (403, "POST", "/api/runs/archive", {"origin": "null", **JSON}, ARCHIVE),
        (403, "POST", "/api/runs/archive", {"origin": "", **JSON}, ARCHIVE),
        (403, "POST", "/api/runs/archive", {"sec-fetch-site": "cross-site", **JSON}, ARCHIVE),
        (403, "POST", "/api/runs/archive", {"sec-fetch-site": "same-site", **JSON}, ARCHIVE),
        (415, "POST", "/api/runs/archive", {"content-type": "text/plain"}, ARCHIVE),
        (415, "POST", "/api/runs/archive", {"content-type": "application/x-www-form-urlencoded"}, b"runs=1"),
        (415, "POST", "/api/runs/archive", {}, ARCHIVE),
        # another site reads: an image, a script, a frame, a link to a query
        (403, "GET", "/api/series?q=loss", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}, b""),
        (403, "GET", "/", {
            "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}, b""),
        (403, "GET", "/api/series?q=loss", {
            "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}, b""),
        # methods
        (405, "GET", "/api/runs/archive", {}, b""),
        (405, "POST", "/api/project", JSON, b"{}"),
        (405, "PUT", "/api/runs/archive", JSON, ARCHIVE),
        (405, "DELETE", "/api/runs", JSON, b""),
        (405, "GET", "/api/runs/delete", {"x-http-method-override": "POST"}, b""),
        (405, "POST", "/", JSON, b"{}"),
        # sizes
        (414, "GET", "/api/check?q=" + "a" * 62_000, {}, b""),
        (431, "GET", "/api/project", {"cookie": "a" * 40_000}, b""),
        (413, "POST", "/api/runs/archive", JSON, b" " * (LARGE + 1)),
        (400, "GET", "/api/project", {}, b"{}"),
        (400, "GET", "/api/project", {"transfer-encoding": "chunked"}, b""),
        # what a query string may hold
        (400, "GET", "/api/check?p=1", {}, b""),
        (400, "GET", "/api/check?q=loss&q=accuracy", {}, b""),
        (400, "GET", "/api/series?q=loss&columns=0", {}, b""),
        (400, "GET", "/api/series?q=loss&columns=a", {}, b""),
        (400, "GET", "/api/series?q=loss&x=y", {}, b""),
        (400, "GET", "/api/series?q=loss&lo=3&hi=2", {}, b""),
        (400, "GET", "/api/series?q=loss&lo=nan&hi=1", {}, b""),
        (400, "GET", "/api/series?q=loss&lo=0&hi=inf", {}, b""),
        (400, "GET", "/api/series?q=loss&lo=0", {}, b""),
        (400, "GET", "/api/series?q=loss&only=../../etc/passwd", {}, b""),
        (400, "GET", "/api/project?x=1", {}, b""),
        (400, "GET", "/api/view?id=../../etc/passwd", {}, b""),
        (400, "GET", "/api/view?id=" + "A" * 16, {}, b""),
        (404, "GET", "/api/view?id=" + "0" * 16, {}, b""),
        # long views: the check of roles is before that of sizes
        (403, "POST", "/api/views/save", JSON, b'{"text": "hidden=a"}'),
        (403, "POST", "/api/views/save", {"origin": "http://evil.example", **JSON}, b'{"text": "hidden=a"}'),
        (415, "POST", "/api/views/save", {"content-type": "text/plain"}, b'{"text": "hidden=a"}'),
        (413, "POST", "/api/views/save", JSON, b" " * (LARGE + 1)),
        # queries as bombs
        (400, "GET", "/api/series?q=loss+if+" + "(" * 5_000 + "1" + ")" * 5_000, {}, b""),
        (400, "GET", "/api/series?q=loss+if+" + "not+" * 5_000 + "1", {}, b""),
        (400, "GET", "/api/series?q=loss+if+" + "-" * 9_000 + "1", {}, b""),
        (400, "GET", "/api/series?q=loss+if+__import__('os').system('id')", {}, b""),
        (400, "GET", "/api/series?q=" + ",".join(["loss"] * 6_000), {}, b""),
    ],
)  # fmt: skip
def test_refused(
    client: httpx.Client, status: int, method: str, path: str, headers: dict[str, str], body: bytes
) -> None:
    plain = {"host": httpx.URL(str(client.base_url)).netloc.decode(), "origin": str(client.base_url).rstrip("/")}
    if "sec-fetch-site" in headers:
        del plain["origin"]
    answer = client.request(method, path, headers=httpx.Headers({**plain, **headers}), content=body or None)
    assert answer.status_code == status, answer.text[:300]
    assert secured(answer)
    error = answer.json()["error"]
    assert error["message"].strip() and "Traceback" not in answer.text
    assert error["hint"] or error["start"] is not None


def test_a_browser_gets_a_page_for_an_address_that_is_too_long(client: httpx.Client) -> None:
    answer = client.get("/?hide=" + "a" * 62_000, headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["content-type"]) == (414, "text/html; charset=utf-8")
    assert secured(answer)
    assert "The address has 62,0" in answer.text and 'href="./"' in answer.text


FOREIGN = [
    {"origin": "http://evil.example"}, {"origin": "http://127.0.0.1:1"}, {"origin": "null"}, {"origin": ""},
    {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"sec-fetch-site": "none"}, {},
]  # fmt: skip


@pytest.mark.parametrize("headers", FOREIGN)
def test_another_site_changes_nothing_where_changes_are_allowed(folder: Path, serving, headers: dict[str, str]) -> None:
    body = {"runs": [Repo(folder).run("first").id], "archived": True}
    with serving(Repo(folder)) as client:
        own = client.headers.pop("origin")
        answer = client.post("/api/runs/archive", json=body, headers=headers)
        assert answer.status_code == 403
        assert not Repo(folder).run("first").archived
        for welcome in ({"origin": own}, {"sec-fetch-site": "same-origin"}):
            assert client.post("/api/runs/archive", json=body, headers=welcome).status_code == 200
        assert Repo(folder).run("first").archived


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "localhost"},
        {"host": "LOCALHOST:43800"},
        {"host": "localhost."},
        {"host": "aim.localhost:80"},
        {"host": "127.0.0.1:1"},
        {"host": "127.8.8.8"},
        {"host": "[::1]:43800"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "same-origin"},
        {"cookie": "a" * 31_000},
    ],
)
def test_welcome(client: httpx.Client, headers: dict[str, str]) -> None:
    answer = client.get("/api/project", headers=headers)
    assert answer.status_code == 200
    assert secured(answer)


def test_a_link_from_another_site_opens_the_page(client: httpx.Client) -> None:
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert client.get("/", headers=link).status_code in (200, 503)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("example.org", "example.org"),
        ("Example.ORG.:8080", "example.org"),
        ("[::1]:80", "::1"),
        ("a_b", "a_b"),
        ("", None),
        (":80", None),
        ("a:b", None),
        ("a/b", None),
        ("a\tb", None),
        ("-a", None),
        ("x" * 300, None),
        ("::1", None),
    ],
)
def test_host_name(header: str, name: str | None) -> None:
    assert host_name(header) == name


@pytest.mark.parametrize(
    ("name", "hosts", "expected"),
    [
        ("example.org", [], False),
        ("example.org", ["Example.org"], True),
        ("example.org", ["example.org:8080"], True),
        ("sub.example.org", ["example.org"], False),
        ("localhost", [], True),
        ("notlocalhost", [], False),
        ("::1", [], True),
        ("127.0.0.2", [], True),
        ("10.0.0.5", [], False),
        ("10.0.0.5", ["0.0.0.0"], True),
        ("evil.example", ["0.0.0.0"], False),
        (socket.gethostname().lower(), ["::"], True),
        ("::1", ["[::1]"], True),
    ],
)
def test_is_allowed(name: str, hosts: list[str], expected: bool) -> None:
    assert is_allowed(name, hosts) is expected


@pytest.mark.parametrize(
    ("host", "command"),
    [
        ("gpu-box.example:43800", "aim up --port 80 --allow-host gpu-box.example"),
        ("10.0.0.5", "aim up --port 80 --allow-host 10.0.0.5"),
    ],
)
def test_the_page_for_a_foreign_host_prints_the_command(shared_folder: Path, serving, host: str, command: str) -> None:
    with serving(Repo(shared_folder), command="aim up --port 80") as client:
        answer = client.get("/", headers={"host": host, **PAGE})
        assert answer.status_code == 403
        assert secured(answer)
        assert f"<pre>{command}</pre>" in answer.text
        assert "<script" not in answer.text and "javascript:" not in answer.text
        assert "style-src 'sha256-" in answer.headers["content-security-policy"]
        told = client.get("/", headers={"host": host}).json()
        assert command in told["error"]["hint"]
    with serving(Repo(shared_folder), allow_hosts=[host_name(host)]) as client:
        assert client.get("/api/project", headers={"host": host}).status_code == 200


@pytest.fixture(scope="module")
def guarded(shared_folder: Path, serving) -> Iterator[httpx.Client]:
    with serving(Repo(shared_folder), token=TOKEN) as client:
        yield client


@pytest.mark.parametrize("path", ["/api/health", "/a/prefix/api/health"])
@pytest.mark.parametrize("host", ["localhost", "10.1.2.3:43800", "evil.example", ""])
def test_a_probe_needs_neither_a_token_nor_a_name(guarded: httpx.Client, path: str, host: str) -> None:
    answer = guarded.get(path, headers={"host": host})
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert secured(answer)
    assert guarded.head(path).status_code == 200
    assert guarded.post(path, headers={"host": host}, json={}).status_code in (400, 401, 403)


@pytest.mark.parametrize(
    "path", ["/", "/index.html", "/assets/x.js", "/favicon.ico", "/api/project", "/api/live", "/no"]
)
def test_every_route_asks_for_the_token(guarded: httpx.Client, path: str) -> None:
    guarded.cookies.clear()
    bare = guarded.get(path)
    assert bare.status_code == 401
    assert bare.headers["www-authenticate"] == "Bearer"
    assert secured(bare)
    page = guarded.get(path, headers=PAGE)
    assert (page.status_code, page.headers["content-type"]) == (401, "text/html; charset=utf-8")
    assert guarded.get(f"{path}?token=wrong").status_code == 401
    assert guarded.get(path, headers={"authorization": "Bearer wrong"}).status_code == 401
    assert guarded.get(path, headers={"authorization": f"Basic {TOKEN}"}).status_code == 401
    assert guarded.get(path, headers={"cookie": "aim_token=x; aim_=y"}).status_code == 401


def test_the_token_in_the_address_becomes_a_cookie(guarded: httpx.Client) -> None:
    guarded.cookies.clear()
    answer = guarded.get("/", params={"q": "loss if a == 'ü'", "token": TOKEN})
    assert answer.status_code == 303
    assert answer.headers["location"] == "./?q=loss+if+a+%3D%3D+%27%C3%BC%27"
    blank = guarded.get("/", params={"q": "", "token": TOKEN, "page": "runs"})
    assert blank.headers["location"] == "./?q=&page=runs"
    cookie = answer.headers["set-cookie"]
    assert cookie.endswith("; HttpOnly; SameSite=Strict")
    assert TOKEN not in cookie and "Domain" not in cookie
    assert secured(answer)
    assert guarded.get("/api/project").status_code == 200
    guarded.cookies.clear()
    assert guarded.get("/api/project").status_code == 401


def test_of_several_tokens_in_the_address_the_last_counts(guarded: httpx.Client) -> None:
    for status, tokens in ((303, ("wrong", TOKEN)), (401, (TOKEN, "wrong"))):
        guarded.cookies.clear()
        assert guarded.get("/", params={"token": tokens}).status_code == status


def test_a_token_in_the_address_changes_nothing(guarded: httpx.Client) -> None:
    """Any page could send a form there if it knew the address."""
    guarded.cookies.clear()
    answer = guarded.post("/api/runs/archive", params={"token": TOKEN}, json={"runs": []})
    assert answer.status_code == 401 and "set-cookie" not in answer.headers


def test_the_redirect_keeps_the_prefix_of_a_proxy(guarded: httpx.Client) -> None:
    guarded.cookies.clear()
    answer = guarded.get("/deep/api/check", params={"token": TOKEN}, headers={"x-forwarded-proto": "https"})
    assert answer.headers["location"] == "./check"
    assert answer.headers["set-cookie"].endswith("; Secure")


def test_the_token_as_a_header(guarded: httpx.Client) -> None:
    guarded.cookies.clear()
    headers = {"authorization": f"bearer {TOKEN}"}
    assert guarded.get("/api/project", headers=headers).status_code == 200
    del guarded.headers["origin"]
    answer = guarded.post("/api/runs/archive", json={"runs": []}, headers=headers)
    guarded.headers["origin"] = str(guarded.base_url).rstrip("/")
    assert answer.status_code == 400, "refused for its body, so it came through"


def test_a_short_token_is_refused(shared_folder: Path) -> None:
    with pytest.raises(ServerError, match="a token of 5 characters is too short"):
        create_app(Repo(shared_folder), token="short")


@pytest.mark.parametrize("host", ["*", "http://example.org", "a b", "example.org/aim", ""])
def test_an_invalid_host_name(shared_folder: Path, host: str) -> None:
    with pytest.raises(ServerError, match="is not a host name; give it as in the address bar"):
        create_app(Repo(shared_folder), allow_hosts=[host])


def test_an_invalid_request(client: httpx.Client) -> None:
    with connected(client) as sock:
        sock.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        answer = b"".join(iter(lambda: sock.recv(4096), b""))
    head = answer.partition(b"\r\n\r\n")[0].decode().lower()
    assert head.startswith("http/1.1 400")
    for name, value in HEADERS.items():
        assert f"{name}: {value.lower()}" in head


@pytest.mark.parametrize("start", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: localhost\r\nA: "])
def test_a_head_that_never_ends(shared_folder: Path, serving, monkeypatch: pytest.MonkeyPatch, start: bytes) -> None:
    monkeypatch.setattr("aim.server.serve.HEAD_SECONDS", 0.2)
    with serving(Repo(shared_folder)) as client, connected(client) as sock:
        sock.sendall(start)
        assert sock.recv(100) == b"", "hung up"


def test_a_second_head_that_never_ends(shared_folder: Path, serving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aim.server.serve.HEAD_SECONDS", 0.2)
    with serving(Repo(shared_folder)) as client, connected(client) as sock:
        sock.sendall(b"GET /api/check?q=loss HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert sock.recv(4096).startswith(b"HTTP/1.1 200 OK")
        sock.sendall(b"GET / HT")
        while sock.recv(4096):
            pass


def test_a_body_that_never_ends(shared_folder: Path, serving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aim.server.security.BODY_SECONDS", 0.2)
    with serving(Repo(shared_folder)) as client, connected(client) as sock:
        host = httpx.URL(str(client.base_url)).netloc
        sock.sendall(
            b"POST /api/runs/archive HTTP/1.1\r\nHost: %b\r\nOrigin: http://%b\r\nContent-Type: application/json\r\n"
            b"Content-Length: 100\r\n\r\n{" % (host, host)
        )
        assert sock.recv(100).startswith(b"HTTP/1.1 408 ")


def test_a_body_that_hides_its_length(shared_folder: Path, serving) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(40):
            yield b" " * 64 * 1024

    with serving(Repo(shared_folder)) as client:
        try:
            answer = client.post("/api/runs/archive", content=chunks(), headers=JSON)
        except httpx.TransportError:
            return  # The server hung up while more was on its way.
        assert answer.status_code == 413


def test_a_client_that_reads_nothing(
    tmp_path: Path,
    shared_folder: Path,
    serving,
    disconnected: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("aim.server.serve.TAKE_SECONDS", 0.3)
    (tmp_path / "large.js").write_bytes(bytes(64 << 20))
    with serving(Repo(shared_folder), ui_dir=tmp_path) as client, connected(client) as sock:
        sock.sendall(b"GET /large.js HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert disconnected.wait(PATIENCE)
    assert caplog.text == ""


def test_requests_beyond_the_limit_wait_for_nothing(
    shared_folder: Path, serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aim.server.security.MAX_REQUESTS", 1)
    with serving(Repo(shared_folder)) as client, client.stream("GET", "/api/live") as live:
        assert live.status_code == 200
        assert client.get("/api/project").status_code == 503
        live.close()
        until(lambda: client.get("/api/project").status_code == 200)


OWN = [(b"sec-fetch-site", b"same-origin"), (b"content-type", b"application/json")]


@pytest.mark.parametrize(
    ("method", "seconds", "error"), [("GET", 0.2, asyncio.TimeoutError), ("POST", PATIENCE, Refused)]
)
def test_only_a_body_has_to_arrive_in_time(
    method: str, seconds: float, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a long answer is sent, the server waits for the end of the connection, which is no body."""

    async def never() -> Message:
        await asyncio.sleep(PATIENCE)
        return {"type": "http.disconnect"}

    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.wait_for(receive(), seconds)

    monkeypatch.setattr("aim.server.security.BODY_SECONDS", 0.05)
    monkeypatch.setattr("aim.server.security.CHECKS", ())
    scope = {"type": "http", "method": method, "path": "/", "query_string": b"", "headers": OWN}
    with pytest.raises(error):
        asyncio.run(Guard(answering, Policy(Open()))(scope, never, never))  # type: ignore[arg-type]
