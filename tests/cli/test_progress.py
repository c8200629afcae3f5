from __future__ import annotations

import sys

import pytest

from aim.cli.progress import ProgressBar


def on_terminal(monkeypatch: pytest.MonkeyPatch, *, columns: int = 60, quiet_for: float = 0.0) -> ProgressBar:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr("aim.cli.progress.EVERY", 0.0)
    monkeypatch.setattr("aim.cli.progress.QUIET_FOR", quiet_for)
    monkeypatch.setenv("COLUMNS", str(columns))
    return ProgressBar("Indexing")


def test_a_bar_that_is_wiped_at_the_end(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    progress = on_terminal(monkeypatch)
    progress(1, 4)
    progress(2, 4, "Reading")
    progress(4, 4)
    said = capsys.readouterr().err
    assert said == f"\rIndexing {'█' * 6}{'░' * 18}  25%\x1b[K\rReading {'█' * 12}{'░' * 12}  50%\x1b[K\r\x1b[K"


def test_a_narrow_terminal_cuts_it(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    on_terminal(monkeypatch, columns=12)(1, 2)
    assert capsys.readouterr().err == "\rIndexing ██\x1b[K"


def test_no_progress_for_short_work(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    progress = on_terminal(monkeypatch, quiet_for=100.0)
    progress(1, 2)
    progress(2, 2)
    progress(0, 0)
    assert capsys.readouterr().err == ""


def test_no_progress_without_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aim.cli.progress.QUIET_FOR", 0.0)
    ProgressBar("Indexing")(1, 2)
    assert capsys.readouterr().err == ""
