"""Tracking texts, pictures, sounds, distributions and figures: what is recorded, and that training is never harmed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import aim
from aim.log import objects
from tests.sdk.recorded import ROOT

Told = tuple[str, str, dict[str, Any], int, float | None, int, str]


def told(repo: Path = Path(".")) -> list[Told]:
    """Every text: run, name, context, step, epoch, place and content."""
    return [
        (series.run.hash, series.name, series.context, point.step, point.epoch, point.place, str(point.value))
        for series in aim.Repo(repo).objects(kind="text")
        for point in series
    ]


def test_every_way_to_track(here: Path) -> None:
    with aim.Run("a") as run:
        run.track(aim.Text("one"), "texts", context={"subset": "val"})
        run.track(aim.Text("two"), name="texts", step=5, epoch=0.5, context={"subset": "val"})
        run.track(aim.Text("three"), "texts", context={"subset": "val"})
        run.track([aim.Text("x"), aim.Text("y")], "texts")
        run.track({"loss": 0.5, "deep": {"words": aim.Text("z")}}, step=np.int64(7))
        assert run.lost == 0
    session = aim.Session(run="b")
    session.track(aim.Text("four"), name="texts", epoch=1, subset="val")
    aim.track(aim.Text("five"), name="texts", step=3)
    session.close()
    val = {"subset": "val"}
    assert told() == [
        ("b", "texts", val, 0, 1.0, 0, "four"),
        ("b", "texts", {}, 3, None, 0, "five"),
        ("a", "deep/words", {}, 7, None, 0, "z"),
        ("a", "texts", val, 0, None, 0, "one"),
        ("a", "texts", val, 5, 0.5, 0, "two"),
        ("a", "texts", val, 6, None, 0, "three"),
        ("a", "texts", {}, 0, None, 0, "x"),
        ("a", "texts", {}, 0, None, 1, "y"),
    ]


def test_numbers_and_values_of_one_name_are_different_series(here: Path) -> None:
    with aim.Run() as run:
        run.track(aim.Text("a"), "x")
        run.track(1.0, "x")
        run.track(aim.Distribution([1]), "x")
        run.track(aim.Text("b"), "x")
    (recorded,) = aim.select_runs()
    assert recorded.metrics["x"].traces[0].steps.tolist() == [0]
    assert [(series.kind, list(series.steps)) for series in recorded.objects()] == [
        ("distribution", [0]),
        ("text", [0, 1]),
    ]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([aim.Text("a"), 5], "a list mixes int and text; track each kind under its own name"),
        ([aim.Text("a"), aim.Distribution([1])], "a list mixes distribution and text"),
        ("plain", "'plain' is text, not a number; track it as aim.Text(...)"),
        ([], "list [] is not a number"),
    ],
)
def test_an_invalid_value_is_reported_and_never_raised(
    here: Path, capsys: pytest.CaptureFixture[str], value: Any, message: str
) -> None:
    with aim.Run() as run:
        run.track(value, "x")
        run.track(aim.Text("kept"), "y")
    assert message in capsys.readouterr().err
    assert run.lost == 1
    assert [words for *_, words in told()] == ["kept"]


@pytest.mark.parametrize("arguments", [{"name": None}, {"name": "x", "step": 0.5}, {"name": "x", "epoch": "one"}])
def test_wrong_arguments_are_reported(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: dict[str, Any]
) -> None:
    with aim.Run() as run:
        run.track(aim.Text("lost"), **arguments)
    assert "recorded nothing" in capsys.readouterr().err and told() == []


def test_after_close_and_when_disabled(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = aim.Run()
    run.close()
    run.track(aim.Text("late"), "x")
    assert "is closed; nothing more is recorded" in capsys.readouterr().err
    monkeypatch.setenv("AIM_DISABLED", "1")
    with aim.Run() as run:
        run.track(aim.Text("off"), "x")
    assert told() == []


def test_a_value_that_grew_too_large_is_reported(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = aim.Text("x")
    text.data = bytes(objects.MAX_SIZE + 1)
    with aim.Run() as run:
        run.track(text, "x")
    assert "is larger than 67,108,864; store it in a separate file" in capsys.readouterr().err


def test_a_resumed_run(here: Path) -> None:
    for words in ("one", "two"):
        with aim.Run("a", resume=words == "two") as run:
            run.track(aim.Text(words), "x")
            run.track(0.5, "x")
            run.track(0.5, "x")
    assert [(step, words) for _, _, _, step, _, _, words in told()] == [(0, "one"), (1, "two")]
    with aim.Run("a", resume_from=1) as run:
        run.track(aim.Text("three"), "x", step=1)
    assert [(step, words) for _, _, _, step, _, _, words in told()] == [(0, "one"), (1, "three")]


def test_a_child_tracks_into_its_own_file(here: Path) -> None:
    with aim.Run("a") as run:
        run.track(aim.Text("parent"), "x")
        if (child := os.fork()) == 0:
            run.track(aim.Text("child"), "x")
            run.close()
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
    assert [(step, words) for _, _, _, step, _, _, words in told()] == [(0, "parent"), (1, "child")]


KILLED = """
import aim, os
run = aim.Run("a")
big = aim.Text("x" * 3_000_000)
for step in range(3):
    run.track(aim.Text(str(step)), "small")
    run.track(big, "big")
os.kill(os.getpid(), 9)
"""


def test_tracked_values_survive_kill_9(here: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", KILLED], env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert ended.returncode == -9
    recorded = {series.name: [len(point.data) for point in series] for series in aim.Repo().objects()}
    assert recorded == {"small": [1, 1, 1], "big": [3_000_000] * 3}


def test_a_signal_handler_that_tracks_while_a_large_value_is_written(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = aim.Run("a")
    real = os.write
    fired: list[int] = []

    def write(fd: int, data: bytes) -> int:
        done = real(fd, data)
        if len(data) > 1 << 19 and len(fired) < 3:
            fired.append(1)
            run.track(aim.Text("inner"), "inner")
            run.track(1.0, "loss")
        return done

    content = os.urandom(4 << 20)
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", write)
        run.track(aim.Text(content.hex()), "big")
    run.close()
    recorded = {series.name: [point.data for point in series] for series in aim.Repo().objects()}
    assert recorded == {"big": [content.hex().encode()], "inner": [b"inner"] * 3}
    assert aim.Repo().run("a").metrics["loss"].traces[0].steps.tolist() == [0, 1, 2]


def test_a_series_says_its_kind_and_a_point_takes_one_write(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = aim.Run("a")
    run.track(aim.Text("first"), "x")
    sizes: list[int] = []
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: sizes.append(len(data)) or real(fd, data))
    run.track(aim.Text("1234"), "x")
    assert sizes == [8 + 44 + 4 + 4], "word, head, {} in four bytes, the text, checksum"
    run.close()


def test_many_contexts_of_values_lose_nothing(here: Path) -> None:
    with aim.Run() as run:
        for i in range(1100):
            run.track(aim.Text("a"), "x", context={"i": i})
    assert run.lost == 0 and len(told()) == 1100
