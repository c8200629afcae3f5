"""Lines that a script logs are recorded with their params, within bounds, and never raise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import aim
from aim.log import record
from aim.log.reader import Log
from aim.sdk import messages
from tests.log.logs import log_files


def logged(folder: Path) -> list[dict[str, Any]]:
    (path,) = log_files(folder / ".aim" / "runs")
    return [record.decode_json(entry.payload) for entry in Log(path).records() if entry.kind == record.MESSAGE]


@pytest.mark.parametrize("level", ["debug", "info", "warning", "error"])
@pytest.mark.parametrize("owner", [aim.Run, aim.Session])
def test_a_line_is_recorded(here: Path, owner: type, level: str) -> None:
    with owner() as run:
        getattr(run, f"log_{level}")("loss is {loss}", loss=float("inf"), layers=[1, 2], level="a", self="b", message=1)
    (message,) = logged(here)
    assert message.pop("time") > 1e9
    params = {"loss": float("inf"), "layers": [1, 2], "level": "a", "self": "b", "message": 1}
    assert message == {"level": level, "text": "loss is {loss}", "params": params}


class Odd:
    def __str__(self) -> str:
        raise RuntimeError("no")


def test_anything_can_be_logged(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = aim.Run()
    run.log_info(ValueError("wrong"))
    run.log_info(None, what=object)
    run.log_info(Odd(), odd=Odd())
    run.log_info("\ud800 half")
    run.close()
    assert [message["text"] for message in logged(here)][:3] == ["wrong", "None", "Odd"]
    assert len(logged(here)) == 4


def test_a_long_line_is_cut_and_says_so(here: Path) -> None:
    with aim.Run() as run:
        run.log_warning("x" * 20_000, data="y" * 300_000)
    (message,) = logged(here)
    assert message["text"].endswith("… 3,616 more characters")
    assert "bytes are too much" in message["params"]["left out"]


def test_beyond_the_limit_lines_are_reported_once_and_counted(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "LIMIT", 1000)
    run = aim.Run()
    for i in range(100):
        run.log_info(f"line {i}")
    run.close()
    assert 5 < len(logged(here)) < 20
    assert run.lost == 100 - len(logged(here))
    assert capsys.readouterr().err.count("bytes; later ones are dropped") == 1


def test_after_the_end_lines_are_reported_and_nothing_is_raised(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = aim.Run("x")
    run.close()
    run.log_error("late")
    assert "log_error: run 'x' is closed" in capsys.readouterr().err
    assert logged(here) == []
