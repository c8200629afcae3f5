"""Work that several processes do for one: all of it is done, and no process is left behind."""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import signal
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from aim import processes
from aim.deadline import Cancellation
from aim.errors import Stopped
from aim.processes import Crew, usable
from tests.tasks import Task
from tests.waiting import PATIENCE, until

OWNER = """
import os, sys, time
from aim.processes import Crew
if sys.argv[2] == "forks":
    processes = Crew("tests.tasks:waits", 2)
    answers = processes.each([{"folder": sys.argv[1]}] * 2)
    processes._begin()
    if not os.fork():
        time.sleep(120)
    next(answers)
with Crew("tests.tasks:waits", 2) as processes:
    list(processes.each([{"folder": sys.argv[1]}] * 2))
"""

WHERE = """
import os, queue, sys
sys.path.insert(0, sys.argv[1])
from aim.processes import Crew
sys.path[0] = sys.argv[2]
with Crew("tests.tasks:where", 2) as working:
    (_, answer), = working.each([{}])
    print(answer["package"], answer["folder"], answer["pid"] != os.getpid())
"""


def numbers(count: int) -> list[Task]:
    return [{"number": number, "owner": os.getpid()} for number in range(count)]


def answered(function: str, tasks: list[Task], count: int) -> tuple[list[tuple[int, int]], set[int]]:
    """The numbers with their doubles, and who answered."""
    with Crew(f"tests.tasks:{function}", count) as working:
        pairs = list(working.each(tasks))
    assert all(task in tasks for task, _ in pairs)
    return sorted((task["number"], answer["twice"]) for task, answer in pairs), {answer["pid"] for _, answer in pairs}


DOUBLES = [(number, 2 * number) for number in range(20)]


def test_each_task_is_answered_once() -> None:
    doubles, who = answered("double", numbers(20), 3)
    assert doubles == DOUBLES and os.getpid() not in who and 1 <= len(who) <= 3


def test_the_same_processes_take_more_tasks() -> None:
    with Crew("tests.tasks:double", 2) as working:
        first, second = ({answer["pid"] for _, answer in working.each(numbers(8))} for _ in range(2))
        both = {child._process.pid for child in working._children}
    assert first | second <= both and len(both) == 2


def test_a_small_task_does_not_pay_for_what_was_imported() -> None:
    """The garbage of each task is collected, and with numpy and DuckDB a collection of everything takes ten times as
    long as sealing a small log."""
    with Crew("tests.tasks:collectible", 2) as working:
        answers = [answer["objects"] for _, answer in working.each(numbers(4))]
    assert max(answers) < 2_000 < len(gc.get_objects())


def test_modules_elsewhere_are_not_taken_for_others(tmp_path: Path) -> None:
    """Neither those beside this package that are called like standard ones, nor another package of its name. Relative
    folders, as of a cache, are the same ones in all processes."""
    beside, other = tmp_path / "beside", tmp_path / "other"
    shutil.copytree(Path(processes.__file__).parent, beside / "aim", ignore=shutil.ignore_patterns("ui", "__pycache__"))
    (other / "aim").mkdir(parents=True)
    for trap in (beside / "queue.py", other / "aim" / "__init__.py"):
        trap.write_text("raise SystemExit('the wrong module')")
    script = tmp_path / "script.py"
    script.write_text(WHERE)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, str(script), str(beside), str(other)]
    made = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert made.stdout == f"{beside / 'aim'} {tmp_path} True\n", made.stderr


@pytest.mark.parametrize("count", [0, 1])
def test_one_process_is_this_one(count: int) -> None:
    assert answered("double", numbers(20), count) == (DOUBLES, {os.getpid()})


def test_where_no_process_can_be_started_this_one_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "")
    monkeypatch.setattr(sys, "prefix", "/nowhere")
    monkeypatch.setattr(sys, "base_prefix", "/nowhere")
    assert answered("double", numbers(20), 3) == (DOUBLES, {os.getpid()})


def test_what_a_killed_process_had_is_done_here() -> None:
    doubles, who = answered("odd_ones_kill", numbers(20), 3)
    assert doubles == DOUBLES and os.getpid() in who


def test_a_crew_that_another_thread_ends_goes_on_here() -> None:
    """As at the exit of Python while a thread reads what is new."""
    with Crew("tests.tasks:double", 2) as working:
        answers = working.each(numbers(20))
        pairs = [next(answers)]
        ended, working._children[:] = working._children[:], []
        for child in ended:
            child.interrupt()
        pairs += answers
        for child in ended:
            child.end()
    assert sorted((task["number"], answer["twice"]) for task, answer in pairs) == DOUBLES


def test_an_error_is_raised_here() -> None:
    with Crew("tests.tasks:fails", 2) as working, pytest.raises(ValueError, match="is no good"):
        list(working.each(numbers(4)))


def test_one_process_for_one_task() -> None:
    (task,) = numbers(1)
    answer = processes.alone("tests.tasks:double", task, seconds=60.0)
    assert answer["twice"] == 0 and answer["pid"] != os.getpid()


@pytest.mark.parametrize("function", ["fails", "waits"])
def test_one_process_that_fails_or_takes_long(function: str, tmp_path: Path) -> None:
    task = {"number": 0, "owner": os.getpid(), "folder": str(tmp_path)}
    with pytest.raises(ChildProcessError, match=f"tests.tasks:{function} failed, or took longer than 3 seconds"):
        processes.alone(f"tests.tasks:{function}", task, seconds=3.0)


def wait_for(folder: Path, count: int) -> set[int]:
    """The processes that work, once there are so many."""
    until(lambda: len(list(folder.iterdir())) == count)
    return {int(file.name) for file in folder.iterdir()}


def test_an_answer_that_nobody_wants_ends_the_work(tmp_path: Path) -> None:
    with Crew("tests.tasks:waits", 2) as working:
        answers = working.each([{"folder": str(tmp_path)}] * 2)
        working._begin()
        for child in working._children:
            child.tell({"folder": str(tmp_path)})
        wait_for(tmp_path, 2)
        answers.close()
    assert not list(tmp_path.iterdir()), "each was unwound"


def test_a_crew_that_is_freed_in_a_cycle_ends_its_processes() -> None:
    """Python frees what is in a cycle in any order: here the process first."""
    child = processes._ChildProcess("tests.tasks:double")
    crew = Crew("tests.tasks:double", 2)
    crew._children.append(child)
    crew.__dict__["itself"] = crew
    pid = child._process.pid
    del child, crew
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        gc.collect()
    assert not told and not Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("how", ["alone", "forks"])
def test_no_process_is_left_behind(tmp_path: Path, end: signal.Signals, how: str) -> None:
    command = [sys.executable, "-c", OWNER, str(tmp_path), how]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL, start_new_session=True) as owner:
        try:
            working = wait_for(tmp_path, 2)
            owner.send_signal(end)
            owner.wait()
            wait_for(tmp_path, 0)
            for pid in working:
                until(lambda pid=pid: not Path(f"/proc/{pid}").exists())  # type: ignore[misc]
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(owner.pid, signal.SIGKILL)


def test_a_process_that_notices_no_signal_ends_after_its_owner(tmp_path: Path) -> None:
    code = "import sys; from aim import processes; processes.alone(sys.argv[1], {'folder': sys.argv[2]}, seconds=600)"
    command = [sys.executable, "-c", code, "tests.tasks:waits_without_signals", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with subprocess.Popen(command, env=environment) as owner:
        (pid,) = wait_for(tmp_path, 1)
        owner.kill()
    until(lambda: not Path(f"/proc/{pid}").exists() or not Path(tmp_path, str(pid)).exists())
    assert not Path(f"/proc/{pid}").exists(), "it ended in the middle of its task"


@pytest.mark.parametrize(
    ("files", "processes_here"),
    [
        ({}, 4),
        ({"cpu.max": "max 100000"}, 4),
        ({"cpu.max": "300000 100000"}, 3),
        ({"cpu.max": "150000 100000"}, 1),
        ({"cpu.max": "50000 100000"}, 1),
        ({"memory.max": "max", "memory.current": "5"}, 4),
        ({"memory.max": "1000", "memory.current": "400"}, 3),
        ({"memory.max": "1000", "memory.current": "2000"}, 1),
        ({"cpu.max": "nonsense", "memory.max": "nonsense"}, 4),
    ],
)
def test_a_container_may_have_less(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], processes_here: int
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text + "\n")
    monkeypatch.setattr(processes, "_CGROUP", tmp_path)
    monkeypatch.setattr(processes.os, "sched_getaffinity", lambda pid: set(range(16)), raising=False)
    assert usable(each=100, most=4) == processes_here


def test_an_isolated_process_does_one_task_after_the_other() -> None:
    isolated = processes.IsolatedProcesses("tests.tasks:double", seconds=PATIENCE)
    answers = [isolated.ask({"number": number, "owner": os.getpid()}) for number in range(3)]
    assert [answer["twice"] for answer in answers] == [0, 2, 4] and len({answer["pid"] for answer in answers}) == 1
    isolated.close()
    assert not Path(f"/proc/{answers[0]['pid']}").exists()
    assert isolated.ask({"number": 4, "owner": 0})["twice"] == 8, "it is started again"
    isolated.close()


def test_an_isolated_process_that_dies_or_hangs_costs_its_task(tmp_path: Path) -> None:
    isolated = processes.IsolatedProcesses("tests.tasks:odd_ones_kill", seconds=PATIENCE)
    with pytest.raises(ChildProcessError, match="failed"):
        isolated.ask({"number": 1, "owner": os.getpid()})
    assert isolated.ask({"number": 2, "owner": os.getpid()})["twice"] == 4
    isolated.close()
    hanging = processes.IsolatedProcesses("tests.tasks:waits", seconds=1)
    with pytest.raises(ChildProcessError, match="longer than 1 s"):
        hanging.ask({"folder": str(tmp_path)})
    assert hanging._children == []


def test_a_process_that_began_early_does_the_first_task() -> None:
    isolated = processes.IsolatedProcesses("tests.tasks:double", seconds=PATIENCE, count=2)
    for _ in range(3):
        isolated.begin()
    [child] = isolated._children
    assert isolated.ask({"number": 1, "owner": 0})["pid"] == child._process.pid
    isolated.close()


def test_no_process_begins_beside_those_that_all_work(tmp_path: Path) -> None:
    isolated = processes.IsolatedProcesses("tests.tasks:meets", seconds=PATIENCE, count=1)
    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(isolated.ask, {"folder": str(tmp_path), "others": 2})
        [pid] = wait_for(tmp_path, 1)
        isolated.begin()
        assert [child._process.pid for child in isolated._children] == [pid]
        (tmp_path / "other").touch()
        assert working.result()["pid"] == pid
    isolated.close()


def test_isolated_processes_work_beside_each_other(tmp_path: Path) -> None:
    isolated = processes.IsolatedProcesses("tests.tasks:meets", seconds=PATIENCE, count=2)
    with ThreadPoolExecutor(2) as pool:
        met = list(pool.map(isolated.ask, [{"folder": str(tmp_path), "others": 2}] * 2))
    assert len({answer["pid"] for answer in met}) == 2
    isolated.close()


def test_nobody_waits_for_an_isolated_process_beyond_their_time(tmp_path: Path) -> None:
    isolated = processes.IsolatedProcesses("tests.tasks:meets", seconds=PATIENCE)
    working, waiting = Cancellation(), Cancellation()
    task = {"folder": str(tmp_path), "others": 2}
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(working.context().run, isolated.ask, task)
        until(lambda: list(tmp_path.iterdir()))
        second = pool.submit(waiting.context().run, isolated.ask, task)
        waiting.request()
        with pytest.raises(Stopped):
            second.result(PATIENCE)
        working.request()
        with pytest.raises(Stopped):
            first.result(PATIENCE)
    (worker,) = tmp_path.iterdir()
    (tmp_path / "another").touch()
    assert isolated.ask(task)["pid"] == int(worker.name), "what was begun has ended, and the process goes on"
    isolated.close()


def test_a_process_that_would_end_soon_gets_no_task(monkeypatch: pytest.MonkeyPatch) -> None:
    isolated = processes.IsolatedProcesses("tests.tasks:double", seconds=PATIENCE)
    first = isolated.ask({"number": 1})["pid"]
    monkeypatch.setattr(processes, "IDLE_SECONDS", 0)
    assert isolated.ask({"number": 1})["pid"] != first
    isolated.close()
