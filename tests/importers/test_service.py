"""Whatever a server answers, the user gets a clear error, in bounded time and memory."""

from __future__ import annotations

import socket
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from aim.errors import RemoteError
from aim.importers import service
from aim.importers.service import Service
from aim.repo import Repo
from tests.importers.answering import Asked, Said, answering
from tests.ports import free_port


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "FIRST_WAIT", 0.001)


def of(url: str) -> Service:
    return Service(url, title="MLflow", credentials="Set TOKEN")


ANSWERS = [
    (Said(401, {"message": "who?"}), r"refuses the credentials \(status 401\): who\?\. Set TOKEN"),
    (Said(403), r"refuses the credentials \(status 403\)\. Set TOKEN"),
    (Said(404), r"answers with status 404\. Is it a server of MLflow\?"),
    (Said(302, headers={"Location": "https://elsewhere/?token=1"}), "redirects to https://elsewhere/: use that"),
    (Said(500, {"error": "\x1b[31mbroken"}), r"answers with status 500: \\x1b\[31mbroken"),
    (Said(503), r"is busy \(status 503\)\. Run the command again later"),
    (Said(200, b"<html>"), "does not answer as a server of MLflow: is the address right?"),
    (Said(200, b"[" * 100_000), "does not answer as a server of MLflow"),
    (Said(200, b"[]"), "does not answer as a server of MLflow"),
]


@pytest.mark.parametrize(("said", "error"), ANSWERS, ids=range(len(ANSWERS)))
def test_every_answer_of_another_tracker_ends_in_a_clear_error(said: Said, error: str) -> None:
    with answering(lambda asked: said) as url, pytest.raises(RemoteError, match=error):
        of(url).json("/api")


def test_what_fails_for_a_moment_is_asked_again() -> None:
    said = iter([Said(503), Said(429, headers={"Retry-After": "0"}), Said(500), Said(200, {"a": 1})])
    with answering(lambda asked: next(said)) as url:
        assert of(url).json("/api") == {"a": 1}


def test_credentials_are_sent_and_never_shown() -> None:
    asked: list[Asked] = []

    def answers(request: Asked) -> Said:
        asked.append(request)
        return Said(403)

    with answering(answers) as url:
        named = url.replace("http://", "http://me:secret@")
        with pytest.raises(RemoteError) as raised:
            of(named).json("/api")
    assert asked[0].authorization == service.basic("me", "secret")
    assert "secret" not in str(raised.value) and "secret" not in of(named).url


@pytest.mark.parametrize(
    "url", ["", "localhost:5000", "ftp://a", "http://", "http://a:x", "file:///etc/passwd", "\x1b"]
)
def test_an_address_that_is_none_is_named(url: str) -> None:
    with pytest.raises(RemoteError, match=r"is not the address of a server of MLflow; write http://HOST:PORT"):
        of(url)


def test_a_server_that_is_away_is_named() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(RemoteError, match=f"{url} cannot be reached: Connection refused"):
        of(url).json("/api")
    with pytest.raises(RemoteError, match="does not speak TLS|cannot be reached"), answering(lambda _: Said()) as plain:
        of(plain.replace("http:", "https:")).json("/api")


def test_a_server_that_is_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_SECONDS", 0.05)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(RemoteError, match="cannot be reached: no answer in time"):
            of(f"http://127.0.0.1:{silent.getsockname()[1]}").json("/api")


def test_an_answer_above_the_limit_is_refused() -> None:
    with answering(lambda asked: Said(200, b"x" * 1001)) as url:
        assert len(of(url).content("/file", 1001)) == 1001
        with pytest.raises(RemoteError, match="answers with more than 1,000 bytes"):
            of(url).content("/file", 1000)


@pytest.mark.parametrize("items", [[], [{"info": {}}, {"node": {}}] * 5_000], ids=["empty", "full"])
@pytest.mark.parametrize("format", ["mlflow", "wandb"])
def test_a_listing_without_an_end_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: str, items: list[Any]
) -> None:
    monkeypatch.setattr(service, "MOST_LISTED", 100_000)
    monkeypatch.setenv("WANDB_API_KEY", "key")
    tokens = count()

    def answers(asked: Asked) -> Said:
        token = str(next(tokens))
        runs = {"edges": items, "pageInfo": {"hasNextPage": True, "endCursor": token}}
        return Said(200, {"data": {"project": {"runs": runs}}, "experiments": items, "next_page_token": token})

    with answering(answers) as url, pytest.raises(RemoteError, match="lists without an end"):
        monkeypatch.setenv("WANDB_BASE_URL", url)
        named = {"tracking_uri": url} if format == "mlflow" else {"entity": "team", "project": "vision"}
        Repo.init(tmp_path / "home").convert(format, **named)
    assert next(tokens) < 200


def test_files_elsewhere_get_no_credentials(tmp_path: Path) -> None:
    asked: list[Asked] = []

    def answers(request: Asked) -> Said:
        asked.append(request)
        return Said(200, b"data")

    with answering(answers) as url:
        server = Service(url, title="W&B", credentials="", headers={"Authorization": "Basic x"})
        assert server.elsewhere(f"{url}/signed?key=1", 100) == b"data"
        assert asked[0].authorization == ""
        for other in ("http://169.254.169.254/", "file:///etc/passwd", "ftp://a/b", url.replace("http", "file")):
            with pytest.raises(RemoteError, match="names a file that is not at https"):
                server.elsewhere(other, 100)
