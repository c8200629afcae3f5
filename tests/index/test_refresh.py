"""The index matches the logs: however it was folded, by any process, and with any content of the cache."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import aim
from aim import engine
from aim.errors import RepoError
from aim.index import cache_folder, fold, partition, refresh
from aim.index.catalog import Catalog
from aim.index.local import Local
from aim.index.refresh import Index
from aim.index.segment import stored
from aim.threads import Turn
from tests.index.checks import check, index, same_numbers
from tests.index.logs import finished, wild
from tests.rounds import ROUNDS
from tests.waiting import PATIENCE

# Their runs have up to three attempts, and damage.
SEEDS = range(2, 2 + ROUNDS)


@pytest.fixture(params=[None, 50], ids=["one segment", "many segments"])
def chunks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param:
        monkeypatch.setattr(partition, "CHUNK_POINTS", request.param)
        monkeypatch.setattr(fold, "KEEP_POINTS", request.param)


@pytest.mark.parametrize("seed", SEEDS)
def test_all_at_once(tmp_path: Path, seed: int, chunks: None) -> None:
    for file in wild(tmp_path, seed):
        file.save()
    first = check(tmp_path, index(tmp_path).refresh())
    assert same_numbers(check(tmp_path, index(tmp_path).refresh()), first)
    shutil.rmtree(tmp_path / ".aim" / "cache")
    assert same_numbers(check(tmp_path, index(tmp_path).refresh()), first)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("fresh", [False, True], ids=["one process", "a process a look"])
def test_while_it_is_written(tmp_path: Path, seed: int, fresh: bool, chunks: None) -> None:
    rng = random.Random(seed)
    files = wild(tmp_path, 100 + seed)
    length = {id(file): 0 for file in files}
    watching = index(tmp_path)
    while any(length[id(file)] < len(file.data) for file in files):
        for file in rng.sample(files, 2):
            length[id(file)] = min(len(file.data), length[id(file)] + rng.randrange(1, 12_000))
            file.save(length[id(file)])
        check(tmp_path, (index(tmp_path) if fresh else watching).refresh())
    grown = check(tmp_path, watching.refresh())
    shutil.rmtree(tmp_path / ".aim" / "cache", ignore_errors=True)
    assert same_numbers(grown, check(tmp_path, index(tmp_path).refresh()))


def test_without_any_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fold, "KEEP_POINTS", 50)
    monkeypatch.setattr(cache_folder, "_writable", lambda folder, aim_dir: False)
    for file in wild(tmp_path, 7):
        file.save()
    check(tmp_path, index(tmp_path).refresh())
    assert not (tmp_path / ".aim" / "cache").exists()


CHILD = """
import sys, aim
run = aim.Run("child", repo=sys.argv[1])
run.track(1.0, "loss")
print(flush=True)
if sys.stdin.readline() == "end\\n":
    run.close()
sys.stdout.close()
import os; os._exit(0)
"""


@pytest.mark.parametrize(("word", "after"), [("end", "finished"), ("die", "killed")])
def test_an_end_that_was_written_after_the_look_is_not_taken_for_a_kill(tmp_path: Path, word: str, after: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(aim.__file__).parent.parent)}
    command = [sys.executable, "-c", CHILD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as child:
        assert child.stdin is not None and child.stdout is not None
        child.stdout.readline()
        index = Index(Local(tmp_path / ".aim"))
        catalog = index.refresh()
        assert catalog.status(0).word == "running"
        child.communicate(f"{word}\n")
    assert word == "die" or catalog.status(0).word == "running"
    assert index.refresh().status(0).word == after


class Door:
    """A lock that records who took it."""

    broken = False

    def __init__(self, turn: Turn) -> None:
        self.turn = turn
        self.came = threading.Semaphore(0)

    def __enter__(self) -> None:
        self.came.release()
        self.turn.__enter__()

    def __exit__(self, *error: Any) -> None:
        self.turn.__exit__(*error)


def test_threads_that_wait_share_one_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = Index(Local(tmp_path))
    index.refresh()
    looks, catalogs = [], []
    look = index.catalogs.current
    monkeypatch.setattr(index.catalogs, "current", lambda before: looks.append(1) or look(before))
    monkeypatch.setattr(index, "_turn", door := Door(index._turn))
    askers = [threading.Thread(target=lambda: catalogs.append(index.refresh())) for _ in range(4)]
    with door:
        for asker in askers:
            asker.start()
        for _ in range(5):
            door.came.acquire(timeout=PATIENCE)
    for asker in askers:
        asker.join()
    assert (len(looks), len({id(catalog) for catalog in catalogs}), len(catalogs)) == (1, 1, 4)
    index.refresh()
    assert len(looks) == 2


@pytest.mark.parametrize("limit", ["SLICE_RUNS", "SLICE_BYTES"])
def test_many_new_runs_are_read_in_slices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setattr(partition, limit, 2)
    monkeypatch.setattr(partition, "FIRST_RUNS", 2)
    for number in range(7):
        finished(tmp_path, number, points=70_000 if limit == "SLICE_BYTES" and number == 3 else 3)
    told: list[str] = []
    files = Local(tmp_path / ".aim", progress=lambda done, total, text: told.append(f"{done} {total} {text}"))
    reading = Index(files)
    catalog = reading.refresh()
    check(tmp_path, catalog)
    assert catalog.indexing is None and told[-1] == "1000 1000 indexing 7 of 7 runs"
    assert told.index(next(line for line in told if line.endswith("indexing 2 of 7 runs"))) < len(told) - 1
    sizes = [len(engine.read(stored([segment], "runs"), ["run"])["run"]) for segment in catalog.segments]
    assert all(sizes) and len(catalog) == 7, "no segment is empty"


class Slices:
    """A thread that reads slices of new runs, each when it is told to."""

    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self.go = threading.Semaphore(0), threading.Semaphore(0)
        whole = Local.current

        def read(files: Local, before: Catalog | None) -> Catalog:
            if before is not None:
                self.begun.release()
                assert self.go.acquire(timeout=PATIENCE)
            return whole(files, before)

        monkeypatch.setattr(Local, "current", read)
        self.index = Index(Local(tmp_path / ".aim", partly=True))

    def next(self) -> None:
        """Let the thread read another slice, and wait until it begins the one after it, or ends."""
        self.go.release()
        while self.index._reader is not None and self.index._reader.is_alive() and not self.begun.acquire(timeout=0.05):
            pass


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partition, "SLICE_RUNS", 3)
    monkeypatch.setattr(partition, "FIRST_RUNS", 1)
    monkeypatch.setattr(refresh, "_REST_SECONDS", 0.0)


def test_answers_while_runs_are_read_hold_those_read_so_far(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: None
) -> None:
    """Nobody waits for a slice, and while the last one is read, some runs are left."""
    for number in range(8):
        finished(tmp_path, number, end=number != 5)
    slices = Slices(tmp_path, monkeypatch)
    seen = []
    assert len(slices.index.refresh()) == 1
    slices.begun.acquire(timeout=PATIENCE)
    for _ in range(3):
        catalog = slices.index.refresh()
        seen.append((len(catalog), catalog.indexing))
        slices.next()
    assert seen == [(1, (1, 8)), (4, (4, 8)), (7, (7, 8))]
    slices.go.release()
    catalog = slices.index.refresh()
    assert catalog.indexing is None
    check(tmp_path, catalog)
    monkeypatch.undo()
    finished(tmp_path, 9)
    for reading in (slices.index, Index(Local(tmp_path / ".aim", partly=True))):
        assert len(reading.refresh()) == 9, "what is in the cache is not read in slices"


def test_what_changed_is_told_while_a_slice_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: None
) -> None:
    for number in range(8):
        finished(tmp_path, number)
    slices = Slices(tmp_path, monkeypatch)
    slices.index.refresh()
    slices.begun.acquire(timeout=PATIENCE)
    told = list[object]()
    asking = threading.Thread(target=lambda: told.append(slices.index.changes(slices.index.revision)), daemon=True)
    asking.start()
    asking.join(PATIENCE / 2)
    assert told == [frozenset()]
    slices.go.release(100)
    assert slices.index._reader is not None
    slices.index._reader.join(PATIENCE)


def test_the_last_changes_are_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refresh, "_REMEMBERED", 2)
    reading, ids = index(tmp_path), list[str]()
    (tmp_path / ".aim" / "runs").mkdir(parents=True)
    reading.refresh()
    for number in range(3):
        ids.append(finished(tmp_path, number).run.hex())
        reading.refresh()
    known = [reading.changes(since) for since in range(6)]
    assert known == [None, None, frozenset(ids[1:]), frozenset(ids[2:]), frozenset(), None]


def read_whole(reading: Index) -> Catalog:
    while reading.refresh().indexing:
        threading.Event().wait(0.01)
    return reading.refresh()


def test_much_that_is_new_beside_a_cache_is_read_in_slices_too(tmp_path: Path, small: None) -> None:
    finished(tmp_path, 0)
    index(tmp_path).refresh()
    for number in range(1, 9):
        finished(tmp_path, number)
    reading = Index(Local(tmp_path / ".aim", partly=True))
    catalog = reading.refresh()
    assert (len(catalog), catalog.indexing) == (4, (4, 9))
    check(tmp_path, read_whole(reading))


def test_a_slice_that_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: None) -> None:
    for number in range(8):
        finished(tmp_path, number)
    whole, failed = partition.Partition.refresh, threading.Event()

    def read(part: partition.Partition, *, partly: bool) -> None:
        if failed.is_set() or threading.current_thread() is not threading.main_thread():
            failed.set()
            raise RepoError("the runs cannot be listed")
        whole(part, partly=partly)

    reading = Index(Local(tmp_path / ".aim", partly=True))
    with monkeypatch.context() as failing:
        failing.setattr(partition.Partition, "refresh", read)
        reading.refresh()
        assert reading._reader is not None
        reading._reader.join(PATIENCE)
        with pytest.raises(RepoError, match="cannot be listed"):
            reading.refresh()
    check(tmp_path, read_whole(reading))


def test_two_processes_share_the_slices(tmp_path: Path, small: None) -> None:
    for number in range(9):
        finished(tmp_path, number)
    first, second = Index(Local(tmp_path / ".aim", partly=True)), Index(Local(tmp_path / ".aim", partly=True))
    first.refresh()
    second.refresh()
    check(tmp_path, read_whole(first))
    check(tmp_path, read_whole(second))


@pytest.mark.parametrize("points", [3, 4])
def test_a_fold_that_ends_when_a_segment_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, points: int) -> None:
    file = finished(tmp_path, 1, points=points)
    monkeypatch.setattr(partition, "CHUNK_POINTS", 3)
    catalog = index(tmp_path).refresh()
    check(tmp_path, catalog)
    assert file.run.hex() in catalog.ids
    assert [len(engine.read(stored([segment], "runs"), ["run"])["run"]) for segment in catalog.segments] == [1]
