"""A partition keeps what it folds in any storage: here, in a list."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import pytest

from aim.index.fold import Pending
from aim.index.partition import Partition
from aim.index.segment import Segment
from aim.index.sources import logs
from aim.index.sources.table import SOURCES
from aim.index.state import RunState
from aim.index.storage import Storage
from tests.index.logs import finished


class Kept(Storage):
    """Every fold is due at once. `added`: the runs of each segment, and those that were gone then."""

    def __init__(self) -> None:
        self.segments: list[Segment] = []
        self.added: list[tuple[set[str], set[str]]] = []

    def load(self) -> list[Segment]:
        return self.segments

    def is_due(self, pending: Pending, gone: Collection[str], *, urgent: bool) -> bool:
        return bool(pending.runs or gone)

    def add(
        self, segments: Sequence[Segment], new: Segment, runs: Mapping[str, RunState], gone: Collection[str]
    ) -> list[Segment]:
        self.added.append((set(runs), set(gone)))
        self.segments = [*segments, new]
        return self.segments


def reading(repo: Path, kept: Kept) -> Partition:
    aim_dir = repo / ".aim"
    return Partition(aim_dir, SOURCES[0], aim_dir, {}, storage=kept)


def test_a_storage_hears_which_runs_are_new_changed_and_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "RACY_NS", 0)
    kept, first, second = Kept(), finished(tmp_path, 1), finished(tmp_path, 2)
    partition = reading(tmp_path, kept)
    partition.refresh()
    assert kept.added == [({first.run.hex(), second.run.hex()}, set())]
    shutil.rmtree(first.path.parent)
    third = finished(tmp_path, 3)
    partition.refresh()
    assert kept.added[1:] == [({third.run.hex()}, {first.run.hex()})]
    shutil.rmtree(second.path.parent)
    partition.refresh()
    assert kept.added[2:] == [(set(), {second.run.hex()})]
    partition.refresh()
    assert len(kept.added) == 3 and list(partition.alive()) == [third.run.hex()]


def test_another_process_reads_what_was_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "RACY_NS", 0)
    kept, files = Kept(), [finished(tmp_path, number) for number in range(3)]
    reading(tmp_path, kept).refresh()
    monkeypatch.setattr(logs.Logs, "read", lambda *given: pytest.fail("a log was read again"))
    again = reading(tmp_path, kept)
    again.refresh()
    assert set(again.alive()) == {file.run.hex() for file in files}
    assert again.on_disk() == kept.segments and len(kept.added) == 1
