"""Edits that people make where only the engine is. They wait in the database, where every reader sees them, until the
process that folds has appended them to the files of the repository.

    edit = insert the content of its record -> append it to the repository's edits -> fold it -> delete the row

Each step may be done again: a record that is appended twice has the same time and value.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from aim import files
from aim.clickhouse.database import Database
from aim.clickhouse.edits import WaitingEdit, count, remove, waiting
from aim.errors import EditError
from aim.index.state import WriterState
from aim.log import edits, record
from aim.log.edits import Editing, Editor

MOST = 1 << 18
# A server that crashes may forget that it was asked to delete.
_AGAIN_SECONDS = 30.0


class DistantEditor(Editing):
    """Puts edits into a database."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database

    def append(self, payloads: Sequence[bytes]) -> None:
        """Raises EditError for an edit that no log can hold, and when too many wait."""
        longest = max(map(len, payloads), default=0)
        if longest > record.MAX_PAYLOAD:
            raise EditError(f"an edit of {longest:,} bytes is too long; it can have {record.MAX_PAYLOAD:,}")
        there = count(self._database)
        if there + len(payloads) > MOST:
            raise EditError(
                f"{there:,} edits wait in the database, and {len(payloads):,} more do not fit: on the machine with "
                "the repository, start what folds it: aim server --engine, or aim engine fold --follow"
            )
        columns = {
            "writer": np.array([secrets.token_hex(8)] * len(payloads), object),
            "number": np.arange(len(payloads)),
            "record": np.array([payload.decode() for payload in payloads], object),
        }
        self._database.insert("edits", columns)

    def close(self) -> None:
        """Nothing is open."""


class EditArrivals:
    """Brings the edits that wait into the files of a repository. One process does so at a time."""

    def __init__(self, aim_dir: Path, database: Database) -> None:
        self._aim_dir = aim_dir
        self._database = database
        self._editor = Editor(aim_dir)
        self._brought: set[tuple[str, int]] = set()
        # When the database was asked to delete each.
        self._removed: dict[tuple[str, int], float] = {}

    def bring(self) -> None:
        """Append what is new. Until `settle`, readers still find it in the database too."""
        there = {edit[:2]: edit for edit in waiting(self._database)}
        self._removed = {key: at for key, at in self._removed.items() if key in there}
        new = [edit for key, edit in there.items() if key not in self._brought and key not in self._removed]
        made = [(edit, edits.parse(edit.payload, edit.writer, None)) for edit in new]
        if valid := [edit.payload for edit, content in made if content is not None and _fits(edit.payload)]:
            self._editor.append(valid)
        self._brought.update(edit[:2] for edit in new)
        if any(content is not None and content.field == "deleted" for _, content in made):
            files.remove_runs(self._aim_dir, edits.deleted(self._aim_dir))

    def settle(self) -> None:
        """Remove from the database what was brought, and is folded by now. The rows go a moment later, or are removed
        again."""
        now = time.monotonic()
        left = {key for key, at in self._removed.items() if now - at >= _AGAIN_SECONDS}
        rows = sorted(self._brought | left)
        remove(self._database, rows)
        self._removed.update(dict.fromkeys(rows, now))
        self._brought = set()

    def close(self) -> None:
        self._editor.close()


def states(arrived: Sequence[WaitingEdit]) -> list[WriterState]:
    """The edits as if each of their writers had a file."""
    writers: dict[str, WriterState] = {}
    for edit in arrived:
        writers.setdefault(edit.writer, WriterState(edit.writer, "")).take(record.EDIT, edit.payload)
    return list(writers.values())


def _fits(payload: bytes) -> bool:
    return len(payload) <= record.MAX_PAYLOAD and not len(payload) & 3
