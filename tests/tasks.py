"""Functions that tests give to processes of `aim.processes`."""

from __future__ import annotations

import gc
import os
import signal
import time
from pathlib import Path
from typing import Any

from aim import processes

Task = dict[str, Any]


def double(task: Task) -> Task:
    print("what a function prints is no answer")
    return {"twice": 2 * task["number"], "pid": os.getpid()}


def where(task: Task) -> Task:
    return {"package": str(Path(processes.__file__).parent), "folder": os.getcwd(), "pid": os.getpid()}


def collectible(task: Task) -> Task:
    """How many objects a collection of garbage looks at."""
    return {"objects": len(gc.get_objects())}


def odd_ones_kill(task: Task) -> Task:
    """A process that gets an odd number is killed, unless it is the owner of the tasks."""
    if task["number"] % 2 and os.getpid() != task["owner"]:
        os.kill(os.getpid(), signal.SIGKILL)
    return double(task)


def fails(task: Task) -> Task:
    raise ValueError(f"{task['number']} is no good")


def waits(task: Task) -> Task:
    """Has a file while it works."""
    place = Path(task["folder"]) / str(os.getpid())
    try:
        place.touch()
        time.sleep(120)
    finally:
        place.unlink()
    return {}


def waits_without_signals(task: Task) -> Task:
    """As code in C does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return waits(task)


def meets(task: Task) -> Task:
    """Waits until so many processes have a file in a folder."""
    folder = Path(task["folder"])
    (folder / str(os.getpid())).touch()
    while len(list(folder.iterdir())) < task["others"]:
        time.sleep(0.01)
    return {"pid": os.getpid()}


def fold_and_die(task: Task) -> Task:
    """Folds, and is killed before it says so."""
    from aim.index import share

    folded = share.fold(task)
    if os.getpid() != int(os.environ["AIM_TEST_OWNER"]):
        os.kill(os.getpid(), signal.SIGKILL)
    return folded


def asks_the_engine(task: Task) -> list[str]:
    """What the engine says to statements, after it is limited to a folder."""
    from aim import engine

    engine.restrict(Path(task["folder"]))
    said = []
    for statement in task["statements"]:
        try:
            said.append(f"{len(engine._cursor().execute(statement).fetchall())} rows")
        except Exception as error:
            said.append(str(error))
    return said


def dies_of_bytes(task: Task) -> Task:
    os.kill(os.getpid(), signal.SIGKILL)
    return task
