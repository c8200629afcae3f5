"""What programs read: JSON and CSV are UTF-8, whatever was recorded."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import aim as package
from tests.cli.conftest import Aim

ODD = os.fsdecode(b"d\xe9")  # a file name that is not UTF-8


@pytest.fixture(autouse=True)
def odd_run(here: Path) -> None:
    with package.Run("a", repo=here) as run:
        run["file"] = ODD
        run[ODD] = 1
        run.name = ODD
        run.track(0.5, "loss", context={"file": ODD})
        run.track(0.5, ODD)
        run.track(package.Text(ODD), "text")
    with package.Run("b", repo=here) as run:
        run.track(0.5, "loss")


COMMANDS = {
    "runs ls --json": "utf-8",
    "runs ls --csv": "ascii",
    "query loss --json": "latin-1",
    "query loss --csv": "utf-8",
    "query file --csv": "utf-8",
    "query text --kind text --json": "utf-8",
    "runs show a --json": "utf-8",
}


@pytest.mark.parametrize("command", COMMANDS)
def test_they_are_utf8(here: Path, command: str) -> None:
    root = str(Path(package.__file__).parents[1])
    environment = {**os.environ, "PYTHONIOENCODING": COMMANDS[command], "PYTHONPATH": root}
    words = [sys.executable, "-m", "aim", *command.split()]
    ended = subprocess.run(words, cwd=here, env=environment, capture_output=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, b"")
    text = ended.stdout.decode("utf-8")
    assert json.loads(text) if "--json" in command else len(list(csv.reader(io.StringIO(text)))) > 1


def test_json_gives_back_the_text_and_csv_its_escape(aim: Aim) -> None:
    rows = json.loads(aim("runs", "ls", "--json").stdout)
    assert [row["params"] for row in rows] == [{}, {"file": ODD, ODD: 1}]
    assert r"d\udce9" in aim("runs", "ls", "--csv").stdout
    assert json.loads(aim("runs", "show", "a", "--json").stdout)["params"]["file"] == ODD


@pytest.mark.parametrize("statement", [f"loss if run.name == '{ODD}'", ODD, f"loss # {ODD}", f"{ODD} == 1"])
def test_a_statement_is_utf8(aim: Aim, statement: str) -> None:
    told = aim("query", statement, code=2).output
    assert "Error: '\\udce9' is not a character: the query must be UTF-8." in told and "startswith" in told


@pytest.mark.parametrize("words", [("runs", "ls"), ("query", "loss"), ("storage", "du"), ("ps",), ("queue", "ls")])
def test_one_form_at_a_time(aim: Aim, words: tuple[str, ...]) -> None:
    for forms in (("--json", "--csv"), ("--csv", "--json")):
        assert " cannot be combined: pass one of them." in aim(*words, *forms, code=2).output
