"""Work that takes long, done by several processes of this package. Each calls one function with the tasks that it gets,
and answers with what it returns. Tasks and answers are JSON, one a line.

They are started as new processes, never forked from this one, which may have threads. None survives it: a process ends
where its input does, and then unwinds what it was doing.
"""

from __future__ import annotations

import gc
import json
import os
import queue
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, wait
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any
from weakref import WeakSet, finalize

from aim.deadline import LOOK_SECONDS, acquire, check
from aim.interpreter import python

Task = dict[str, Any]
IDLE_SECONDS = 60.0
_END_SECONDS = 5.0
# The child takes this package by its file: what else is called `aim` there, or lies beside this one and is called like
# a standard module, is not imported instead.
_START = """
import importlib.util, json, sys
sys.path[:], function, package = map(json.loads, sys.argv[1:])
spec = importlib.util.spec_from_file_location("aim", package)
sys.modules["aim"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sys.modules["aim"])
from aim import processes
processes.work(function)
"""
_PACKAGE = Path(__file__).absolute().with_name("__init__.py")
_CGROUP = Path("/sys/fs/cgroup")


def usable(*, each: int, most: int) -> int:
    """How many processes may work here at once, by the CPUs and the memory that this one may use. `each`: the bytes of
    memory that one takes."""
    room = min(_free_memory() // (2 * each), most)
    return max(1, min(_cpus(), room)) if os.name != "nt" else 1


class Crew:
    """`function` is written as `package.module:name`. The processes start with the first task."""

    def __init__(self, function: str, count: int) -> None:
        self.function = function
        self.count = count
        self._children: list[_ChildProcess] = []
        self._owner = os.getpid()
        # A __del__ would come after that of the files and processes if all are freed in one cycle.
        finalize(self, _end, self._children, self._owner)

    def __enter__(self) -> Crew:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def each(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Any]]:
        """Every task with its answer, in the order of the answers. What no process answers is done in this one, so an
        error of the function is raised here."""
        waiting = iter(tasks)
        try:
            self._begin()
            yield from self._answers(waiting)
            for task in waiting:
                yield task, self._here(task)
        except BaseException:  # what was given and not answered must not answer the next tasks
            self.close()
            raise

    def close(self) -> None:
        """End the processes, also in the middle of a task."""
        _end(self._children, self._owner)

    def working(self) -> int:
        """How many of the processes live."""
        for child in [child for child in self._children if child.has_ended()]:
            self._remove(child)
        return len(self._children)

    def _begin(self) -> None:
        if self.count < 2 or self._owner != os.getpid():
            return
        with suppress(OSError):
            for _ in range(self.count - self.working()):
                self._children.append(_ChildProcess(self.function))

    def _answers(self, waiting: Iterator[Task]) -> Iterator[tuple[Task, Any]]:
        with selectors.DefaultSelector() as answers:
            for child in self._children:
                _give(child, waiting, answers)
            while answers.get_map():
                for key, _ in answers.select():
                    child, task = key.data
                    answers.unregister(child.output)
                    answer = child.answer()
                    if answer is None:
                        self._remove(child)
                        yield task, self._here(task)
                    else:
                        _give(child, waiting, answers)
                        yield task, answer[0]

    def _remove(self, child: _ChildProcess) -> None:
        with suppress(ValueError):  # another thread ends the crew, as at the exit of Python
            self._children.remove(child)
        child.end()

    def _here(self, task: Task) -> Any:
        return _named(self.function)(task)


def _answer_within(seconds: float, child: _ChildProcess, task: Task) -> list[Any] | None:
    """None if it fails or takes longer, and is killed."""
    late = threading.Timer(seconds, child.kill)
    late.daemon = True
    late.start()
    try:
        child.tell(task)
        return child.answer()
    finally:
        late.cancel()


def alone(function: str, task: Task, *, seconds: float) -> Any:
    """The answer of one process for one task. What it needed is free again afterwards. Raises ChildProcessError if it
    fails or takes longer, and OSError if it cannot be started."""
    child = _ChildProcess(function)
    try:
        answer = _answer_within(seconds, child, task)
    finally:
        child.end()
    if answer is None:
        raise ChildProcessError(f"a process for {function} failed, or took longer than {seconds:g} seconds")
    return answer[0]


class IsolatedProcesses:
    """Up to `count` processes, each of which does a task at a time and waits for the next one. One is killed if a task
    takes longer than `seconds`. For tasks about content of others, which may do anything to it."""

    def __init__(self, function: str, *, seconds: float, count: int = 1) -> None:
        self.function, self.seconds, self.count = function, seconds, count
        self._children: list[_ChildProcess] = []
        self._free: list[_ChildProcess] = []
        self._places = threading.Semaphore(count)
        self._owner = os.getpid()
        finalize(self, _end, self._children, self._owner)

    def begin(self) -> None:
        """Start a process while its first task is prepared, unless one waits for a task, or all work."""
        self._after_fork()
        if self._places.acquire(blocking=False):
            try:
                with suppress(OSError):
                    self._free.append(self._taken())
            finally:
                self._places.release()

    def ask(self, task: Task) -> Any:
        """Raises ChildProcessError if the process ends or takes too long, OSError if it cannot be started, and Stopped
        if nobody waits for the answer any more. A task that was begun goes on without them."""
        self._after_fork()
        acquire(self._places)
        answered: Future[list[Any] | None] = Future()
        try:
            threading.Thread(target=self._work, args=(task, answered), daemon=True).start()
        except RuntimeError as error:
            self._places.release()
            raise ChildProcessError(str(error)) from None
        while not wait([answered], LOOK_SECONDS).done:
            check()
        answer = answered.result()
        if answer is None:
            raise ChildProcessError(f"a process for {self.function} failed, or took longer than {self.seconds:g} s")
        return answer[0]

    def close(self) -> None:
        """End the processes, also in the middle of a task."""
        self._free.clear()
        _end(self._children, self._owner)

    def _work(self, task: Task, answered: Future[list[Any] | None]) -> None:
        try:
            child = self._taken()
            answer = _answer_within(self.seconds, child, task)
            if answer is None:
                child.kill()
                self._remove(child)
            else:
                child.idle_since = time.monotonic()
                self._free.append(child)
        except BaseException as error:
            self._places.release()
            answered.set_exception(error)
        else:
            self._places.release()
            answered.set_result(answer)

    def _taken(self) -> _ChildProcess:
        with suppress(IndexError):
            while child := self._free.pop():
                # One that is about to end by itself would not answer.
                if not child.has_ended() and time.monotonic() - child.idle_since < IDLE_SECONDS - _END_SECONDS:
                    return child
                self._remove(child)
        child = _ChildProcess(self.function)
        self._children.append(child)
        return child

    def _remove(self, child: _ChildProcess) -> None:
        with suppress(ValueError):  # another thread closes this
            self._children.remove(child)
        child.end()

    def _after_fork(self) -> None:
        if self._owner != os.getpid():
            self._owner, self._places = os.getpid(), threading.Semaphore(self.count)
            self._children.clear()
            self._free.clear()


def _end(children: list[_ChildProcess], owner: int) -> None:
    """End the processes that this one started, also in the middle of a task."""
    ended, children[:] = children[:], []
    if owner == os.getpid():
        for child in ended:
            child.interrupt()
        for child in ended:
            child.end()


class _ChildProcess:
    def __init__(self, function: str) -> None:
        paths = list(dict.fromkeys([*filter(os.path.isabs, sys.path), str(_PACKAGE.parent.parent)]))
        self._process = subprocess.Popen(
            [python(), "-I", "-c", _START, *map(json.dumps, (paths, function, str(_PACKAGE)))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self.input, self.output = self._process.stdin, self._process.stdout
        self.idle_since = time.monotonic()
        _children.add(self)

    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def tell(self, task: Task) -> None:
        with suppress(OSError, ValueError):  # it ended, or is ended: there will be no answer
            self.input.write(json.dumps(task).encode() + b"\n")
            self.input.flush()

    def answer(self) -> list[Any] | None:
        """A list with the answer; None if the process ended instead."""
        line = self.output.readline()
        return list(json.loads(line)) if line.endswith(b"\n") else None

    def interrupt(self) -> None:
        with suppress(OSError):
            self.input.close()

    def end(self) -> None:
        """Wait for the process after an interrupt; kill it if it takes long."""
        self.interrupt()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self.output.close()

    def kill(self) -> None:
        self._process.kill()

    def forget(self) -> None:
        """In a forked child: what it holds open would keep the process alive after its parent."""
        nothing = os.open(os.devnull, os.O_RDWR)
        for pipe in (self.input, self.output):
            if not pipe.closed:
                os.dup2(nothing, pipe.fileno(), inheritable=False)
        os.close(nothing)


_children: WeakSet[_ChildProcess] = WeakSet()


def _give(child: _ChildProcess, waiting: Iterator[Task], answers: selectors.BaseSelector) -> None:
    task = next(waiting, None)
    if task is not None:
        child.tell(task)
        answers.register(child.output, selectors.EVENT_READ, (child, task))


def work(function: str) -> None:
    """What a process does."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    said = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    tasks: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(tasks,), daemon=True).start()
    call = _named(function)
    gc.disable()
    # What the imports made stays, so a collection after a small task does not look at it.
    gc.freeze()
    with suppress(queue.Empty, KeyboardInterrupt, BrokenPipeError):
        while line := tasks.get(timeout=IDLE_SECONDS):
            said.write(json.dumps([call(json.loads(line))]) + "\n")
            said.flush()
            gc.collect()


def _listen(tasks: queue.SimpleQueue[bytes]) -> None:
    for line in sys.stdin.buffer:
        tasks.put(line)
    tasks.put(b"")
    main = threading.main_thread().ident
    if main is not None:
        signal.pthread_kill(main, signal.SIGINT)
    # Code in C may not notice that, and the owner may be gone, which would kill this process.
    time.sleep(_END_SECONDS)
    os._exit(1)


def _named(function: str) -> Any:
    module, _, name = function.partition(":")
    return getattr(import_module(module), name)


def _cpus() -> int:
    """The CPUs that this process may use; a container may have less than the machine."""
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = [int(word) for word in _text(_CGROUP / "cpu.max").split() if word.isdecimal()]
    return max(1, min(cpus, quota[0] // quota[1])) if len(quota) == 2 and quota[1] else cpus


def _free_memory() -> int:
    """The bytes of memory that are free for this process."""
    facts = dict(line.split(":") for line in _text(Path("/proc/meminfo")).splitlines() if line.count(":") == 1)
    words = facts.get("MemAvailable", "").split()
    free = int(words[0]) << 10 if words else 1 << 62
    limit, used = _text(_CGROUP / "memory.max").strip(), _text(_CGROUP / "memory.current").strip()
    return min(free, max(0, int(limit) - int(used))) if limit.isdecimal() and used.isdecimal() else free


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


def _in_child() -> None:
    for child in list(_children):
        child.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
