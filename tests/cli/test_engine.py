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

import click
import httpx
import pytest

import aim
from aim.cli.main import main
from aim.clickhouse.address import parse
from aim.clickhouse.database import Database
from aim.errors import RunError
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
    assert "Created clickhouse://" in answer(tmp_path, "engine", "init", url).output
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
    assert "no Aim tables" in answer(tmp_path, "engine", "drop", url, "--yes", code=1).output
    assert "aim engine init" in answer(tmp_path, "runs", "ls", "--repo", url, code=1).output


def test_a_database_of_another_repository_is_named_and_left_alone(tmp_path: Path, url: str) -> None:
    """Before anybody is asked to agree to something that is refused afterwards."""
    for name in ("demo", "other"):
        answer(tmp_path, "demo", "--runs", "2", "--metrics", "1", "--steps", "2", "--repo", name)
    answer(tmp_path, "engine", "init", url)
    answer(tmp_path, "engine", "fold", url, "--repo", "demo")
    for words in (["check"], ["fold"], ["rebuild"], ["rebuild", "--yes"]):
        told = answer(tmp_path, "engine", *words, url, "--repo", "other", code=1).output
        assert f"holds the runs of another repository, {tmp_path / 'demo'} on {socket.gethostname()}. Name" in told
        assert "Pass --yes" not in told and "aim engine rebuild" not in told
    assert "Dropped" not in answer(tmp_path, "engine", "init", url, "--upgrade", "--repo", "other").output
    assert "equals the logs of 2 runs" in answer(tmp_path, "engine", "check", url, "--repo", "demo").output


def test_tables_of_an_earlier_version_are_replaced_when_asked(tmp_path: Path, url: str) -> None:
    answer(tmp_path, "demo", "--runs", "2", "--metrics", "1", "--steps", "2", "--repo", "demo")
    for folder in ("other", "nothing"):
        (tmp_path / folder).mkdir()
    Repo.init(tmp_path / "other")
    answer(tmp_path, "engine", "init", url)
    answer(tmp_path, "engine", "fold", url, "--repo", "demo")
    database = Database(parse(url))
    database.say({"version": "0"})
    assert "version 0" in answer(tmp_path, "engine", "init", url, code=1).output
    assert "aim engine rebuild" in answer(tmp_path, "engine", "status", url, code=1).output
    for folder in ("other", "nothing"):
        refused = answer(tmp_path / folder, "engine", "init", url, "--upgrade", code=1)
        assert "holds the runs of another repository" in refused.output
    assert database.sizes()["runs"].rows == 2
    upgraded = answer(tmp_path / "demo", "engine", "init", url, "--upgrade")
    assert "Dropped the tables of an earlier version" in upgraded.output
    assert "repository" not in database.check() and database.sizes()["runs"].rows == 0
    assert "Dropped" not in answer(tmp_path / "nothing", "engine", "init", url, "--upgrade").output
    database.say({"version": "0"})
    assert "Dropped" in answer(tmp_path / "nothing", "engine", "init", url, "--upgrade").output, "it was of nobody"
    database.drop()


def test_tables_of_a_later_version_are_left_alone(tmp_path: Path, url: str) -> None:
    answer(tmp_path, "demo", "--runs", "2", "--metrics", "1", "--steps", "2", "--repo", "demo")
    answer(tmp_path, "engine", "init", url)
    answer(tmp_path, "engine", "fold", url, "--repo", "demo")
    database = Database(parse(url))
    database.client.command("DROP TABLE heartbeats")
    database.say({"version": "1000"})
    for words in (["init", url, "--upgrade"], ["init", url], ["status", url], ["fold", url]):
        refused = answer(tmp_path / "demo", "engine", *words, code=1).output
        assert "pip install --upgrade aim" in refused and "rebuild" not in refused, words
    assert database.sizes()["runs"].rows == 2 and database.about()["version"] == "1000"
    tables = database.client.query("SHOW TABLES", {"name": str})
    assert "heartbeats" not in tables["name"].tolist(), "nothing is made in it"
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
    other.runs.tag([other.run("live").id], "worse")
    until(lambda: list(Repo(tmp_path).run("live").tags) == ["best", "worse"])
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
        until(lambda: b'"finished"' in get(f"http://127.0.0.1:{ports[1]}/api/runs"))
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        assert [process.wait() for process in processes] == [0, 0]


@pytest.mark.skipif("18.16" not in servers.HERE, reason="needs clickhouse-server")
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


def test_every_command_answers_with_the_engine_alone_or_says_what_it_needs(tmp_path: Path, url: str) -> None:
    def ask(*words: str, code: int = 0) -> str:
        return str(answer(tmp_path / "away", *words, code=code).output)

    (tmp_path / "away").mkdir()
    ask("demo", "--runs", "4", "--metrics", "2", "--steps", "5", "--repo", "../demo")
    ask("engine", "init", url)
    ask("engine", "fold", url, "--repo", "../demo")
    for words in (
        ("runs", "ls", "--json"),
        ("query", "loss if run.status != running", "--csv"),
        ("experiment", "ls"),
        ("metric", "ls"),
    ):
        alone, folder = (ask(*words, "--repo", repo) for repo in (url, "../demo"))
        assert alone.replace(url.replace("//", "//default@"), "") == folder.replace(
            str(tmp_path / "demo" / ".aim"), ""
        ), words
    hash = Repo(tmp_path / "demo").table.rows().runs[0].hash
    assert hash in ask("runs", "show", hash, "--repo", url)
    for words in (
        ("metric", "direction", "loss", "max"),
        ("runs", "archive", hash),
        ("runs", "unarchive", hash, "-q", "run.archived"),
        ("runs", "close", hash),
        ("experiment", "add", "-n", "night"),
        ("experiment", "checkout", "-n", "default"),
        ("runs", "rm", hash, "--yes"),
        ("experiment", "rm", "-n", "night"),
    ):
        ask(*words, "--repo", url)
    assert hash not in ask("runs", "ls", "--json", "--repo", url)
    for why, commands in NEEDING.items():
        for words in commands:
            before, after = (words[:1], words[1:]) if words[0] == "run" else (words, ())
            assert why in ask(*before, "--repo", url, *after, code=1), words
    assert "is an address" in ask("merge", url, "../demo", code=1)
    tried = [words for commands in (*NEEDING.values(), ANSWERING) for words in commands]
    left = {names for names in with_a_repository(main) if not any(words[: len(names)] == names for words in tried)}
    assert left == {("up",), ("down",), ("sync",)}
    assert "edits of front ends wait" in ask("engine", "status", url)
    assert "that no log has" in ask("engine", "drop", url, code=1)
    ask("engine", "fold", url, "--repo", "../demo")
    assert hash not in ask("runs", "ls", "--json", "--repo", "../demo")


ANSWERING = (
    ("runs", "ls"), ("query",), ("experiment", "ls"), ("runs", "show"), ("runs", "archive"), ("runs", "unarchive"),
    ("runs", "close"), ("runs", "rm"), ("experiment", "add"), ("experiment", "checkout"), ("experiment", "rm"),
    ("metric", "ls"), ("metric", "direction"), ("dashboard", "ls"), ("dashboard", "show"), ("dashboard", "rm"),
    ("dashboard", "cp"),
    # Needs files where a run printed something.
    ("runs", "logs"),
    # An alias.
    ("experiment", "close"),
)  # fmt: skip
ENGINE = "clickhouse://127.0.0.1/other"
NEEDING = {
    "is an address, and a folder is needed": (
        ("init",), ("token", "ls"), ("token", "add", "a"), ("token", "rm", "a"), ("storage", "check"),
        ("storage", "seal"), ("storage", "move", "--store", "s3://a/b"), ("server",),
        ("engine", "fold", ENGINE), ("engine", "check", ENGINE), ("demo",),
        ("convert", "tensorboard", "--logdir", "."), ("convert", "wandb", "."), ("convert", "mlflow", "."),
        ("convert", "trackio", "."), ("convert", "csv", "."), ("convert", "trainer", "."),
        ("convert", "aim3", "."), ("convert", "aim2", "."),
        ("convert", "dvclive", "."), ("convert", "sacred", "."),
        ("convert", "swanlab", "."), ("convert", "clearml", "."), ("convert", "comet", "."),
        ("convert", "neptune", "."),
        ("engine", "rebuild", ENGINE, "--yes"), ("engine", "init", ENGINE, "--upgrade"),
    ),
    "belong to the machine that starts them": (
        ("ps",), ("stop", "a"), ("run", "true"), ("template", "ls"), ("template", "show", "a"),
        ("template", "add", "a", "true"), ("template", "rm", "a"), ("template", "from-run", "a"), ("queue", "ls"),
        ("queue", "show", "a"), ("queue", "add", "a"), ("queue", "cancel", "a", "1"), ("queue", "order", "a", "1"),
        ("queue", "pause", "a"), ("queue", "resume", "a"), ("queue", "retry", "a", "1"), ("queue", "rm", "a"),
    ),
    "without its files": (
        ("storage", "du"), ("storage", "gc"), ("artifact", "ls"), ("artifact", "get", "a", "b"),
        ("artifact", "put", "."), ("artifact", "alias", "a", "b"), ("artifact", "rm", "a:v0"), ("artifact", "verify"),
        ("artifact", "push"), ("media", "get", "predictions", "."),
    ),
}  # fmt: skip


def with_a_repository(command: click.Command, *names: str) -> Iterator[tuple[str, ...]]:
    """The commands with the option --repo."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from with_a_repository(inner, *names, name)
    elif any(parameter.name == "repo" for parameter in command.params):
        yield names


def test_front_ends_without_a_folder(tmp_path: Path, url: str) -> None:
    """As many as wanted; what one changes, the others show."""
    answer(tmp_path, "demo", "--runs", "3", "--metrics", "2", "--steps", "5", "--repo", "demo")
    answer(tmp_path, "engine", "init", url)
    answer(tmp_path, "engine", "fold", url, "--repo", "demo")
    (tmp_path / "away").mkdir()
    state = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}
    ports = [free_port() for _ in range(3)]
    command = [sys.executable, "-m", "aim"]
    for port, option in zip(ports, ("--engine", "--repo", "--repo"), strict=True):
        up = [*command, "up", option, url, "--port", str(port), "--detach"]
        started = subprocess.run(up, cwd=tmp_path / "away", env=state, capture_output=True, text=True, timeout=120)
        assert started.returncode == 0 and url.split("@")[-1].split("/")[-1] in started.stdout, started.stderr
    try:
        origins = [f"http://127.0.0.1:{port}" for port in ports]
        with httpx.Client(trust_env=False, timeout=60) as client:
            overviews = [client.get(f"{origin}/api/project").json() for origin in origins]
            assert [overview["writable"] for overview in overviews] == [True] * 3 and "/nonexistent" not in str(
                overviews
            )
            added = client.post(
                f"{origins[0]}/api/experiments/add", json={"name": "night"}, headers={"origin": origins[0]}
            )
            assert added.status_code == 200, added.text
            assert all(b"night" in client.get(f"{origin}/api/experiments").content for origin in origins)
        again = subprocess.run(
            [*command, "up", "--repo", url, "--port", str(ports[0])],
            cwd=tmp_path / "away", env=state, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert again.returncode == 1 and "already running" in again.stdout + again.stderr
        taken = subprocess.run(
            [*command, "up", "--repo", "../demo", "--port", str(ports[0])],
            cwd=tmp_path / "away", env=state, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        place = url.partition("?")[0].split("//")[-1].split("@")[-1]
        assert taken.returncode == 1 and f"It belongs to the Aim UI of clickhouse://{place}. Port" in taken.stderr
    finally:
        down = subprocess.run([*command, "down", "--repo", url], cwd=tmp_path, env=state, timeout=120)
    assert down.returncode == 0 and not any(answers(port) for port in ports)
    for option, words in (("--tokens", "pass --auth-header"), ("--allow-run", "and the engine has none")):
        assert words in answer(tmp_path / "away", "up", "--repo", url, option, code=2).output
    assert not Path("/nonexistent").exists()


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
