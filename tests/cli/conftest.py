"""Shared fixtures for tests of the command line: commands in this process, a working folder, a built UI."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import aim as aim_package
from aim.cli.main import main

Aim = Callable[..., Result]


@pytest.fixture(autouse=True)
def own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A working folder that is not inside a repository of the user."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """The working folder."""
    return tmp_path / "here"


@pytest.fixture
def aim() -> Aim:
    """Run a command as `aim` would; the output holds standard output and standard error."""

    def run(*words: object, code: int = 0, typed: str | None = None) -> Result:
        result = CliRunner().invoke(main, [str(word) for word in words], input=typed)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert result.exit_code == code, result.output
        return result

    return run


def kill_a_run(repo: Path, name: str) -> None:
    """Record a run in a process that dies without an end record."""
    code = "import os, sys, aim; run = aim.Run(sys.argv[1], repo=sys.argv[2]); run.track(0.5, 'loss'); os._exit(9)"
    root = str(Path(aim_package.__file__).parent.parent)
    command = [sys.executable, "-c", code, name, str(repo)]
    assert subprocess.run(command, env={**os.environ, "PYTHONPATH": root}, check=False).returncode == 9


@pytest.fixture
def built_ui(tmp_path: Path) -> Path:
    folder = tmp_path / "built-ui"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>A pulled UI</title>")
    (folder / "assets" / "index-0a1b2c3d.js").write_text("export {}")
    return folder
