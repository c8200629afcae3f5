"""Only runs that recorded NaN or infinity are looked at to tell which diverged, resumed and running ones too."""

from __future__ import annotations

from math import inf, nan
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aim.query import diverged as diverging
from aim.query.diverged import diverged
from tests.index.checks import index
from tests.index.logs import LogFile

# What a run tracked, from which step a resume went on with what, and whether it ended.
RUNS: dict[str, tuple[list[float], int | None, list[float], bool]] = {
    "finished": ([1.0, 2.0], None, [], True),
    "finished with NaN": ([1.0, nan], None, [], True),
    "finished after NaN": ([nan, 2.0], None, [], True),
    "open": ([1.0, 2.0], None, [], False),
    "open with infinity": ([1.0, inf], None, [], False),
    "resumed": ([1.0, 2.0, 3.0], 1, [5.0], True),
    "a resume hid its NaN": ([1.0, nan, nan], 1, [5.0], True),
    "resumed before NaN": ([1.0, 2.0, 3.0], 1, [nan], True),
    "resumed and open": ([1.0, 2.0], 1, [5.0], False),
}
LOOKED_AT = {name for name, (before, _, after, _) in RUNS.items() if not np.isfinite([*before, *after]).all()}
DIVERGED = {"finished with NaN", "open with infinity", "resumed before NaN"}


def record(repo: Path, name: str, before: list[float], at: int | None, after: list[float], ends: bool) -> None:
    first = LogFile(repo, name).start(1.7e9).series(0, "loss")
    for step, value in enumerate(before):
        first.point(0, step, value)
    last = first
    if at is not None:
        first.end(1.7e9 + 1).save()
        earlier = {first.writer.hex(): len(first.data)}
        last = LogFile(repo, name, run=first.run).start(1.7e9 + 2, resume_from=at, earlier=earlier).series(0, "loss")
        for step, value in enumerate(after, start=at):
            last.point(0, step, value)
    (last.end(1.7e9 + 9) if ends else last).save()


def test_which_runs_are_looked_at_and_which_diverged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, given in RUNS.items():
        record(tmp_path, name, *given)
    catalog, read, plain = index(tmp_path).refresh(), set[str](), diverging.gather
    names = catalog.column("hash").tolist()

    def gather(catalog: Any, *, chosen: list[int], **more: Any) -> Any:
        read.update(names[run] for run in chosen)
        return plain(catalog, chosen=chosen, **more)

    monkeypatch.setattr(diverging, "gather", gather)
    found = diverged(catalog, np.arange(len(catalog)))
    assert {name for name, wrong in zip(names, found.tolist(), strict=True) if wrong} == DIVERGED
    assert read == LOOKED_AT


def test_of_few_runs_the_rest_of_the_repository_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, given in RUNS.items():
        record(tmp_path, name, *given)
    catalog, asked, plain = index(tmp_path).refresh(), list[int](), diverging.matching

    def matching(*given: Any, **more: Any) -> Any:
        asked.append(1)
        return plain(*given, **more)

    monkeypatch.setattr(diverging, "matching", matching)
    names = catalog.column("hash").tolist()
    for run in range(len(catalog)):
        assert diverged(catalog, np.array([run])).tolist() == [names[run] in DIVERGED]
    assert not asked
    assert diverged(catalog, np.arange(len(catalog))).sum() == len(DIVERGED) and len(asked) == 1
