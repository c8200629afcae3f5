"""`aim run` typed into a shell on a terminal: job control, Ctrl-C and input work as if it were not there."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from aim import layout
from aim.launch import processes
from aim.repo import Repo
from tests.commands import AIM, environment
from tests.launch.commands import printed
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="drives bash on a terminal")

TAKE_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execvp(sys.argv[1], sys.argv[1:])"
)
AIM_RUN = " ".join([*AIM, "run", "--"])


class Terminal:
    """An interactive bash, and what a person sees of it and types."""

    def __init__(self, folder: Path) -> None:
        self.screen = ""
        self.fd, end = pty.openpty()
        self.resize(40, 100)
        command = [sys.executable, "-c", TAKE_TERMINAL, "bash", "--norc", "--noprofile", "-i"]
        env = environment(PS1="> ", TERM="xterm", HISTFILE="")
        self.bash = subprocess.Popen(
            command, stdin=end, stdout=end, stderr=end, cwd=folder, env=env, start_new_session=True
        )
        os.close(end)
        os.set_blocking(self.fd, False)
        self.type("bind 'set enable-bracketed-paste off'; stty -echo; echo be''gin\n")
        self.wait_for("begin")

    def type(self, text: str) -> None:
        os.write(self.fd, text.encode())

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Wait until the screen shows it; what was shown up to there is forgotten."""
        deadline = time.monotonic() + PATIENCE
        while (match := re.search(pattern, self.screen)) is None:
            assert time.monotonic() < deadline, f"{pattern!r} did not come; there is:\n{self.screen}"
            try:
                self.screen += os.read(self.fd, 65_536).decode(errors="replace")
            except BlockingIOError:
                time.sleep(0.01)
        self.screen = self.screen[match.end() :]
        return match

    def resize(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def close(self) -> None:
        self.bash.kill()
        self.bash.wait()
        os.close(self.fd)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    layout.create(tmp_path / ".aim")
    made = Terminal(tmp_path)
    yield made
    made.close()


def write(tmp_path: Path, name: str, code: str) -> str:
    (tmp_path / name).write_text(code)
    return f"{AIM_RUN} {sys.executable} {name}"


LOOK = """
import os, sys
size = os.get_terminal_size(1)
print([os.isatty(fd) for fd in (0, 1, 2)], size.lines, size.columns, "\\x1b[32mgreen\\x1b[0m")
"""


def test_the_command_is_on_a_terminal_of_the_same_size(terminal: Terminal, tmp_path: Path) -> None:
    terminal.type(write(tmp_path, "look.py", LOOK) + "; echo status=$?\n")
    terminal.wait_for(r"\[True, True, True\] 40 100 \x1b\[32mgreen\x1b\[0m\r\n")
    terminal.wait_for("status=0")
    (process,) = processes.processes(Repo(tmp_path))
    assert printed(Repo(tmp_path), process.id) == b"[True, True, True] 40 100 \x1b[32mgreen\x1b[0m\n"


RESIZED = """
import os, signal
def changed(number, frame):
    size = os.get_terminal_size(1)
    if size.columns == 77: print("now", size.lines, flush=True); os._exit(0)
signal.signal(signal.SIGWINCH, changed)
print("ready", flush=True)
while True: signal.pause()
"""


def test_a_window_that_changes_its_size_changes_that_of_the_command(terminal: Terminal, tmp_path: Path) -> None:
    terminal.type(write(tmp_path, "resized.py", RESIZED) + "\n")
    terminal.wait_for("ready")
    terminal.resize(33, 77)
    terminal.wait_for("now 33")


ASK = "name = input('who? '); print('hello', name.upper())"


def test_the_command_reads_the_terminal(terminal: Terminal, tmp_path: Path) -> None:
    terminal.type(write(tmp_path, "ask.py", ASK) + "; echo status=$?\n")
    terminal.wait_for(r"who\? ")
    terminal.type("ada\n")
    terminal.wait_for("hello ADA")
    terminal.wait_for("status=0")


COUNT = """
import os, time
count = 0
print("ready", flush=True)
while True:
    try:
        time.sleep(600)
    except KeyboardInterrupt:
        count += 1
        print(f"interrupts={count}.", flush=True)
        if count == 2: os._exit(9)
"""


def test_ctrl_c_reaches_the_command_once(terminal: Terminal, tmp_path: Path) -> None:
    terminal.type(write(tmp_path, "count.py", COUNT) + "; echo status=$?\n")
    terminal.wait_for("ready")
    terminal.type("\x03")
    terminal.wait_for(r"interrupts=1\.")
    time.sleep(0.2)
    terminal.type("\x03")
    terminal.wait_for(r"interrupts=2\.")
    terminal.wait_for("status=9")
    (process,) = processes.processes(Repo(tmp_path))
    assert (process.state, process.exit_code) == ("failed", 9), "it was not aim run that stopped it"


def test_ctrl_c_ends_a_script_around_aim_run(terminal: Terminal, tmp_path: Path) -> None:
    """As without aim: a shell ends its script when what it waits for died of the Ctrl-C."""
    script = f"for i in 1 2 3; do echo turn=$i; {AIM_RUN} sleep 600; done\necho went on\n"
    (tmp_path / "script.sh").write_text(script)
    terminal.type("bash script.sh\n")
    terminal.wait_for("turn=1")
    terminal.wait_for("records this command")
    terminal.type("\x03")
    terminal.wait_for("> ")
    terminal.type("echo status=$?\n")
    assert terminal.wait_for(r"turn=2|went on|status=(\d+)")[1] == "130"
    (process,) = processes.processes(Repo(tmp_path))
    assert (process.state, process.signal) == ("killed", "SIGINT")


TICK = """
import time
i = 0
while True:
    print(f"tick={i}.", flush=True); i += 1; time.sleep(0.05)
"""


def test_ctrl_c_misses_a_background_job_of_a_script_as_without_aim(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "tick.py").write_text(TICK)
    (tmp_path / "script.sh").write_text(f"{AIM_RUN} {sys.executable} tick.py &\nwait\n")
    terminal.type("bash script.sh\n")
    terminal.wait_for(r"tick=1\.")
    terminal.type("\x03")
    terminal.wait_for("> ")
    terminal.wait_for(r"tick=\d+\.")
    (process,) = processes.processes(Repo(tmp_path))
    assert process.state == "running"
    assert processes.stop(Repo(tmp_path), process.id, by={"user": "ada"}, why="enough")
    until(lambda: processes.processes(Repo(tmp_path))[0].signal == "SIGINT")


def test_ctrl_z_suspends_and_fg_goes_on(terminal: Terminal, tmp_path: Path) -> None:
    terminal.type(write(tmp_path, "tick.py", TICK) + "\n")
    terminal.wait_for(r"tick=3\.")
    terminal.type("\x1a")
    terminal.wait_for("Stopped")
    terminal.type("echo pro''mpt\n")
    terminal.wait_for("prompt")
    assert "tick" not in terminal.screen
    (process,) = processes.processes(Repo(tmp_path))
    assert process.state == "running"
    terminal.type("fg\n")
    terminal.wait_for(r"tick=\d+\.")
    terminal.type("\x1a")
    terminal.wait_for("Stopped")
    terminal.type("bg\n")
    terminal.wait_for(r"tick=\d+\.")
    terminal.type("kill -INT %1; wait %1; echo status=$?\n")
    assert terminal.wait_for(r"status=(\d+)")[1] == "130"


def test_a_command_in_the_background_that_reads_waits_for_fg(terminal: Terminal, tmp_path: Path) -> None:
    terminal.type(write(tmp_path, "ask.py", ASK) + " &\n")
    terminal.type("while [ -z \"$(jobs -s)\" ]; do sleep 0.05; done; echo sus''pended\n")
    terminal.wait_for("suspended")
    terminal.type("fg\n")
    terminal.wait_for("ask.py")
    terminal.type("ada\n")
    terminal.wait_for("hello ADA")


def test_aim_stop_reaches_a_command_on_a_terminal(terminal: Terminal, tmp_path: Path) -> None:
    terminal.type(write(tmp_path, "tick.py", TICK) + "; echo status=$?\n")
    terminal.wait_for(r"tick=1\.")
    (process,) = processes.processes(Repo(tmp_path))
    assert processes.stop(Repo(tmp_path), process.id, by={"user": "ada"}, why="enough")
    assert terminal.wait_for(r"status=(\d+)")[1] == "130"


def test_the_order_of_both_streams_is_kept_on_a_terminal(terminal: Terminal, tmp_path: Path) -> None:
    code = "import os\nfor i in range(300): os.write(1 + i % 2, b'%d ' % i)\nprint('.')"
    terminal.type(write(tmp_path, "both.py", code) + "\n")
    terminal.wait_for(re.escape("".join(f"{i} " for i in range(300))))
