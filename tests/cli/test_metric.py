"""`aim metric`: directions of metrics."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import aim as package
from aim.log.edits import Editor
from tests.cli.conftest import Aim


@pytest.fixture(autouse=True)
def repo(here: Path) -> Path:
    for hash, values in {"a": [1.0, 9.0], "b": [5.0]}.items():
        with package.Run(hash, repo=here) as run:
            for value in values:
                run.track(value, "val/quality")
            run.track(0.5, "accuracy")
    return here


def test_a_direction_is_set_listed_and_left_to_the_name_again(aim: Aim) -> None:
    assert aim("metric", "direction", "val/quality", "max").stdout == "val/quality: max, higher is better\n"
    listed = [line.split() for line in aim("metric", "ls").stdout.splitlines()]
    assert listed[0] == ["metric", "direction", "set"] and ["accuracy", "max", "False"] not in listed[:1]
    rows = {row["metric"]: row for row in json.loads(aim("metric", "ls", "--json").stdout)}
    assert rows["accuracy"] == {"metric": "accuracy", "direction": "max", "set": False}
    assert rows["val/quality"] == {"metric": "val/quality", "direction": "max", "set": True}
    auto = aim("metric", "direction", "val/quality", "auto").stdout
    assert auto == "val/quality: min, lower is better, by its name\n"


def test_a_name_that_no_run_has_is_set_and_reported(aim: Aim) -> None:
    assert aim("metric", "direction", "val/quality", "max").stderr == ""
    assert "did you mean val/quality?" in aim("metric", "direction", "val/qualty", "max").stderr
    assert aim("metric", "direction", "new", "min").stderr == "No run has this metric yet.\n"


def test_a_repository_without_metrics_says_so(aim: Aim, tmp_path: Path) -> None:
    aim("init", "--repo", str(tmp_path / "empty"))
    listed = aim("metric", "ls", "--repo", str(tmp_path / "empty"))
    assert (listed.stdout, listed.stderr) == ("", "No metrics.\n")


def test_odd_names_of_others_are_listed_with_the_rest(aim: Aim, repo: Path) -> None:
    with package.Run("c", repo=repo) as run:
        run.track(0.5, "two\nlines")
    editor = Editor(repo / ".aim")
    editor.edit(None, "metric:\x1b[2J", {"direction": "max"})
    editor.edit(None, "metric:" + "n" * 2_000, {"direction": "max"})
    editor.edit(None, "metric:accuracy", {"direction": ["max"]})
    editor.close()
    listed = aim("metric", "ls").stdout
    assert "\\x1b[2J" in listed and "two\\nlines" in listed and "val/quality" in listed
    rows = {row["metric"]: row for row in json.loads(aim("metric", "ls", "--json").stdout)}
    assert rows["\x1b[2J"] == {"metric": "\x1b[2J", "direction": "max", "set": True}
    assert rows["accuracy"]["set"] is False


def test_the_order_of_runs_follows_it(aim: Aim) -> None:
    def first() -> str:
        return str(json.loads(aim("query", "experiment == default", "--order", ORDER, "--json").stdout)[0]["hash"])

    assert first() == "a"
    aim("metric", "direction", "val/quality", "max")
    assert first() == "b", "5 is less than 9"


ORDER = "run['val/quality'].best"


@pytest.mark.parametrize(
    ("name", "to", "code", "said"),
    [
        ("x", "up", 2, "'up' is not one of"),
        (" ", "max", 1, "needs a name"),
        ("x\x1b[2J", "max", 1, "control characters"),
    ],
)
def test_what_is_refused(aim: Aim, name: str, to: str, code: int, said: str) -> None:
    assert said in aim("metric", "direction", name, to, code=code).output
