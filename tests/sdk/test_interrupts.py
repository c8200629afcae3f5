"""Signals and kills during a training: handlers are the user's, and every point that returned is in the log."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import aim
from aim.log.edits import Editor
from tests.sdk.recorded import environment, files, only, python, started, status_of
from tests.sdk.scripts import TEN, VALUES


def test_sigterm_from_outside_in_the_middle_of_a_loop(here: Path) -> None:
    code = "import aim\nstep = 0\nwhile True:\n  aim.track(step, name='loss'); print(step, flush=True); step += 1"
    child = started(here, code)
    assert child.stdout is not None
    for _ in range(50):
        last = int(child.stdout.readline())
    child.send_signal(signal.SIGTERM)
    rest, err = child.communicate()
    last = int(rest.split()[-1]) if rest.split() else last
    assert child.returncode == -signal.SIGTERM, err
    assert only(here).values("loss")[: last + 1] == list(range(last + 1))
    assert status_of(here).word == "killed"


def test_through_a_shell_sigterm_is_143(here: Path) -> None:
    (here / "train.py").write_text(TEN + "os.kill(os.getpid(), signal.SIGTERM)")
    command = ["/bin/sh", "-c", f"'{sys.executable}' train.py; exit $?"]
    shell = subprocess.run(command, cwd=here, env=environment(), check=False)
    assert shell.returncode == 143


HANDLERS = """
import atexit, faulthandler, os, signal, sys, threading, time
def mine(*args): pass
kept = [s for s in signal.valid_signals() if s not in (signal.SIGKILL, signal.SIGSTOP) and s % 2]
for one in kept:
    try: signal.signal(one, mine)
    except OSError: pass
hooks = lambda: (sys.excepthook, sys.unraisablehook, threading.excepthook, sys.displayhook, sys.stdout, sys.stderr)
before, hooked = [signal.getsignal(s) for s in signal.valid_signals()], hooks()
import aim
with aim.Run("x") as run:
    run.track(1.0, "loss")
    run.flush()
    during = [signal.getsignal(s) for s in signal.valid_signals()]
aim.track(1.0, name="loss")
assert before == during == [signal.getsignal(s) for s in signal.valid_signals()]
assert hooks() == hooked
assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0) and signal.set_wakeup_fd(-1) == -1
until = time.monotonic() + 200
while threading.active_count() > 2 and time.monotonic() < until:
    time.sleep(0.01)  # a thread that was told to end may take a moment
print(threading.active_count())
"""


def test_handlers_and_hooks_are_the_users(here: Path) -> None:
    ended = python(here, HANDLERS)
    assert (ended.returncode, ended.stdout) == (0, "2\n"), ended.stderr


def test_a_handler_of_the_users_for_sigterm_may_record_and_end_the_process(here: Path) -> None:
    code = (
        TEN
        + """
def stop(signum, frame):
    run.track(-1.0, "stopped")
    run.flush()
    os._exit(7)
signal.signal(signal.SIGTERM, stop)
threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGTERM)).start()
while True: run.track(0.5, "busy")
"""
    )
    ended = python(here, code)
    assert ended.returncode == 7, ended.stderr
    file = only(here)
    assert file.values("stopped") == [-1.0]
    assert file.steps("busy") == list(range(len(file.steps("busy"))))


def test_a_handler_that_exits_ends_the_run(here: Path) -> None:
    code = (
        TEN
        + """
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
os.kill(os.getpid(), signal.SIGTERM)
while True: run.track(0.5, "busy")
"""
    )
    assert python(here, code).returncode == 143
    assert status_of(here)[:2] == ("failed", "exit status 143")


KILLED = """
import aim, os
run = aim.Run("x")
step = 0
while True:
    run.track(step / 2, "loss", context={"part": step % 3}, epoch=step if step % 5 == 0 else None)
    run.track(step, "count")
    step += 1
    os.write(1, step.to_bytes(8, "little"))
"""


@pytest.mark.parametrize("count", [1, 5, 100, 1000])
def test_kill_9_at_any_moment_keeps_every_point_that_returned(here: Path, count: int) -> None:
    (here / "t.py").write_text(KILLED)
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
    child = subprocess.Popen([sys.executable, "t.py"], cwd=here, stdout=pipe, stderr=nowhere, env=environment())
    assert child.stdout is not None
    seen = b""
    while len(seen) < 8 * count:
        seen += os.read(child.stdout.fileno(), 8 * count - len(seen))
    child.kill()
    seen += child.stdout.read()
    child.stdout.close()
    child.wait()
    last = int.from_bytes(seen[len(seen) // 8 * 8 - 8 : len(seen) // 8 * 8], "little")
    file = only(here)
    counted = file.values("count")
    assert counted[:last] == list(range(last)) and len(counted) <= last + 1
    losses = [point.value for (name, _), points in file.points.items() if name == "loss" for point in points]
    assert sorted(losses)[:last] == [step / 2 for step in range(last)]
    assert status_of(here).word == "killed"


def test_flush_and_kill_9(here: Path) -> None:
    code = "import aim, os\nfor i in range(10): aim.track(i / 2, name='loss')\naim.flush()\nos.kill(os.getpid(), 9)"
    assert python(here, code).returncode == -9
    assert only(here).values("loss") == VALUES
    assert status_of(here).word == "killed"


STORM = """
import aim, signal
run = aim.Run("x")
def interrupt(*_): raise KeyboardInterrupt
signal.signal(signal.SIGALRM, interrupt)
returned, hits, step = [], 0, 0
while hits < 200:
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.0002 + hits % 13 * 0.00003, 0.5)
        while True:
            step += 1
            run.track(step / 2, "loss", step=step, context={"part": step % 7, "hit": hits} if step % 3 else None)
            run.track({"a": step, "b": step / 4}, step=step)
            if step % 50 == 0: run["p"] = {"step": step}
            returned.append(step)
    except KeyboardInterrupt:
        hits += 1
signal.setitimer(signal.ITIMER_REAL, 0)
run.close()
print(*returned)
"""


def test_ctrl_c_again_and_again_leaves_every_point_that_returned_once(here: Path) -> None:
    ended = python(here, STORM)
    assert ended.returncode == 0, ended.stderr
    returned = set(map(int, ended.stdout.split()))
    file = only(here)
    for name in ("a", "b"):
        steps = file.steps(name)
        assert returned <= set(steps) and len(steps) == len(set(steps))
    losses = sorted(point.step for (name, _), points in file.points.items() if name == "loss" for point in points)
    assert returned <= set(losses) and len(losses) == len(set(losses))
    assert [line for line in ended.stderr.splitlines() if "recording to" not in line] == []


TIMEOUTS = """
import aim, functools, signal, sys
class Slow(Exception): pass
class Wrong(ValueError): pass
kinds = [TimeoutError, Slow, RuntimeError, Wrong, OSError]
raised, caught, returned, step = 0, 0, 0, 0

class Watch:
    def over(self, *given):
        global raised
        raised += 1
        raise kinds[raised % len(kinds)]("over")

    __call__ = over

def over(signum, frame):
    Watch().over()
def unused(signum, frame):
    del signum, frame
    Watch().over()
handlers = {
    "function": over, "method": Watch().over, "object": Watch(),
    "unused": unused, "unused, partial": functools.partial(unused),
}
run = aim.Run("x", system_interval=0)
run.track(0.5, "loss")
signal.signal(signal.SIGALRM, handlers[sys.argv[1]])
while raised < 300:
    try:
        before = raised
        signal.setitimer(signal.ITIMER_REAL, 0.0002 + raised % 13 * 0.00003, 0.5)
        while raised == before:
            step += 1
            run.track(step / 2, "loss")
            run.track(step, "count", context={"part": [1, 2]})
            run.track({"a": step, "b": step / 4, "c": step / 4})
            if step % 20 == 0: run["p"] = {"step": step, "of": object}
            if step % 50 == 0: run.flush()
            returned += 1
    except tuple(kinds) as error:
        assert str(error) == "over", error
        caught += 1
signal.setitimer(signal.ITIMER_REAL, 0)
run.track(-1.0, "loss")
print(raised, caught, returned, run.lost)
run.close()
"""


@pytest.mark.parametrize("handler", ["function", "method", "object", "unused", "unused, partial"])
def test_exceptions_of_signal_handlers_reach_the_caller(here: Path, handler: str) -> None:
    """A time-out by alarm is lost if it is taken for an error of ours. Each point is there whole, or is not counted."""
    ended = python(here, TIMEOUTS, handler)
    assert ended.returncode == 0, ended.stderr
    raised, caught, returned, lost = map(int, ended.stdout.split())
    ignored = ended.stderr.count("Exception ignored in")  # Python itself ignores what is raised in a finalizer
    assert lost == 0 and raised - ignored <= caught <= raised
    file = only(here)
    for name, context in [("loss", {}), ("count", {"part": [1, 2]}), ("a", {}), ("b", {}), ("c", {})]:
        steps = file.steps(name, **context)
        assert (name, steps) == (name, list(range(len(steps)))) and returned <= len(steps)
    assert "recorded nothing" not in ended.stderr and "cannot write" not in ended.stderr


@contextmanager
def alarm(error: BaseException) -> Iterator[None]:
    """SIGALRM raises this error."""

    def over(signum: int, frame: object) -> None:
        raise error

    before = signal.signal(signal.SIGALRM, over)
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, before)


def interrupt(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """The next call of this function is where the signal arrives."""

    def interrupted(*args: object, **options: object) -> None:
        monkeypatch.undo()
        signal.raise_signal(signal.SIGALRM)

    monkeypatch.setattr(place, interrupted)


@pytest.mark.parametrize(
    "place", ["aim.layout.regular.read", "aim.layout.json.loads", "aim.layout.os.lstat", "fcntl.fcntl"]
)
def test_a_timeout_while_a_run_opens(here: Path, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    aim.Run("x").close()
    with alarm(TimeoutError("over")), pytest.raises(TimeoutError, match="over"):
        interrupt(monkeypatch, place)
        aim.Run("y")


@pytest.mark.parametrize("place", [
    "aim.sdk.history.windows", "aim.sdk.history.writers", "aim.sdk.recording.series_key", "aim.log.status.started",
    "aim.log.record.encode_json", "aim.log.writer._identity", "aim.log.edits.open_file", "aim.layout.os.fchmod",
])  # fmt: skip
def test_a_timeout_at_a_place_that_forgives_errors_of_the_disk(
    here: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TimeoutError is an OSError."""
    aim.Run("x").close()
    run = aim.Run("x", resume=True, system_interval=0, environment=False)
    editor = Editor(here / ".aim")
    editor.edit(run.id, "note", "n")
    editor.close()
    with alarm(TimeoutError("over")), pytest.raises(TimeoutError, match="over"):
        if place == "aim.log.status.started":
            run._recording.forked_in_child()
        elif place in ("aim.log.edits.open_file", "aim.layout.os.fchmod"):
            shutil.move(files(here)[1].path, here / "away")
        interrupt(monkeypatch, place)
        run.track(0.5, "loss")
        run.flush()
    run.track(0.5, "loss")
    run.close()
    assert run.lost == 0


def test_a_stop_iteration_of_a_handler_while_params_are_split(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python makes a RuntimeError of one that leaves a generator."""
    run = aim.Run("x", system_interval=0, environment=False)
    with alarm(StopIteration("over")), pytest.raises(StopIteration, match="over"):
        interrupt(monkeypatch, "aim.log.record.encode_json")
        run.set_params({"a": 1})
    run.close()
    assert run.lost == 0


# Many times


@pytest.mark.stress
@pytest.mark.parametrize("turn", range(60))
def test_kill_9_many_times(here: Path, turn: int) -> None:
    test_kill_9_at_any_moment_keeps_every_point_that_returned(here, 1 + turn * 37)
