from __future__ import annotations

import csv
import io
import json
import os
import re
import time
from pathlib import Path

import pytest

import aim as package
from tests.cli.conftest import Aim, kill_a_run
from tests.cli.terminal import on_terminal
from tests.index.logs import LogFile

ID = r"[0-9a-f]{32}"


@pytest.fixture
def repo(here: Path) -> Path:
    """Three runs: two with names of their own, oldest first, and one without."""
    for name, rate in (("base-1", 0.1), ("base-2", 0.01)):
        with package.Run(name, repo=here, experiment="e") as run:
            run["hparams"] = {"lr": rate}
            run.track(rate, "loss")
    with package.Run(repo=here) as run:
        run.name = "odd \x1b[31mname\n"
        run.add_tag("paper")
        run.track(float("nan"), "loss")
    return here


def listed(aim: Aim, *words: str) -> list[str]:
    rows = json.loads(aim("runs", "ls", "--json", *words).stdout)
    return [row["hash"] for row in rows]


def ids(repo: Path) -> list[str]:
    return sorted(path.name[:32] for path in (repo / ".aim" / "runs").rglob("*.log"))


def test_ls_is_a_table_newest_first(aim: Aim, repo: Path) -> None:
    lines = aim("runs", "ls").stdout.splitlines()
    assert lines[0].split() == ["run", "name", "experiment", "status", "created", "duration", "tags"]
    assert [line.split()[0] for line in lines[2:]] == ["base-2", "base-1"]
    assert re.match(r"[0-9a-f]{12}  odd \\x1b\[31mname\\n  default     finished, diverged  2.*s  +paper$", lines[1])


def test_runs_without_a_name_are_listed_by_the_params_in_which_they_differ(aim: Aim, here: Path) -> None:
    for seed in (1, 2):
        with package.Run(repo=here) as run:
            run["hparams"] = {"lr": 0.1, "seed": seed, "notes": "x" * 100 + str(seed)}
    with package.Run("named", repo=here) as run:
        run["hparams"] = {"lr": 0.1, "seed": 3}
    lines = [re.split(r" {2,}", line)[1] for line in aim("runs", "ls").stdout.splitlines()[2:]]
    assert lines == ["seed=2", "seed=1"]
    (chosen,) = aim("runs", "ls", "-q", "hparams.seed == 2").stdout.splitlines()[1:]
    assert "seed=" not in chosen, "it is the only one"


def test_ls_json_and_csv_say_everything(aim: Aim, repo: Path) -> None:
    (row, *_) = rows = json.loads(aim("runs", "ls", "--json").stdout)
    assert len(rows) == 3
    assert row["name"] == "odd \x1b[31mname\n"
    assert (row["status"], row["tags"], row["archived"], row["params"]) == ("finished", ["paper"], False, {})
    assert [entry["diverged"] for entry in rows] == [True, False, False]
    assert re.fullmatch(ID, row["id"]) and row["id"] == row["hash"]
    assert rows[1]["params"] == {"hparams": {"lr": 0.01}}
    read = list(csv.DictReader(io.StringIO(aim("runs", "ls", "--csv").stdout)))
    assert [entry["hash"] for entry in read] == [entry["hash"] for entry in rows]
    assert json.loads(read[1]["params"]) == rows[1]["params"]
    assert float(read[1]["created_at"]) == rows[1]["created_at"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("base-1",), ["base-1"]),
        (("base-*",), ["base-2", "base-1"]),
        (("base-[1-1]", "base-1"), ["base-1"]),
        (("nothing-*",), []),
        (("-q", "hparams.lr < 0.05"), ["base-2"]),
        (("-q", "hparams.lr < 0.05", "*"), ["base-2"]),
        (("-q", "experiment == e and run.loss > 5"), []),
    ],
)
def test_selection(aim: Aim, repo: Path, words: tuple[str, ...], expected: list[str]) -> None:
    assert listed(aim, *words) == expected


def test_selection_by_id_and_its_beginning(aim: Aim, repo: Path) -> None:
    for id in ids(repo):
        assert len(listed(aim, id)) == 1
        assert listed(aim, id[:12]) == listed(aim, id)
    assert "no run matches" in aim("runs", "ls", ids(repo)[0][:3], code=1).output, "three letters are too few"


def test_no_match_is_not_an_error(aim: Aim, repo: Path) -> None:
    result = aim("runs", "ls", "-q", "hparams.lr > 5")
    assert (result.stdout, result.stderr) == ("", "No runs match.\n")
    assert aim("runs", "rm", "-y", "-q", "hparams.lr > 5").stderr == "No runs match; nothing was deleted.\n"


def test_an_error_in_the_query_shows_where(aim: Aim, repo: Path) -> None:
    out = aim("runs", "ls", "-q", "hparams.lr >", code=2).stderr
    assert "  hparams.lr >\n" in out and "^" in out


def test_rm_frees_the_space(aim: Aim, repo: Path) -> None:
    out = aim("runs", "rm", "base-*", "-y").stdout
    assert re.fullmatch(r"Removed 2 runs: 2 files, [\d.]+ k?B freed\n", out)
    assert len(ids(repo)) == 1 and len(listed(aim)) == 1


def test_rm_asks_on_a_terminal(aim: Aim, repo: Path) -> None:
    for answer, left in (("n", 3), ("y", 2)):
        code, shown = on_terminal(["runs", "rm", "base-1"], repo, wait_for="[y/N]: ", then=f"{answer}\n")
        assert code == 0 and shown.startswith(f" * base-1 (finished)\nPermanently delete 1 run? [y/N]: {answer}\n")
        assert len(ids(repo)) == left


def test_rm_refuses_without_a_terminal(aim: Aim, repo: Path) -> None:
    out = aim("runs", "rm", "*", code=1).output
    assert "Nothing was deleted. Pass --yes to permanently delete 3 runs." in out
    assert len(ids(repo)) == 3


@pytest.mark.parametrize("command", ["rm", "archive", "unarchive", "close"])
def test_a_change_needs_a_selection(aim: Aim, repo: Path, command: str) -> None:
    assert "'*' for all" in aim("runs", command, code=2).output
    assert "no run matches 'nope'" in aim("runs", command, "nope", code=1).output


def test_archive_and_back(aim: Aim, repo: Path) -> None:
    assert aim("runs", "archive", "base-*").stdout == "Archived 2 runs\n"
    assert aim("runs", "archive", "base-*").stdout == "Archived 0 runs\n"
    assert len(listed(aim)) == 1
    assert listed(aim, "-q", "run.archived") == ["base-2", "base-1"]
    assert "finished, archived" in aim("runs", "ls", "base-1").stdout
    assert aim("runs", "unarchive", "-q", "run.archived").stdout == "Unarchived 2 runs\n"
    assert len(listed(aim)) == 3


def test_close_ends_runs_whose_process_is_gone(aim: Aim, repo: Path) -> None:
    kill_a_run(repo, "dead")
    alive = package.Run("alive", repo=repo)
    alive.track(1.0, "loss")
    out = aim("runs", "close", "*").stdout
    assert out == (
        " * alive (open)\n   still running: end its process first, or wait until its heartbeat stops\n"
        " * dead (open)\n   closing...\n   closed\n"
    )
    alive.close()
    assert aim("runs", "close", "*").stdout == "No open runs.\n"


@pytest.mark.parametrize("started", [1e30, -1e30])
def test_a_run_with_an_impossible_start_has_the_time_of_its_file(aim: Aim, repo: Path, started: float) -> None:
    log = LogFile(repo, "odd").start(started).end(started)
    log.save()
    os.utime(log.path, (1e9, 1e9))
    assert "2001-09-09 01:46:40 +00:00" in aim("runs", "ls", "odd").stdout


def test_times_are_those_of_the_machine_or_of_utc(aim: Aim, repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """1e9 is 01:46 on 2001-09-09 in UTC, and still the day before in New York."""
    LogFile(repo, "odd").start(1e9).end(1e9 + 1).save()
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        for words, shown in (((), "2001-09-08 21:46:40 -04:00"), (("--utc",), "2001-09-09 01:46:40 +00:00")):
            assert shown in aim("runs", "ls", *words, "-q", f"run.created_at == '{shown[:10]}'").stdout
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    ("query", "note"),
    [
        ("run.hparams.nope == 0.1", "No run has a param hparams.nope"),
        ("hparams.nope == 1", "No run has a param hparams.nope"),
        ("hparams.count == 3", 'hparams.count is text, so it never matches the number 3; did you mean "3"?'),
        ("hparams.lr == '0.1'", 'hparams.lr is a number, so it never matches the text "0.1"; did you mean 0.1?'),
        ("loss == 1", "No run has a param loss"),
    ],
)
def test_the_cause_of_an_empty_list_is_named(aim: Aim, here: Path, query: str, note: str) -> None:
    with package.Run("typed", repo=here) as run:
        run["hparams"] = {"lr": 0.1, "count": "3"}
        run.track(0.5, "loss")
    for words in (("ls",), ("ls", "typed"), ("archive",)):
        told = aim("runs", *words, "-q", query, code=1 if "typed" in words else 0).output
        assert note in told
    assert "No run has" not in aim("runs", "ls", "-q", "hparams.lr > 0").output
