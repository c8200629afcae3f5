"""What several processes fold is what one folds, whatever happens to them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aim import processes
from aim.index import cache, partition
from aim.index.cache_folder import CacheFolder
from aim.index.local import Local
from aim.index.refresh import Index
from aim.index.schema import RUNS
from tests.index.checks import check, index, partition_of, same_numbers
from tests.index.logs import LogFile, finished, wild

OWN = ("segment", "since", "dir_mtime", "dir_inode", "status", "finished_at", "seen_at")


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Runs of all kinds, which are shared by few."""
    for seed in range(4):
        for file in wild(tmp_path, seed):
            file.save()
    for number in range(12):
        finished(tmp_path, number, end=number % 3 > 0)
    two = LogFile(tmp_path, "run 1")
    two.start(1.7e9).series(0, "loss").point(0, 1, 0.5).end(1.7e9 + 1).save()
    monkeypatch.setattr(partition, "SHARED_RUNS", 4)
    monkeypatch.setattr(partition, "SLICE_RUNS", 5)
    monkeypatch.setattr(cache, "SHARE_RUNS", 5)
    monkeypatch.setattr(partition, "FIRST_RUNS", 2)
    monkeypatch.setattr(cache, "usable", lambda *, each, most: 2)
    return tmp_path


@pytest.fixture
def adopted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many segments came from other processes, each time."""
    counts: list[int] = []
    adopt = CacheFolder.adopt

    def spy(self: CacheFolder, entries: Any) -> Any:
        counts.append(len(entries))
        return adopt(self, entries)

    monkeypatch.setattr(CacheFolder, "adopt", spy)
    return counts


def rows(shown: Index) -> dict[str, dict[str, Any]]:
    """The rows of all runs, without what depends on when they were folded."""
    catalog = shown.refresh()
    every = catalog.some([name for name in RUNS if name not in OWN], list(range(len(catalog))))
    return {id: {name: every[name][at] for name in every} for at, id in enumerate(catalog.ids)}


def compare(repo: Path, shared: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """Check an index, and compare it with one that one process makes."""
    numbers, mine = check(repo, shared.refresh()), rows(shared)
    assert same_numbers(check(repo, index(repo).refresh()), numbers)
    monkeypatch.setattr(cache, "usable", lambda *, each, most: 1)
    shutil.rmtree(repo / ".aim" / "cache")
    alone = index(repo)
    assert same_numbers(check(repo, alone.refresh()), numbers)
    others = rows(alone)
    for id, row in others.items():
        if not (row["doc"] and mine[id]["doc"]):  # a run that may be open keeps its document in memory for a while
            row["doc"] = mine[id]["doc"] = ""
    assert str(others) == str(mine), "a row differs"


def test_the_same_answers(repo: Path, adopted: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    files = Local(repo / ".aim", progress=lambda done, total, text: told.append(f"{done} {text}"))
    shared = Index(files)
    shared.refresh()
    assert sum(adopted) >= 4
    total = len(list((repo / ".aim" / "runs").iterdir()))
    assert told[-1] == f"1000 indexing {total} of {total} runs" and len(set(told)) > 4
    compare(repo, shared, monkeypatch)


def test_answers_between_the_parts(repo: Path, adopted: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    part = partition_of(index(repo))
    counts = []
    while part.waiting or not counts:
        part.refresh(partly=True)
        counts.append(part.folders() - part.waiting)
    assert counts == [2, 12, 21] and sum(adopted) >= 4
    compare(repo, index(repo), monkeypatch)


def test_no_process_is_left(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crews: list[processes.Crew] = []
    monkeypatch.setattr(cache, "Crew", lambda *given: crews.append(processes.Crew(*given)) or crews[-1])
    index(repo).refresh()
    assert [crew.working() for crew in crews] == [0]


def test_runs_that_still_record_go_on(repo: Path, adopted: list[int]) -> None:
    files = [finished(repo, number, end=False) for number in range(20, 40)]
    shown = index(repo)
    check(repo, shown.refresh())
    for file in files:
        file.point(0, 7, 7.5).end(1.8e9).save()
    check(repo, shown.refresh())
    assert sum(adopted) >= 4


def test_later_runs_are_shared_too(repo: Path, adopted: list[int]) -> None:
    shown = index(repo)
    shown.refresh()
    before = sum(adopted)
    for number in range(50, 70):
        finished(repo, number)
    check(repo, shown.refresh())
    assert sum(adopted) > before


@pytest.mark.parametrize("obstacle", ["killed after its work", "cannot start", "ends at once"])
def test_processes_that_do_not_answer(
    repo: Path, adopted: list[int], monkeypatch: pytest.MonkeyPatch, obstacle: str
) -> None:
    monkeypatch.setenv("AIM_TEST_OWNER", str(os.getpid()))
    if obstacle == "killed after its work":
        monkeypatch.setattr(cache, "SHARE", "tests.tasks:fold_and_die")
    elif obstacle == "cannot start":
        monkeypatch.setattr(processes, "python", lambda: "/nowhere/python")
    else:
        monkeypatch.setattr(processes, "python", lambda: "/bin/false")
    shown = index(repo)
    shown.refresh()
    assert sum(adopted) >= 4, "this process did it"
    compare(repo, shown, monkeypatch)


def test_a_full_disk(repo: Path, adopted: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "python", lambda: "/bin/false")
    monkeypatch.setattr(CacheFolder, "write", lambda self, number, tables: None)
    numbers = check(repo, index(repo).refresh())
    assert adopted == []
    monkeypatch.undo()
    assert same_numbers(check(repo, index(repo).refresh()), numbers)


def each_share(monkeypatch: pytest.MonkeyPatch, harm: Callable[[dict[str, Any]], object]) -> None:
    """Call `harm` with what a process says before it is taken."""
    adopt = CacheFolder.adopt

    def harmed(self: CacheFolder, entries: Any) -> Any:
        for entry in entries:
            harm(entry)
        return adopt(self, entries)

    monkeypatch.setattr(CacheFolder, "adopt", harmed)


def test_a_segment_that_is_gone_is_folded_again(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lost: list[str] = []

    def lose(entry: dict[str, Any]) -> None:
        lost.append(entry["files"]["series"]["name"])
        (repo / ".aim" / "cache" / lost[-1]).unlink()

    each_share(monkeypatch, lose)
    numbers = check(repo, index(repo).refresh())
    assert lost and same_numbers(check(repo, index(repo).refresh()), numbers)


def test_another_process_folds_meanwhile(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_PATIENCE", 0.0)
    others: list[Index] = []

    def meddle(entry: dict[str, Any]) -> None:
        if not others:
            others.append(index(repo))
            check(repo, others[0].refresh())

    each_share(monkeypatch, meddle)
    numbers = check(repo, index(repo).refresh())
    assert others and same_numbers(check(repo, index(repo).refresh()), numbers)


def test_what_another_process_wrote_meanwhile_stays(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It did not wait any longer for the lock, and finished first."""
    manifest = repo / ".aim" / "cache" / "manifest"
    others: list[Index] = []
    written: list[bytes] = []

    def finish(entry: dict[str, Any]) -> None:
        if not others:
            others.append(index(repo))
            others[0].refresh()
            written.append(manifest.read_bytes())

    each_share(monkeypatch, finish)
    kept = cache.Cache(CacheFolder(repo / ".aim"), 0)
    kept.load()
    names = [folder.name for folder in (repo / ".aim" / "runs").iterdir()]
    assert list(kept.shared([], names, 1, more=False)) == []
    assert manifest.read_bytes() == written[0]
