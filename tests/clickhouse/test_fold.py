"""What is folded into ClickHouse equals the logs to the last bit, whatever was killed in between."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from threading import Event
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

import aim
from aim import demo
from aim.cli.main import main
from aim.clickhouse.address import parse
from aim.clickhouse.database import Database
from aim.errors import EngineError, RepoError
from aim.index import folding
from aim.index.filling import Filling
from aim.index.refresh import Index
from aim.index.series import gather
from aim.index.shared import Shared
from aim.index.sources.table import SOURCES
from aim.repo import Repo
from aim.server.receive import folded_into
from tests.clickhouse import folds, servers
from tests.clickhouse.servers import Server
from tests.ports import free_port
from tests.waiting import until

ROOT = Path(__file__).parents[2]


@pytest.fixture
def database(clickhouse: Server) -> Database:
    return folds.database(clickhouse)


def generated(tmp_path: Path, runs: int = 6) -> Path:
    demo.generate(tmp_path, runs=runs, metrics=4, steps=30, seed=0, details=True)
    return tmp_path / ".aim"


def test_a_fold_equals_the_logs(tmp_path: Path, database: Database) -> None:
    aim_dir = generated(tmp_path)
    folds.fold(aim_dir, database)
    assert folds.differences(aim_dir, database) == []
    before = database.sizes()["points"].rows
    folds.fold(aim_dir, database)
    assert database.sizes()["points"].rows == before


def test_a_run_is_followed_over_chunks_by_one_process_and_by_others(tmp_path: Path, database: Database) -> None:
    """Each chunk is a megabyte of the log."""
    run = aim.Run(repo=tmp_path, environment=False)
    with folding.filling(tmp_path / ".aim", database) as filling:
        for part in range(3):
            folds.track(run, folds.chunked(9_000, part), step=part * 8_000)
            filling.refresh()
            assert folds.differences(tmp_path / ".aim", database) == []
    for part in range(3, 6):
        folds.track(run, folds.chunked(5_000, part), step=part * 8_000)
        run["hparams"] = {"lr": part, "optimizer": {"name": "adam"} if part % 2 else "sgd"}
        folds.fold(tmp_path / ".aim", database)
        assert folds.differences(tmp_path / ".aim", database) == []
    run.close()
    folds.fold(tmp_path / ".aim", database)
    assert folds.differences(tmp_path / ".aim", database) == []
    assert Repo(folds.url(database)).run(run.hash).status == "finished"


def test_a_resume_hides_points_and_adds_a_writer(tmp_path: Path, database: Database) -> None:
    with aim.Run("one", repo=tmp_path, environment=False) as run:
        folds.track(run, folds.chunked(100))
    folds.fold(tmp_path / ".aim", database)
    with aim.Run("one", repo=tmp_path, resume_from=50, environment=False) as run:
        folds.track(run, folds.chunked(100, 1), step=50)
    folds.fold(tmp_path / ".aim", database)
    assert folds.differences(tmp_path / ".aim", database) == []
    assert database.client.query("SELECT writer FROM heartbeats FINAL")["writer"].tolist() == [""]


@pytest.mark.parametrize("earlier", [False, True])
def test_a_fold_that_is_killed_at_any_statement(tmp_path: Path, database: Database, earlier: bool) -> None:
    run = aim.Run(repo=tmp_path, environment=False)
    folds.track(run, folds.chunked(500))
    if earlier:
        folds.fold(tmp_path / ".aim", database)
    killed = 0
    for count in range(0, 60, 5):
        folds.track(run, folds.chunked(40, count), step=1_000 * count)
        run["hparams", "lr"] = count
        if not killed_at(count, tmp_path / ".aim", database):
            break
        killed += 1
    assert killed > 4
    folds.track(run, folds.chunked(500, 99), step=10**6)
    run.close()
    folds.fold(tmp_path / ".aim", database)
    assert folds.differences(tmp_path / ".aim", database) == []


def killed_at(count: int, aim_dir: Path, database: Database) -> bool:
    command = [sys.executable, "-m", "tests.clickhouse.killed_fold", str(aim_dir), folds.url(database), str(count)]
    done = subprocess.run(command, cwd=ROOT, check=False)
    assert done.returncode in (0, -signal.SIGKILL)
    return done.returncode != 0


def test_a_server_that_is_killed_while_a_fold_follows(tmp_path: Path) -> None:
    """It is away when the fold starts, and several times while it follows."""
    if "18.16" not in servers.HERE:
        pytest.skip("no clickhouse-server")
    server = servers.make("18.16", tmp_path / "server")
    server.start()
    following = None
    try:
        database = folds.database(server)
        run = aim.Run(repo=tmp_path, environment=False)
        folds.track(run, folds.chunked(100))
        server.kill()
        with open(tmp_path / "told", "w") as told:
            command = [sys.executable, "-m", "aim", "engine", "fold", folds.url(database), "--follow"]
            following = subprocess.Popen(command, cwd=tmp_path, stderr=told)
        until(lambda: "the logs have it" in (tmp_path / "told").read_text() or following.poll() is not None)
        assert following.poll() is None, (tmp_path / "told").read_text()
        server.start()
        for part in range(4):
            folds.track(run, folds.chunked(2_000, part), step=part * 2_000)
            time.sleep(0.5 + part / 5)
            server.kill()
            folds.track(run, folds.chunked(100, part), step=10**6)
            server.start()
        run.close()
        until(
            lambda: following.poll() is not None or folds.differences(tmp_path / ".aim", database) == [],
            besides=(EngineError,),
        )
        assert database.about()["place"] == f"{tmp_path} on {socket.gethostname()}"
        following.send_signal(signal.SIGINT)
        assert following.wait() == 0
    finally:
        if following is not None and following.poll() is None:
            following.kill()
            following.wait()
        server.kill()


def test_a_run_that_is_gone_leaves_no_rows(tmp_path: Path, database: Database) -> None:
    aim_dir = generated(tmp_path)
    folds.fold(aim_dir, database)
    repo = Repo(folds.url(database))
    before, victim = len(repo.table.rows().runs), repo.table.rows().runs[0]
    (folder,) = {path.parent for path in aim_dir.rglob(f"{victim.id}-*.log")}
    shutil.rmtree(folder)
    folds.fold(aim_dir, database)
    assert len(repo.table.rows().runs) == before - 1
    assert folds.differences(aim_dir, database) == []
    until(lambda: folds.rows_of(database, victim.id) == 0, besides=(EngineError,))


def test_a_log_that_was_replaced_counts_alone(tmp_path: Path, database: Database) -> None:
    with aim.Run(repo=tmp_path, environment=False) as run:
        folds.track(run, folds.chunked(300))
    (log,) = (tmp_path / ".aim" / "runs").rglob("*.log")
    whole = log.read_bytes()
    folds.fold(tmp_path / ".aim", database)
    log.write_bytes(whole[: len(whole) // 2])
    os.utime(log.parent)
    folds.fold(tmp_path / ".aim", database)
    assert folds.differences(tmp_path / ".aim", database) == []
    log.write_bytes(whole)
    folds.fold(tmp_path / ".aim", database)
    assert folds.differences(tmp_path / ".aim", database) == []


def test_what_a_later_fold_wrote_changes_no_earlier_answer(tmp_path: Path, database: Database) -> None:
    """A question may read the runs before a fold, and their params and statistics after it."""
    for name in ("one", "two"):
        with aim.Run(name, repo=tmp_path, environment=False) as run:
            run["hparams"] = {"lr": 0.5}
            folds.track(run, folds.chunked(300))
    folds.fold(tmp_path / ".aim", database)
    before = Index(Shared(database)).refresh()
    log, other = (tmp_path / ".aim" / "runs").rglob("*.log")
    os.utime(other.parent)
    log.write_bytes(log.read_bytes()[: log.stat().st_size // 2])
    os.utime(log.parent)
    folds.fold(tmp_path / ".aim", database)
    runs, _, values = before.params([("hparams", "lr")])
    assert (sorted(runs.tolist()), values) == ([0, 1], ["0.5", "0.5"])
    assert gather(before).columns["count"].tolist() == [300] * 4
    assert folds.differences(tmp_path / ".aim", database) == []


def test_check_finds_each_difference(tmp_path: Path, database: Database) -> None:
    aim_dir = generated(tmp_path, runs=3)
    folds.fold(aim_dir, database)
    for change, words in (
        ("points DELETE WHERE step = 7", "points of a series"),
        ("params DELETE WHERE number = number", "another param"),
        ("series UPDATE sum = sum + 1 WHERE count > 0", "another sum"),
    ):
        assert not any(words in sentence for sentence in folds.differences(aim_dir, database))
        database.client.command(f"ALTER TABLE {change}")
        until(partial(differ, aim_dir, database, words), besides=(EngineError,))


def differ(aim_dir: Path, database: Database, words: str) -> bool:
    return any(words in sentence for sentence in folds.differences(aim_dir, database))


def test_one_process_folds_at_a_time(tmp_path: Path, database: Database) -> None:
    aim_dir = generated(tmp_path, runs=1)
    with folding.filling(aim_dir, database) as filling:
        filling.refresh()
        with pytest.raises(EngineError, match="another process folds"):
            folds.fold(aim_dir, database)
        command = ["engine", "rebuild", folds.url(database), "--repo", str(tmp_path), "--yes"]
        assert "another process folds" in CliRunner().invoke(main, command).output
    assert not folds.differences(aim_dir, database), "nothing was dropped"


def test_a_database_of_another_repository_is_not_read_with_this_one(tmp_path: Path, database: Database) -> None:
    mine = generated(tmp_path / "mine", runs=1)
    Repo(mine, engine=folds.url(database))
    folds.fold(mine, database)
    other = generated(tmp_path / "other", runs=1)
    for _ in ("never folded", "folded elsewhere"):
        with pytest.raises(RepoError, match="another repository than .*other.*aim engine fold"):
            Repo(other, engine=folds.url(database))
        (other / "server").mkdir(exist_ok=True)
        (other / "server" / "engine").write_text("0123\n")
    both = Repo(mine, engine=folds.url(database)), Repo(folds.url(database))
    assert [len(repo.select_runs()) for repo in both] == [1, 1]


def test_no_error_ends_following(tmp_path: Path) -> None:
    stopped, told = Event(), list[str]()

    class Failing(Filling):
        tries = 0

        def refresh(self, *, again: bool = False) -> None:
            assert again is (self.tries > 0)
            self.tries += 1
            if self.tries == 4:
                stopped.set()
                return
            raise KeyError("odd")

    away = Database(parse(f"clickhouse://127.0.0.1:{free_port()}/aim"))
    filling = Failing(tmp_path, SOURCES[0], tmp_path, away, "name")
    folding.follow(filling, stopped, told.append)
    assert filling.tries == 4 and len(told) == 2
    assert "a fault of Aim, KeyError: 'odd'" in told[0] and told[1] == "The engine answers again"


def test_a_server_starts_while_its_database_is_away(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    away = Database(parse(f"clickhouse://127.0.0.1:{free_port()}/aim"))
    with folded_into(away, tmp_path):
        until(lambda: "cannot be reached" in caplog.text, besides=(EngineError,))


def test_a_server_refuses_a_database_of_another_repository(tmp_path: Path, database: Database) -> None:
    database.claim("another")
    with pytest.raises(EngineError, match="another repository"), folded_into(database, tmp_path):
        pass


def test_a_database_that_was_given_to_another_repository_meanwhile_gets_no_runs(
    tmp_path: Path, database: Database
) -> None:
    aim_dir = generated(tmp_path, runs=1)
    with folding.filling(aim_dir, database) as filling:
        database.make_again(str(folding.name_of(aim_dir)))
        database.claim("another")
        with pytest.raises(EngineError, match="another repository"):
            filling.refresh()


def test_nobody_waits_for_an_edit_that_no_fold_brings(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked() -> int:
        index, times = Index(Shared(database)), list[int]()
        index.catalogs.settle([("run", "name", "never")], lambda: times.append(1) or index.refresh())
        return len(times)

    folds.fold(generated(tmp_path, runs=1), database)
    ticks = itertools.count(10**6)
    clock = SimpleNamespace(monotonic=lambda: next(ticks) / 10, time=lambda: 1e9, sleep=lambda seconds: None)
    monkeypatch.setattr("aim.index.shared.time", clock)
    assert asked() > 1
    database.client.command("TRUNCATE TABLE heartbeats")
    assert asked() == 1
