"""Uploads what waits in copies of a repository to the store beside each. The process of the nth copy is killed at the
nth thing that it does to a file. Prints what each one was doing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from aim.artifacts.uploads import upload, waiting
from aim.content_store import ContentStore
from tests.artifacts.killed import kill_in_copies


def main(repo: str, copies: str, most: int) -> None:
    ContentStore("file:///tmp")  # imports what every child needs

    def act(aim_dir: Path, begin: Callable[[], None]) -> None:
        (version,) = waiting(aim_dir)
        begin()
        upload(aim_dir, version, f"file://{aim_dir.parent}/store")

    kill_in_copies(repo, copies, most, act)


if __name__ == "__main__":
    main(*sys.argv[1:3], int(sys.argv[3]))
