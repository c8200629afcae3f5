from __future__ import annotations

import re
from pathlib import Path

import pytest

import aim as package
from tests.cli.conftest import Aim, kill_a_run


@pytest.fixture
def repo(aim: Aim, here: Path) -> Path:
    aim("init")
    return here


def run_in(repo: Path, experiment: str | None = None) -> str:
    with package.Run(repo=repo, experiment=experiment) as run:
        run.track(1.0, "loss")
        return str(run.experiment)


def test_add_makes_one_and_switches_to_it(aim: Aim, repo: Path) -> None:
    out = aim("experiment", "add", "-n", "my_exp").output
    assert out == f"Repository found at {repo}/.aim\nAdded experiment my_exp and switched to it\n"
    assert aim("experiment", "ls").stdout == "  default\n* my_exp\n"
    assert run_in(repo) == "my_exp", "a run that names none goes there"


def test_checkout_changes_where_the_next_run_goes(aim: Aim, repo: Path) -> None:
    aim("experiment", "add", "-n", "a")
    assert "Switched to experiment default\n" in aim("experiment", "checkout", "--name", "default").output
    assert aim("experiment", "ls").stdout == "  a\n* default\n"
    assert run_in(repo) == "default"


def test_an_experiment_that_a_run_made_is_listed(aim: Aim, repo: Path) -> None:
    run_in(repo, "from_a_run")
    assert aim("experiment", "ls").stdout == "* default\n  from_a_run\n"


def test_rm_frees_its_runs_and_falls_back_to_default(aim: Aim, repo: Path) -> None:
    aim("experiment", "add", "-n", "gone")
    run_in(repo), run_in(repo), run_in(repo, "stays")
    out = aim("experiment", "rm", "-n", "gone").stdout
    assert re.fullmatch(r"Deleted experiment gone\nDeleted 2 runs: 2 files, [\d.]+ kB freed\n", out)
    assert aim("experiment", "ls").stdout == "* default\n  stays\n"
    assert len(list((repo / ".aim" / "runs").rglob("*.log"))) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "-n", "default"), "experiment default already exists"),
        (("add", "-n", " "), "an experiment needs a name"),
        (("checkout", "-n", "nope"), "experiment nope does not exist. Experiments: default"),
        (("rm", "-n", "nope"), "experiment nope does not exist"),
        (("rm", "-n", "default"), "experiment default cannot be deleted"),
        (("close", "-n", "nope"), "experiment nope does not exist"),
    ],
)
def test_invalid_arguments(aim: Aim, repo: Path, words: tuple[str, ...], said: str) -> None:
    assert said in aim("experiment", *words, code=1).output


def test_close_names_a_run_that_it_has_not(aim: Aim, repo: Path) -> None:
    assert "has no run gone" in aim("experiment", "close", "-n", "default", "-r", "gone", code=1).output


def test_it_needs_a_repository(aim: Aim, here: Path) -> None:
    out = aim("experiment", "ls", code=1).output
    assert f"Repository does not exist: no .aim in {here} or above it" in out
    assert "aim init" in out


def test_close_ends_open_runs(aim: Aim, repo: Path) -> None:
    kill_a_run(repo, "one")
    kill_a_run(repo, "two")
    run_in(repo)
    assert aim("experiment", "close", "-n", "default", "-r", "two").stdout == CLOSED.format("two")
    assert aim("experiment", "close", "-n", "default").stdout == CLOSED.format("one")
    assert aim("experiment", "close", "-n", "default").stdout == "No open runs.\n"


CLOSED = " * {} (open)\n   closing...\n   closed\n"
