from __future__ import annotations

from pathlib import Path

import pytest

import aim as package
from aim import layout
from tests.cli.conftest import Aim
from tests.cli.terminal import on_terminal

QUESTION = "Aim repository is already initialized. Do you want to re-initialize it? [y/N]: "


def record_a_run(folder: Path) -> None:
    with package.Run("kept", repo=folder) as run:
        run.track(1.0, "loss")


def logs(folder: Path) -> list[Path]:
    return list((folder / ".aim" / "runs").rglob("*.log"))


def test_a_new_repository(aim: Aim, here: Path) -> None:
    assert aim("init").output == f"Initialized a new Aim repository at {here}/.aim\n"
    assert layout.find(here / ".aim") is not None
    assert (here / ".aim" / "repo.json").is_file()


@pytest.mark.parametrize("typed", ["there", "there/.aim"])
def test_elsewhere(aim: Aim, here: Path, typed: str) -> None:
    assert aim("init", "--repo", typed).output == f"Initialized a new Aim repository at {here}/there/.aim\n"


def test_in_a_folder_below_a_repository(aim: Aim, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It creates a repository here: the user did not ask for the one above."""
    aim("init")
    (here / "below").mkdir()
    monkeypatch.chdir(here / "below")
    assert aim("init").output == f"Initialized a new Aim repository at {here}/below/.aim\n"


def test_yes_clears_it(aim: Aim, here: Path) -> None:
    record_a_run(here)
    assert aim("init", "-y").output == f"Re-initialized empty Aim repository at {here}/.aim\n"
    assert logs(here) == []
    assert (here / ".aim" / "repo.json").is_file()


def test_without_a_terminal_it_says_what_to_pass(aim: Aim, here: Path) -> None:
    record_a_run(here)
    out = aim("init", code=1).output
    assert "already initialized" in out and "--yes" in out and "--skip-if-exists" in out
    assert len(logs(here)) == 1


def test_skip_if_exists(aim: Aim, here: Path) -> None:
    assert aim("init", "--skip-if-exists").output.startswith("Initialized")
    record_a_run(here)
    assert aim("init", "--skip-if-exists").output == f"Kept the Aim repository at {here}/.aim\n"
    assert len(logs(here)) == 1


@pytest.mark.parametrize("answer", ["n", "", "N"])
def test_no_on_a_terminal_keeps_it_in_silence(here: Path, answer: str) -> None:
    record_a_run(here)
    code, shown = on_terminal(["init"], here, wait_for="[y/N]: ", then=answer + "\n")
    assert (code, shown) == (0, f"{QUESTION}{answer}\n")
    assert len(logs(here)) == 1


def test_yes_on_a_terminal_clears_it(here: Path) -> None:
    record_a_run(here)
    code, shown = on_terminal(["init"], here, wait_for="[y/N]: ", then="y\n")
    assert (code, shown) == (0, f"{QUESTION}y\nRe-initialized empty Aim repository at {here}/.aim\n")
    assert logs(here) == []
