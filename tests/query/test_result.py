"""Runs, metrics and traces as Python code gets them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import aim
from aim import engine
from aim.errors import MissingDependency
from aim.query import result
from aim.repo import Repo


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(3):
        with aim.Run(f"run {number}", repo=tmp_path, experiment="e") as run:
            run["hparams"] = {"lr": 0.1 * number}
            run.add_tag("x")
            for step in range(4):
                run.track(step + number, name="loss", step=step, epoch=step, context={"subset": "train", "step": 1})
                run.track(float("nan") if step == 3 else 1.0, name="loss", step=step, context={"subset": "val"})
            run.track(True, name="done")
    return tmp_path


def test_a_run(folder: Path) -> None:
    newest, _, oldest = aim.select_metrics("loss if hparams.lr < 0.5", folder)
    assert (oldest.hash, oldest.run_hash, oldest.experiment, oldest.tags) == ("run 0", "run 0", "e", ["x"])
    assert (newest.params, newest.archived, newest.status, newest.error) == (
        {"hparams": {"lr": 0.2}},
        False,
        "finished",
        None,
    )
    assert newest.created_at <= newest.finished_at and newest.duration == newest.finished_at - newest.created_at  # type: ignore[operator]
    assert newest.facts["python"] and len(newest.id) == 32
    assert set(newest.metrics) == {"loss"}
    assert set(aim.select_runs(repo_path=folder)[0].metrics) == {"loss", "done"}


def test_a_trace(folder: Path) -> None:
    loss = aim.select_metrics('loss if run.hash == "run 1"', folder)[0].metrics["loss"]
    train, val = loss.traces
    assert train.context == {"step": 1, "subset": "train"} and len(train) == 4
    assert (train.steps.tolist(), train.values.tolist(), train.epochs.tolist()) == (
        [0, 1, 2, 3],
        [1, 2, 3, 4],
        [0, 1, 2, 3],
    )
    assert (np.diff(train.times) >= 0).all()
    assert (train.first, train.last, train.min, train.max, train.mean) == (1, 4, 1, 4, 2.5)
    assert np.isnan(val.last) and (val.min, val.max, val.mean) == (1, 1, 1) and np.isnan(val.epochs).all()
    assert loss.trace(subset="val") is val and loss.trace(subset="test") is None
    assert (train.steps.dtype, train.values.dtype) == (np.int64, np.float64)
    with pytest.raises(ValueError, match="read-only"):
        train.values[0] = 5


def test_points_are_read_once_for_many_traces(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = aim.select_metrics("loss", folder)
    calls = []
    plain = engine.read_keys
    monkeypatch.setattr(engine, "read_keys", lambda *given: calls.append(given) or plain(*given))
    total = sum(trace.values.size for run in runs for metric in run.metrics.values() for trace in metric.traces)
    assert total == 24
    assert len({given[0] for given in calls}) == len(calls)


def test_points_come_in_blocks(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(result, "_BLOCK_POINTS", 5)
    traces = [trace for run in aim.select_runs(repo_path=folder) for m in run.metrics.values() for trace in m.traces]
    assert [trace.values.size for trace in traces] == [len(trace) for trace in traces]
    assert [trace.values.size for trace in reversed(traces)] == [len(trace) for trace in reversed(traces)]


def test_records_as_aim_2_gave_them(folder: Path) -> None:
    trace = aim.select_metrics("loss", folder)[0].metrics["loss"].traces[0]
    assert trace.num_records == 4
    assert [record["value"] for record in trace.read_records()] == [2, 3, 4, 5]
    assert [record["step"] for record in trace.read_records(slice(2, None))] == [2, 3]
    (last,) = trace.read_records(-1)
    assert (last["value"], last["step"], last["epoch"]) == (5, 3, 3)


def test_dataframes(folder: Path) -> None:
    pytest.importorskip("pandas", reason="pandas is not installed")
    run = aim.select_runs('run.hash == "run 2"', folder)[0]
    frame = run.dataframe()
    assert list(frame.columns) == ["run", "metric", "context.step", "subset", "step", "value", "epoch", "time"]
    assert len(frame) == 9 and frame[frame.subset == "train"].value.tolist() == [2, 3, 4, 5]
    assert len(run.metrics["loss"].dataframe()) == 8
    assert run.metrics["loss"].traces[0].dataframe().step.tolist() == [0, 1, 2, 3]


def test_arrow_and_parquet(folder: Path, tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    run = aim.select_runs('run.hash == "run 2"', folder)[0]
    assert run.to_arrow().num_rows == 9
    path = run.to_parquet(tmp_path / "out.parquet")
    from pyarrow import parquet

    table = parquet.read_table(path)
    assert isinstance(table, pyarrow.Table)
    wanted = run.to_arrow()["value"].to_numpy()
    assert np.isnan(wanted).sum() == 1 and table["value"].null_count == 0
    assert np.array_equal(table["value"].to_numpy(), wanted, equal_nan=True)


CONTEXTS: list[tuple[list[Any], list[Any], list[Any]]] = [  # in three series; in a column of Arrow; of Parquet
    ([1, "a", None], ["1", "a", None], ["1", "a", None]),
    ([1, 2, 3], [1, 2, 3], ["1", "2", "3"]),
    ([1, 2.5, None], [1.0, 2.5, None], ["1", "2.5", None]),
    ([1, True, "a"], ["1", "True", "a"], ["1", "True", "a"]),
    ([[1, 2], [3, 4], [5, 6]], [[1, 2], [3, 4], [5, 6]], ["[1, 2]", "[3, 4]", "[5, 6]"]),
    ([[1], 1, None], ["[1]", "1", None], ["[1]", "1", None]),
    ([10**30, 1, 0.5], [f"{10**30}", "1", "0.5"], [f"{10**30}", "1", "0.5"]),
    (["x\udce9", "y", None], ["x\\udce9", "y", None], ["x\\udce9", "y", None]),
]


@pytest.mark.parametrize(("values", "arrow", "parquet"), CONTEXTS, ids=range(len(CONTEXTS)))
def test_context_values_of_several_types(
    tmp_path: Path, values: list[Any], arrow: list[Any], parquet: list[Any]
) -> None:
    reader = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    with aim.Run("mixed", repo=tmp_path) as run:
        for step, value in enumerate(values):
            run.track(1.0, "loss", step=step, context={} if value is None else {"part": value})
    (selected,) = aim.select_runs(repo_path=tmp_path)

    def in_order(table: Any) -> list[Any]:
        return list(table.sort_by("step")["part"].to_pylist())

    assert in_order(selected.to_arrow()) == arrow
    assert in_order(reader.read_table(selected.to_parquet(tmp_path / "out.parquet"))) == parquet
    assert selected.dataframe().sort_values("step")["part"].tolist() == values


def test_context_keys_with_names_of_columns_are_kept(tmp_path: Path) -> None:
    with aim.Run(repo=tmp_path) as run:
        run.track(1.0, "loss", context={"step": 7, "context.step": 8, "metric": "m"})
    (row,) = aim.select_runs(repo_path=tmp_path)[0].dataframe().to_dict("records")
    assert (row["step"], row["metric"]) == (0, "loss")
    assert (row["context.step"], row["context.context.step"], row["context.metric"]) == (8, 7, "m")


@pytest.mark.parametrize("package", ["pandas", "pyarrow"])
def test_missing_packages_are_named(folder: Path, monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    run = Repo(folder).run("run 1")
    with pytest.raises(MissingDependency, match=f"pip install {package}"):
        run.dataframe() if package == "pandas" else run.to_arrow()


def test_nothing_found(folder: Path, tmp_path: Path) -> None:
    assert aim.select_metrics("nothing", folder) == []
    assert result.to_parquet([], tmp_path / "empty.parquet").is_file()
