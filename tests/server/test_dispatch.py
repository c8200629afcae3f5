"""How answers are sent: an encoding for each kind of answer, and what comes before the handler is called."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

import aim
from aim import engine
from aim.repo import Repo
from aim.server import wire
from aim.server.messages import read_body, refuse_length
from aim.server.problems import Refused
from aim.server.route import EVENTS, JSON
from aim.server.routes import ROUTES
from aim.server.table import decoded
from aim.server.wire import FRAMES
from tests.depths import watch
from tests.server.conftest import Serving
from tests.waiting import PATIENCE, until

SENT = [
    ("/api/project", JSON, None),
    ("/api/openapi.json", JSON, None),
    ("/api/runs", FRAMES, None),
    ("/api/beside?metric=loss&by=loss&side=min", FRAMES, None),
    ("/api/series?q=loss", FRAMES, "no"),
    ("/api/table", FRAMES, "no"),
    ("/api/page", FRAMES, "no"),
]


@pytest.mark.parametrize(("path", "kind", "buffering"), SENT)
def test_an_answer_is_not_stored_and_a_stream_is_not_held_back(
    client: httpx.Client, path: str, kind: str, buffering: str | None
) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
    assert (answer.headers["cache-control"], answer.headers.get("x-accel-buffering")) == ("no-store", buffering)


def test_events_are_not_held_back(client: httpx.Client) -> None:
    with client.stream("GET", "/api/live") as live:
        assert live.headers["content-type"].startswith(EVENTS)
        assert (live.headers["cache-control"], live.headers["x-accel-buffering"]) == ("no-store", "no")


@pytest.mark.parametrize(("path", "kind"), [("/api/series?q=loss+if", FRAMES), ("/api/live", EVENTS)])
def test_the_head_of_a_stream_needs_no_work(client: httpx.Client, path: str, kind: str) -> None:
    answer = client.head(path)
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, kind)


@pytest.mark.parametrize("path", [route.path for route in ROUTES if route.method == "GET"])
def test_no_address_takes_a_parameter_that_it_does_not_know(client: httpx.Client, path: str) -> None:
    answer = client.get(f"/{path}?colour=red")
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, "Unknown parameter 'colour'.")


def test_no_address_takes_a_time_zone_that_it_does_not_know(client: httpx.Client) -> None:
    paths = [route.path for route in ROUTES if "zone" in getattr(route.request, "__struct_fields__", ())]
    assert len(paths) >= 10
    needed = {"metric": "loss", "by": "loss", "side": "min"}
    for path in paths:
        query = needed if path == "api/beside" else {}
        answer = client.get(f"/{path}", params={**query, "zone": "Foo/Bar"})
        assert answer.status_code == 400, path
        assert answer.json()["error"]["message"] == "zone='Foo/Bar' is not a time zone that is known here."
        assert "Europe/Berlin" in answer.json()["error"]["hint"]
        assert b"time zone" not in client.get(f"/{path}", params={**query, "zone": "Foo/Bar +05:30"}).content


@pytest.mark.parametrize("path", [route.path for route in ROUTES if route.access == "edit"])
def test_a_read_only_server_reads_no_body_of_an_edit(client: httpx.Client, path: str) -> None:
    answer = client.post(f"/{path}", content=b"not JSON", headers={"content-type": JSON})
    error = answer.json()["error"]
    assert (answer.status_code, error["message"]) == (403, "The server is read-only.")
    assert "without --read-only" in error["hint"]


@pytest.mark.parametrize("path", [route.path for route in ROUTES if route.access == "edit"])
def test_a_body_that_is_not_the_message_names_the_fields(folder: Path, serving: Serving, path: str) -> None:
    (route,) = [route for route in ROUTES if route.path == path]
    with serving(Repo(folder)) as client:
        for body in (b"", b"[]", b"{", b'{"unknown": 1}', b"\xff"):
            answer = client.post(f"/{path}", content=body, headers={"content-type": JSON})
            hint = answer.json()["error"]["hint"]
            assert answer.status_code == 400 and ", ".join(route.request.__struct_fields__) in hint


def test_a_client_that_disconnects_during_its_body_is_not_a_server_error(
    folder: Path, serving: Serving, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(Repo(folder)) as client:
        host = httpx.URL(str(client.base_url)).netloc
        with socket.create_connection((client.base_url.host, client.base_url.port or 0), timeout=PATIENCE) as sock:
            sock.sendall(
                b"POST /api/runs/archive HTTP/1.1\r\nHost: %b\r\nOrigin: http://%b\r\n"
                b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{" % (host, host)
            )
        until(lambda: client.get("/api/project").status_code == 200)
    assert caplog.text == ""


def test_a_value_that_is_wrong_is_quoted(client: httpx.Client) -> None:
    error: dict[str, Any] = client.get("/api/series?q=loss&columns=many").json()["error"]
    assert error["message"] == "columns='many' is not valid: Expected `int`, got `str`."
    assert error["hint"] == "Allowed: q, zone, x, columns, lo, hi, smooth, average, only, params."


def test_json_that_is_nested_too_deep_is_refused() -> None:
    deep = "[" * 4000 + "]" * 4000
    with pytest.raises(Refused, match="order=.* is not valid"):
        decoded("order", f'[{{"metric": "loss", "context": {{"a": {deep}}}}}]', list[wire.OrderKey])
    with pytest.raises(Refused, match="The body is not valid"):
        read_body(f'{{"ids": [], "params": {{"a": {deep}}}}}'.encode(), wire.ParamsRequest)


@pytest.mark.parametrize("length", ["", "x", "-1", "²", "1" * 3])
def test_an_invalid_or_small_content_length_passes(length: str) -> None:
    refuse_length(length, 111)


def test_a_length_above_the_limit_is_refused() -> None:
    with pytest.raises(Refused, match="more than 111 bytes"):
        refuse_length("112", 111)


CALLS = 8


def test_from_a_request_to_the_engine_and_to_the_bytes_of_a_picture_it_is_few_calls(
    tmp_path: Path, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted from the handler, in the thread that answers, on a server that has answered nothing yet. New folders are
    not checked a second time meanwhile."""
    monkeypatch.setattr("aim.index.sources.logs.RACY_NS", 0)
    for number in range(3):
        with aim.Run(f"run {number}", repo=tmp_path) as run:
            run["hparams"] = {"lr": number / 10}
            run.track(0.5, "loss", context={"subset": "val"})
            run.track(aim.Image(np.zeros((300, 300, 3), np.uint8)), "pictures")
    Repo(tmp_path).count()
    names = ["read", "read_keys", "distinct", "counted", "containing"]
    reads = watch(monkeypatch, engine, names, below="server/dispatch.py")
    bytes_of_files = watch(monkeypatch, os, ["pread"], below="server/dispatch.py")
    with serving(Repo(tmp_path)) as client:
        media = {"run": "run 1", "kind": "image", "name": "pictures", "context": "{}"}
        (value,) = client.get("/api/run/media/values", params=media).json()["values"]
        assert (0 < max(reads.values()) <= CALLS, bytes_of_files) == (True, {})
    for path, params in [
        ("/api/run/blob", {"run": "run 1", "blob": value["blob"]}),
        ("/api/series", {"q": "loss if hparams.lr < 0.15 and context.subset == val"}),
        ("/api/series", {"q": "loss if run.loss.val.last < 1"}),
        ("/api/page", {}),
    ]:
        fresh = Repo(tmp_path)
        fresh.count()
        reads.clear()
        with serving(fresh) as client:
            assert client.get(path, params=params).status_code == 200
        assert 0 < max(reads.values()) <= CALLS, reads
    assert 0 < bytes_of_files["pread"] <= CALLS
