"""Shared by tests of several processes that do the same at the same instant."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence


def at_once(processes: Sequence[subprocess.Popen[str]]) -> list[str]:
    """What each process says next, after all of them got the line that they wait for. Then they get another one, to
    end."""
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.stdout.readline().strip() for process in processes if process.stdout is not None]
    for process in processes:
        process.communicate("end\n")
    return said
