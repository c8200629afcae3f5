"""A look at many runs that grow costs what is new: calls and files are counted."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from aim.index import cache, cache_folder, state
from aim.index.refresh import Index
from aim.index.segment import RUN_WEIGHT
from aim.index.sources.logs import Logs
from tests.index.checks import check, index
from tests.index.logs import LogFile, finished

RUNS = cache.KEEP_RUNS + 6


@pytest.fixture
def files(tmp_path: Path) -> list[LogFile]:
    return [finished(tmp_path, number, end=False) for number in range(RUNS)]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often a row is made of all records of a run, params are read from them, and a file is read alone."""
    counts = Counter[str]()

    def count(owner: Any, name: str) -> None:
        whole = getattr(owner, name)

        def counted(*given: Any, **more: Any) -> Any:
            counts[name] += 1
            return whole(*given, **more)

        monkeypatch.setattr(owner, name, counted)

    count(state, "full_row")
    count(state, "flatten")
    count(Logs, "read")
    return counts


def grow(files: list[LogFile], points: int, begin: int = 3) -> None:
    for file in files:
        for step in range(begin, begin + points):
            file.point(0, step, step / 7, 1.7e9 + step)
        file.save()


def manifest(repo: Path) -> bytes:
    return (repo / ".aim" / "cache" / "manifest").read_bytes()


def test_new_points_of_known_runs_cost_no_row_and_no_segment(
    tmp_path: Path, files: list[LogFile], calls: Counter[str]
) -> None:
    watching = index(tmp_path)
    watching.refresh()
    kept = manifest(tmp_path)
    grow(files, 1)
    watching.refresh()
    assert (calls.pop("full_row"), calls.pop("flatten"), calls) == (2 * RUNS, 2 * RUNS, {}), "kept, and in memory"
    for look in range(1, 4):
        grow(files, 2, 2 + 2 * look)
        catalog = watching.refresh()
        assert (calls, manifest(tmp_path)) == ({}, kept), "all files are read together"
    check(tmp_path, catalog)
    check(tmp_path, index(tmp_path).refresh())


def test_where_nothing_can_be_kept_a_look_at_what_is_known_makes_no_row(
    tmp_path: Path, files: list[LogFile], calls: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_folder, "_writable", lambda folder, aim_dir: False)
    watching = index(tmp_path)
    watching.refresh()
    calls.clear()
    catalog = watching.refresh()
    assert not calls and len(catalog) == RUNS
    check(tmp_path, catalog)


def test_what_else_a_run_records_makes_one_row(tmp_path: Path, files: list[LogFile], calls: Counter[str]) -> None:
    watching = seen(tmp_path, files)
    calls.clear()
    grow(files, 2, 4)
    files[7].params(9, {"lr": 0.5})
    files[7].save()
    catalog = watching.refresh()
    assert calls["full_row"] == 1 and check(tmp_path, catalog)
    place = catalog.index[files[7].run.hex()]
    assert catalog.column("params")[place] == '{"lr":0.5}'
    assert catalog.params([("lr",)])[0].tolist() == [place]


def seen(repo: Path, files: list[LogFile]) -> Index:
    """What saw the files, and then a point more in each."""
    watching = index(repo)
    watching.refresh()
    grow(files, 1)
    watching.refresh()
    return watching


def test_rows_are_kept_when_their_points_weigh_as_much(tmp_path: Path, files: list[LogFile]) -> None:
    watching = seen(tmp_path, files)
    kept = manifest(tmp_path)
    grow(files, RUN_WEIGHT - 2, 4)
    watching.refresh()
    assert manifest(tmp_path) == kept
    grow(files, 1, RUN_WEIGHT + 2)
    check(tmp_path, watching.refresh())
    assert manifest(tmp_path) != kept
    again = index(tmp_path)
    assert check(tmp_path, again.refresh())


def test_an_end_is_kept_at_once_with_its_document(tmp_path: Path, files: list[LogFile], calls: Counter[str]) -> None:
    watching = seen(tmp_path, files)
    kept = manifest(tmp_path)
    files[3].end(1.8e9).save()
    catalog = watching.refresh()
    assert manifest(tmp_path) != kept and catalog.status(catalog.index[files[3].run.hex()]).word == "finished"
    calls.clear()
    again = index(tmp_path).refresh()
    assert calls == {} and check(tmp_path, again)
    assert {again.status(i).word for i in range(len(again))} == {"finished", "running"}
