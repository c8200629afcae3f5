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
from aim.index import fold, partition, store
from aim.index.local import Local
from aim.index.refresh import Index
from aim.index.segment import stored
from aim.threads import Turn
from tests.index.checks import check, index, same_numbers
from tests.index.logs import finished, wild
from tests.waiting import PATIENCE


@pytest.fixture(params=[None, 50], ids=["one segment", "many segments"])
def chunks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param:
        monkeypatch.setattr(partition, "CHUNK_POINTS", request.param)
        monkeypatch.setattr(fold, "KEEP_POINTS", request.param)


@pytest.mark.parametrize("seed", range(3))
def test_all_at_once(tmp_path: Path, seed: int, chunks: None) -> None:
    for file in wild(tmp_path, seed):
        file.save()
    first = check(tmp_path, index(tmp_path).refresh())
    assert same_numbers(check(tmp_path, index(tmp_path).refresh()), first)
    shutil.rmtree(tmp_path / ".aim" / "cache")
    assert same_numbers(check(tmp_path, index(tmp_path).refresh()), first)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("fresh", [False, True], ids=["one process", "a process a look"])
def test_while_it_is_written(tmp_path: Path, seed: int, fresh: bool, chunks: None) -> None:
    rng = random.Random(seed)
    files = wild(tmp_path, 100 + seed)
    length = {id(file): 0 for file in files}
    watching = index(tmp_path)
    while any(length[id(file)] < len(file.data) for file in files):
        for file in rng.sample(files, 2):
            length[id(file)] = min(len(file.data), length[id(file)] + rng.randrange(1, 6000))
            file.save(length[id(file)])
        check(tmp_path, (index(tmp_path) if fresh else watching).refresh())
    grown = check(tmp_path, watching.refresh())
    shutil.rmtree(tmp_path / ".aim" / "cache", ignore_errors=True)
    assert same_numbers(grown, check(tmp_path, index(tmp_path).refresh()))


def test_without_any_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fold, "KEEP_POINTS", 50)
    monkeypatch.setattr(store, "_writable", lambda folder, aim_dir: False)
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
    assert reading.catalogs.indexing is None and told[-1] == "1000 1000 indexing 7 of 7 runs"
    assert told.index(next(line for line in told if line.endswith("indexing 2 of 7 runs"))) < len(told) - 1
    sizes = [len(engine.read(stored([segment], "runs"), ["run"])["run"]) for segment in catalog.segments]
    assert all(sizes) and len(catalog) == 7, "no segment is empty"


def test_answers_while_runs_are_read_hold_those_read_so_far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partition, "SLICE_RUNS", 3)
    monkeypatch.setattr(partition, "FIRST_RUNS", 1)
    for number in range(8):
        finished(tmp_path, number, end=number != 5)
    reading = Index(Local(tmp_path / ".aim", partly=True))
    seen = [(len(reading.refresh()), reading.catalogs.indexing) for _ in range(5)]
    assert seen == [(1, (1, 8)), (4, (4, 8)), (7, (7, 8)), (8, None), (8, None)]
    check(tmp_path, reading.refresh())
    finished(tmp_path, 9)
    assert len(reading.refresh()) == 9 and reading.catalogs.indexing is None
    assert len(Index(Local(tmp_path / ".aim", partly=True)).refresh()) == 9, (
        "what is in the cache is not read in slices"
    )


def test_a_question_does_not_wait_for_the_next_slice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partition, "SLICE_RUNS", 2)
    monkeypatch.setattr(partition, "FIRST_RUNS", 2)
    for number in range(6):
        finished(tmp_path, number)
    reading = Index(Local(tmp_path / ".aim", partly=True))
    known = reading.refresh()
    begun, go = threading.Event(), threading.Event()
    whole = partition.Partition._fold_much

    def slow(self: partition.Partition, work: list[partition.Work]) -> None:
        begun.set()
        assert go.wait(PATIENCE)
        whole(self, work)

    monkeypatch.setattr(partition.Partition, "_fold_much", slow)
    slicing = threading.Thread(target=reading.refresh)
    slicing.start()
    assert begun.wait(PATIENCE)
    assert reading.refresh() is known and len(known) < 6
    go.set()
    slicing.join(PATIENCE)
    assert len(reading.refresh()) > len(known)


def test_two_processes_share_the_slices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partition, "SLICE_RUNS", 2)
    monkeypatch.setattr(partition, "FIRST_RUNS", 2)
    for number in range(9):
        finished(tmp_path, number)
    first, second = Index(Local(tmp_path / ".aim", partly=True)), Index(Local(tmp_path / ".aim", partly=True))
    for _ in range(3):
        first.refresh()
        second.refresh()
    check(tmp_path, first.refresh())
    check(tmp_path, second.refresh())


@pytest.mark.parametrize("points", [3, 4])
def test_a_fold_that_ends_when_a_segment_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, points: int) -> None:
    file = finished(tmp_path, 1, points=points)
    monkeypatch.setattr(partition, "CHUNK_POINTS", 3)
    catalog = index(tmp_path).refresh()
    check(tmp_path, catalog)
    assert file.run.hex() in catalog.ids
    assert [len(engine.read(stored([segment], "runs"), ["run"])["run"]) for segment in catalog.segments] == [1]
