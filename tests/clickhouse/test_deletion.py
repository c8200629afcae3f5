"""A run is deleted in a front end that has nothing but the engine, while another machine records it to the server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from aim.clickhouse.address import parse as parse_engine
from aim.clickhouse.database import Database
from aim.clickhouse.edits import count
from aim.errors import RunError
from aim.remote import frames
from aim.remote.address import parse
from aim.remote.client import Client
from aim.repo import Repo
from tests.clickhouse import folds
from tests.clickhouse.servers import Server
from tests.ports import free_port
from tests.remote.processes import end_shippers
from tests.server.conftest import running
from tests.waiting import until

SCRIPT = """
import time, aim
run = aim.Run("live", environment=False, system_interval=1)
for step in range(10**9):
    run.track(step, name="loss")
    time.sleep(0.01)
    if run._recording.stopped:
        print("told", flush=True)
        break
print("training went on", flush=True)
"""


class Served(NamedTuple):
    root: Path
    port: int
    token: str


@pytest.fixture
def served(tmp_path: Path, clickhouse: Server) -> Iterator[Served]:
    """`aim server --engine`, in a process of its own."""
    root = tmp_path / "team"
    Repo.init(root)
    command = [sys.executable, "-m", "aim"]
    added = subprocess.run([*command, "token", "add", "ann"], cwd=root, capture_output=True, text=True, check=True)
    (token,) = (word for word in added.stdout.split() if word.startswith("aim_"))
    port = free_port()
    database = folds.database(clickhouse)
    (root / "url").write_text(folds.url(database))
    receive = [*command, "server", "--repo", str(root), "--port", str(port), "--engine", folds.url(database)]
    process = subprocess.Popen(receive, cwd=root)
    try:
        yield Served(root, port, token)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0


def test_a_live_run_is_deleted_from_a_front_end_without_the_files(served: Served, tmp_path: Path) -> None:
    url = (served.root / "url").read_text()
    address = f"aim://127.0.0.1:{served.port}"
    (tmp_path / "away").mkdir()
    given = {"AIM_REPO": address, "AIM_TOKEN": served.token, "AIM_SPOOL": str(tmp_path / "spool")}
    training = subprocess.Popen(
        [sys.executable, "-c", SCRIPT], cwd=tmp_path / "away", env={**os.environ, **given},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    alone, other = Repo(url), Repo(url)
    try:
        until(lambda: other.run("live").metrics["loss"].traces[0].last, besides=(RunError, KeyError, IndexError))
        run = other.run("live").id
        (log,) = (served.root / ".aim" / "runs").rglob(f"{run}-*.log")
        name, sent = log.relative_to(served.root / ".aim").as_posix(), log.read_bytes()
        with running(other) as page:
            assert run in shown(page)
            alone.runs.delete(run)
            assert run not in shown(page), "the next question of any front end does not find it"
            assert page.get("/api/run", params={"run": run}).status_code == 404
        until(lambda: not list((served.root / ".aim" / "runs").rglob(f"{run}-*")))
        out, err = training.communicate(timeout=120)
        assert "told" in out and "training went on" in out and "was deleted; recording stops" in err
        database = Database(parse_engine(url))
        until(lambda: folds.rows_of(database, run) == 0 and count(database) == 0)
        until(lambda: not list((tmp_path / "spool").rglob(f"{run}-*")))
        with closing(Client(parse(address))) as client:
            client.token = served.token
            (outcome,), _ = client.ship(frames.pack(name, 0, sent[:5000], before=b""), 1)
        assert outcome.status == 410, "a client that has kept the log sends it again"
        assert run not in [row.id for row in other.table.rows().runs]
    finally:
        training.kill()
        training.wait()
        end_shippers(tmp_path)


def shown(page: httpx.Client) -> str:
    return page.get("/api/runs").content.decode("utf-8", "replace")
