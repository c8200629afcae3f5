"""The selection of a statement, and its points along each axis."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aim import engine
from aim.errors import QueryError, RunError
from aim.index import rows as rows_of_runs
from aim.index.ints import Ints
from aim.index.rows import Rows
from aim.query.columns import Column, answers, coded, spellings
from aim.query.plan import Sample
from aim.query.runs import columns_of
from aim.repo import Repo
from tests.index.logs import LogFile


def record(repo: Path, hash: str, *, begun: float = 1.7e9, points: int = 10, lr: float = 0.1) -> LogFile:
    file = LogFile(repo, hash).start(begun).params(1, {"hparams": {"lr": lr, "layers": [1, 2]}, "default": {"seed": 7}})
    file.series(0, "loss", {"subset": "train"}).series(1, "loss", {"subset": "val"}).series(2, "accuracy")
    for step in range(points):
        file.point(0, step, 1 / (step + 1), begun + 2 * step, step / 2)
        file.point(1, step, 2 / (step + 1), begun + 2 * step)
    file.point(2, 5, 0.5, begun).end(begun + 100).save()
    return file


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    record(tmp_path, "old", begun=1.6e9, lr=0.5)
    record(tmp_path, "new", lr=0.01)
    return Repo(tmp_path)


def test_runs_are_newest_first_and_series_by_run_name_and_context(repo: Repo) -> None:
    selection = repo.select("loss, accuracy")
    assert [run.hash for run in selection.runs] == ["new", "old"]
    assert selection.series.run.tolist() == [0, 0, 0, 1, 1, 1]
    assert selection.series.name == ["accuracy", "loss", "loss"] * 2
    assert selection.series.context == [{}, {"subset": "train"}, {"subset": "val"}] * 2
    assert selection.series.count.tolist() == [1, 10, 10] * 2


def test_statistics_of_a_series(repo: Repo) -> None:
    series = repo.select('loss if context.subset == "train" and run.hash == "new"').series
    values = 1 / np.arange(1.0, 11)
    assert (series.first[0], series.last[0], series.min[0], series.max[0]) == (1.0, 0.1, 0.1, 1.0)
    assert (series.first_step[0], series.last_step[0], series.min_step[0], series.max_step[0]) == (0, 9, 9, 0)
    assert series.mean[0] == pytest.approx(values.mean(), rel=1e-15)


def test_rows_of_runs_read_long_columns_once(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    names: list[str] = []
    read = Rows.read

    def noted(self: Rows, columns: Sequence[str], rows: Ints | None = None) -> Any:
        names.extend(columns)
        return read(self, columns, rows)

    monkeypatch.setattr(Rows, "read", noted)
    assert [row.started_by for row in repo.table.series().runs] == [None, None]
    assert (names.count("facts"), names.count("params")) == (1, 0)
    rows = repo.table.rows().runs
    assert ([row.started_by for row in rows], names.count("facts"), names.count("params")) == ([None, None], 2, 1)


def test_runs_that_are_looked_at_later_come_from_the_index_of_that_time(repo: Repo) -> None:
    """Their rows are not made before. The files of the answer are gone by then."""
    chosen, whole = repo.select("loss"), repo.table.series()
    shutil.rmtree(repo.aim_dir / "cache")
    assert [run.hash for run in chosen.runs] == ["new", "old"]
    assert [run.params["hparams"]["lr"] for run in whole.runs[:1]] == [repo.run("new").params["hparams"]["lr"]]


@pytest.mark.parametrize("looked", [False, True], ids=["rows are made later", "rows are made before"])
def test_a_run_that_was_deleted_later_hides_no_other(repo: Repo, looked: bool) -> None:
    """The files of the answer are gone too, so a later index answers."""
    rows = repo.select("loss").runs
    before = list(rows) if looked else []
    other = Repo(repo.aim_dir.parent)
    other.runs.delete([other.run("old").id])
    shutil.rmtree(repo.aim_dir / "cache")
    assert (rows[0].hash, rows[0].params["hparams"]["lr"]) == ("new", 0.01)
    assert (rows[-2].facts, [row.tags for row in rows[:1]]) == ({}, [()])
    for look in [lambda: before[1].params] if looked else [lambda: rows[1], lambda: rows[:], lambda: list(rows)]:
        with pytest.raises(RunError, match="was deleted since it was looked up: look"):
            look()


@pytest.mark.parametrize("many", [False, True], ids=["few runs", "long texts are read file by file"])
def test_columns_are_those_of_the_rows(repo: Repo, monkeypatch: pytest.MonkeyPatch, many: bool) -> None:
    if many:
        monkeypatch.setattr(rows_of_runs, "_KEPT_ROWS", 0)
        monkeypatch.setattr(rows_of_runs, "SOME_ROWS", 0)
    repo.runs.tag(repo.run("old").id, "good")
    expected = columns_of(repo.table.rows().runs)
    assert (expected["hash"].tolist(), expected["tags"].tolist()) == (["new", "old"], [(), ("good",)])
    runs = repo.select("loss").runs
    for start, stop in ((0, 1), (1, 2), (0, 2), (2, 2)):
        columns = runs.columns(start, stop)
        assert {name: column.tolist() for name, column in columns.items()} == {
            name: column[start:stop].tolist() for name, column in expected.items()
        }
    assert "params" not in runs.columns(0, 2, params=False)


def test_columns_of_a_run_that_was_deleted_later(repo: Repo) -> None:
    runs = repo.select("loss").runs
    other = Repo(repo.aim_dir.parent)
    other.runs.delete([other.run("old").id])
    shutil.rmtree(repo.aim_dir / "cache")
    assert runs.columns(0, 1)["hash"].tolist() == ["new"]
    with pytest.raises(RunError, match="was deleted since it was looked up: look"):
        runs.columns(0, 2)


def test_rows_are_used_like_those_of_a_list(repo: Repo) -> None:
    selection = repo.select("loss")
    rows = selection.runs
    assert [rows[at].hash for at in selection.series.run[:1]] == [rows[np.int64(-2)].hash] == ["new"]
    assert [row.hash for row in [*(rows + rows[:1]), *([rows[1]] + rows)]] == ["new", "old", "new", "old", "new", "old"]
    with pytest.raises(IndexError):
        rows[2]
    for copied in (pickle.loads(pickle.dumps(rows[0])), copy.deepcopy(rows[0]), pickle.loads(pickle.dumps(rows))[0]):
        assert (copied, copied.params, copied.facts) == (rows[0], rows[0].params, rows[0].facts)
    assert copy.deepcopy(rows) == rows and dataclasses.asdict(rows[0])["hash"] == "new"


def test_only_some_runs(repo: Repo) -> None:
    (run,) = repo.select("loss if params.lr < 0.1").runs
    assert run.hash == "new"
    assert [row.id for row in repo.select("loss", only=[run.id]).runs] == [run.id]
    assert repo.select("loss if params.lr > 0.1", only=[run.id]).runs == []


def test_params_are_selected_with_and_without_metrics(repo: Repo) -> None:
    selection = repo.select("loss, hparams.lr")
    assert (selection.selected_params, len(selection.series)) == ([("hparams", "lr")], 4)
    alone = repo.select("hparams.lr if params.lr > 0.1")
    assert (alone.selected_params, [run.hash for run in alone.runs], len(alone.series)) == (
        [("hparams", "lr")],
        ["old"],
        0,
    )


def test_a_series_condition_is_asked_of_runs_when_only_params_are_selected(repo: Repo) -> None:
    assert len(repo.select("hparams.lr if context.subset == train").runs) == 2
    assert repo.select("hparams.lr if context.subset == test").runs == []


def test_similar_names_are_suggested(repo: Repo) -> None:
    assert "did you mean" in " ".join(repo.select("los").notes)
    assert "params.seed" in " ".join(repo.select("loss if params.sed == 7").notes)
    assert repo.select("loss if params.seed == 7").notes == []


AXES = [
    ("step", [0.0, 1, 2]),
    ("epoch", [0.0, 0.5, 1]),
    ("relative", [0.0, 2, 4]),
    ("process", [0.0, 2, 4]),
    ("time", [1.7e9, 1.7e9 + 2, 1.7e9 + 4]),
]


@pytest.mark.parametrize(("axis", "x"), AXES)
def test_points_along_an_axis(repo: Repo, axis: str, x: list[float]) -> None:
    points = repo.select('loss if context.subset == train and run.hash == "new"').points(sample=Sample(x=axis))  # type: ignore[arg-type]
    assert points.x[:3].tolist() == x
    assert points.steps[:3].tolist() == [0, 1, 2]
    assert points.times[:3].tolist() == [1.7e9, 1.7e9 + 2, 1.7e9 + 4]
    assert points.epochs[:3].tolist() == [0.0, 0.5, 1.0]
    assert points.offsets.tolist() == [0, 10]


# For each process: its start, the times of its points, its end, and its attempt if another process shares it.
ATTEMPTS: list[tuple[str, list[tuple[int, list[int], int | None, int]], list[int]]] = [
    ("one attempt", [(0, [1, 2, 3], 40, 0)], [1, 2, 3]),
    ("from the end to the next start", [(0, [1, 2, 3], 40, 0), (100, [101, 102], 140, 1)], [1, 2, 3, 41, 42]),
    ("of no end, from the last record", [(0, [1, 2, 3], None, 0), (100, [101, 102], None, 1)], [1, 2, 3, 4, 5]),
    ("two pauses", [(0, [1, 2], None, 0), (50, [51], 55, 1), (90, [92], None, 2)], [1, 2, 3, 9]),
    ("an attempt without points", [(0, [1, 2], None, 0), (50, [], 60, 1), (90, [91], 95, 2)], [1, 2, 13]),
    ("attempts that overlap", [(0, [5], 40, 0), (3, [6], 20, 1), (50, [51], 60, 2)], [5, 6, 41]),
    ("processes of one attempt", [(0, [], None, 0), (30, [31], None, 0), (90, [91], None, 1)], [31, 32]),
]


@pytest.mark.parametrize(("processes", "expected"), [row[1:] for row in ATTEMPTS], ids=[row[0] for row in ATTEMPTS])
def test_process_time_leaves_out_the_pauses_of_a_run(
    tmp_path: Path, processes: list[tuple[int, list[int], int | None, int]], expected: list[float]
) -> None:
    run, step = b"r" * 16, 0
    for start, times, end, attempt in processes:
        file = LogFile(tmp_path, "run", run=run).start(1.7e9 + start, attempt=f"{attempt:016x}")
        file.series(0, "loss").series(1, "rare")
        for time in times:
            file.point(0, step, 0.5, 1.7e9 + time)
            if time == times[0]:
                file.point(1, step, 0.5, 1.7e9 + time)
            step += 1
        if end is not None:
            file.end(1.7e9 + end)
        file.save()
    repo = Repo(tmp_path)
    points = repo.select("loss, rare").points(sample=Sample(x="process"))
    loss, rare = np.split(points.x, points.offsets[1:-1])
    assert loss.tolist() == expected
    assert set(rare.tolist()) <= set(expected), "all series of a run have the same pauses"
    assert repo.select("rare").points(sample=Sample(x="process")).x.tolist() == rare.tolist(), (
        "a series alone has them too"
    )


def test_points_without_an_epoch_are_left_out_along_it(repo: Repo) -> None:
    points = repo.select('loss if run.hash == "new"').points(sample=Sample(x="epoch"))
    assert np.diff(points.offsets).tolist() == [10, 0]


def test_an_axis_that_does_not_ascend_is_sorted(tmp_path: Path) -> None:
    file = LogFile(tmp_path, "a").start(0.0).series(0, "loss")
    for step, epoch in enumerate([3.0, 1.0, 2.0]):
        file.point(0, step, float(step), 0.0, epoch)
    file.save()
    points = Repo(tmp_path).select("loss").points(sample=Sample(x="epoch"))
    assert (points.x.tolist(), points.steps.tolist(), points.values.tolist()) == ([1, 2, 3], [1, 2, 0], [1, 2, 0])


def test_points_along_another_metric(tmp_path: Path) -> None:
    file = LogFile(tmp_path, "one").start(1.7e9)
    names = [("loss", {"s": 1}), ("loss", {"s": 2}), ("cost", {"s": 1}), ("only", {})]
    for number, (name, context) in enumerate(names):
        file.series(number, name, context)
    for step, (cost, only) in enumerate([(5.0, 1.0), (7.0, 3.0), (6.0, 2.0)]):
        file.point(0, step, step).point(1, step + 1, step).point(2, step, cost).point(3, step, only)
    file.point(2, 1, 8.0).end(1.7e9 + 9).save()
    selection = Repo(tmp_path).select("loss")
    cost = selection.points(sample=Sample(x="metric:cost"))
    assert cost.x.tolist() == [5, 6, 8, 6, 8] and cost.values.tolist() == [0, 2, 1, 1, 0]
    assert cost.steps.tolist() == [0, 2, 1, 2, 1] and cost.offsets.tolist() == [0, 3, 5]
    assert cost.back is not None and cost.back.tolist() == [True, True]
    only = selection.points(sample=Sample(x="metric:only"))
    assert only.x.tolist() == [1, 2, 3, 2, 3] and only.offsets.tolist() == [0, 3, 5]
    assert selection.points(sample=Sample(x="metric:nothing")).offsets.tolist() == [0, 0, 0]
    assert selection.points(sample=Sample(x="metric:only", window=(1.5, 2.5), columns=4)).x.tolist() == [1, 2, 3, 2, 3]


def test_an_unknown_axis(repo: Repo) -> None:
    with pytest.raises(QueryError, match="step, epoch, relative, process, time"):
        repo.select("loss").points(sample=Sample(x="wall"))  # type: ignore[arg-type]


def test_some_rows_in_a_window_sampled(tmp_path: Path) -> None:
    record(tmp_path, "a", points=1000)
    selection = Repo(tmp_path).select("loss, accuracy")
    points = selection.points([2, 0], sample=Sample(columns=5, window=(100, 199)))
    assert points.sampled.tolist() == [True, False]
    assert points.x[0] == 99 and points.x[points.offsets[1] - 1] == 200
    assert 10 <= points.offsets[1] <= 22
    assert points.times[0] == 1.7e9 + 2 * 99
    everything = selection.points([2])
    assert len(everything.values) == 1000 and not everything.sampled.any()


def test_an_empty_answer(repo: Repo) -> None:
    selection = repo.select("loss if params.lr > 9")
    assert (selection.runs, len(selection.series)) == ([], 0)
    for axis in ("step", "relative"):
        points = selection.points(sample=Sample(x=axis, columns=10, window=(0, 1)))  # type: ignore[arg-type]
        assert (points.offsets.tolist(), len(points.values), len(points.times)) == ([0], 0, 0)


def test_an_empty_repository(tmp_path: Path) -> None:
    repo = Repo.init(tmp_path)
    assert repo.select("loss if params.lr > 9").runs == []
    assert repo.select_runs("run.loss < 1 and params.a.b == 2 and run.facts.x is None") == []
    assert repo.vocabulary().metrics == []


def test_only_the_referenced_columns_are_read(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.count()
    seen: list[tuple[str, dict[str, Any]]] = []
    read = engine.read

    def watched(parts: list[Any], columns: list[str], *, among: Any = None) -> engine.Columns:
        (table,) = {part.name.partition("-")[0] for part in parts if isinstance(part, Path)}
        seen.append((table, among))
        return read(parts, columns, among=among)

    monkeypatch.setattr(engine, "read", watched)
    Repo(repo.root).select("accuracy if params.lr < 1")
    tables = [table for table, _ in seen]
    assert "points" not in tables
    assert ["accuracy"] in [among.get("name") for table, among in seen if table == "series"]
    assert ["hparams\x1flr"] in [among.get("path") for table, among in seen if table == "params"]


def test_a_condition_is_asked_once_for_each_combination() -> None:
    asked: list[tuple[object, ...]] = []

    def code(values: tuple[object, ...]) -> bool:
        asked.append(values)
        return values[0] == values[1]

    varying, other = Column(np.array([0, 1, 0, 1] * 100), ["a", "b"]), Column(np.array([0, 0, 0, 0] * 100), ["a"])
    codes, verdicts = answers([varying, other], code, 400)  # type: ignore[arg-type]
    assert [verdicts[at] for at in codes.tolist()] == [True, False] * 200
    assert sorted(asked) == [("a", "a"), ("b", "a")]


def test_equal_values_of_different_types_stay_apart() -> None:
    assert [type(value) for value in coded([1, 1.0, True, 1, [1], "1"]).values] == [int, float, bool, list, str]


SPELLINGS = [
    (("lr",), [("default", "lr"), ("params", "lr"), ("hparams", "lr")]),
    (("params", "lr"), [("params", "lr"), ("default", "lr"), ("hparams", "lr")]),
    (("hparams", "lr"), [("hparams", "lr")]),
    (("params", "hparams", "lr"), [("hparams", "lr")]),
    (("hparams",), [("hparams",)]),
    (("nothing",), []),
]


@pytest.mark.parametrize(("parts", "wanted"), SPELLINGS)
def test_every_spelling_of_a_param(parts: tuple[str, ...], wanted: list[tuple[str, ...]]) -> None:
    leaves = [("hparams", "lr"), ("default", "lr"), ("params", "lr")]
    assert spellings(parts, leaves) == wanted
