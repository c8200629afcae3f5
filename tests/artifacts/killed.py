"""Stores FOLDER as an artifact in copies of a repository. The process of the nth copy is killed at the nth thing that
it does to a file: opened, made, renamed, removed, or given another time. Prints what each one was doing."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from aim.artifacts.store import store

ACTS = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.utime", "os.chmod"}


def kill_at(count: int, told: int) -> None:
    left = count

    def act(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event in ACTS:
            left -= 1
            if left == 0:
                os.write(told, f"{event} {arguments[0]}".encode())
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(act)


def kill_in_copies(repo: str, copies: str, most: int, act: Callable[[Path, Callable[[], None]], object]) -> None:
    """`act` gets the repository of a copy, and what it calls when its files begin to count."""
    for number in range(1, most):
        aim_dir = Path(shutil.copytree(repo, f"{copies}/{number}")) / ".aim"
        read, write = os.pipe()
        if (child := os.fork()) == 0:
            act(aim_dir, partial(kill_at, number, write))
            os._exit(0)
        os.close(write)
        doing = os.read(read, 1000).decode()
        os.close(read)
        if os.waitpid(child, 0)[1] == 0:
            return
        print(doing, flush=True)


def main(repo: str, copies: str, folder: str, most: int) -> None:
    def act(aim_dir: Path, begin: Callable[[], None]) -> None:
        begin()
        store(aim_dir, folder, name="data")

    kill_in_copies(repo, copies, most, act)


if __name__ == "__main__":
    main(*sys.argv[1:4], int(sys.argv[4]))
