"""`aim template` and `aim queue`: save, list, start and stop without a server."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import aim as package
from aim import layout
from aim.launch import processes
from aim.launch import queue as queues
from aim.repo import Repo
from tests.cli.conftest import Aim
from tests.waiting import until

TRAIN = """
import json, sys, time
import aim
seed, steps, pause = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
if sys.argv[4:] and seed > 1:
    steps, pause = 10**9, 5 * pause
with aim.Run() as run:
    for step in range(1, steps + 1):
        run.track(seed + 1 / step, name="loss", step=step)
        time.sleep(pause)
"""


@pytest.fixture
def repo(here: Path) -> Iterator[Path]:
    layout.create(here / ".aim")
    (here / "train.py").write_text(TRAIN)
    yield here
    opened = Repo(here)
    for process in processes.processes(opened):
        processes.stop(opened, process.id, by={"via": "test"}, why="the test is over", now=True)
    until(lambda: not any(process.lives for process in processes.processes(opened)))


def train(aim: Aim, *options: str, name: str = "train") -> None:
    command = [sys.executable, "train.py", "{seed}", "{steps}", "{pause}", "{endless?endless}"]
    aim("template", "add", name, "--default", "steps=3", "--default", "pause=0", *options, "--", *command)


def started(output: str) -> str:
    match = re.search(r"Queue (q\w+) has", output)
    assert match is not None, output
    return match[1]


def rows(aim: Aim, *words: str) -> list[dict[str, Any]]:
    answered: list[dict[str, Any]] = json.loads(aim(*words, "--json").output)
    return answered


def states(aim: Aim, queue: str) -> dict[int, str]:
    return {row["number"]: row["state"] for row in rows(aim, "queue", "show", queue)}


def done(aim: Aim, queue: str) -> dict[int, str]:
    def ended() -> dict[int, str] | None:
        answered = states(aim, queue)
        return None if {"waiting", "starting", "running"} & set(answered.values()) else answered

    answered: dict[int, str] = until(ended)
    return answered


def test_templates(aim: Aim, repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "No templates" in aim("template", "ls").output
    (repo / "sub").mkdir()
    monkeypatch.chdir(repo / "sub")
    told = aim("template", "add", "train", "--default", "lr=0.1", "--env", "A=b c", "-e", "mine", "--",
               "python", "x.py", "--lr", "{lr}", "--js", '{{"a": 1}}', "{amp?--amp}").output  # fmt: skip
    assert "parameter   lr = 0.1" in told and "parameter   amp = False" in told
    assert aim("template", "show", "train").output == told
    (row,) = rows(aim, "template", "ls")
    assert row["command"] == ["python", "x.py", "--lr", "{lr}", "--js", '{{"a": 1}}', "{amp?--amp}"]
    assert (row["params"], row["cwd"], row["env"]) == ({"lr": 0.1, "amp": False}, "sub", {"A": "b c"})
    assert "already" in aim("template", "add", "train", "--", "python", code=1).output
    aim(
        "template",
        "add",
        "train",
        "--replace",
        "--cwd",
        str(repo),
        "--interpreter",
        "python",
        "--",
        "y.py",
        "--lr={lr}",
    )
    (row,) = rows(aim, "template", "ls")
    assert (row["command"], row["params"], row["cwd"]) == (["y.py", "--lr={lr}"], {"lr": None}, None)
    assert "Pass --yes" in aim("template", "rm", "train", code=1).output
    assert "Removed the template train" in aim("template", "rm", "train", "-y").output
    assert "there is no template 'train'" in aim("template", "show", "train", code=1).output


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["template", "add", "t", "--", "p", "{"], 1, "write {{ for {"),
        (["template", "add", "t", "--default", "lr", "--", "p", "{lr}"], 2, "must be written NAME=VALUE"),
        (["template", "add", "t", "--default", "rl=1", "--", "p", "{lr}"], 1, "no argument contains {rl}"),
        (["template", "add", "t", "--env", "HF_TOKEN=x", "--", "p"], 1, "looks like a secret"),
        (["template", "add", "t", "--replace", "--", "p"], 1, "there is no template 't'"),
        (["template", "add", "t"], 2, "Missing argument"),
        (["template", "from-run", "nothing"], 1, "no run is called 'nothing'"),
        (["queue", "add", "nothing"], 1, "there is no template 'nothing'; existing: train"),
        (["queue", "add", "train"], 1, "seed has no default"),
        (["queue", "add", "train", "seed"], 2, "must be written NAME=VALUE"),
        (["queue", "add", "train", "seed=1", "seed=2"], 2, "given twice"),
        (["queue", "add", "train", "seed=1", "x=2"], 1, "no parameter 'x'; parameters: seed, steps, pause, endless"),
        (["queue", "add", "train", "seed=1..5000"], 1, "a queue can have 1,000"),
        (["queue", "add", "train", "seed=uniform(0..1)"], 1, "sample"),
        (["queue", "add", "train", "seed=1", "--median"], 2, "--metric"),
        (["queue", "add", "train", "seed=1", "--metric", "loss"], 2, "need --stop"),
        (["queue", "add", "train", "seed=1", "--stop", "run.loss >"], 2, "run.loss >"),
        (["queue", "add", "train", "seed=1", "--stop", "lr > 1", "--after", "5"], 1, "after=5 needs a metric"),
        (["queue", "add", "train", "seed=1", "--slots", "0"], 2, "--slots"),
        (["queue", "add", "train", "seed=1..2"], 1, "Pass --yes to start 2 trials"),
        (["queue", "show", "nothing"], 1, "there is no queue 'nothing'"),
        (["queue", "pause", "../../x"], 1, "there is no queue"),
    ],
)
def test_an_error_is_reported_and_nothing_starts(aim: Aim, repo: Path, words: list[str], code: int, told: str) -> None:
    train(aim)
    assert told in aim(*words, code=code).output
    assert queues.read(repo / ".aim") == [] and Repo(repo).count() == 0


def test_a_grid_is_listed_and_then_run(aim: Aim, repo: Path) -> None:
    train(aim)
    listed = aim("queue", "add", "train", "seed=1..2", "steps=1,2", "--dry-run").output
    assert f"program     {sys.executable}\nfolder      {repo}\n" in listed
    assert f"   4  {sys.executable} train.py 2 2 0\n" in listed
    assert "No queues" in aim("queue", "ls").output
    queue = started(aim("queue", "add", "train", "seed=1..2", "steps=1,2", "--slots", "2", "-n", "grid", "-y").output)
    assert done(aim, queue) == {1: "finished", 2: "finished", 3: "finished", 4: "finished"}
    (row,) = rows(aim, "queue", "ls")
    assert (row["name"], row["state"], row["states"], row["by"]["via"]) == ("grid", "done", {"finished": 4}, "cli")
    repo_ = Repo(repo)
    assert [len(repo_.run(f"{queue}-{number}").metrics["loss"].traces[0]) for number in (1, 2, 3, 4)] == [1, 2, 1, 2]
    assert repo_.run(f"{queue}-3").params["trial"] == {"seed": 2, "steps": 1, "pause": 0, "endless": False}
    assert f"queue       {queue}, done, 2 slots" in aim("queue", "show", "grid").output
    assert "Retrying 0 trials" in aim("queue", "retry", "grid").output
    assert "Removed the queue grid; its runs are kept" in aim("queue", "rm", "grid", "-y").output
    assert repo_.count() == 4


def test_a_sample_and_an_order(aim: Aim, repo: Path) -> None:
    train(aim)
    words = ("queue", "add", "train", "seed=1..1000", "steps=1..5", "--sample", "5", "--seed", "3", "--paused", "-y")
    first, again = started(aim(*words).output), started(aim(*words).output)
    assert len(rows(aim, "queue", "show", first)) == 5
    assert [row["values"] for row in rows(aim, "queue", "show", first)] == [
        row["values"] for row in rows(aim, "queue", "show", again)
    ]
    aim("queue", "order", first, "4", "2")
    assert [row["number"] for row in rows(aim, "queue", "show", first)] == [4, 2, 1, 3, 5]
    assert "Canceled 2 trials" in aim("queue", "cancel", first, "1", "3").output
    assert "no trial 6" in aim("queue", "cancel", first, "6", code=1).output
    aim("queue", "resume", first, "--slots", "3")
    assert done(aim, first) == {1: "canceled", 2: "finished", 3: "canceled", 4: "finished", 5: "finished"}
    assert "Retrying 1 trial" in aim("queue", "retry", first, "3").output
    assert done(aim, first)[3] == "finished"
    assert set(states(aim, again).values()) == {"waiting"}


def test_a_canceled_queue_stops_running_trials(aim: Aim, repo: Path) -> None:
    train(aim)
    queue = started(aim("queue", "add", "train", "seed=1..3", "steps=9999", "pause=0.05", "--slots", "1", "-y").output)
    until(lambda: states(aim, queue)[1] == "running")
    assert "is paused" in aim("queue", "pause", queue).output
    assert "still run" in aim("queue", "rm", queue, "-y", code=1).output
    for trials in ((), ("1",)):
        assert "1 trial would be stopped. Pass --yes" in aim("queue", "cancel", queue, *trials, code=1).output
    assert states(aim, queue)[1] == "running"
    assert "are being stopped" in aim("queue", "cancel", queue, "-y").output
    assert done(aim, queue) == {1: "stopped", 2: "canceled", 3: "canceled"}
    assert "The queue is canceled. Resume it with: aim queue resume" in aim("queue", "retry", queue, "2").output


def test_rules_stop_bad_trials(aim: Aim, repo: Path) -> None:
    """Seed 1 is the best and ends by itself; the others would never end."""
    train(aim)
    words = (
        "queue",
        "add",
        "train",
        "seed=1,5,3,6,2,4",
        "steps=40",
        "pause=0.02",
        "endless=True",
        "--slots",
        "3",
        "-y",
    )
    queue = started(aim(*words, "--halving", "--metric", "loss", "--min-steps", "3").output)
    assert done(aim, queue) == {1: "finished", **dict.fromkeys(range(2, 7), "stopped")}
    for row in rows(aim, "queue", "show", queue)[1:]:
        assert row["why"].startswith("successive halving: loss is "), row


def test_a_stop_rule_in_aimql(aim: Aim, repo: Path) -> None:
    train(aim)
    words = ("queue", "add", "train", "seed=1,9", "steps=3", "pause=0.02", "endless=True", "--slots", "2", "-y")
    queue = started(aim(*words, "--stop", "run.loss > 5", "--after", "5").output)
    assert done(aim, queue) == {1: "finished", 2: "stopped"}
    (why,) = [row["why"] for row in rows(aim, "queue", "show", queue) if row["number"] == 2]
    assert re.fullmatch(r"stop rule: run.loss > 5 \(at step \d+\)", why)


def test_a_template_from_a_run(aim: Aim, repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["train.py", "--lr", "0.1", "--password", "hush"])
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", None)
    package.Run("base", repo=repo, experiment="mine").close()
    shown = aim("template", "from-run", "base", "--dry-run").output
    assert "id          not saved" in shown and "password was masked" in shown
    assert "No templates" in aim("template", "ls").output
    assert "name        again" in aim("template", "from-run", "base", "-n", "again").output
    (row,) = rows(aim, "template", "ls")
    assert row["command"] == [sys.executable, "train.py", "--lr", "{lr}", "--password", "{password}"]
    assert (row["params"], row["experiment"]) == ({"lr": 0.1, "password": None}, "mine")
    assert "recorded" not in shown
    package.Run("beside", repo=repo).close()
    shown = aim("template", "from-run", "base", "--dry-run").output
    assert "The process of this run recorded 2 runs: its command starts all of them again." in shown
