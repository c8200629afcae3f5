"""`aim` as a process of its own, and in this process where what it says is tested."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from aim.cli.main import main

ROOT = str(Path(__file__).parent.parent)
AIM = [sys.executable, "-W", "error", "-m", "aim"]


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": ROOT, **more}


def aim(folder: Path | None, *words: object, **options: Any) -> subprocess.CompletedProcess[str]:
    """`aim WORDS` in a folder, with standard input closed."""
    options = {"stdin": subprocess.DEVNULL, "env": environment(), **options}
    return subprocess.run([*AIM, *map(str, words)], cwd=folder, capture_output=True, text=True, **options)


def output_of(folder: Path | None, *words: object, code: int = 0) -> str:
    """What `aim WORDS` prints on either stream, if it ends with this exit code."""
    ended = aim(folder, *words)
    assert ended.returncode == code, ended.stdout + ended.stderr
    return ended.stdout + ended.stderr


def answer(folder: Path, *words: object, code: int = 0) -> Result:
    """What `aim WORDS` answers in a folder, in this process: starting one costs more than most commands."""
    before = os.getcwd()
    os.chdir(folder)
    try:
        answered = CliRunner().invoke(main, [str(word) for word in words])
    finally:
        os.chdir(before)
    assert answered.exception is None or isinstance(answered.exception, SystemExit), answered.exception
    assert answered.exit_code == code, answered.output
    return answered
