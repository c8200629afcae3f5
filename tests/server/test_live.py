"""An open page receives news of points, runs and edits, and only of them."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import aim
from aim.errors import EngineAway
from aim.repo import Repo
from aim.repo.repo import News
from aim.server.app import create_app
from aim.server.live import Live, Subscriber
from tests.waiting import until


def events(response: httpx.Response) -> Iterator[dict[str, Any]]:
    for line in response.iter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


def hear_of(told: Iterator[dict[str, Any]], run: str) -> dict[str, Any]:
    return next(event for event in told if run in event["runs"])


def ids(client: httpx.Client, frames: Any) -> dict[str, str]:
    [(header, _)] = frames(client.get("/api/runs").content)
    return {run["hash"]: run["id"] for run in header["runs"]}


def test_a_page_hears_what_happens(folder: Path, serving: Any, frames: Any) -> None:
    with serving(Repo(folder)) as client, client.stream("GET", "/api/live") as live:
        assert live.headers["content-type"].startswith("text/event-stream")
        told = events(live)
        first = next(told)
        assert first == {"revision": client.get("/api/project").json()["revision"], "runs": []}
        with aim.Run(repo=folder, run="third") as run:
            run.track(1.0, name="loss")
            event = hear_of(told, run.id)
            assert event["revision"] != first["revision"]
            run.track(0.5, name="loss")
            hear_of(told, run.id)
        hear_of(told, run.id)
        known = ids(client, frames)
        client.post("/api/runs/edit", json={"runs": [known["first"]], "field": "tag", "value": "good"})
        assert hear_of(told, known["first"])["runs"] == [known["first"]]
        client.post("/api/runs/delete", json={"runs": [known["second"]]})
        assert hear_of(told, known["second"])["runs"] == [known["second"]]


TRAINING = """
import sys, time
import aim
run = aim.Run(repo=sys.argv[1], run="training")
run.track(1.0, name="loss")
print(run.id, flush=True)
time.sleep(600)
"""


def test_a_page_hears_that_a_process_was_killed(folder: Path, serving: Any, frames: Any) -> None:
    """Nothing changes in the logs at that moment."""
    command = [sys.executable, "-c", TRAINING, str(folder)]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as training,
        serving(Repo(folder)) as client,
        client.stream("GET", "/api/live") as live,
    ):
        try:
            assert training.stdout is not None
            run = training.stdout.readline().strip()
            told = events(live)
            next(told)
            assert status(client, frames, "training") == "running"
        finally:
            training.kill()
        training.wait()
        hear_of(told, run)
        assert status(client, frames, "training") == "killed"


def status(client: httpx.Client, frames: Any, hash: str) -> str:
    [(header, _)] = frames(client.get("/api/runs", params={"q": f'run.hash == "{hash}"'}).content)
    [run] = header["runs"]
    return str(run["status"])


def test_one_watcher_for_all_pages_and_none_without(
    folder: Path, serving: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aim.server.live.SHORTEST_REST", 0.05)
    app = create_app(Repo(folder))
    with serving(app) as client:
        with client.stream("GET", "/api/live") as first, client.stream("GET", "/api/live") as two:
            told = [events(first), events(two)]
            assert next(told[0]) == next(told[1])
            with aim.Run(repo=folder, run="third") as run:
                run.track(1.0, name="loss")
            for each in told:
                hear_of(each, run.id)
            watcher = app.live.watcher
            assert watcher is not None and len(app.live.listeners) == 2
        until(watcher.done)
        assert (app.live.watcher, app.live.listeners) == (watcher, set())


def test_too_many_pages(folder: Path, serving: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aim.server.live.MAX_LISTENERS", 1)
    with serving(Repo(folder)) as client, client.stream("GET", "/api/live") as live:
        told = events(live)
        next(told)
        answer = client.get("/api/live")
        assert (answer.status_code, answer.json()["error"]["hint"]) == (429, "Close some tabs.")


def test_a_quiet_stream_shows_that_it_lives(folder: Path, serving: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aim.server.live.QUIET", 0.05)
    with serving(Repo(folder)) as client, client.stream("GET", "/api/live") as live:
        lines = live.iter_lines()
        assert next(lines).startswith("data: ")
        assert next(line for line in lines if line) == ": still here"


def test_a_failure_is_reported_once_and_watching_continues(
    folder: Path, serving: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("aim.server.live.SHORTEST_REST", 0.02)
    monkeypatch.setattr("aim.server.live.LONGEST_REST", 0.05)
    repo = Repo(folder)
    failures = 0

    def fails(since: int) -> None:
        nonlocal failures
        failures += 1
        raise OSError("the disk is gone")

    with serving(repo) as client, client.stream("GET", "/api/live") as live:
        told = events(live)
        next(told)
        with monkeypatch.context() as broken:
            broken.setattr(repo, "news", fails)
            until(lambda: failures >= 3)
            assert caplog.text.count("watching the repository failed") == 1
        with aim.Run(repo=folder, run="third") as run:
            run.track(1.0, name="loss")
        hear_of(told, run.id)


def test_streams_end_when_the_database_is_away_and_a_page_asks_why(
    folder: Path, serving: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("aim.server.live.SHORTEST_REST", 0.02)
    repo = Repo(folder)

    def fails(*_: object) -> None:
        raise EngineAway("clickhouse://reader@db.example:8443/aim cannot be reached")

    with serving(repo) as client:
        with client.stream("GET", "/api/live") as live:
            told = events(live)
            next(told)
            monkeypatch.setattr(repo, "news", fails)
            assert list(told) == [], "the stream ends"
        answer = client.get("/api/live")
        assert answer.status_code == 503
        assert answer.json()["error"]["message"] == "The database is away."
        assert answer.json()["error"]["hint"] == "clickhouse://reader@db.example:8443/aim cannot be reached."
        assert caplog.text.count("cannot be reached. Open pages ask again every two seconds") == 1


def test_a_repository_that_cannot_be_read_is_an_error(
    folder: Path, serving: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = Repo(folder)
    with serving(repo) as client:
        with monkeypatch.context() as broken:
            broken.setattr(repo, "news", lambda since: 1 / 0)
            answer = client.get("/api/live")
        assert answer.status_code == 500
        assert answer.json()["error"]["message"] == "The server failed on this request."
        with client.stream("GET", "/api/live") as live:
            assert next(events(live))["runs"] == []


def test_a_run_that_stops_running_is_news_without_a_new_record(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = Repo(folder)
    live, page = Live(repo), Subscriber()
    live.listeners.add(page)
    heard = []
    for running in ({"a"}, {"a"}, {"a", "b"}, {"b"}):
        monkeypatch.setattr(repo, "news", lambda since, running=running: News(7, set(), set(running)))
        asyncio.run(live.check())
        heard.append(page.take())
    assert (heard, live.revision) == ([["a"], [], ["b"], ["a"]], 7)
