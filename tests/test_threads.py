"""A forked child reads and edits, whatever the threads of its parent were doing at the fork."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from aim.threads import at_once

SECONDS = 90
BEGIN = """
import multiprocessing, os, sys, threading, time
import aim
from aim.repo import Repo, select_metrics
for number in range(3):
    with aim.Run(f"run {number}") as run:
        run["lr"] = number / 10
        run.track(0.5, "loss")

def read(_=0):
    return len(select_metrics("loss if lr < 1"))

def both():
    assert (len(repo.select_metrics("loss if lr < 1")), read()) == (3, 3)
    assert repo.count() == 3 and repo.experiments.names() == ["default"]
    repo.bookmarks.save("?", name="a view")

def in_a_child(work):
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except Exception:
            import traceback
            traceback.print_exc()
            os._exit(1)
        sys.exit(0)
    assert os.waitpid(pid, 0)[1] == 0

def at(place, name, work):
    '''Do `work` while a thread stands within the function `name` of `place`.'''
    inside, go = threading.Event(), threading.Event()
    real, other = getattr(place, name), Repo()
    other.count()
    def stop(*args, **kwargs):
        inside.set()
        go.wait(60)
        return real(*args, **kwargs)
    setattr(place, name, stop)
    def in_thread():
        (other if place is state else repo).table.rows().runs
        if place is Writer:
            other.bookmarks.save("?", name="a view")
    thread = threading.Thread(target=in_thread)
    thread.start()
    inside.wait(60)
    def in_child():
        setattr(place, name, real)
        work()
    in_a_child(in_child)
    go.set()
    thread.join()
    setattr(place, name, real)

from aim import engine
from aim.index import state
from aim.index.fold import Pending
from aim.index.partition import Partition
from aim.log.writer import Writer
repo = Repo()
"""

SCRIPTS = {
    "a pool after the parent read": """
both()
with multiprocessing.get_context("fork").Pool(2) as pool:
    assert pool.map(read, range(4)) == [3, 3, 3, 3]
""",
    "a child that exits as a program does": "both(); in_a_child(both); both()",
    "a child of a child": "both(); in_a_child(lambda: (both(), in_a_child(both), both()))",
    "a child of a child that did not read": "both(); in_a_child(lambda: in_a_child(both))",
    "while a thread brings the index up to date": 'at(Partition, "refresh", both); both()',
    "while a thread starts the index": 'at(Partition, "load", both); both()',
    "while a thread reads the first segments": 'at(engine, "read", both); both()',
    "while a thread computes what the catalog keeps": """
repo.runs.edit(repo.run("run 1").id, "name", "another")
at(state, "edited", both)
both()
""",
    "while a thread has read points and not kept them": """
both()
with aim.Run("run 3") as run:
    run["lr"] = 0.3
    run.track(0.5, "loss")
    def look():
        assert [len(run.metrics["loss"].traces[0]) for run in repo.select_metrics("loss")] == [1] * 4
    at(Pending, "add", look)
    look()
""",
    "while a thread writes an edit": 'both(); at(Writer, "flush", both); both()',
}


def check(here: Path, code: str) -> None:
    """Run a script, which ends well and leaves no process."""
    root = str(Path(__file__).parent.parent)
    command = [sys.executable, "-X", "faulthandler", "-c", BEGIN + code]
    environment = {**os.environ, "PYTHONPATH": root}
    with subprocess.Popen(
        command, cwd=here, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as script:
        try:
            said = script.communicate(timeout=SECONDS)[1]
        finally:
            with suppress(ProcessLookupError):
                os.killpg(script.pid, signal.SIGKILL)
    assert script.returncode == 0, said


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.parametrize("script", SCRIPTS)
def test_a_forked_child_answers_and_ends_cleanly(tmp_path: Path, script: str) -> None:
    check(tmp_path, SCRIPTS[script])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_child_does_not_keep_the_lock_of_the_cache(tmp_path: Path) -> None:
    code = """
from aim.index.cache_folder import CacheFolder
folder, other = CacheFolder(repo.aim_dir), CacheFolder(repo.aim_dir)
inside, go = threading.Event(), threading.Event()
def hold():
    with folder.lock() as held:
        assert held
        inside.set()
        go.wait(60)
thread = threading.Thread(target=hold)
thread.start()
inside.wait(60)
reading, writing = os.pipe()
lives, begins = os.pipe()
pid = os.fork()
if pid == 0:
    os.close(writing)
    os.write(begins, b".")
    os.read(reading, 1)
    os._exit(0)
os.read(lives, 1)
go.set()
thread.join()
with other.lock() as held:
    assert held, "the child still holds it"
os.close(writing)
os.waitpid(pid, 0)
"""
    check(tmp_path, code)


def test_of_calls_at_once_every_error_is_raised() -> None:
    called = list[int]()

    def call(item: int) -> None:
        if item == 41:
            raise OSError(28, "no space")
        called.append(item)

    at_once(call, range(40))
    at_once(call, [])
    assert sorted(called) == list(range(40))
    for items in (range(41, 42), range(30, 60)):
        with pytest.raises(OSError, match="no space"):
            at_once(call, items)
