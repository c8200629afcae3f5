"""aim/demo.py: the runs for other tests, docs and benchmarks."""

from __future__ import annotations

import json
import math
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from aim import demo
from aim.log import reader, record, status

NOW = 1_700_000_000.0
DETAILS = {record.OUTPUT, record.OBJECT, record.MESSAGE}


def logs_of(repo: Path, hashes: list[str]) -> list[reader.Log]:
    by_run = {log.run: log for log in map(reader.Log, (repo / ".aim" / "runs").glob("*/*.log"))}
    return [by_run[run_hash] for run_hash in hashes]


def content(log: reader.Log) -> dict[str, Any]:
    """The content of a log, without ids and times."""
    told_of: dict[str, Any] = {"points": [], "series": [], "edits": [], "end": None}
    for entry in log.records():
        if entry.kind == record.START:
            told_of["start"] = record.decode_json(entry.payload)
        elif entry.kind == record.PARAMS:
            told_of["params"] = record.decode_json(entry.payload)["value"]
        elif entry.kind == record.SERIES:
            told_of["series"].append(record.decode_series(entry.payload)[1:])
        elif entry.kind == record.POINT:
            told_of["points"].append(record.unpack_point(entry.payload))
        elif entry.kind == record.EDIT:
            edit = record.decode_json(entry.payload)
            told_of["edits"].append((edit["field"], edit["value"]))
        elif entry.kind == record.END:
            told_of["end"] = record.decode_json(entry.payload)["status"]
    return told_of


def fate_of(log: reader.Log) -> str:
    ends = (record.START, record.END)
    read = {entry.kind: record.decode_json(entry.payload) for entry in log.records() if entry.kind in ends}
    life = status.Life(log.writer, read[record.START], read.get(record.END), log.path.stat().st_mtime)
    return status.of_run([life]).word


def test_one_seed_gives_the_same_runs_in_any_place(tmp_path: Path) -> None:
    told = []
    for name in ("a", "b"):
        hashes = demo.generate(tmp_path / name, runs=6, metrics=12, steps=15, seed=3, now=NOW)
        logs = [content(log) for log in logs_of(tmp_path / name, hashes)]
        for log in logs:
            start = log.pop("start")
            log["argv"] = start["facts"]["argv"]
        told.append(json.dumps(logs))
    assert told[0] == told[1]
    other = demo.generate(tmp_path / "c", runs=6, metrics=12, steps=15, seed=4, now=NOW)
    assert json.dumps([content(log)["params"] for log in logs_of(tmp_path / "c", other)]) not in told[0]


def test_twenty_runs_end_in_every_way(tmp_path: Path) -> None:
    hashes = demo.generate(tmp_path, runs=20, metrics=2, steps=120)
    logs = logs_of(tmp_path, hashes)
    assert Counter(map(fate_of, logs)) == {"finished": 16, "failed": 2, "killed": 1, "lost": 1}
    diverged = [log for log in logs if any(math.isnan(point.value) for point in content(log)["points"])]
    assert len(diverged) == 2
    assert all(any(math.isinf(point.value) for point in content(log)["points"]) for log in diverged)


def test_without_trouble_every_point_exists(tmp_path: Path) -> None:
    hashes = demo.generate(tmp_path, runs=3, metrics=13, steps=7, trouble=False)
    for log in logs_of(tmp_path, hashes):
        told = content(log)
        assert len(told["points"]) == 13 * 7
        assert len(told["series"]) == 13 == len({json.dumps(series) for series in told["series"]})
        assert [point.step for point in told["points"] if point.series == 12] == list(range(7))


def test_runs_are_worth_grouping(tmp_path: Path) -> None:
    hashes = demo.generate(tmp_path, runs=12, metrics=4, steps=50, trouble=False, now=NOW)
    told = [content(log) for log in logs_of(tmp_path, hashes)]
    params = [entry["params"] for entry in told]
    assert sum(len(group) for group in params[0].values()) >= 18
    assert [param["hparams"]["seed"] for param in params] == [0, 1, 2, 3] * 3
    without_seed = [json.dumps([param["model"], param["dataset"], param["hparams"]["lr"]]) for param in params]
    assert len(set(without_seed)) == 3
    for entry in told:
        first, *_, last = [point.value for point in entry["points"] if point.series == 0]
        assert last < first, "the training loss falls"
        assert NOW - 16 * 86400 < entry["start"]["time"] < entry["points"][-1].time < NOW


def test_progress_and_refusals(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    demo.generate(tmp_path, runs=2, metrics=1, steps=1, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]
    assert demo.generate(tmp_path / "none", runs=0) == []
    for wrong in ({"runs": -1}, {"metrics": 0}, {"steps": 0}):
        with pytest.raises(ValueError, match=f"{next(iter(wrong))}=.* too small"):
            demo.generate(tmp_path / "wrong", **wrong)  # type: ignore[arg-type]
    assert not (tmp_path / "wrong").exists()


def test_only_the_newest_runs_have_details(tmp_path: Path) -> None:
    plain = demo.generate(tmp_path / "plain", runs=6, metrics=3, steps=40, seed=1, now=NOW)
    told = [[content(log)["points"] for log in logs_of(tmp_path / "plain", plain)]]
    kinds = []
    for name in ("a", "b"):
        hashes = demo.generate(tmp_path / name, runs=6, metrics=3, steps=40, seed=1, details=True, now=NOW)
        logs = logs_of(tmp_path / name, hashes)
        told.append([content(log)["points"] for log in logs])
        kinds.append(
            [[(entry.kind, entry.payload) for entry in log.records() if entry.kind in DETAILS] for log in logs]
        )
    assert told[0] == told[1] == told[2] and kinds[0] == kinds[1]
    edit_kinds = [{kind for kind, _ in group} for group in kinds[0]]
    assert edit_kinds == [set(), set(), DETAILS, DETAILS, DETAILS, DETAILS]


@pytest.mark.parametrize("steps", [60, 9000])
def test_a_run_diverges_however_long_it_is(tmp_path: Path, steps: int) -> None:
    hashes = demo.generate(tmp_path, runs=20, metrics=1, steps=steps, seed=3, now=NOW)
    values = [[point.value for point in content(log)["points"]] for log in logs_of(tmp_path, hashes)]
    diverged = [some for some in values if not all(map(math.isfinite, some))]
    assert diverged and all(some.count(math.inf) == 1 and math.isnan(some[-1]) for some in diverged)
