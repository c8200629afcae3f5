"""A command on a pseudo-terminal, for questions that are only asked on a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.commands import AIM, environment

TAKE_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)


def on_terminal(
    words: list[str], folder: Path, *, wait_for: str, then: str, program: Sequence[str] = AIM
) -> tuple[int, str]:
    """Run `aim WORDS` on a terminal, type `then` when `wait_for` appears, and return the exit code and the output."""
    terminal, end = pty.openpty()
    command = [sys.executable, "-c", TAKE_TERMINAL, *program, *words]
    with subprocess.Popen(
        command, stdin=end, stdout=end, stderr=end, cwd=folder, env=environment(TERM="xterm"), start_new_session=True
    ) as process:
        os.close(end)
        shown = talk(terminal, wait_for=wait_for, then=then)
        os.close(terminal)
    return process.returncode, shown.replace("\r\n", "\n")


def talk(terminal: int, *, wait_for: str, then: str) -> str:
    shown, typed = "", False
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:  # Linux reports this when the other end is closed.
            part = b""
        if not part:
            return shown
        shown += part.decode(errors="replace")
        if wait_for in shown and not typed:
            os.write(terminal, then.encode())
            typed = True
