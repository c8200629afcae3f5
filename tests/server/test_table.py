"""Runs with the numbers of their metrics, against the points themselves."""

from __future__ import annotations

from typing import Any

import httpx
import numpy as np
import pytest

from aim.repo import Repo


def table(client: httpx.Client, frames: Any, **query: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    answer = client.get("/api/table", params=query)
    assert answer.headers["content-type"] == "application/x-aim-frames"
    (runs, _), (header, arrays) = frames(answer.content)
    assert [runs["kind"], header["kind"]] == ["runs", "table"]
    return runs, header, arrays


def test_every_series_in_numbers(client: httpx.Client, frames: Any, shared_folder: Any) -> None:
    runs, header, arrays = table(client, frames)
    assert runs["series"] == arrays["run"].size == 9
    expected = {run.id: run.metrics for run in Repo(shared_folder).select_runs()}
    assert {run["id"] for run in runs["runs"]} == set(expected)
    assert np.all(np.diff(arrays["run"]) >= 0)
    for row, place in enumerate(arrays["run"]):
        metric = expected[runs["runs"][place]["id"]][header["names"][arrays["name"][row]]]
        trace = metric.trace(**header["contexts"][arrays["context"][row]])
        assert trace is not None
        values = trace.values
        assert arrays["count"][row] == len(values)
        assert arrays["last_step"][row] == trace.steps[-1]
        found = [arrays[name][row] for name in ("first", "last", "min", "max", "mean")]
        assert found == pytest.approx([values[0], values[-1], values.min(), values.max(), values.mean()])


def test_an_expression_and_some_runs_only(client: httpx.Client, frames: Any) -> None:
    runs, _, arrays = table(client, frames, q="hparams.lr < 0.05")
    assert [run["hash"] for run in runs["runs"]] == ["second"]
    assert arrays["run"].tolist() == [0, 0, 0]
    ids = {run["hash"]: run["id"] for run in table(client, frames)[0]["runs"]}
    runs, _, _ = table(client, frames, q="hparams.lr > 0", only=f"{ids['first']},{ids['third']}")
    assert [run["hash"] for run in runs["runs"]] == ["first"]


def test_nothing_matches_and_why(client: httpx.Client, frames: Any) -> None:
    runs, header, arrays = table(client, frames, q="hparams.lrr == 1")
    assert runs["runs"] == header["names"] == []
    assert arrays["run"].size == 0
    assert "lrr" in " ".join(runs["notes"])


@pytest.mark.parametrize(("query", "word"), [({"q": "hparams.lr <"}, "value"), ({"only": "nothing"}, "run id")])
def test_what_is_wrong_is_said(client: httpx.Client, query: dict[str, str], word: str) -> None:
    answer = client.get("/api/table", params=query)
    assert answer.status_code == 400
    assert word in answer.json()["error"]["message"]
