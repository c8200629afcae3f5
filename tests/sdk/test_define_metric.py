"""A script says which values of a metric are better; it never waits for the disk, and nothing it passes raises."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import aim
from aim.log import edits
from aim.repo import Repo
from tests.remote.receiver import Receiver
from tests.waiting import until


def files(folder: Path) -> list[Path]:
    return sorted((folder / ".aim" / "edits").glob("*.log"))


def test_a_script_sets_the_direction_for_the_repository(tmp_path: Path) -> None:
    with aim.Session(repo=tmp_path) as session:
        session.define_metric("val/quality", direction="max")
        session.run.define_metric("score", direction="min")
    with aim.Run(repo=tmp_path) as run:
        run.define_metric("score", direction="max")
    assert Repo(tmp_path).metrics.directions() == {"score": "max", "val/quality": "max"}
    assert len(files(tmp_path)) == 2, "a file for each process and run that changed one"


def test_a_direction_that_is_known_is_not_written_again(tmp_path: Path) -> None:
    for _ in range(3):
        with aim.Run(repo=tmp_path) as run:
            run.define_metric("score", direction="max")
    assert len(files(tmp_path)) == 1
    Repo(tmp_path).metrics.set_direction("score", "min")
    with aim.Run(repo=tmp_path) as run:
        run.define_metric("score", direction="max")
    assert Repo(tmp_path).metrics.directions() == {"score": "max"}, "the later one counts"


def test_it_never_waits_for_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with aim.Run(repo=tmp_path) as run:
        monkeypatch.setattr(os, "fsync", lambda fd: pytest.fail("it waits"))
        run.define_metric("score", direction="max")
        run.define_metric("loss", direction="min")
    assert len(files(tmp_path)) == 1


@pytest.mark.parametrize(
    ("name", "more"),
    [
        (None, {"direction": "max"}),
        ("loss", {"direction": "up"}),
        (3, {"direction": "max"}),
        ("", {"direction": "max"}),
        ("a\nb", {"direction": "min"}),
        ("loss", {"goal": "up"}),
        ("loss", {"summary": "median"}),
        ("loss", {"summary": ["min"]}),
        ("loss", {"nonsense": 1}),
    ],
)
def test_wrong_arguments_are_told_once_and_change_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: Any, more: dict[str, Any]
) -> None:
    with aim.Run(repo=tmp_path) as run:
        run.define_metric(name, **more)
        run.define_metric(name, **more)
    told = [line for line in capsys.readouterr().err.splitlines() if "define_metric" in line]
    assert told[0].startswith("aim: define_metric() recorded nothing: "), told
    assert run.lost == 2 and files(tmp_path) == []


AS_ELSEWHERE: list[tuple[tuple[Any, ...], dict[str, Any], dict[str, str], list[str]]] = [
    (("val/loss",), {"summary": "min"}, {"val/loss": "min"}, []),
    (("quality",), {"summary": "max", "step_metric": "epoch"}, {"quality": "max"}, ["step_metric="]),
    (("quality",), {"summary": "best", "goal": "maximize"}, {"quality": "max"}, []),
    (("quality",), {"goal": "minimize", "hidden": True, "overwrite": False}, {"quality": "min"}, ["hidden="]),
    (("quality",), {"summary": "min,max"}, {}, ["summary="]),
    (("quality",), {"summary": "last, mean"}, {}, ["summary="]),
    (("quality", "epoch"), {}, {}, ["step_metric="]),
    (("train/*",), {"step_metric": "train/step"}, {}, ["step_metric="]),
    (("a*b",), {"direction": "max"}, {"a*b": "max"}, ["* in the middle"]),
    (("epoch",), {}, {}, ["a name alone"]),
]


@pytest.mark.parametrize(("given", "named", "directions", "told"), AS_ELSEWHERE)
def test_calls_written_for_wandb_are_taken_and_what_is_not_used_is_named(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    given: tuple[Any, ...],
    named: dict[str, Any],
    directions: dict[str, str],
    told: list[str],
) -> None:
    with aim.Session(repo=tmp_path) as session:
        for _ in range(2):
            session.define_metric(*given, **named)
        assert session.run.lost == 0
    said = [line for line in capsys.readouterr().err.splitlines() if "define_metric" in line]
    assert len(said) == len(told)
    assert all(
        line.startswith(f"aim: define_metric() does not use {word}") for line, word in zip(said, told, strict=True)
    )
    assert Repo(tmp_path).metrics.directions() == directions


def test_a_star_stands_for_metrics_that_come_before_and_after(tmp_path: Path) -> None:
    with aim.Run(repo=tmp_path) as run:
        run.track(1.0, "val/first")
        run.define_metric("val/*", direction="max")
        for subset in ("a", "b"):
            run.track(1.0, "val/quality", context={"subset": subset})
        run.track(1.0, "val/accuracy")
        run.track(1.0, "train/quality")
    assert Repo(tmp_path).metrics.directions() == {"val/first": "max", "val/quality": "max"}


def test_points_are_kept_where_a_direction_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no space left")

    with aim.Run(repo=tmp_path) as run:
        run.define_metric("val/*", direction="max")
        monkeypatch.setattr(edits.Editor, "append", refuse)
        run.track(1.0, "val/quality")
    assert "no space left" in capsys.readouterr().err
    assert [len(found.metrics["val/quality"].traces) for found in aim.select_runs(repo_path=tmp_path)] == [1]


def test_a_disk_that_refuses_is_told_and_training_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no space left")

    with aim.Run(repo=tmp_path) as run:
        monkeypatch.setattr(edits.Editor, "append", refuse)
        run.define_metric("score", direction="max")
        run.track(1.0, "score")
    assert "no space left" in capsys.readouterr().err
    assert [len(found.metrics["score"].traces) for found in aim.select_runs(repo_path=tmp_path)] == [1]


@pytest.mark.parametrize("disabled", [True, False])
def test_nothing_after_the_end_or_where_aim_is_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, disabled: bool
) -> None:
    if disabled:
        monkeypatch.setenv("AIM_DISABLED", "1")
    run = aim.Run(repo=tmp_path)
    if not disabled:
        run.close()
    run.define_metric("score", direction="max")
    assert files(tmp_path) == []


def test_it_reaches_the_server(hasty: Receiver) -> None:
    with aim.Run() as run:
        run.define_metric("val/quality", direction="max")
    until(lambda: any(hasty.folder.rglob("edits/*.log")))
    until(lambda: Repo(hasty.folder).metrics.directions() == {"val/quality": "max"})
