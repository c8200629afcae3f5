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
from aim.index import partition, store
from aim.index.refresh import Index
from aim.threads import Turn
from tests.index.checks import check, index, same_numbers
from tests.index.logs import wild


@pytest.fixture(params=[None, 50], ids=["one segment", "many segments"])
def chunks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param:
        monkeypatch.setattr(partition, "CHUNK_POINTS", request.param)
        monkeypatch.setattr(partition, "KEEP_POINTS", request.param)


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
    monkeypatch.setattr(partition, "KEEP_POINTS", 50)
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
        index = Index(tmp_path / ".aim")
        catalog = index.refresh()
        assert catalog.status(0).word == "running"
        child.communicate(f"{word}\n", timeout=60)
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
    index = Index(tmp_path)
    index.refresh()
    looks, found = [], []
    look = index._refresh
    monkeypatch.setattr(index, "_refresh", lambda: looks.append(1) or look())
    monkeypatch.setattr(index, "_turn", door := Door(index._turn))
    askers = [threading.Thread(target=lambda: found.append(index.refresh())) for _ in range(4)]
    with door:
        for asker in askers:
            asker.start()
        for _ in range(5):
            door.came.acquire(timeout=30)
    for asker in askers:
        asker.join()
    assert (len(looks), len({id(one) for one in found}), len(found)) == (1, 1, 4)
    index.refresh()
    assert len(looks) == 2
