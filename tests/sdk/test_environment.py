"""Facts about a run's process: read without harm."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import aim
from aim.sdk import environment
from tests.sdk.recorded import only, python


def test_the_facts_of_a_run(here: Path) -> None:
    ended = python(here, "import aim, os\naim.Run('x').close()\nprint(os.getpid())", "--lr", "0.1")
    start = only(here).start
    facts, process = start["facts"], start["process"]
    assert facts["argv"][1:] == ["--lr", "0.1"] and facts["argv"][0].endswith("train.py")
    assert facts["cwd"] == str(here) and facts["python"].startswith("3.") and facts["aim"] == aim.__version__
    assert process["pid"] == int(ended.stdout) and process["host"] and process["started"]
    assert start["format"] == 1 and start["hash"] == "x"


def test_a_command_line_of_megabytes_costs_only_itself(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["train.py", *(f"--file={number}-{'x' * 100}" for number in range(30_000))])
    run = aim.Run("x")
    run.track(1.0, "loss")
    run.close()
    file = only(here)
    assert file.values("loss") == [1.0]
    argv = file.start["facts"]["argv"]
    assert argv[:2] == ["train.py", f"--file=0-{'x' * 100}"] and argv[-1].startswith("… ")


@pytest.mark.parametrize("argv", [["x\udc80y"], ["a" * 5_000_000], None])
def test_a_strange_command_line(here: Path, monkeypatch: pytest.MonkeyPatch, argv: list[str] | None) -> None:
    if argv is None:
        monkeypatch.delattr(sys, "argv")
    else:
        monkeypatch.setattr(sys, "argv", argv)
    run = aim.Run("x")
    run.track(1.0, "loss")
    run.close()
    assert only(here).values("loss") == [1.0]
    assert environment.facts()["python"]
