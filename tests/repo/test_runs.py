"""`repo.runs`: what a deletion leaves as it was."""

from __future__ import annotations

import shutil
from itertools import combinations
from pathlib import Path

import pytest

from aim.log.edits import Editor
from aim.repo import Repo
from tests.index.logs import LogFile

# Three of them began at one moment.
STARTS = (1.7e9, 1.7e9 + 1, 1.7e9 + 1, 1.7e9 + 1, 1.7e9 + 2.25)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    for number, at in enumerate(STARTS):
        LogFile(tmp_path, f"run {number}", run=bytes([number + 1]) * 16).start(at).end(1.8e9).save()
    return Repo(tmp_path)


def positions(repo: Repo) -> dict[str, int]:
    return {run.id: run.position for run in repo.select_runs("run.archived in (True, False)")}


@pytest.mark.parametrize("gone", [gone for count in (1, 2, 4) for gone in combinations(range(len(STARTS)), count)])
def test_a_run_keeps_its_position_when_others_are_deleted(repo: Repo, gone: tuple[int, ...]) -> None:
    before = positions(repo)
    assert sorted(before.values()) == [*range(len(STARTS))]
    ids = [bytes([number + 1]).hex() * 16 for number in gone]
    for id in ids:
        repo.runs.delete(id)
    left = {id: place for id, place in before.items() if id not in ids}
    shutil.rmtree(repo.aim_dir / "cache")
    for opened in (repo, Repo(repo.root)):
        assert positions(opened) == left


@pytest.mark.parametrize("began", [None, True, "1.7e9", float("nan"), 10**400, [], {}])
def test_what_others_wrote_of_a_deleted_run_harms_nothing(repo: Repo, began: object) -> None:
    assert positions(repo)
    id = "01" * 16
    Editor(repo.aim_dir).edit_many([(id, "began", began), (id, "deleted", True)])
    assert len(positions(repo)) == len(STARTS) - 1
