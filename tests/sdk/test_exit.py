"""However a training ends: nothing is lost or doubled, exit code and handlers are its own, and the status is true."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import aim
from tests.sdk.interpreters import interpreters
from tests.sdk.recorded import environment, files, only, python, status_of
from tests.sdk.scripts import TEN, VALUES

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
