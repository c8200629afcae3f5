"""Which files of a repository travel to a server, by their names: those of writers and of people who edit, and nothing
that is local to a machine (the cache, claims, tokens)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from aim import layout
from aim.log.reader import folders, paths

_ZEROS = layout.NO_RUN.hex()
_CONFLICT = re.compile(r"(.*)\.[0-9a-f]{8}\.conflict")
_FOLDER = re.compile(r"[0-9a-f]{32}")


class Place(NamedTuple):
    """Where a file lies below `.aim`. `run` is the run that it belongs to; None for edits. `kind` is log, seal or
    conflict."""

    folder: str
    file: str
    run: str | None
    writer: str
    kind: str

    @property
    def name(self) -> str:
        return f"{self.folder}/{self.file}"


@lru_cache(maxsize=1 << 13)
def parse(name: str) -> Place | None:
    """The place of a file that may travel; None for any other name."""
    folder, _, file = name.rpartition("/")
    conflict = _CONFLICT.fullmatch(file)
    named = layout.parse_name(conflict[1] if conflict else file)
    if named is None or (conflict and named.suffix == "seal"):
        return None
    kind = "conflict" if conflict else named.suffix
    if folder == "edits" and named.run == _ZEROS and kind != "seal":
        return Place(folder, file, None, named.writer, kind)
    top, _, run_dir = folder.partition("/")
    if top == "runs" and _FOLDER.fullmatch(run_dir) and named.run != _ZEROS:
        return Place(folder, file, named.run, named.writer, kind)
    return None


def conflict_name(name: str, sender: int) -> str:
    """The name under which a sender ships its copy of a file of which the server has another one. `sender` is a number
    of its own that stays the same."""
    return f"{name}.{sender & 0xFFFFFFFF:08x}.conflict"


def every(aim_dir: Path) -> Iterator[Place]:
    """The files of a repository that travel: of runs, then of edits."""
    for folder in (*folders(aim_dir / "runs"), aim_dir / "edits"):
        for path in paths(folder):
            place = parse(path.relative_to(aim_dir).as_posix())
            if place is not None:
                yield place
