from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import aim as package
from tests.cli.conftest import Aim


@pytest.fixture
def two(here: Path) -> tuple[Path, Path]:
    for name in ("a", "b"):
        with package.Run(f"run-{name}", repo=here / name) as run:
            run.track(1.0, "loss")
    return here / "a", here / "b"


def hashes(aim: Aim, repo: Path) -> set[str]:
    return {row["hash"] for row in json.loads(aim("runs", "ls", "--json", "--repo", repo).stdout)}


def test_into_the_first(aim: Aim, two: tuple[Path, Path]) -> None:
    out = aim("merge", *two).stdout
    assert re.fullmatch(rf"Merged {two[1]}: 1 run with changes, 1 file, [\d.]+ k?B\n", out)
    assert hashes(aim, two[0]) == {"run-a", "run-b"}
    assert hashes(aim, two[1]) == {"run-b"}, "the other one is only read"
    assert "0 runs with changes" in aim("merge", *two).stdout, "again changes nothing"


def test_into_another_that_is_made(aim: Aim, two: tuple[Path, Path], here: Path) -> None:
    aim("merge", *two, "--into", here / "c")
    assert hashes(aim, here / "c") == {"run-a", "run-b"}
    assert hashes(aim, two[0]) == {"run-a"}


def test_deleted_runs_stay_deleted(aim: Aim, two: tuple[Path, Path]) -> None:
    aim("merge", *two)
    aim("runs", "rm", "run-a", "-y", "--repo", two[0])
    assert "removed" not in aim("merge", two[1], two[0]).stdout
    assert hashes(aim, two[1]) == {"run-b"}


def test_a_copy_of_a_deleted_run_is_swept(aim: Aim, two: tuple[Path, Path]) -> None:
    aim("merge", two[1], two[0])
    aim("runs", "rm", "run-a", "-y", "--repo", two[0])
    assert "; removed 1 file of runs deleted there" in aim("merge", two[1], two[0]).stdout
    assert hashes(aim, two[1]) == {"run-b"}


def test_invalid_arguments(aim: Aim, two: tuple[Path, Path], here: Path) -> None:
    assert "second repository" in aim("merge", two[0], code=2).output
    told = aim("merge", two[0], here / "gone", here / "lost", code=1).output
    assert f"no .aim found in {here / 'gone'}, {here / 'lost'}" in told
    assert "merged with itself" in aim("merge", two[0], two[0], code=1).output
    aim("merge", *two)
