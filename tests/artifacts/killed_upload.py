"""Uploads what waits in copies of a repository to the store beside each. The process of the nth copy is killed at the
nth thing that it does to a file. Prints what each one was doing."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from aim.artifacts.uploads import upload, waiting
from aim.content_store import ContentStore
from tests.artifacts.killed import kill_at


def main(repo: str, copies: str, most: int) -> None:
    ContentStore("file:///tmp")  # imports what every child needs
    for number in range(1, most):
        aim_dir = Path(shutil.copytree(repo, f"{copies}/{number}")) / ".aim"
        read, write = os.pipe()
        if (child := os.fork()) == 0:
            (version,) = waiting(aim_dir)
            kill_at(number, write)
            upload(aim_dir, version, f"file://{copies}/{number}/store")
            os._exit(0)
        os.close(write)
        doing = os.read(read, 1000).decode()
        os.close(read)
        if os.waitpid(child, 0)[1] == 0:
            return
        print(doing, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:3], int(sys.argv[3]))
