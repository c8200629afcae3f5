"""The child process in which a server seals logs."""

from __future__ import annotations

import sys
from pathlib import Path
from threading import Event

import pytest

from aim.cli import sealing

# It ignores SIGTERM, and says so first.
DEAF = """#!/bin/sh
trap '' TERM
touch "$0.ready"
exec sleep 600
"""


class Ready(Event):
    """Set once the child ignores signals."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file

    def wait(self, timeout: float | None = None) -> bool:
        return super().wait(timeout) or self.file.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")
def test_a_child_that_does_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "deaf"
    program.write_text(DEAF)
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    monkeypatch.setattr(sealing, "END_SECONDS", 0.1)
    assert sealing._ran(["seal"], tmp_path / ".aim", Ready(tmp_path / "deaf.ready")) == ""
