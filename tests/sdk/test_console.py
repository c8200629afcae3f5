"""What real processes print is recorded and arrives unchanged, and nothing about it harms them."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import aim
from aim.log import status
from aim.log.output import LIMIT, SKIPPED, STDERR, STDOUT, TAIL, Output, OutputReader, start_of
from aim.sdk.console import Capture
from tests.log.logs import log_files
from tests.sdk.recorded import environment, files, python, started, status_of
from tests.waiting import until

pytestmark = pytest.mark.skipif(os.name != "posix", reason="descriptors are redirected where there is a fork")

OPEN = "import aim, ctypes, os, subprocess, sys, time\nfrom aim.sdk import console\n"
# On a busy machine, what is printed after a run may overtake what was printed in it: its end waits only for a moment.
OPEN += "console.BEGIN_SECONDS = console.DRAIN_SECONDS = 200.0\nrun = aim.Run('x', console=True)\n"
C = "libc = ctypes.CDLL(None)\nlibc.printf(b'from printf\\n'); libc.fflush(None)\n"


def tapes(folder: Path) -> list[Path]:
    return [path for path in log_files(folder / ".aim" / "runs") if start_of(path) is not None]


def outputs(folder: Path) -> list[Output]:
    """What was recorded, once the processes that recorded it have ended."""
    until(lambda: all(file.end is not None for file in files(folder) if file.start.get("role") == "output"))
    pieces: list[Output] = []
    for path in tapes(folder):
        reader = OutputReader(path)
        pieces += [piece.output for piece in reader.forward()]
        reader.close()
    return sorted(pieces, key=lambda output: output.time)


def starts(folder: Path) -> list[dict[str, Any]]:
    return [file.start for file in files(folder)]


def output_writers(folder: Path) -> list[str]:
    return [start["writer"] for start in starts(folder) if start["role"] == "output"]


def recorded(folder: Path, *streams: int) -> bytes:
    wanted = streams or (STDOUT, STDERR)
    return b"".join(piece.data for piece in outputs(folder) if piece.stream in wanted)


def ran(folder: Path, code: str, **variables: str) -> tuple[bytes, bytes]:
    """Run a script that ends well; what arrived at its standard output and standard error."""
    (folder / "train.py").write_text(code)
    command = [sys.executable, "-W", "error", "train.py"]
    ended = subprocess.run(command, cwd=folder, capture_output=True, env=environment(**variables))
    assert ended.returncode == 0, ended.stderr.decode()
    told = [line for line in ended.stderr.splitlines(keepends=True) if b"recording to" not in line]
    return ended.stdout, b"".join(told)


PRINTS = {
    "print": ("print('from print')", b"from print\n"),
    "write": ("os.write(1, b'from write\\n')", b"from write\n"),
    "printf": (C, b"from printf\n"),
    "puts, which C holds back": ("ctypes.CDLL(None).puts(b'from puts')", b"from puts\n"),
    "subprocess": ("subprocess.run(['echo', 'from echo'], check=True)", b"from echo\n"),
    "os.system": ("os.system('echo from sh')", b"from sh\n"),
    "fork": ("p = os.fork()\nif not p:\n    print('forked', flush=True); os._exit(0)\nos.wait()", b"forked\n"),
    "multiprocessing": (
        "import multiprocessing as m\nif __name__ == '__main__':\n"
        "    p = m.get_context('fork').Process(target=print, args=('worker',)); p.start(); p.join()", b"worker\n",
    ),
    "not UTF-8": ("os.write(1, b'\\xff\\x00\\xfe\\n')", b"\xff\x00\xfe\n"),
    "colors and bars": ("sys.stdout.write('\\x1b[31m 10%\\r 20%\\r\\x1b[0m\\n')", b"\x1b[31m 10%\r 20%\r\x1b[0m\n"),
    "text of many bytes": ("print('é😀' * 9)", "é😀".encode() * 9 + b"\n"),
    "nothing": ("pass", b""),
    "after the run": ("run.close(); print('later'); sys.stdout.flush()", b""),
}  # fmt: skip


@pytest.mark.parametrize("what", PRINTS)
def test_printed_output_is_recorded_and_passed_on(here: Path, what: str) -> None:
    code, expected = PRINTS[what]
    out, err = ran(here, OPEN + code)
    assert recorded(here) == expected
    assert (out, err) == (expected or (b"later\n" if "later" in code else b""), b"")
    assert status_of(here).word == "finished"


def test_both_streams_are_distinguished(here: Path) -> None:
    out, err = ran(here, OPEN + "print('one'); print('two', file=sys.stderr); os.system('echo three >&2')")
    assert (out, err) == (b"one\n", b"two\nthree\n")
    assert recorded(here, STDOUT) == out and recorded(here, STDERR) == err


def test_both_streams_to_one_place_keep_their_order(here: Path) -> None:
    code = OPEN + "for i in range(3000):\n    os.write(1 + i % 2, b'%d\\n' % i)\n"
    (here / "train.py").write_text(code)
    command = [sys.executable, "train.py"]
    with open(here / "all.txt", "wb") as file:
        subprocess.run(command, cwd=here, stdout=file, stderr=subprocess.STDOUT, env=environment(), check=True)
    until(lambda: (here / "all.txt").read_bytes().endswith(b"2999\n"))
    numbers = b"".join(b"%d\n" % i for i in range(3000))
    assert (here / "all.txt").read_bytes().endswith(numbers)
    assert recorded(here) == numbers


def test_off_by_default_and_by_argument(here: Path) -> None:
    ran(here, "import aim\nrun = aim.Run('x')\nprint('one')")
    ran(here, "import aim\nrun = aim.Run('y', console=False)\nprint('one')", AIM_CONSOLE="1")
    assert tapes(here) == []


@pytest.mark.parametrize("value, on", [("1", True), ("true", True), ("0", False), ("", False)])
def test_on_by_the_environment(here: Path, value: str, on: bool) -> None:
    ran(here, "import aim\naim.track(1.0, name='loss')\nprint('one')", AIM_CONSOLE=value)
    assert recorded(here) == (b"one\n" if on else b"")


def test_on_for_a_session(here: Path) -> None:
    ran(here, "import aim\nsession = aim.Session(console=True)\nprint('one')")
    assert recorded(here) == b"one\n"


def test_a_wrong_switch_is_reported_or_refused(here: Path) -> None:
    _, err = ran(here, "import aim\nrun = aim.Run('x')", AIM_CONSOLE="perhaps")
    assert b"AIM_CONSOLE='perhaps' must be 1 or 0; using 0" in err
    with pytest.raises(TypeError, match="console='yes' must be True or False"):
        aim.Run("y", console="yes")  # type: ignore[arg-type]


def test_under_aim_run_the_script_records_nothing_itself(here: Path) -> None:
    run = aim.Run("x")
    out, _ = ran(here, "import aim\nrun = aim.Run('x', resume=True, console=True)\nprint('one')", AIM_PROCESS=run.id)
    assert out == b"one\n" and tapes(here) == []


def test_output_before_a_kill_is_recorded(here: Path) -> None:
    child = started(
        here,
        OPEN + "p = subprocess.Popen(['sh', '-c', 'for i in 1 2 3 4 5 6 7 8; do echo child $i; sleep 0.1; done'])\n"
        "time.sleep(0.25)\nprint('last words', flush=True)\nos.kill(os.getpid(), 9)\n",
    )
    out, _ = child.communicate()
    assert child.returncode == -signal.SIGKILL
    assert "last words\n" in out and "child 8\n" in out, "a child prints on"
    assert recorded(here) == out.encode()
    assert status_of(here).word == "killed"


def test_a_child_that_outlives_the_script_is_recorded_to_its_end(here: Path) -> None:
    child = started(here, OPEN + "os.system('(sleep 0.5; echo late) &')\nprint('early')\n")
    out, _ = child.communicate()
    assert out == "early\nlate\n"
    assert recorded(here) == b"early\nlate\n"
    assert status_of(here).word == "finished"


def test_the_end_of_a_run_does_not_wait_for_children(here: Path) -> None:
    code = OPEN + "child = subprocess.Popen(['sleep', '60'])\nrun.close()\nprint(child.poll())\n"
    out, _ = ran(here, code + "child.kill()\nchild.wait()")
    assert out == b"None\n"


def test_the_other_process_is_not_a_child_of_the_script(here: Path) -> None:
    ran(here, OPEN + "try:\n    os.wait()\nexcept ChildProcessError:\n    print('none')")
    assert recorded(here) == b"none\n"


def test_interrupts_and_ends_of_the_group_do_not_reach_it(here: Path) -> None:
    code = OPEN + "import signal\nseen = []\nsignal.signal(signal.SIGINT, lambda *a: seen.append(1))\n"
    code += "print('ready', flush=True)\nwhile not seen: time.sleep(0.01)\n"
    code += "print('interrupted', flush=True)\nprint('end')"
    script = here / "train.py"
    script.write_text(code)
    child = subprocess.Popen(
        [sys.executable, str(script)], cwd=here, stdout=subprocess.PIPE, env=environment(), start_new_session=True
    )
    assert child.stdout is not None and child.stdout.readline() == b"ready\n"
    os.killpg(child.pid, signal.SIGINT)
    assert child.communicate()[0] == b"interrupted\nend\n"
    assert recorded(here) == b"ready\ninterrupted\nend\n"


def test_a_closed_output_is_noticed_as_without_us(here: Path) -> None:
    """`train.py | head -1` ends the script, whose own output it is."""
    code = OPEN + "while True:\n    print('again', flush=True)\n    time.sleep(0.001)"
    child = started(here, code)
    assert child.stdout is not None and child.stdout.readline() == "again\n"
    child.stdout.close()
    try:
        assert child.wait() == 1
    finally:
        child.kill()
        _, err = child.communicate()
    assert "BrokenPipeError" in err


def tee_of(folder: Path) -> int:
    until(lambda: tapes(folder))
    start = start_of(tapes(folder)[0])
    assert start is not None
    return int(start["process"]["pid"])


def test_training_goes_on_when_the_other_process_is_killed(here: Path) -> None:
    code = OPEN + "print('ready', flush=True)\nsys.stdin.readline()\nchild = subprocess.Popen(['sh', '-c', "
    code += "'for i in 1 2 3; do echo child $i; sleep 0.3; done'])\nfor i in range(30000): print('line', i)\n"
    code += "assert child.wait() == 0, child.returncode\nconsole = run._heartbeat.console\n"
    code += "for _ in range(500):\n    if console._alone and not console.pending(): break\n    time.sleep(0.02)\n"
    code += "else: raise AssertionError('it still reads what nobody writes')\nprint('end', flush=True)"
    child = started(here, code)
    assert child.stdout is not None and child.stdout.readline() == "ready\n"
    os.kill(tee_of(here), signal.SIGKILL)
    out, err = child.communicate("go\n")
    assert child.returncode == 0, err
    assert "end\n" in out and "line 29999\n" in out and "child 3\n" in out
    assert err.count("console output is no longer recorded") == 1


def test_output_that_the_other_process_did_not_read_arrives_at_the_end(here: Path) -> None:
    code = OPEN + "run._heartbeat.console._lock.acquire()\nprint('ready', flush=True)\nsys.stdin.readline()\n"
    child = started(here, code + "print('last', flush=True)\nrun.close()")
    assert child.stdout is not None and child.stdout.readline() == "ready\n"
    killed = tee_of(here)
    os.kill(killed, signal.SIGKILL)
    until(lambda: status.started(killed) is None)
    out, err = child.communicate("go\n")
    assert (child.returncode, out) == (0, "last\n"), err


def test_a_child_that_prints_forever_blocks_nothing_when_the_other_process_is_killed(here: Path) -> None:
    code = OPEN + "print('ready', flush=True)\nsys.stdin.readline()\nchild = subprocess.Popen(['yes'])\n"
    code += "while not run._heartbeat.console._alone: time.sleep(0.02)\n"
    code += "run.close(); child.kill(); child.wait(); print('end', file=sys.stderr)"
    child = started(here, code)
    assert child.stdout is not None and child.stdout.readline() == "ready\n"
    os.kill(tee_of(here), signal.SIGKILL)
    _, err = child.communicate("go\n")
    assert child.returncode == 0 and err.endswith("end\n"), err


@pytest.fixture
def capture() -> Iterator[tuple[Capture, socket.socket]]:
    """A capture without descriptors, and the socket of the other process."""
    bare = Capture.__new__(Capture)
    bare._lock, bare._redirects, bare._began_at = threading.RLock(), [], time.monotonic()
    bare._alone = bare._released = bare.ready = False
    bare._control, theirs = socket.socketpair()
    bare._control.setblocking(False)
    with bare._control, theirs:
        yield bare, theirs


# What the other process says before it is gone, and whether the output was passed on.
LAST_WORDS = [(b"d", True), (b"e", True), (b"1", False), (b"", False)]


@pytest.mark.parametrize(("told", "passed_on"), LAST_WORDS)
def test_output_is_passed_on_when_the_other_process_says_so(
    capture: tuple[Capture, socket.socket], told: bytes, passed_on: bool
) -> None:
    mine, theirs = capture
    theirs.send(told)
    theirs.shutdown(socket.SHUT_WR)
    assert mine._drained() is passed_on


# Whether the other process is ready, whether the output was given back, and how long ago it was started.
STATES = [(False, False, 0, True), (True, False, 0, False), (False, True, 0, False), (False, False, 1000, False)]


@pytest.mark.parametrize(("ready", "released", "seconds", "soon"), STATES)
def test_only_the_start_of_the_other_process_is_watched_closely(
    capture: tuple[Capture, socket.socket], ready: bool, released: bool, seconds: int, soon: bool
) -> None:
    mine, _ = capture
    mine.ready, mine._released, mine._began_at = ready, released, mine._began_at - seconds
    assert mine.pending() is soon


NO_START = {
    "no shell": "import os; os.environ['PATH'] = '/nowhere'\nimport subprocess\n"
    "def refuse(*a, **k): raise OSError('no processes today')\nsubprocess.run = refuse\n",
    "no interpreter": "import sys; sys.executable = '/usr/bin/blender'; sys.prefix = sys.base_prefix = '/nowhere'\n",
    "no descriptors": "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (8, 8))\n",
}


@pytest.mark.parametrize("what", NO_START)
def test_obstacles_of_recording_are_reported_once(here: Path, what: str) -> None:
    out, err = ran(here, NO_START[what] + OPEN + "print('on')\nrun.track(1.0, 'loss')")
    assert out == b"on\n"
    assert err.count(b"console output is not recorded") == 1, err


def test_a_process_that_fails_at_its_start_costs_nothing(here: Path) -> None:
    code = OPEN.replace("run = ", "from aim.sdk import console\nconsole.layout.FORMAT = object.__name__\nrun = ")
    (here / "broken").mkdir()
    code = code.replace("run = ", "console.beside.python = lambda: '/bin/false'\nrun = ")
    out, err = ran(here, code + "print('one', flush=True)\ntime.sleep(0.3)\nprint('two')")
    assert out == b"one\ntwo\n"
    assert err.count(b"no longer recorded") == 1


def test_a_script_with_more_open_files_than_select_takes(here: Path) -> None:
    many = "import os, resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (2048, 2048))\n"
    many += "held = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]\n"
    out, err = ran(here, many + OPEN + "print('one', flush=True); run.close(); print('two')")
    assert (out, err) == (b"one\ntwo\n", b"")
    assert recorded(here) == b"one\n"


@pytest.mark.parametrize("close", ["1>&-", "2>&-", "1>&- 2>&-"])
def test_a_closed_descriptor_is_left_alone(here: Path, close: str) -> None:
    (here / "train.py").write_text(OPEN + "f = open('other', 'w')\nf.write('mine')\nrun.track(1.0, 'loss')\nprint('x')")
    command = ["sh", "-c", f'exec "$0" train.py {close}', sys.executable]
    subprocess.run(command, cwd=here, env=environment(), check=True, capture_output=True)
    assert (here / "other").read_text() == "mine"
    assert status_of(here).word == "finished"
    assert recorded(here) == (b"" if "1" in close else b"x\n")


def test_a_descriptor_redirected_later_is_left_alone(here: Path) -> None:
    code = OPEN + "print('one', flush=True)\nfd = os.open('mine.txt', os.O_WRONLY | os.O_CREAT)\nos.dup2(fd, 1)\n"
    out, _ = ran(here, code + "print('two', flush=True)\nrun.close()\nprint('three')")
    assert out == b"one\n" and (here / "mine.txt").read_text() == "two\nthree\n"


def test_the_first_of_two_runs_has_the_output(here: Path) -> None:
    code = OPEN + "other = aim.Run('y', console=True)\nprint('one', flush=True)\nrun.close()\nother.close()\n"
    code += "third = aim.Run('z', console=True)\nprint('two')"
    out, err = ran(here, code)
    assert out == b"one\ntwo\n" and b"run 'y': console output is already recorded" in err
    by_run = {file.start["hash"]: file for file in files(here) if file.start["role"] == "output"}
    assert sorted(by_run) == ["x", "z"]


def test_a_child_of_the_same_run_records_nothing_twice(here: Path) -> None:
    inner = "import aim; run = aim.Run('x', console=True); run.track(1.0, 'loss'); print('inner')"
    ready = "while not run._heartbeat.console.ready: time.sleep(0.02)\n"
    out, _ = ran(here, OPEN + ready + f"subprocess.run([sys.executable, '-c', {inner!r}], check=True)")
    assert out == b"inner\n" == recorded(here)
    assert len(tapes(here)) == 1


def test_a_full_disk_costs_only_output_that_does_not_fit(here: Path) -> None:
    code = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))\n" + OPEN
    out, _ = ran(here, code + "for i in range(200): os.write(1, b'%04d' % i * 5000)\nrun.track(1.0, 'loss')")
    assert out == b"".join(b"%04d" % i * 5000 for i in range(200))
    (path,) = tapes(here)
    reader = OutputReader(path)
    data = b"".join(piece.output.data for piece in reader.forward())
    assert out.startswith(data) and 200_000 < len(data) < 300_000
    reader.close()


def test_a_hundred_megabytes_and_more(here: Path) -> None:
    """The head as it came, the last 64 KiB, and a note of what lies between; all of it arrives."""
    code = OPEN + "block = b''.join(b'%07d\\n' % i for i in range(8192))\nfor i in range(1700): os.write(1, block)\n"
    (here / "train.py").write_text(code + "os.write(1, b'the end\\n')")
    command = f"exec {sys.executable} train.py | wc -c"
    ended = subprocess.run(command, shell=True, cwd=here, capture_output=True, env=environment(), timeout=300)
    size = 1700 * 65536 + 8
    assert int(ended.stdout) == size
    pieces = outputs(here)
    notes = [entry for entry in pieces if entry.stream == SKIPPED]
    assert [note.skipped for note in notes[:1]] == [0] and len(notes) == 2
    kept = sum(len(entry.data) for entry in pieces if entry.stream != SKIPPED)
    assert notes[1].skipped + kept == size
    assert LIMIT - 100_000 < kept - TAIL <= LIMIT
    assert pieces[-1].data.endswith(b"the end\n")


UNDER_PYTEST = """
import os, time, aim

def test_one(capfd):
    run = aim.Run("x", console=True)
    print("python")
    os.system("echo child")
    run.close()
    os.system("echo later")
    out = ""
    while "child" not in out:
        out += capfd.readouterr().out
        time.sleep(0.05)
    assert sorted(out.split()) == ["child", "later", "python"], out

def test_two():
    run = aim.Run("y", console=True)
    print("two", flush=True)
    run.close()
"""


def test_under_the_capture_of_pytest(here: Path) -> None:
    """pytest has all that it would have had; what Python prints goes to pytest and does not come to the descriptors."""
    (here / "test_it.py").write_text(UNDER_PYTEST)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py"]
    ended = subprocess.run(command, cwd=here, capture_output=True, env=environment())
    assert ended.returncode == 0, ended.stdout.decode()
    assert recorded(here) == b"child\n"


# Terminals


class Terminal:
    """A script on a terminal of its own."""

    def __init__(self, folder: Path, code: str, **variables: str) -> None:
        self.master, slave = pty.openpty()
        self.resize(31, 97)
        (folder / "train.py").write_text(code)
        self.seen = b""
        self.child = subprocess.Popen(
            [sys.executable, "train.py"], cwd=folder, stdin=slave, stdout=slave, stderr=slave,
            env=environment(**variables), start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )  # fmt: skip
        os.close(slave)

    def resize(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def until(self, text: bytes) -> None:
        while text not in self.seen:
            self._read(1.0)

    def end(self) -> int:
        while self.child.poll() is None or self._read(0.3):
            self._read(0.05)
        os.close(self.master)
        return self.child.returncode

    def _read(self, seconds: float) -> bool:
        try:
            data = os.read(self.master, 1 << 16) if select.select([self.master], [], [], seconds)[0] else b""
        except OSError:
            return False
        self.seen += data
        return bool(data)


def test_a_terminal_stays_a_terminal(here: Path) -> None:
    code = OPEN + "print('tty', [os.isatty(i) for i in range(3)], os.get_terminal_size())\n"
    code += "os.system('test -t 1 && echo child too')\nsys.stdout.write('\\x1b[1mbold\\x1b[0m 1%\\r100%\\n')\n"
    terminal = Terminal(here, code + "print('err', file=sys.stderr)")
    assert terminal.end() == 0
    text = b"tty [True, True, True] os.terminal_size(columns=97, lines=31)\nchild too\n"
    text += b"\x1b[1mbold\x1b[0m 1%\r100%\nerr\n"
    assert recorded(here) == text
    assert terminal.seen.endswith(text.replace(b"\n", b"\r\n")), "the terminal itself makes \\r\\n of a line's end"


def test_the_size_of_the_window_follows(here: Path) -> None:
    code = OPEN + "import signal\nsizes = []\n"
    code += "signal.signal(signal.SIGWINCH, lambda *a: sizes.append(os.get_terminal_size(1).columns))\nprint('ready')\n"
    code += "while 51 not in sizes: time.sleep(0.05)\n"
    terminal = Terminal(here, code + "print('size', sizes[-1])")
    terminal.until(b"ready")
    terminal.resize(20, 51)
    assert terminal.end() == 0
    assert b"size 51" in terminal.seen


def test_prompts_work(here: Path) -> None:
    terminal = Terminal(here, OPEN + "import readline\nprint('hello', input('name? '))")
    terminal.until(b"name? ")
    os.write(terminal.master, b"Ann\n")
    assert terminal.end() == 0
    assert b"hello Ann" in terminal.seen
    assert recorded(here).endswith(b"hello Ann\n")


def test_ctrl_c_reaches_the_script_once(here: Path) -> None:
    code = OPEN + "print('ready')\ntry:\n    time.sleep(600)\nexcept KeyboardInterrupt:\n    print('stopped')\n"
    terminal = Terminal(here, code)
    terminal.until(b"ready")
    os.write(terminal.master, b"\x03")
    assert terminal.end() == 0
    assert terminal.seen.count(b"stopped") == 1 and b"stopped" in recorded(here)


# Notebooks

NOTEBOOK = """
import sys, types, io
class Out(io.StringIO):
    pass
real = sys.stdout
sys.stdout, sys.stderr = Out(), Out()
sys.modules["IPython"] = module = types.ModuleType("IPython")
shell = types.SimpleNamespace(execution_count=1, user_ns=globals(), parent_header={})
module.get_ipython = lambda: shell
import aim
mine = sys.stdout, sys.stderr
run = aim.Run("x", console=True)
print("in a cell", end="!\\n")
print("trouble", file=sys.stderr)
sys.stdout.writelines(["a\\n", "b\\n"])
run.close()
print("not this")
assert sys.stdout is mine[0] and sys.stderr is mine[1]
real.write(mine[0].getvalue())
"""


def test_a_notebook_records_what_cells_print(here: Path) -> None:
    out, _ = ran(here, NOTEBOOK)
    assert out == b"in a cell!\na\nb\nnot this\n"
    assert recorded(here, STDOUT) == b"in a cell!\na\nb\n"
    assert recorded(here, STDERR) == b"trouble\n"


def test_a_fork_of_a_notebook_prints_also_while_another_thread_records(here: Path) -> None:
    code = NOTEBOOK.replace(
        "run.close()",
        "held = sys.stdout\nrun._heartbeat.console._recorder._lock.acquire()\n"
        "if not os.fork():\n    held.write('c\\n'); real.write(mine[0].getvalue()); real.flush(); os._exit(0)\n"
        "os.wait()\nrun._heartbeat.console._recorder._lock.release()\nrun.close()",
    )
    out, _ = ran(here, "import os\n" + code)
    assert out.startswith(b"in a cell!\na\nb\nc\n")
    assert recorded(here, STDOUT) == b"in a cell!\na\nb\n"


def test_a_resume_keeps_the_output_of_earlier_attempts(here: Path) -> None:
    for _ in range(2):
        ran(
            here,
            OPEN.replace("console=True", "resume=True, console=True") + "run.track(1.0, 'loss'); print('x' * 1000)",
        )
        outputs(here)
    assert [file.steps("loss") for file in files(here) if file.points] == [[0], [1]]
    assert all(writer not in start["earlier"] for writer in output_writers(here) for start in starts(here))


def test_python_is_started_without_what_could_change_it(here: Path) -> None:
    ended = python(here, OPEN + "print('one')", PYTHONSTARTUP="/nowhere", PYTHONWARNINGS="error")
    assert ended.returncode == 0
    assert recorded(here) == b"one\n"
