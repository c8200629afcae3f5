"""`aim engine`, and the commands that read from one."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

import aim
from aim.clickhouse.address import parse
from aim.clickhouse.database import Database
from aim.errors import RepoError, RunError
from aim.repo import Repo
from tests.clickhouse import servers
from tests.clickhouse.servers import Server
from tests.commands import answer
from tests.ports import free_port
from tests.server.conftest import running
from tests.waiting import until


@pytest.fixture
def url(clickhouse: Server, tmp_path: Path) -> str:
    return clickhouse.url(f"cli_{os.getpid()}_{abs(hash(tmp_path)):x}")


def test_from_making_a_database_to_dropping_it(tmp_path: Path, url: str) -> None:
    answer(tmp_path, "demo", "--runs", "4", "--metrics", "2", "--steps", "5", "--repo", "demo")
    assert "Made clickhouse://" in answer(tmp_path, "engine", "init", url).output
    assert "Nothing was folded" in answer(tmp_path, "engine", "status", url).output
    answer(tmp_path, "engine", "fold", url, "--repo", "demo")
    assert "equals the logs of 4 runs" in answer(tmp_path, "engine", "check", url, "--repo", "demo").output
    sizes = json.loads(answer(tmp_path, "engine", "status", url, "--json").output)
    assert {row["table"]: row["rows"] for row in sizes}["runs"] >= 4
    listed = answer(tmp_path, "runs", "ls", "--json", "--repo", "demo").output
    assert answer(tmp_path, "runs", "ls", "--json", "--repo", url).output == listed
    query = ("query", "loss if run.status != running", "--json")
    assert answer(tmp_path, *query, "--repo", url).output == answer(tmp_path, *query, "--repo", "demo").output
    assert "Pass --yes" in answer(tmp_path, "engine", "drop", url, code=1).output
    answer(tmp_path, "engine", "rebuild", url, "--repo", "demo", "--yes")
    assert "equals the logs" in answer(tmp_path, "engine", "check", url, "--repo", "demo").output
    answer(tmp_path, "engine", "drop", url, "--yes")
    assert "no tables of Aim" in answer(tmp_path, "engine", "drop", url, "--yes", code=1).output
    assert "aim engine init" in answer(tmp_path, "runs", "ls", "--repo", url, code=1).output


def test_tables_of_another_version_are_replaced_when_asked(tmp_path: Path, url: str) -> None:
    answer(tmp_path, "engine", "init", url)
    database = Database(parse(url))
    database._say({"version": "0"})
    assert "has tables of version 0" in answer(tmp_path, "engine", "init", url, code=1).output
    assert "Dropped the tables of another version" in answer(tmp_path, "engine", "init", url, "--upgrade").output
    database.check()
    assert "Dropped" not in answer(tmp_path, "engine", "init", url, "--upgrade").output
    database.drop()


@pytest.fixture
def following(tmp_path: Path, url: str) -> Iterator[str]:
    """A process that folds the repository of the test."""
    Repo.init(tmp_path)
    answer(tmp_path, "engine", "init", url)
    process = subprocess.Popen([sys.executable, "-m", "aim", "engine", "fold", url, "--follow"], cwd=tmp_path)
    try:
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 0


def test_a_live_run_and_edits_are_seen_by_other_readers(tmp_path: Path, following: str) -> None:
    other = Repo(following)
    with aim.Run("live", repo=tmp_path, environment=False) as run:
        run.track(0.5, name="loss")
        until(lambda: lasts(other) == [0.5], besides=(RunError,))
        assert other.run("live").status == "running"
    until(lambda: other.run("live").status == "finished", besides=(RunError,))
    repo = Repo(tmp_path, engine=following)
    repo.runs.tag([other.run("live").id], "best")
    until(lambda: list(repo.run("live").tags) == ["best"])
    until(lambda: list(other.run("live").tags) == ["best"], besides=(RunError,))
    with pytest.raises(RepoError, match="cannot be changed by its engine alone"):
        other.runs.tag([other.run("live").id], "worse")
    revision = other.revision()
    shutil.rmtree(next((tmp_path / ".aim" / "runs").iterdir()))
    until(lambda: not len(other.select_runs()), besides=(RunError,))
    assert other.revision() > revision and other.vocabulary()


def test_a_server_folds_what_arrives_and_a_front_end_shows_it(tmp_path: Path, url: str) -> None:
    (token,) = (
        word
        for word in answer(tmp_path, "token", "add", "ann", "--repo", ".").output.split()
        if word.startswith("aim_")
    )
    answer(tmp_path, "engine", "init", url)
    ports = free_port(), free_port()
    commands = [
        [sys.executable, "-m", "aim", word, "--repo", str(tmp_path), "--port", str(port), "--engine", url]
        for word, port in zip(("server", "up"), ports, strict=True)
    ]
    processes = [subprocess.Popen(command, cwd=tmp_path) for command in commands]
    try:
        until(lambda: answers(ports[0]) and answers(ports[1]))
        script = "import aim\nwith aim.Run(environment=False) as run: run.track(1.5, name='loss')"
        given = {"AIM_REPO": f"aim://127.0.0.1:{ports[0]}", "AIM_TOKEN": token, "AIM_SYNC_WAIT": "60"}
        subprocess.run([sys.executable, "-c", script], env={**os.environ, **given}, check=True)
        until(lambda: values(Repo(url)) == [1.5], besides=(RunError,))
        until(lambda: b'"status":"finished"' in get(f"http://127.0.0.1:{ports[1]}/api/runs"))
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        assert [process.wait() for process in processes] == [0, 0]


@pytest.mark.skipif(not servers.can_start("18.16"), reason="needs clickhouse-server")
def test_a_database_that_is_away_is_named_in_the_answer_of_a_front_end(tmp_path: Path) -> None:
    server = servers.make("18.16", tmp_path / "clickhouse")
    server.start()
    try:
        answer(tmp_path, "demo", "--runs", "2", "--metrics", "1", "--steps", "5", "--repo", ".")
        answer(tmp_path, "engine", "init", server.url())
        answer(tmp_path, "engine", "fold", server.url(), "--repo", ".")
        with running(Repo(tmp_path, engine=server.url())) as client:
            assert client.get("/api/runs").status_code == 200
            server.kill()
            refused = client.get("/api/runs")
    finally:
        server.kill()
    assert refused.status_code == 503 and "cannot be reached" in refused.text


def lasts(repo: Repo) -> list[float | None]:
    return [series.last for run in repo.select_metrics("loss") for series in run.metrics["loss"].traces]


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return bytes(answer.read())


def values(repo: Repo) -> list[float]:
    return [value for run in repo.select_metrics("loss") for value in run.metrics["loss"].traces[0].values.tolist()]
