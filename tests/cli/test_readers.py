"""What only reads creates nothing: neither a repository where there is none, nor files beside one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import aim as package
from aim.errors import AimError
from aim.repo import Repo
from tests.cli.conftest import Aim

READING = [
    ("runs", "ls"), ("runs", "show", "a"), ("runs", "logs", "a"), ("runs", "close", "a"), ("query", "loss"),
    ("metric", "ls"),
    ("experiment", "ls"), ("dashboard", "ls"), ("dashboard", "show", "a"), ("ps",), ("stop", "a"), ("template", "ls"),
    ("template", "show", "a"), ("queue", "ls"), ("queue", "show", "a"), ("token", "ls"), ("storage", "check"),
    ("storage", "du"), ("storage", "seal"), ("up",),
]  # fmt: skip


def entries(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.mark.parametrize("words", READING, ids=" ".join)
@pytest.mark.parametrize("named", [False, True])
def test_a_command_that_reads_creates_no_repository(aim: Aim, here: Path, words: tuple[str, ...], named: bool) -> None:
    assert "no .aim" in aim(*words, *(("--repo", "other") if named else ()), code=1).output
    assert entries(here) == []


CALLS: dict[str, Callable[[Path], object]] = {
    "select_runs": lambda folder: list(package.select_runs(repo_path=folder)),
    "select_metrics": lambda folder: list(package.select_metrics("loss", repo_path=folder)),
    "Repo": Repo,
}


@pytest.mark.parametrize("call", CALLS)
def test_a_call_that_reads_creates_no_repository(here: Path, call: str) -> None:
    with pytest.raises((AimError, OSError)):
        CALLS[call](here)
    assert entries(here) == []


def test_a_folder_without_runs_stays_as_it_is(aim: Aim, here: Path) -> None:
    (here / ".aim").mkdir()
    assert "No runs" in aim("runs", "ls").stderr
    assert entries(here) == [".aim"]


ON_A_SERVER = {
    ("ps",): (0, "No commands"), ("ps", "--json"): (0, "Only commands that run here are listed"),
    ("stop", "a"): (1, "no run matches 'a'"),
    ("template", "ls"): (0, "No templates"), ("template", "show", "a"): (1, "no template 'a'"),
    ("template", "rm", "a"): (1, "no template 'a'"),
    ("template", "from-run", "a"): (1, "no run matches 'a': none waits here for that server"),
    ("queue", "ls"): (0, "No queues"), ("queue", "show", "a"): (1, "no queue 'a'"),
    ("queue", "pause", "a"): (1, "no queue 'a'"), ("queue", "rm", "a"): (1, "no queue 'a'"),
}  # fmt: skip


@pytest.mark.parametrize("words", ON_A_SERVER, ids=" ".join)
def test_a_look_at_what_a_server_starts_creates_no_spool(
    aim: Aim, here: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("AIM_SPOOL", str(here / "spool"))
    code, told = ON_A_SERVER[words]
    assert told in aim(*words, "--repo", "aim://127.0.0.1:1", code=code).stderr
    assert entries(here) == []
