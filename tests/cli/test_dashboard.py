"""`aim dashboard`: what is listed, shown, copied and deleted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aim.log.edits import Editor
from aim.repo import Repo
from tests.cli.conftest import Aim

CHARTS = [
    {"kind": "line", "metrics": ["loss", "accuracy"]},
    {"kind": "scatter", "axes": ["hparams.lr", "metric:loss"], "title": "Sweep"},
    {"kind": "text", "text": "# Why\n\nto see"},
    {"kind": "text"},
]


@pytest.fixture(autouse=True)
def repo(here: Path) -> Repo:
    made = Repo.init(here)
    board = made.dashboards.save("All losses", CHARTS, runs="run.status == 'finished'", newest=5)
    made.dashboards.save("Other", [])
    made.dashboards.show_at_home(board.id)
    return made


def test_dashboards_are_listed(aim: Aim) -> None:
    rows = json.loads(aim("dashboard", "ls", "--json").stdout)
    assert [(row["name"], row["charts"], row["runs"], row["newest"], row["home"]) for row in rows] == [
        ("All losses", 4, "run.status == 'finished'", 5, True),
        ("Other", 0, None, 20, False),
    ]
    table = aim("dashboard", "ls", "--utc").stdout
    assert table.splitlines()[0].split() == ["name", "charts", "runs", "newest", "home", "edited", "id"]
    assert "+00:00" in table


def test_one_is_shown_by_name_or_id(aim: Aim, repo: Repo) -> None:
    lines = aim("dashboard", "show", "All losses").stdout.splitlines()
    assert [line[:8].strip() for line in lines] == ["name", "id", "runs", "edited", *["chart"] * 4]
    assert [line[8:] for line in lines[4:]] == [
        "line      loss, accuracy", "scatter   Sweep", "text      # Why", "text      empty",
    ]  # fmt: skip
    board = repo.dashboards.get("All losses")
    shown = json.loads(aim("dashboard", "show", board.id, "--json").stdout)
    assert (shown["name"], shown["newest"], shown["charts"][0]["metrics"]) == ("All losses", 5, ["loss", "accuracy"])
    assert "runs    the newest 20" in aim("dashboard", "show", "Other").stdout


def test_one_is_copied_and_deleted(aim: Aim, repo: Repo, tmp_path: Path) -> None:
    assert aim("dashboard", "cp", "All losses", "Copy").stdout.startswith("Copied All losses to Copy (")
    assert "choose another name" in aim("dashboard", "cp", "All losses", "Copy", code=1).output
    elsewhere = Repo.init(tmp_path / "elsewhere")
    aim("dashboard", "cp", "Copy", "All losses", "--into", tmp_path / "elsewhere")
    original, copied = repo.dashboards.get("All losses"), elsewhere.dashboards.get("All losses")
    assert copied[2:5] == original[2:5] and len(original.charts) == 4
    assert "Pass --yes" in aim("dashboard", "rm", "Copy", code=1).output
    assert aim("dashboard", "rm", "Copy", "--yes").stdout == "Deleted the dashboard Copy\n"
    assert "there is no dashboard 'Copy'" in aim("dashboard", "rm", "Copy", "--yes", code=1).output
    assert [board.name for board in repo.dashboards] == ["All losses", "Other"]


def test_without_any_it_says_how_to_make_one(aim: Aim, repo: Repo) -> None:
    for board in list(repo.dashboards):
        repo.dashboards.remove(board.id)
    listed = aim("dashboard", "ls")
    assert listed.stdout == "" and "aim up" in listed.stderr


def test_names_of_others_do_not_control_the_terminal(aim: Aim, repo: Repo) -> None:
    editor = Editor(repo.aim_dir)
    chart = {"kind": "line", "title": "\x1b[2J", "metrics": ["\x1b]0;x\x07"]}
    editor.edit(None, "dashboard:abc", {"name": "odd", "runs": "run.name == '\x1b[31m'", "charts": [chart]})
    editor.close()
    for words in (("ls",), ("show", "abc"), ("cp", "abc", "odder"), ("rm", "abc", "--yes")):
        assert "\x1b" not in aim("dashboard", *words).output
