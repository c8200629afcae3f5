"""The index says what the logs say: however it was folded, by whomever, and whatever lies in the cache."""

from __future__ import annotations

import json
import math
import os
import random
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import aim
from aim.index import refresh, store
from aim.index.catalog import Catalog, seconds
from aim.index.refresh import Index
from tests.index.logs import Point, series_of, wild


def contents(catalog: Catalog) -> tuple[dict[tuple[str, str, str], list[Point]], dict[Any, Any]]:
    """All points and all statistics by series."""
    rows = catalog.series()
    points, offsets = rows.points(["step", "value", "time", "epoch"])
    found, stats = {}, {}
    for i in range(len(rows)):
        context = json.dumps(json.loads(rows.columns["context"][i]), sort_keys=True)
        key = (catalog.ids[rows.columns["run"][i]], rows.columns["name"][i], context)
        part = slice(offsets[i], offsets[i + 1])
        times = seconds(points["time"][part]).tolist()
        columns = (points["step"][part].tolist(), points["value"][part].tolist(), times, points["epoch"][part].tolist())
        found[key] = list(zip(*columns, strict=True))
        numbers = {name: rows.columns[name][i].item() for name in STATS}
        numbers["mean"] = (rows.columns["sum"][i] + rows.columns["sum_rest"][i]).item()
        stats[key] = numbers
    return found, stats


STATS = (
    "count",
    "first",
    "first_step",
    "last",
    "last_step",
    "min",
    "min_step",
    "max",
    "max_step",
    "numbers",
    "nonfinite",
)


def expected_stats(points: list[Point]) -> dict[str, float]:
    steps, values = [point[0] for point in points], [point[1] for point in points]
    numbers = [value for value in values if not math.isnan(value)]
    low, high = min(numbers, default=math.nan), max(numbers, default=math.nan)
    return {
        "count": len(points), "numbers": len(numbers), "nonfinite": sum(not math.isfinite(value) for value in values),
        "first": values[0], "first_step": steps[0], "last": values[-1], "last_step": steps[-1], "min": low, "max": high,
        "min_step": steps[values.index(low)] if numbers else steps[0],
        "max_step": steps[values.index(high)] if numbers else steps[0],
    }  # fmt: skip


def same(one: Any, other: Any) -> bool:
    return bool(np.array_equal(np.array(one, float), np.array(other, float), equal_nan=True))


def check(repo: Path, catalog: Catalog) -> dict[Any, Any]:
    """The catalog against a plain reading of the logs; returns its statistics."""
    wanted = series_of(repo)
    points, stats = contents(catalog)
    assert points.keys() == wanted.keys()
    for key, expected in wanted.items():
        assert same(points[key], expected), key
        numbers = expected_stats(expected)
        assert same([stats[key][name] for name in numbers], list(numbers.values())), (key, stats[key], numbers)
    return stats


def index(repo: Path) -> Index:
    return Index(repo / ".aim")


@pytest.fixture(params=[None, 50], ids=["one segment", "many segments"])
def chunks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param:
        monkeypatch.setattr(refresh, "CHUNK_POINTS", request.param)
        monkeypatch.setattr(refresh, "KEEP_POINTS", request.param)


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


def same_numbers(one: dict[Any, Any], other: dict[Any, Any]) -> bool:
    """Equal to the last bit, the sums too: however the folding was cut into pieces."""
    return one.keys() == other.keys() and all(same(list(one[key].values()), list(other[key].values())) for key in one)


def test_without_any_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refresh, "KEEP_POINTS", 50)
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
    """A lock that says who came to it."""

    def __init__(self, lock: Any) -> None:
        self.lock = lock
        self.came = threading.Semaphore(0)

    def __enter__(self) -> None:
        self.came.release()
        self.lock.acquire()

    def __exit__(self, *error: object) -> None:
        self.lock.release()


def test_threads_that_wait_share_one_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = Index(tmp_path)
    index.refresh()
    looks, found = [], []
    look = index._refresh
    monkeypatch.setattr(index, "_refresh", lambda: looks.append(1) or look())
    monkeypatch.setattr(index, "_lock", door := Door(index._lock))
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
