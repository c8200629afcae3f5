"""Fold, server and engine killed at random, with what a crash of the system takes: the database equals the logs in the
end."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import aim
from aim.clickhouse.database import Database
from aim.errors import EngineError
from aim.index import folding, restarts
from aim.index.schema import run_number
from aim.repo import Repo
from tests.clickhouse import crashes, folds, servers
from tests.clickhouse.servers import Server
from tests.ports import free_port
from tests.remote.processes import end_shippers
from tests.waiting import until

SCRIPT = """
import sys, time, aim
chance = __import__("random").Random(int(sys.argv[1]))
run = aim.Run(f"run {sys.argv[1]}", environment=False)
run["hparams"] = {"seed": int(sys.argv[1]), "name": "x" * 100}
end, step = time.monotonic() + float(sys.argv[2]), 0
while time.monotonic() < end:
    for _ in range(chance.randrange(1, 400)):
        run.track(chance.randrange(-(2**40), 2**40) / 1024, name="loss", step=step, context={"subset": "train"})
        step += 1
    run.track(aim.Text(f"at {step}"), name="texts", step=step)
    run["hparams", "step"] = step
    time.sleep(chance.random() / 20)
run.close()
"""


@pytest.fixture(params=servers.HERE or servers.KINDS[:1])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    if request.param not in servers.HERE:
        pytest.skip("no ClickHouse")
    made = servers.make(request.param, tmp_path / "engine")
    made.start()
    yield made
    made.kill()


def crash(server: Server, database: Database) -> None:
    server.kill()
    if server.kind == "18.16":
        assert crashes.lose(server, database.address.database)
    server.start()


@pytest.mark.parametrize("goes_on", [True, False], ids=["the same process folds on", "another process folds"])
def test_what_a_crash_took_is_folded_again(tmp_path: Path, server: Server, goes_on: bool) -> None:
    database = folds.database(server)
    ended, going = (aim.Run(name, repo=tmp_path, environment=False) for name in ("ended", "going"))
    ended["hparams"] = {"lr": 0.1}
    folds.track(ended, folds.chunked(500))
    ended.track(aim.Text("kept"), name="texts")
    ended.close()
    folds.track(going, folds.chunked(500, 1))
    with folding.filling(tmp_path / ".aim", database) as filling:
        filling.refresh()
        time.sleep(restarts._SAME_SECONDS + 1)
        reader = Repo(folds.url(database))
        assert len(reader.select_runs()) == 2
        folds.track(going, folds.chunked(500, 2), step=500)
        filling.refresh()
        crash(server, database)
        folds.track(going, folds.chunked(100, 3), step=1000)
        if goes_on:
            filling.refresh(again=True)
    if not goes_on:
        folds.fold(tmp_path / ".aim", database)
    assert folds.differences(tmp_path / ".aim", database) == []
    assert len(reader.run("going").metrics["loss"].traces[0]) == 1100 and len(reader.select_runs()) == 2
    going.close()
    folds.fold(tmp_path / ".aim", database)
    assert folds.differences(tmp_path / ".aim", database) == []
    until(lambda: states(database, ended.id) == 1)


def states(database: Database, id: str) -> int:
    """Of how many readings of a run the database has points."""
    asked = f"SELECT toInt64(uniqExact(since)) AS states FROM points WHERE run = {run_number(id)}"
    return int(database.client.query(asked)["states"][0])


def test_nothing_is_read_again_while_the_server_goes_on(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restarts, "_EVERY_SECONDS", 0.0)
    database = folds.database(server)
    with aim.Run(repo=tmp_path, environment=False) as run:
        folds.track(run, folds.chunked(100))
    folds.fold(tmp_path / ".aim", database)
    rows = database.sizes()["points"].rows
    for _ in range(3):
        folds.fold(tmp_path / ".aim", database)
    assert database.sizes()["points"].rows == rows


def test_killed_at_random(tmp_path: Path, server: Server) -> None:
    assert_equal_after_kills(tmp_path, server, seconds=8, kills=4, writers=2)


@pytest.mark.stress
@pytest.mark.timeout(1800)
def test_killed_at_random_for_long(tmp_path: Path, server: Server) -> None:
    assert_equal_after_kills(tmp_path, server, seconds=120, kills=40, writers=8)


def assert_equal_after_kills(tmp_path: Path, server: Server, *, seconds: float, kills: int, writers: int) -> None:
    database, chance = folds.database(server), random.Random(7)
    Repo.init(tmp_path)
    command = [sys.executable, "-m", "aim"]
    added = subprocess.run([*command, "token", "add", "ann"], cwd=tmp_path, capture_output=True, text=True, check=True)
    (token,) = (word for word in added.stdout.split() if word.startswith("aim_"))
    port = free_port()
    given = {"AIM_REPO": f"aim://127.0.0.1:{port}", "AIM_TOKEN": token, "AIM_SPOOL": str(tmp_path / "spool")}
    (tmp_path / "away").mkdir()
    receive = [*command, "server", "--repo", str(tmp_path), "--port", str(port), "--engine", folds.url(database)]
    receiving = subprocess.Popen(receive, cwd=tmp_path)
    trainings = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(number), str(seconds)],
            cwd=tmp_path / "away",
            env={**os.environ, **given},
        )
        for number in range(writers)
    ]
    try:
        for _ in range(kills):
            time.sleep(chance.uniform(0.5, 1.5) * seconds / kills)
            if chance.random() < 0.5:
                receiving.kill()
                receiving.wait()
                receiving = subprocess.Popen(receive, cwd=tmp_path)
            else:
                server.kill()
                if server.kind == "18.16":
                    crashes.lose(server, database.address.database, seconds=2.0, chance=chance)
                time.sleep(chance.random())
                server.start()
        assert [training.wait(timeout=120) for training in trainings] == [0] * writers
        until(lambda: ended(tmp_path) == writers, besides=(EngineError,))
        until(lambda: folds.differences(tmp_path / ".aim", database) == [], besides=(EngineError,))
        receiving.send_signal(signal.SIGTERM)
        assert receiving.wait(timeout=60) == 0
    finally:
        for process in (receiving, *trainings):
            process.kill()
            process.wait()
        end_shippers(tmp_path)
    assert_the_same_from_nothing(tmp_path, database)


def ended(folder: Path) -> int:
    return sum(row.status == "finished" for row in Repo(folder).table.rows().runs)


def assert_the_same_from_nothing(folder: Path, database: Database) -> None:
    """Dropping the database and folding again gives the same answers to the last bit."""
    before = answers(Repo(folds.url(database)))
    with folding.filling(folder / ".aim", database, again=True) as filling:
        filling.refresh()
    assert answers(Repo(folds.url(database))) == before == answers(Repo(folder))


def answers(repo: Repo) -> list[object]:
    runs = sorted(repo.select_runs(), key=lambda run: run.hash)
    traces = [trace for run in runs for metric in run.metrics.values() for trace in metric]
    return [
        [(run.hash, run.status, run.params) for run in runs],
        [(len(trace), trace.first, trace.last, trace.min, trace.max, trace.mean, trace.nonfinite) for trace in traces],
        [(trace.steps.tobytes(), trace.values.tobytes(), trace.times.tobytes()) for trace in traces],
        [[(series.name, len(series)) for series in run.objects()] for run in runs],
    ]
