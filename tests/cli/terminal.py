"""A command on a pseudo-terminal, for the questions that only a person is asked."""

from __future__ import annotations

import os
import pty
import sys
from pathlib import Path

COMMAND = [sys.executable, "-W", "error", "-m", "aim"]
ROOT = str(Path(__file__).parent.parent.parent)


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": ROOT, "TERM": "xterm"}


def on_terminal(words: list[str], folder: Path, *, wait_for: str, then: str) -> tuple[int, str]:
    """Run `aim WORDS` on a terminal, type `then` when `wait_for` appears, and give the exit code and what was shown."""
    pid, terminal = pty.fork()
    if pid == 0:
        try:
            os.chdir(folder)
            os.execve(COMMAND[0], [*COMMAND, *words], environment())
        finally:
            os._exit(127)
    shown, typed = "", False
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:  # Linux says so when the other end is closed
            part = b""
        if not part:
            break
        shown += part.decode(errors="replace")
        if wait_for in shown and not typed:
            os.write(terminal, then.encode())
            typed = True
    os.close(terminal)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return code, shown.replace("\r\n", "\n")
