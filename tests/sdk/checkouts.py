"""Folders that git tracks, and scripts that record in them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.sdk.recorded import File, environment, only

GIT_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b",
    "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b", "GIT_TERMINAL_PROMPT": "0",
}  # fmt: skip

# Records until git has answered.
WAIT = """
import aim
from tests.waiting import until
run = aim.Run("x")
run.track(1.0, "loss")
until(lambda: not run._recording.late.pending)
run.close()
"""


def git(folder: Path, *words: str) -> str:
    ended = subprocess.run(
        ["git", *words], cwd=folder, env={**os.environ, **GIT_ENVIRONMENT}, capture_output=True, text=True, check=True
    )
    return ended.stdout.strip()


def record(folder: Path, code: str, **variables: str) -> File:
    """Run a script that is outside of the tree that it works in."""
    elsewhere = folder.parent / "scripts"
    elsewhere.mkdir(exist_ok=True)
    (elsewhere / "t.py").write_text(code)
    command = [sys.executable, "-W", "error", str(elsewhere / "t.py")]
    ended = subprocess.run(command, cwd=folder, env=environment(**variables), capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert [line for line in ended.stderr.splitlines() if "recording to" not in line] == []
    return only(folder)
