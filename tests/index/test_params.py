"""Params that are read by path, compared with the params of each run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aim import engine, layout
from aim.errors import EngineError
from aim.index import fold, params, partition
from aim.query import runs
from aim.repo import Repo
from aim.server import series, table, wire
from aim.server.columns import decoded_params, param_columns
from aim.server.encoding import decode
from aim.server.frames import FrameData
from tests.index.logs import LogFile

GIVEN: list[dict[str, Any]] = [
    {"hparams": {"lr": 0.1, "layers": [1, 2], "opt": "sgd"}, "seed": 1},
    {"hparams": {"lr": float("nan"), "layers": [1.0, 2]}, "seed": 1.0},
    {"hparams": {"lr": float("-inf"), "none": {}, "deep": {"a": {"b": None}}}, "seed": True},
    {},
    {"hparams": {"lr": 0.1, "opt": "1"}, "seed": "1", "a.b": 1, "a": {"b": 2}},
    {"a": {"b": 2}, "a.b": 1},
    {"": 1, "nul\0": {"": "empty"}, "half \ud800": "half \ud800", "a\x1fb": [{"c": {}}], "seed": 1 << 60},
]


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """Each run in a segment of its own; one goes on, and people gave params to two."""
    monkeypatch.setattr(partition, "CHUNK_POINTS", 1)
    monkeypatch.setattr(fold, "KEEP_POINTS", 1)
    for number, given in enumerate(GIVEN):
        file = LogFile(tmp_path, f"run {number}").start(1.7e9 + number).params(1, given)
        file.series(0, "loss").point(0, 0, 0.5)
        (file if number == 4 else file.json(0x08, status="finished", time=1.7e9 + number)).save()
    layout.create(tmp_path / ".aim")
    opened = Repo(tmp_path)
    opened.runs.add_params([opened.run(f"run {number}").id for number in (0, 3)], {"hparams.lr": 0.1, "extra": "x"})
    return opened


def shown(parts: tuple[list[wire.Param], Any], count: int) -> dict[str, list[str]]:
    found, codes = parts
    rows = codes.reshape(-1, count) if len(found) else []
    return {
        param.path: [repr(param.values[code]) if code >= 0 else "" for code in row.tolist()]
        for param, row in zip(found, rows, strict=True)
    }


@pytest.mark.parametrize("which", [[0, 1, 2, 3, 4, 5, 6], [5, 0, 3], [2], []], ids=str)
def test_they_are_those_of_the_runs(repo: Repo, which: list[int]) -> None:
    catalog, places = repo.select("*").catalog, np.array(which, np.int64)
    texts = catalog.some(["params"], places)["params"]
    found = params.coded_params(catalog, places)
    expected = param_columns(map(decode, texts), len(which))
    assert shown(decoded_params(found), len(which)) == shown(expected, len(which))
    for param in found:
        assert len(set(param.values)) == len(param.values)
        for start, stop in ((0, len(which)), (1, 3), (0, 0)):
            part = param.of(start, stop)
            there = [code for code in dict.fromkeys(part.codes.tolist()) if code >= 0]
            assert there == list(range(len(part.values))), "in the order of the runs"
            assert [part.values[code] for code in part.codes if code >= 0] == [
                param.values[code] for code in param.codes[start:stop] if code >= 0
            ]


def frames_of(repo: Repo) -> list[list[FrameData]]:
    return [list(series.search(repo, wire.SeriesQuery(q="loss"))), list(table.rows(repo, wire.TableQuery()))]


def params_in(frames: list[list[FrameData]]) -> list[dict[str, list[str]]]:
    heads = [part for some in frames for part in some if isinstance(part.header, wire.RunsFrame)]
    return [shown((part.header.params, part.arrays["params"][1]), len(part.header.ids)) for part in heads]


def test_answers_have_the_same_params_however_they_are_read(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (series, table):
        monkeypatch.setattr(module, "FIRST_PART", 2)
        monkeypatch.setattr(module, "LATER_PART", 2)
    by_text = params_in(frames_of(repo))
    assert len(by_text) == 8
    monkeypatch.setattr(runs, "_FEW", 1)
    read = list[object]()
    gathered = engine.gathered

    def listening(*args: Any) -> Any:
        read.append(args)
        return gathered(*args)

    monkeypatch.setattr(engine, "gathered", listening)
    assert params_in(frames_of(repo)) == by_text
    assert len(read) == 2, "once for all later parts of an answer"

    def failing(*args: Any) -> Any:
        raise EngineError("out of memory")

    monkeypatch.setattr(engine, "gathered", failing)
    assert params_in(frames_of(repo)) == by_text
    monkeypatch.setattr(engine, "gathered", listening)
    monkeypatch.setattr(runs, "_MOST_CODES", 3)
    assert params_in(frames_of(repo)) == by_text
    assert len(read) == 2, "too many paths for so many runs"
