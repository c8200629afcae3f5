"""Forks, pools and workers: a child that never tracks leaves no trace; one that tracks writes its own file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sdk.interpreters import interpreters
from tests.sdk.recorded import File, files, only, python, status_of

PYTHONS = interpreters()

BEGIN = """
import aim, os, sys, threading, time
run = aim.Run("x")
run["lr"] = 0.1
for step in range(10):
    run.track(step / 2, "loss")
"""
VALUES = [step / 2 for step in range(10)]


def check(here: Path, code: str, interpreter: str, **variables: str) -> list[File]:
    """The files that the script leaves, which ended well and printed no warning."""
    ended = python(here, BEGIN + code, interpreter=interpreter, **variables)
    assert ended.returncode == 0, ended.stderr
    told = [line for line in ended.stderr.splitlines() if not line.startswith("aim: recording to")]
    assert told == [], "no warning of a fork, of a thread or of an open file"
    recorded_files = files(here)
    assert {file.run for file in recorded_files} == {recorded_files[0].run}
    assert recorded_files[0].values("loss")[:10] == VALUES
    assert status_of(here).word == "finished"
    return recorded_files


@pytest.mark.parametrize("version", PYTHONS)
@pytest.mark.parametrize("last_word", ["os._exit(0)", "sys.exit()", "pass"])
def test_a_fork_that_never_tracks_creates_and_ends_nothing(here: Path, version: str, last_word: str) -> None:
    code = f"""
pid = os.fork()
if pid == 0:
    run.flush()
    aim.flush()
    {last_word}
else:
    os.waitpid(pid, 0)
    run.track(5.0, "loss")
"""
    (file,) = check(here, code, PYTHONS[version])
    assert file.steps("loss") == list(range(11))
    assert [kind for kind in file.kinds if kind == 6] == [6], "one end, the parent's"


@pytest.mark.parametrize("version", PYTHONS)
def test_a_fork_that_tracks_writes_its_own_file_in_the_run(here: Path, version: str) -> None:
    code = """
pid = os.fork()
if pid == 0:
    run.track(100.0, "loss")
    run.track(1.0, "child")
    run["of_child"] = 1
    run.close()
    os._exit(0)
os.waitpid(pid, 0)
run.track(5.0, "loss")
"""
    parent, child = check(here, code, PYTHONS[version])
    assert (parent.start["role"], child.start["role"]) == ("main", "join")
    assert child.start["attempt"] == parent.start["attempt"]
    assert child.start["process"]["pid"] != parent.start["process"]["pid"]
    assert (parent.steps("loss"), child.steps("loss")) == (list(range(11)), [10])
    assert child.values("child") == [1.0] and child.params == {"of_child": 1}
    assert child.end is not None and parent.end is not None


@pytest.mark.parametrize("version", PYTHONS)
@pytest.mark.parametrize("sampled", ["0", "0.1"])
def test_a_hundred_forks_beside_a_run_stay_clean(here: Path, version: str, sampled: str) -> None:
    """Also while the thread beside it records the state of the machine."""
    code = """
for number in range(100):
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    if number % 3 == 0:
        run.track(0.5, "loss")
    if number % 10 == 0:
        run["p"] = number
assert "aim-pulse" in [thread.name for thread in threading.enumerate()]
"""
    check(here, code, PYTHONS[version], AIM_SYSTEM_INTERVAL=sampled)


@pytest.mark.parametrize("version", PYTHONS)
@pytest.mark.parametrize("hook", ["pass", "os.register_at_fork(after_in_parent=lambda: [abs(i) for i in range(100)])"])
def test_a_fork_does_not_warn_of_the_heartbeat_which_goes_on(here: Path, version: str, hook: str) -> None:
    """`-W error` hides the warning of a fork. Nothing of Aim is called after the last fork, and the thread is back."""
    code = f"""
import warnings
warnings.resetwarnings()
warnings.simplefilter("always")
{hook}
for _ in range(20):
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
deadline = time.monotonic() + 200
while "aim-pulse" not in [thread.name for thread in threading.enumerate()]:
    assert time.monotonic() < deadline
    time.sleep(0.01)
"""
    check(here, code, PYTHONS[version])


@pytest.mark.parametrize("version", PYTHONS)
def test_forks_of_forks_and_silent_ends(here: Path, version: str) -> None:
    code = """
if os.fork() == 0:
    run.track(1.0, "child")
    if os.fork() == 0:
        run.track(2.0, "grandchild")
        os._exit(0)
    os.wait()
    run.track(3.0, "child")
    os._exit(0)
os.wait()
run.track(5.0, "loss")
"""
    parent, child, grandchild = check(here, code, PYTHONS[version])
    assert child.values("child") == [1.0, 3.0] and grandchild.values("grandchild") == [2.0]
    assert child.end is grandchild.end is None, "they said no word, and the run is finished as its main process said"


@pytest.mark.parametrize("version", PYTHONS)
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_pools_of_processes(here: Path, version: str, method: str) -> None:
    """Workers that compute, while the main process records what they answer."""
    code = f"""
import aim, multiprocessing
from concurrent.futures import ProcessPoolExecutor

def work(number):
    return number * 2

if __name__ == "__main__":
    with aim.Run("x") as run:
        for step in range(10):
            run.track(step / 2, "loss")
        context = multiprocessing.get_context("{method}")
        with context.Pool(2) as pool:
            for value in pool.imap(work, range(20)):
                run.track(value, "pool")
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            for value in pool.map(work, range(5)):
                run.track(value, "executor")
"""
    clean = method != "fork" or version < "3.12"  # ProcessPoolExecutor itself starts threads before it forks
    if not clean:
        code = code.replace("with ProcessPoolExecutor", "import warnings; warnings.simplefilter('ignore')\n"
                            "        with ProcessPoolExecutor")  # fmt: skip
    ended = python(here, code, interpreter=PYTHONS[version])
    assert ended.returncode == 0, ended.stderr
    assert [line for line in ended.stderr.splitlines() if "recording to" not in line] == []
    file = only(here)
    assert file.values("pool") == [number * 2 for number in range(20)]
    assert file.values("executor") == [number * 2 for number in range(5)]
    assert status_of(here).word == "finished"


@pytest.mark.parametrize("version", PYTHONS)
def test_workers_of_a_pool_that_track_in_the_inherited_run(here: Path, version: str) -> None:
    code = """
import multiprocessing

def work(number):
    run.track(float(number), "worker", step=number)
    aim.track(float(number), name="module")
    return os.getpid()

with multiprocessing.get_context("fork").Pool(3) as pool:
    pids = set(pool.map(work, range(60), chunksize=5))
    pool.close()
    pool.join()
run.track(5.0, "loss")
"""
    begin = BEGIN.replace('aim.Run("x")', 'aim.Session(run="x").run')
    ended = python(here, begin + code, interpreter=PYTHONS[version])
    assert ended.returncode == 0, ended.stderr
    parent, *workers = files(here)
    assert parent.values("loss") == [*VALUES, 5.0]
    tracked = sorted(value for worker in workers for value in worker.values("worker"))
    assert tracked == [float(number) for number in range(60)], "each point once, in one of the workers' files"
    assert sum(len(worker.values("module")) for worker in workers) == 60
    assert len({worker.start["process"]["pid"] for worker in workers}) == len(workers)
    assert status_of(here).word == "finished"


@pytest.mark.parametrize("version", PYTHONS)
def test_workers_of_a_data_loader(here: Path, version: str) -> None:
    """Daemonic forks that live through an epoch and are ended by a signal, as torch's are."""
    code = """
import multiprocessing
context = multiprocessing.get_context("fork")

def load(asked, answers):
    while (number := asked.get()) is not None:
        answers.put(number)

for epoch in range(3):
    asked, answers = context.SimpleQueue(), context.SimpleQueue()
    workers = [context.Process(target=load, args=(asked, answers), daemon=True) for _ in range(3)]
    for worker in workers:
        worker.start()
    for batch in range(20):
        asked.put(batch)
    for batch in range(20):
        run.track(answers.get(), "batch", epoch=epoch)
    for worker in workers:
        worker.terminate()
        worker.join()
"""
    (file,) = check(here, code, PYTHONS[version])
    assert len(file.values("batch")) == 60


def test_a_fork_while_other_threads_track_does_not_hang(here: Path) -> None:
    """Locks that other threads held at the fork are nobody's in the child. Python 3.12 and later warn of such forks."""
    code = """
import warnings
warnings.simplefilter("ignore")
stop = threading.Event()

def busy(number):
    step = 0
    while not stop.is_set():
        run.track(0.5, f"m{number}", context={"n": step % 50})
        run["p"] = {str(number): step}
        step += 1

threads = [threading.Thread(target=busy, args=(number,)) for number in range(4)]
for thread in threads: thread.start()
for _ in range(20):
    pid = os.fork()
    if pid == 0:
        run.track(1.0, "child")
        run.track(2, "child", context={"new": True})
        run["child"] = 1
        aim.flush()
        run.flush()
        run.close()
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
stop.set()
for thread in threads: thread.join()
"""
    ended = python(here, BEGIN + code)
    assert ended.returncode == 0, ended.stderr
    parent, *children = files(here)
    assert len(children) == 20
    for child in children:
        assert (child.values("child"), child.values("child", new=True)) == ([1.0], [2])
        assert child.params == {"child": 1}


def test_a_fork_reads_no_log_to_count_on(here: Path) -> None:
    code = """
from aim.sdk import recording as module
module.History = None
if os.fork() == 0:
    run.track(1.0, "loss")
    run.track(1.0, "new")
    run["child"] = 1
    assert run.lost == 0
    os._exit(0)
assert os.wait()[1] == 0
"""
    _, child = check(here, code, PYTHONS[next(iter(PYTHONS))])
    assert (child.steps("loss"), child.steps("new")) == ([10], [0])


def test_heartbeats_continue_after_a_fork(here: Path) -> None:
    code = """
from aim.sdk import pulse
pulse.PULSE_SECONDS = 0.01
for _ in range(3):
    if os.fork() == 0:
        os._exit(0)
    os.wait()
path = next(os.path.join(folder, name) for folder, _, names in os.walk(".aim/runs") for name in names)
os.utime(path, (5, 5))
deadline = time.monotonic() + 200
while os.stat(path).st_mtime < 100 and time.monotonic() < deadline:
    time.sleep(0.01)
assert os.stat(path).st_mtime > 100
"""
    check(here, code, PYTHONS[next(iter(PYTHONS))])


def test_the_users_wait_never_returns_a_child_of_ours(here: Path) -> None:
    """The question whether the git tree is dirty is asked by a process that is not this one's child."""
    (here / ".git").mkdir()
    (here / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    slow = here / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\nsleep 1\n")
    slow.chmod(0o755)
    code = """
import subprocess
time.sleep(0.3)
try:
    print(os.waitpid(-1, os.WNOHANG))
except ChildProcessError:
    print("no child")
"""
    ended = python(here, BEGIN + code, PATH=f"{slow.parent}:/usr/bin:/bin")
    assert (ended.returncode, ended.stdout) == (0, "no child\n"), ended.stderr
    assert [line for line in ended.stderr.splitlines() if "recording to" not in line] == []
