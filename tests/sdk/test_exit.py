"""However a training ends: nothing is lost or doubled, exit code and handlers are its own, and the status is true."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import aim
from aim.log.edits import Editor
from tests.sdk.interpreters import interpreters
from tests.sdk.recorded import environment, files, only, python, started, status_of

TEN = """
import aim, os, signal, sys, threading
run = aim.Run("x")
for step in range(10):
    run.track(step / 2, "loss")
"""
VALUES = [step / 2 for step in range(10)]

BELOW = "def below(depth):\n  below(depth - 1) if depth else sys.exit(3)\n"
LOCAL = "mine = [run]; del run\ndef local(code):\n  run = mine.pop(); exec(code)\n"
PRINTS = "import traceback\ndef prints(call):\n  try: call()\n  except Exception: traceback.print_exc(); sys.exit(1)\n"

# name, what the script does behind ten points, exit code, status, error
ENDS: list[tuple[str, str, int, str, str | None]] = [
    ("it ends", "", 0, "finished", None),
    ("it closes the run", "run.close()", 0, "finished", None),
    ("it closes the run twice", "run.close(); run.close()", 0, "finished", None),
    ("it drops the run", "del run", 0, "finished", None),
    ("sys.exit()", "sys.exit()", 0, "finished", None),
    ("sys.exit(3)", "sys.exit(3)", 3, "failed", "exit status 3"),
    ("sys.exit(-1)", "sys.exit(-1)", 255, "failed", "exit status 255"),
    ("sys.exit(256)", "sys.exit(256)", 0, "finished", None),
    ("sys.exit(True)", "sys.exit(True)", 1, "failed", "exit status 1"),
    ("sys.exit of a text", "sys.exit('gave up')", 1, "failed", "exit status 1: gave up"),
    ("exit(3)", "exit(3)", 3, "failed", "exit status 3"),
    ("quit()", "quit()", 0, "finished", None),
    ("exit below many frames", BELOW + "below(500)", 3, "failed", "exit status 3"),
    ("exit in a function that has the run", LOCAL + "local('sys.exit(3)')", 3, "failed", "exit status 3"),
    ("the same by 0", LOCAL + "local('sys.exit()')", 0, "finished", None),
    (
        "a caller that prints the exception and exits, as Hydra does",
        PRINTS + "prints(lambda: 1 / 0)",
        1,
        "failed",
        "exit status 1 after ZeroDivisionError: division by zero",
    ),
    (
        "the same around a function that has the run",
        PRINTS + LOCAL + "prints(lambda: local('1 / 0'))",
        1,
        "failed",
        "exit status 1 after ZeroDivisionError: division by zero",
    ),
    ("an exit that was handled", "try: sys.exit(3)\nexcept SystemExit: pass", 0, "finished", None),
    ("an exit that was handled and kept", "try: sys.exit(3)\nexcept SystemExit as e: kept = e", 0, "finished", None),
    ("one handled, another not", "try: sys.exit(3)\nexcept SystemExit: sys.exit(4)", 4, "failed", "exit status 4"),
    ("one handled, then by 0", "try: sys.exit(3)\nexcept SystemExit: sys.exit(0)", 0, "finished", None),
    ("exit in a thread", "threading.Thread(target=sys.exit, args=(3,)).start()", 0, "finished", None),
    (
        "exit in a coroutine",
        "import asyncio\nasync def main(): sys.exit(3)\nasyncio.run(main())",
        3,
        "failed",
        "exit status 3",
    ),
    (
        "an exception that was handled and printed as if it ended the script",
        "try: 1 / 0\nexcept ZeroDivisionError as error: sys.last_value = error.with_traceback(None)",
        0,
        "finished",
        None,
    ),
    ("an exception", "raise ValueError('lr is 7')", 1, "failed", "ValueError: lr is 7"),
    ("an exception without a text", "raise RuntimeError", 1, "failed", "RuntimeError"),
    ("an exception that was caught", "try: 1 / 0\nexcept ZeroDivisionError: pass", 0, "finished", None),
    ("an exception in a thread", "threading.Thread(target=lambda: 1 / 0).start()", 0, "finished", None),
    ("KeyboardInterrupt", "raise KeyboardInterrupt", -2, "failed", "KeyboardInterrupt"),
    ("Ctrl-C", "os.kill(os.getpid(), signal.SIGINT)\nwhile True: pass", -2, "failed", "KeyboardInterrupt"),
    ("SIGTERM", "os.kill(os.getpid(), signal.SIGTERM)\nwhile True: pass", -15, "killed", None),
    ("SIGKILL", "os.kill(os.getpid(), signal.SIGKILL)\nwhile True: pass", -9, "killed", None),
    ("SIGHUP", "os.kill(os.getpid(), signal.SIGHUP)\nwhile True: pass", -1, "killed", None),
    ("os._exit", "os._exit(4)", 4, "killed", None),
    ("os._exit behind flush", "run.flush(); os._exit(4)", 4, "killed", None),
    ("os.abort", "os.abort()", -6, "killed", None),
    ("with", "with run: pass", 0, "finished", None),
    ("an exception in with", "with run: 1 / 0", 1, "failed", "ZeroDivisionError: division by zero"),
    ("sys.exit() in with", "with run: sys.exit()", 0, "finished", None),
    ("sys.exit(0) in with", "with run: sys.exit(0)", 0, "finished", None),
    ("sys.exit(3) in with", "with run: sys.exit(3)", 3, "failed", "exit status 3"),
    ("raise SystemExit(3) in with", "with run: raise SystemExit(3)", 3, "failed", "exit status 3"),
    ("Ctrl-C in with", "with run:\n  os.kill(os.getpid(), 2)\n  while True: pass", -2, "failed", "KeyboardInterrupt"),
    ("an end of its own words", "run.close(error='loss is nan')", 0, "failed", "loss is nan"),
]


NO_RUN = """
import os, signal, sys, threading
class Run:
    track = flush = close = lambda *a, **k: None
    __enter__ = lambda self: self
    __exit__ = lambda *a: None
run = Run()
"""


@pytest.mark.parametrize("code, exit_code, word, error", [end[1:] for end in ENDS], ids=[end[0] for end in ENDS])
def test_however_it_ends(here: Path, code: str, exit_code: int, word: str, error: str | None) -> None:
    ended = python(here, TEN + code)
    assert ended.returncode == exit_code, ended.stderr
    assert only(here).values("loss") == VALUES
    status = status_of(here)
    assert (status.word, status.error) == (word, error)
    bare = python(here, NO_RUN + code)
    assert bare.returncode == exit_code, "as without us"
    assert ended.stdout == bare.stdout
    ours = [line for line in ended.stderr.splitlines() if not line.startswith("aim: ")]
    assert len(ours) == len(bare.stderr.splitlines()), "and its traceback is as it was"


PYTHONS = interpreters()
MAINS = {
    "unittest": (
        "import unittest\nclass Test(unittest.TestCase):\n  def test(self): assert {code}\nunittest.main(argv=['t'])"
    ),
    "argparse": "import argparse\nargparse.ArgumentParser().parse_args([] if {code} else ['--nope'])",
    "click": "import click\n@click.command()\ndef main():\n  if not {code}: raise click.ClickException('no')\nmain([])",
    "pytest": (
        "import pathlib, pytest\npathlib.Path('test_it.py').write_text('def test(): assert {code}')\n"
        "sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider', 'test_it.py']))"
    ),
}
ENDINGS = {"argparse": "exit status 2"}


@pytest.mark.parametrize("name", MAINS)
def test_a_library_that_exits_for_the_script(here: Path, name: str) -> None:
    for code, word, reason in [("True", "finished", ""), ("False", "failed", ENDINGS.get(name, "exit status 1"))]:
        with_spaces = MAINS[name].replace("{code}", code)
        ended = python(here, TEN.replace('"x"', f'"{word}"') + with_spaces)
        assert (ended.returncode == 0) == (word == "finished"), ended.stderr
        end = files(here)[-1].end
        assert end is not None and end["status"] == word and (end["error"] or "") == reason


def test_an_exception_after_an_exit_that_was_handled_is_the_reason(here: Path) -> None:
    assert python(here, TEN + "try: sys.exit(3)\nexcept SystemExit: raise ValueError('x')").returncode == 1
    assert status_of(here)[:2] == ("failed", "ValueError: x")


@pytest.mark.parametrize("version", PYTHONS)
def test_an_exit_fails_the_run_with_every_python(here: Path, version: str) -> None:
    """Which object is freed first differs between versions."""
    code = TEN + PRINTS + LOCAL + "prints(lambda: local('1 / 0'))"
    assert python(here, code, interpreter=PYTHONS[version]).returncode == 1
    assert status_of(here)[:2] == ("failed", "exit status 1 after ZeroDivisionError: division by zero")


# the script with `main`, the status and reason of each of its runs
DROPS: list[tuple[str, dict[str, tuple[str, str | None]]]] = [
    ("run = aim.Run('a'); return 0\nsys.exit(main())", {"a": ("finished", None)}),
    ("run = aim.Run('a'); return 7\nsys.exit(main())", {"a": ("failed", "exit status 7")}),
    ("run = aim.Run('a'); return 'nan'\nsys.exit(main())", {"a": ("failed", "exit status 1: nan")}),
    ("run = aim.Run('a')\nmain(); 1 / 0", {"a": ("failed", "ZeroDivisionError: division by zero")}),
    ("run = aim.Run('a'); run.close(); return 7\nsys.exit(main())", {"a": ("finished", None)}),
    ("with aim.Run('a'): return 7\nsys.exit(main())", {"a": ("finished", None)}),
    ("run = aim.Run('a')\nmain(); os.kill(os.getpid(), 9)", {"a": ("finished", None)}),
    ("run = aim.Run('a')\nmain(); os.fork() or sys.exit(7)", {"a": ("finished", None)}),
    (
        "for name in 'abc': run = aim.Run(name)\n  return 7\nsys.exit(main())",
        {"a": ("finished", None), "b": ("finished", None), "c": ("failed", "exit status 7")},
    ),
    (
        "both = aim.Run('a'), aim.Run('b'); return 7\nsys.exit(main())",
        {"a": ("failed", "exit status 7"), "b": ("failed", "exit status 7")},
    ),
    (
        "run = aim.Run('a')\nmain(); run = aim.Run('b'); sys.exit(7)",
        {"a": ("finished", None), "b": ("failed", "exit status 7")},
    ),
    (
        "return 7\nfor name in 'ab': run = aim.Run(name)\nsys.exit(main())",
        {"a": ("finished", None), "b": ("failed", "exit status 7")},
    ),
    (
        "run = aim.Run('a'); run = None; other = aim.Run('b')\nmain(); sys.exit(7)",
        {"a": ("finished", None), "b": ("failed", "exit status 7")},
    ),
    (
        "for name in 'ab': run = aim.Run(name)\nmain(); run = aim.Run('a', resume=True); run.close(); sys.exit(7)",
        {"a": ("finished", None), "b": ("finished", None)},
    ),
]


@pytest.mark.parametrize(("body", "ends"), DROPS, ids=[drop[0] for drop in DROPS])
def test_a_run_that_main_drops_ends_as_the_process_does(
    here: Path, body: str, ends: dict[str, tuple[str, str | None]]
) -> None:
    python(here, "import aim, os, sys\ndef main():\n  " + body)
    assert {run.hash: (run.status, run.error) for run in aim.select_runs(repo_path=here)} == ends


def test_a_dropped_run_holds_no_file_and_fails_in_a_file_of_its_own(here: Path) -> None:
    code = "import aim, os, sys\ndef main(name): run = aim.Run(name)\n"
    code += "main('a'); held = len(os.listdir('/proc/self/fd'))\n"
    code += "for name in 'bcdef': main(name)\nprint(len(os.listdir('/proc/self/fd')) - held); sys.exit(7)"
    ended = python(here, code)
    assert ended.stdout == "0\n", ended.stderr
    assert sorted(len(list(folder.iterdir())) for folder in (here / ".aim/runs").iterdir()) == [1, 1, 1, 1, 1, 2]


@pytest.mark.parametrize("gone", ["shutil.rmtree('.aim')", "repo = aim.Repo('.'); repo.runs.delete(repo.run('x').id)"])
def test_a_dropped_run_that_was_deleted_does_not_come_back(here: Path, gone: str) -> None:
    code = f"import aim, shutil, sys\ndef main(): run = aim.Run('x')\nmain(); {gone}; sys.exit(7)"
    assert python(here, code).returncode == 7
    assert not list(here.glob(".aim/runs/*/*"))


RAISED = [
    ("raise SystemExit(7)", ("failed", "exit status 7")),
    ("raise SystemExit", ("finished", None)),
    ("raise SystemExit(0)", ("finished", None)),
    ("raise SystemExit('diverged')", ("failed", "exit status 1: diverged")),
    ("try: raise SystemExit(7)\nexcept SystemExit: pass", ("finished", None)),
    ("def main(): raise SystemExit(7)\nmain()", ("failed", "exit status 7")),
    (LOCAL + "local('raise SystemExit(7)')", ("failed", "exit status 7")),
    ("threading.Thread(target=lambda: exec('raise SystemExit(7)')).start()", ("finished", None)),
    ("leave(7)", ("failed", "exit status 7")),
]


@pytest.mark.parametrize("version", [version for version in PYTHONS if tuple(map(int, version.split("."))) >= (3, 12)])
@pytest.mark.parametrize(("code", "end"), RAISED, ids=[code for code, _ in RAISED])
def test_a_system_exit_written_out_is_seen_since_python_3_12(
    here: Path, version: str, code: str, end: tuple[str, str | None]
) -> None:
    python(here, "from sys import exit as leave\n" + TEN + code, interpreter=PYTHONS[version])
    assert status_of(here)[:2] == end


def test_an_exit_in_what_atexit_calls_ends_nothing(here: Path) -> None:
    assert python(here, TEN + "import atexit; atexit.register(lambda: sys.exit(3))").returncode == 0
    assert status_of(here).word == "finished"


def test_an_exit_imported_after_aim_is_seen(here: Path) -> None:
    assert python(here, "import aim\nfrom sys import exit\n" + TEN + "exit(7)").returncode == 7
    assert status_of(here)[:2] == ("failed", "exit status 7")


def test_failed_tests_do_not_fail_a_script_that_continues(here: Path) -> None:
    """pytest keeps the exception of a failed test where Python keeps the one that ends a script."""
    ended = python(here, TEN + MAINS["pytest"].replace("{code}", "False").replace("sys.exit(", "print("))
    assert ended.returncode == 0, ended.stderr
    assert status_of(here).word == "finished"


@pytest.mark.parametrize(
    ("code", "error"), [("sys.exit(3)", "exit status 3"), ("1 / 0", "ZeroDivisionError: division by zero")]
)
def test_a_module_and_a_spawned_process_fail_as_a_script_does(here: Path, code: str, error: str) -> None:
    (here / "work.py").write_text(TEN + "if __name__ == '__main__': " + code)
    ended = subprocess.run([sys.executable, "-m", "work"], cwd=here, env=environment(), capture_output=True)
    assert ended.returncode in (1, 3)
    assert status_of(here)[:2] == ("failed", error)


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
        signal.setitimer(signal.ITIMER_REAL, 0.0002 + hits % 13 * 0.00003)
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
        signal.setitimer(signal.ITIMER_REAL, 0.0002 + raised % 13 * 0.00003)
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


@pytest.mark.parametrize("place", ["aim.layout.regular.read", "aim.layout.json.loads"])
def test_a_timeout_while_a_run_opens(here: Path, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def over(signum: int, frame: object) -> None:
        raise TimeoutError("over")

    def interrupted(*args: object, **options: object) -> None:
        monkeypatch.undo()
        signal.raise_signal(signal.SIGALRM)

    aim.Run("x").close()
    before = signal.signal(signal.SIGALRM, over)
    try:
        monkeypatch.setattr(place, interrupted)
        with pytest.raises(TimeoutError, match="over"):
            aim.Run("y")
    finally:
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("place", [
    "aim.sdk.history.windows", "aim.sdk.history.writers", "aim.sdk.recording.series_key", "aim.log.status.started",
    "aim.log.record.encode_json", "aim.log.writer._identity", "aim.log.edits.open_file", "aim.layout.os.fchmod",
])  # fmt: skip
def test_a_timeout_at_a_place_that_forgives_errors_of_the_disk(
    here: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TimeoutError is an OSError."""

    def over(signum: int, frame: object) -> None:
        raise TimeoutError("over")

    def interrupted(*args: object, **options: object) -> None:
        monkeypatch.undo()
        signal.raise_signal(signal.SIGALRM)

    aim.Run("x").close()
    run = aim.Run("x", resume=True, system_interval=0, environment=False)
    editor = Editor(here / ".aim")
    editor.edit(run.id, "note", "n")
    editor.close()
    before = signal.signal(signal.SIGALRM, over)
    try:
        with pytest.raises(TimeoutError, match="over"):
            if place == "aim.log.status.started":
                run._recording.forked_in_child()
            elif place in ("aim.log.edits.open_file", "aim.layout.os.fchmod"):
                shutil.move(files(here)[1].path, here / "away")
            monkeypatch.setattr(place, interrupted)
            run.track(0.5, "loss")
            run.flush()
    finally:
        signal.signal(signal.SIGALRM, before)
    run.track(0.5, "loss")
    run.close()
    assert run.lost == 0


# Threads


def test_threads_that_outlive_the_main_thread_record_to_their_end(here: Path) -> None:
    code = (
        TEN
        + """
import time
def late():
    time.sleep(0.2)
    for step in range(10): run.track(step, "late")
threading.Thread(target=late).start()
"""
    )
    assert python(here, code).returncode == 0
    assert only(here).values("late") == list(range(10))
    assert status_of(here).word == "finished"


def test_daemon_threads_that_record_at_exit_do_no_harm(here: Path) -> None:
    code = """
import aim, threading, time
run = aim.Run("x")
def forever(number):
    while True:
        run.track(0.5, f"m{number}")
        aim.track(0.5, name="own")
for number in range(4): threading.Thread(target=forever, args=(number,), daemon=True).start()
time.sleep(0.2)
"""
    ended = python(here, code)
    assert ended.returncode == 0, ended.stderr
    assert "Traceback" not in ended.stderr and "Exception" not in ended.stderr, ended.stderr
    assert len(files(here)) == 2, "and none is opened while the process ends"
    for file in files(here):
        assert file.end is not None and file.end["status"] == "finished"


def test_points_of_the_users_exit_handlers_are_kept(here: Path) -> None:
    code = TEN + "import atexit\natexit.register(lambda: run.track(9.0, 'at_exit'))"
    assert python(here, code).returncode == 0
    assert only(here).values("at_exit") == [9.0]


def test_closed_or_full_output_does_no_harm(here: Path) -> None:
    code = "import os, sys\nos.close(2)\nsys.stderr = None\n" + TEN + "run.track('x', 'bad')\n"
    assert python(here, code).returncode == 0
    assert only(here).values("loss") == VALUES
    full = TEN.replace("import aim,", "import sys; sys.stderr = open('/dev/full', 'w', buffering=1)\nimport aim,")
    ended = python(here, full.replace('"x"', '"y"') + "run.track('x', 'bad')\nsys.stderr = None\n")
    assert len(files(here)) == 2, ended.stderr


# After close


def test_after_close_a_call_is_reported_once_and_records_nothing(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    session = aim.Session(run="x")
    session.track(1.0, name="loss")
    session.close()
    size = only(here).path.stat().st_size
    capfd.readouterr()
    for _ in range(3):
        session.track(1.0, name="loss")
        session.set_params({"a": 1})
        session.flush()
    session.run.name = "n"
    session.run.add_tag("t")
    session.close()
    told = capfd.readouterr().err.splitlines()
    assert len(told) == 1 and "run 'x' is closed" in told[0]
    assert only(here).path.stat().st_size == size


def test_close_waits_for_no_disk(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = aim.Run()
    run.track(1.0, "loss")

    def never(fd: int) -> None:
        raise AssertionError("only flush syncs")

    monkeypatch.setattr(os, "fsync", never)
    monkeypatch.setattr(time, "sleep", never)
    run.close()
    assert only(here).end is not None and run.lost == 0


@pytest.mark.stress
@pytest.mark.parametrize("turn", range(60))
def test_kill_9_many_times(here: Path, turn: int) -> None:
    test_kill_9_at_any_moment_keeps_every_point_that_returned(here, 1 + turn * 37)
