"""Runs and series as scripts for Aim 3 read them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import aim


@pytest.fixture
def run(tmp_path: Path) -> Any:
    with aim.Run("read", repo=tmp_path) as run:
        run["hparams"] = {"lr": 0.1, "net": {"depth": 3}}
        run.set_params({"seed": 7})
        for step in (0, 5, 9):
            run.track(step / 2, "loss", step=step, epoch=1, context={"subset": "val"})
        run.track(1.0, "loss")
    return aim.Repo(tmp_path).run("read")


def test_params_by_key_and_path(run: Any) -> None:
    assert run["hparams"] == {"lr": 0.1, "net": {"depth": 3}}
    assert run["hparams", "net", "depth"] == run["hparams"]["net"]["depth"] == 3
    assert run["seed"] == run.get("seed") == 7
    assert run[...] == run.params
    assert run.get("absent") is None and run.get(("hparams", "absent"), 1) == 1
    with pytest.raises(KeyError):
        run["hparams", "lr", "deeper"]


def test_a_series(run: Any) -> None:
    loss = run.get_metric("loss", {"subset": "val"})
    assert (loss.name, loss.context, loss.context.to_dict()) == ("loss", {"subset": "val"}, {"subset": "val"})
    assert loss.run is run and len(loss) == 3 and bool(loss)
    steps, values = loss.values.sparse_numpy()
    assert (steps.tolist(), values.tolist()) == ([0, 5, 9], [0.0, 2.5, 4.5])
    assert loss.values.sparse_list() == ([0, 5, 9], [0.0, 2.5, 4.5])
    assert list(loss.values) == loss.values.tolist() == loss.values.values_list() == [0.0, 2.5, 4.5]
    assert list(loss.values.items()) == [(0, 0.0), (5, 2.5), (9, 4.5)]
    assert (loss.values.first(), loss.values.last()) == ((0, 0.0), (9, 4.5))
    assert (loss.values.first_value(), loss.values.last_value(), loss.values[1]) == (0.0, 4.5, 2.5)
    assert (loss.values.first_idx(), loss.values.last_idx()) == (0, 9)
    assert loss.values[1:].tolist() == [2.5, 4.5] and np.mean(loss.values) == pytest.approx(7 / 3)
    assert loss.epochs.tolist() == [1, 1, 1] and loss.steps.indices_list() == [0, 5, 9]
    assert loss.timestamps.values_numpy().shape == (3,)
    assert (loss.last, loss.last_step) == (4.5, 9)


def test_a_context_is_meant_exactly(run: Any) -> None:
    assert len(run.get_metric("loss")) == len(run.get_metric("loss", {})) == 1
    assert run.get_metric("loss", {"subset": "train"}) is None


def test_the_metrics_of_a_run_are_a_dict_and_can_be_called(run: Any) -> None:
    assert set(run.metrics) == {"loss"}
    assert sorted(len(series.context) for series in run.metrics()) == [0, 1]
    info = [(name, dict(context)) for name, context, of in run.iter_metrics_info() if of is run]
    assert ("loss", {}) in info and ("loss", {"subset": "val"}) in info
    assert {"name": "loss", "context": {}} in run.collect_sequence_info("metric")["metric"]


def test_times_and_whether_it_records(run: Any) -> None:
    assert not run.active and run.creation_time == run.created_at and run.end_time == run.finished_at


def test_dataframes(run: Any) -> None:
    pytest.importorskip("pandas", reason="pandas is not installed")
    assert run.get_metric("loss", {"subset": "val"}).dataframe().value.tolist() == [0.0, 2.5, 4.5]
    assert len(run.metrics().dataframe()) == 4
