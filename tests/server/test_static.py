"""The built UI as files; nothing outside its folder can be reached."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from aim.repo import Repo

INDEX = "<!doctype html><title>Aim</title>"


@pytest.fixture(scope="module")
def ui(tmp_path_factory: pytest.TempPathFactory) -> Path:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.txt").write_text("secret")
    folder = outside / "ui"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(INDEX)
    (folder / "icon.svg").write_text("<svg/>")
    (folder / "assets" / "index-Ab3_-xYz.js").write_text("js")
    (folder / "assets" / "index-Ab3_-xYz.css").write_text("css")
    (folder / "assets" / "plain.woff2").write_bytes(b"font")
    (folder / "tool.py").write_text("secret")
    (folder / ".sources").write_text("secret")
    (folder / "link.txt").symlink_to(outside / "secret.txt")
    return folder


@pytest.fixture(scope="module")
def site(shared_folder: Path, ui: Path, serving) -> Iterator[httpx.Client]:
    with serving(Repo(shared_folder), ui_dir=ui) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "kind", "caching"),
    [
        ("/", "text/html; charset=utf-8", "no-store"),
        ("/?q=loss", "text/html; charset=utf-8", "no-store"),
        ("/index.html", "text/html; charset=utf-8", "no-store"),
        ("/icon.svg", "image/svg+xml", "no-cache"),
        ("/assets/index-Ab3_-xYz.js", "text/javascript; charset=utf-8", "private, max-age=31536000, immutable"),
        ("/assets/index-Ab3_-xYz.css", "text/css; charset=utf-8", "private, max-age=31536000, immutable"),
        ("/assets/plain.woff2", "font/woff2", "no-cache"),
        # A proxy that keeps its prefix in the address.
        ("/lab/proxy/43800/", "text/html; charset=utf-8", "no-store"),
        ("/lab/assets/index-Ab3_-xYz.css", "text/css; charset=utf-8", "private, max-age=31536000, immutable"),
    ],
)
def test_files(site: httpx.Client, path: str, kind: str, caching: str) -> None:
    answer = site.get(path)
    assert (answer.status_code, answer.headers["content-type"], answer.headers["cache-control"]) == (200, kind, caching)
    head = site.head(path)
    assert (head.status_code, head.content, head.headers["content-type"]) == (200, b"", kind)


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt", "/..%2fsecret.txt", "/%2e%2e/secret.txt", "/%2e%2e%2fsecret.txt", "/assets/../../secret.txt",
        "/assets/..%2f..%2fsecret.txt", "/..%5csecret.txt", "/%252e%252e%252fsecret.txt", "//etc/passwd",
        "/%2fetc%2fpasswd", "/etc/passwd", "/./secret.txt", "/assets/%00", "/index.html%00.js", "/tool.py", "/.sources",
        "/link.txt", "/assets", "/assets/missing.js", "/%f0%28%8c%28", "/file:%2f%2f%2fetc%2fpasswd", "/c:%5cboot.ini",
        "/" + "a/" * 40 + "index.html", "/nothing", "/api/project/secret.txt",
    ],
)  # fmt: skip
def test_no_path_leads_elsewhere(site: httpx.Client, path: str) -> None:
    # httpx would normalize the path, so the bytes are sent directly.
    url = httpx.URL(str(site.base_url)).copy_with(raw_path=path.encode())
    answer = site.send(httpx.Request("GET", url))
    assert answer.status_code == 404
    assert "secret" not in answer.text.replace(path.lstrip("/"), "").replace("secret.txt", "")


def test_what_most_pages_ask_for_is_read_while_their_scripts_load(
    shared_folder: Path, ui: Path, serving, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    repo, reads = Repo(shared_folder), threading.Semaphore(0)

    def vocabulary() -> None:
        reads.release()
        raise OSError("the disk is away")

    monkeypatch.setattr(repo, "vocabulary", vocabulary)
    with serving(repo, ui_dir=ui) as client:
        assert client.get("/icon.svg").is_success and client.head("/").is_success
        assert not reads.acquire(blocking=False)
        assert client.get("/").text == client.get("/explore").text == INDEX
        assert reads.acquire(timeout=30)
    assert not caplog.messages, "who asks for it is told"


def test_a_new_build_is_noticed(tmp_path: Path, shared_folder: Path, serving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aim.server.static.RELIST_SECONDS", 0.0)
    with serving(Repo(shared_folder), ui_dir=tmp_path) as client:
        not_built = client.get("/")
        assert not_built.status_code == 503
        assert "not built" in not_built.text
        (tmp_path / "index.html").write_text(INDEX)
        assert client.get("/").text == INDEX
        (tmp_path / "index.html").unlink()
        assert client.get("/").status_code == 503


def test_the_packaged_ui_that_is_not_built_says_how_to_build_it(
    tmp_path: Path, shared_folder: Path, serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aim.server.static.PACKAGED", tmp_path)
    monkeypatch.setattr("aim.server.app.PACKAGED", tmp_path)
    with serving(Repo(shared_folder)) as client:
        assert "python hatch_build.py build" in client.get("/").text


def test_missing_files(site: httpx.Client) -> None:
    page = site.get("/runs/1")
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    api = site.get("/api/nothing")
    assert (api.status_code, api.json()["error"]["hint"]) == (404, "api/openapi.json lists all addresses.")
    wrong = site.post("/icon.svg", json={})
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "HEAD, GET")
