"""Calls of trackio, and what aim.Repo then reads."""

from __future__ import annotations

from pathlib import Path

import pytest

import aim
import aim.trackio as trackio
from tests.dropins import recorded


def test_steps_go_on_behind_the_highest_one(tmp_path: Path) -> None:
    trackio.init(project="digits", name="first", group="g", config={"lr": 0.1})
    trackio.log({"loss": 4.0})
    trackio.log({"loss": 3.0}, step=5)
    trackio.log({"loss": 2.0}, step=2)
    trackio.log({"loss": 1.0, "val": {"acc": 1}})
    trackio.config.update({"depth": 3}, allow_val_change=True)
    trackio.log_system({"gpu": 0.5})
    trackio.finish()
    assert recorded.points(tmp_path) == {"loss": [(0, 4.0), (2, 2.0), (5, 3.0), (6, 1.0)], "val.acc": [(6, 1.0)]}
    run = recorded.only(tmp_path)
    assert (run.experiment, run.name, run.hash, run.status) == ("digits", "first", "digits/first", "finished")
    assert run.params == {"hparams": {"lr": 0.1, "depth": 3}, "trackio": {"group": "g"}}
    assert run.metrics["system/gpu"].traces[0].last == 0.5


@pytest.mark.parametrize(("resume", "runs", "step"), [("allow", 1, 1), ("must", 1, 1), ("never", 2, 0)])
def test_a_run_is_resumed_by_its_name(tmp_path: Path, resume: str, runs: int, step: int) -> None:
    trackio.init("digits", "first").log({"loss": 1.0})
    trackio.finish()
    again = trackio.init("digits", "first", resume=resume)
    assert again.step == step
    trackio.finish()
    assert len(aim.Repo(tmp_path).select_runs()) == runs


def test_media_and_alerts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = trackio.init("digits")
    trackio.log({"report": trackio.Markdown("# Done"), "rows": trackio.Table(columns=["x"], data=[[1]])})
    trackio.alert("Loss", "is high")
    trackio.show()
    trackio.Trace("x")
    trackio.finish()
    assert {name: points[0][1].kind for name, points in recorded.media(tmp_path).items()} == {
        "report": "text",
        "rows": "table",
    }
    lines = aim.Repo(tmp_path).logs.messages(run.aim_run.id).messages
    assert [(line.level, line.text) for line in lines] == [("warning", "Loss: is high")]
    told = capsys.readouterr().err
    assert "show() starts no dashboard" in told and "trackio.Trace is not available" in told


def test_nothing_raises_without_a_run(capsys: pytest.CaptureFixture[str]) -> None:
    trackio.log({"loss": 1.0})
    trackio.finish()
    assert "log() recorded nothing: there is no run; call init() before" in capsys.readouterr().err
    assert trackio.context_vars.current_run.get() is None
