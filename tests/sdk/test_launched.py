"""The variables of a launcher override the arguments of Run and Session."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import aim
from aim.sdk.run import Run
from aim.sdk.session import Session

LAUNCHED = {"__AIM_AUTOMATED_EXEC__": "1", "__AIM_BRANCH__": "night", "__AIM_COMMIT__": "launched-1"}


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in LAUNCHED.items():
        monkeypatch.setenv(name, value)


def test_the_variables_count_before_the_arguments(launched: None, here: Path) -> None:
    with Run("mine", experiment="day") as run:
        assert (run.hash, run.experiment) == ("launched-1", "night")


def test_they_count_for_a_session_too(launched: None, here: Path) -> None:
    with Session(run="mine", experiment="day") as session:
        assert (session.run_hash, session.run.experiment) == ("launched-1", "night")


def test_they_hold_for_the_first_run_of_a_process(launched: None, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIM_RUN", "launched-1")
    Run().close()
    with Run("second", experiment="day") as run:
        assert (run.hash, run.experiment) == ("second", "day")
    with Run() as third:
        assert third.hash == third.id


def test_they_hold_in_the_launchers_repository(
    launched: None, here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIM_REPO", str(here))
    with Run("elsewhere", repo=tmp_path / "other") as other:
        assert (other.hash, other.experiment) == ("elsewhere", "default")
    (tmp_path / "link").symlink_to(here)
    with Run("mine", repo=tmp_path / "link") as run:
        assert run.hash == "launched-1"


@pytest.mark.parametrize("word", ["", "0"])
def test_launcher_variables_have_no_effect_unless_turned_on(
    launched: None, here: Path, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    monkeypatch.setenv("__AIM_AUTOMATED_EXEC__", word)
    with Run("mine", experiment="day") as run:
        assert (run.hash, run.experiment) == ("mine", "day")


def test_a_process_joins_the_run_that_its_runner_made(here: Path) -> None:
    run = Run("kept", repo=here)
    run.track(1.0, "loss")
    code = "import aim; r = aim.Run('other', resume_from=0); r.track(2.0, 'loss'); print(r.hash, r.id)"
    env = {**os.environ, **LAUNCHED, "__AIM_COMMIT__": "kept", "AIM_REPO": str(here), "AIM_PROCESS": run.id}
    env["PYTHONPATH"] = str(Path(aim.__file__).parent.parent)
    ended = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert ended.stdout.split() == ["kept", run.id]
    run.close()
    (recorded,) = aim.select_metrics("loss", here)
    assert [len(trace) for trace in recorded.metrics["loss"]] == [2], "resume_from of a script hides nothing here"
