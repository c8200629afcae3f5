"""Tables of segments: the same rows from files and from memory, and files that do not match their description."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aim import engine, layout
from aim.engine import read
from aim.errors import EngineError
from aim.index import segment
from aim.index.cache_folder import CacheFolder
from aim.index.schema import TABLES, run_number
from aim.index.segment import Places, Segment, column, stored
from aim.log.edits import Editor
from tests.index.checks import index
from tests.index.logs import LogFile

EMPTY = {name: segment.empty(name) for name in TABLES}


def tables(number: int, paths: str = "", counts: tuple[int, ...] = ()) -> dict[str, Any]:
    """Params with these paths, and points of series with so many points each."""
    rows = [{"segment": number, "run": 1, "path": path, "value": "1", "number": 1.0} for path in paths]
    series = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    made = {name: np.zeros(len(series), kind.dtype) for name, kind in segment.empty("points").items()}
    made |= {"series": series, "step": np.arange(len(series), dtype=np.int64)}
    return {**EMPTY, "params": segment.table(rows, "params"), "points": made}


@pytest.fixture(params=["files", "memory"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> list[Segment]:
    layout.create(tmp_path / ".aim")
    folder = CacheFolder(tmp_path / ".aim")
    made = [tables(1, "abc", (2, 3, 4)), tables(2, "cd", (1,))]
    if request.param == "memory":
        return [Segment(number, 0, memory=table) for number, table in enumerate(made, 1)]
    return [segment_there for number, table in enumerate(made, 1) if (segment_there := folder.write(number, table))]


FILTERS: list[tuple[dict[str, list[object]], str]] = [
    ({}, "abccd"), ({"path": ["c", "x"]}, "cc"), ({"path": ["a"], "run": [1]}, "a"), ({"path": ["a"], "run": [2]}, ""),
    ({"path": []}, ""),
]  # fmt: skip


@pytest.mark.parametrize(("among", "paths"), FILTERS)
def test_rows_with_given_values(kept: list[Segment], among: dict[str, list[object]], paths: str) -> None:
    assert "".join(sorted(read(stored(kept, "params"), ["path"], among=among)["path"].tolist())) == paths


def test_unneeded_values_are_not_read(tmp_path: Path) -> None:
    gone = Segment(1, 0, files={"params": tmp_path / "gone.parquet"})
    assert len(read(stored([gone], "params"), ["path"], among={"path": []})["path"]) == 0
    with pytest.raises(EngineError):
        read(stored([gone], "params"), ["path"])


def test_distinct_values(kept: list[Segment]) -> None:
    parts = stored(kept, "params")
    assert set(engine.distinct(parts, ["path"])["path"].tolist()) == {"a", "b", "c", "d"}
    assert len(engine.distinct(parts, ["path"], limit=2)["path"]) == 2


def steps_of(of: Segment, begin: list[int], count: list[int], series: list[int]) -> list[int]:
    """The steps of the points of some rows of the series table."""
    part = {name: np.array(some) for name, some in (("begin", begin), ("count", count), ("series", series))}
    made = segment.room("points", ["step"], sum(count))
    read = (
        of.memory["points"]
        if of.memory
        else engine.read_keys(of.files["points"], "series", np.unique(series), ["step"])
    )
    segment.put(made, np.arange(sum(count)), of, read, part)
    return list(made["step"].tolist())


def test_of_a_series_asked_for_twice_the_points_come_twice(kept: list[Segment]) -> None:
    twice = [0, 1, 2, 3, 4, 2, 3, 4, 5, 6, 7, 8]
    assert steps_of(kept[0], [0, 2, 2, 5], [2, 3, 3, 4], [0, 1, 1, 2]) == twice


CHOSEN = [([0], [0, 1]), ([1], [2, 3, 4]), ([0, 2], [0, 1, 5, 6, 7, 8]), ([0, 1, 2], list(range(9)))]


@pytest.mark.parametrize(("chosen", "steps"), CHOSEN)
def test_points_of_some_series(kept: list[Segment], chosen: list[int], steps: list[int]) -> None:
    assert steps_of(kept[0], [[0, 2, 5][i] for i in chosen], [[2, 3, 4][i] for i in chosen], chosen) == steps


def test_points_that_do_not_match_the_series_table(tmp_path: Path) -> None:
    layout.create(tmp_path / ".aim")
    stored_segment = CacheFolder(tmp_path / ".aim").write(1, tables(1, counts=(2, 3)))
    assert stored_segment is not None
    with pytest.raises(EngineError, match="holds 3 points where 4 were expected"):
        steps_of(stored_segment, [2], [4], [1])


def test_where_groups_of_rows_begin() -> None:
    first, second = np.array([1, 1, 1, 2]), np.array([5, 5, 6, 6])
    assert segment.begins(first, second).tolist() == [0, 2, 3]
    assert segment.begins(first).tolist() == [0, 3]


def test_the_newest_row_of_a_run() -> None:
    numbers, last = segment.newest_rows(np.array([3, 1, 3]))
    assert (numbers.tolist(), last.tolist()) == ([1, 3], [1, 2])


@pytest.mark.parametrize(("kind", "kept"), [("DOUBLE", [1.0, "nan"]), ("VARCHAR", ["1", None])])
def test_a_missing_value(kind: str, kept: list[Any]) -> None:
    made = column([kept[0], None], kind).tolist()
    assert [str(value) for value in made] == [str(value) for value in kept]


def test_which_rows_count() -> None:
    """For series, rows from the first segment that counts for their run; for params, rows of the newest one that has
    it. In a database, rows of the state in which the run is known, and params of a later fold, which replaced them."""
    numbers, since, newest = np.array([70, 50]), np.array([2, 1]), np.array([3, 1])
    rows = {"run": np.array([50, 50, 70, 70, 70, 60, 99]), "segment": np.array([1, 2, 1, 2, 3, 3, 3])}
    places = Places(numbers, since, newest)
    assert places.of_series(rows).tolist() == [1, 1, -1, 0, 0, -1, -1]
    assert places.of_params(rows).tolist() == [1, -1, -1, -1, 0, -1, -1]
    later = Places(numbers, since, newest, changing=True)
    assert later.of_series(rows).tolist() == [1, -1, -1, 0, -1, -1, -1]
    assert later.of_params(rows).tolist() == [1, 1, -1, -1, 0, -1, -1]
    nothing = Places(*(np.array([], np.int64) for _ in range(3)))
    assert nothing.of_series(rows).tolist() == [-1] * 7


@pytest.mark.parametrize("gone", [[], [0], [1], [2], [0, 2], [0, 1], [0, 1, 2]])
def test_a_param_is_known_while_one_of_its_runs_is(tmp_path: Path, gone: list[int]) -> None:
    """Also when the first and the last run of the segment that has it were deleted."""
    files = [
        LogFile(tmp_path, f"run {n}").start(1.7e9 + n).params(1, {"shared": {"lr": n}, f"own{n}": 1}) for n in range(3)
    ]
    for file in files:
        file.end(1.8e9).save()
    first = index(tmp_path)
    assert len(first.refresh()) == 3
    files.sort(key=lambda file: run_number(file.run.hex()))
    for place in gone:
        Editor(tmp_path / ".aim").edit(files[place].run.hex(), "deleted", True)
    left = {file.hash[-1] for place, file in enumerate(files) if place not in gone}
    wanted = {("shared", "lr")} if left else set()
    assert set(first.refresh().param_paths) == wanted | {(f"own{n}",) for n in left}
