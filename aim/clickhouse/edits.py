"""Edits that wait in a database until a fold has brought them to the files of the repository."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from aim.clickhouse.database import Database

_AT_ONCE = 10_000
_WRITER = re.compile("[0-9a-f]{16}")


class WaitingEdit(NamedTuple):
    writer: str
    number: int
    payload: bytes


def waiting(database: Database) -> list[WaitingEdit]:
    """Those with the name of a writer: other programs may write rows too."""
    kinds = {"writer": str, "number": int, "record": str}
    rows = database.client.query("SELECT writer, number, record FROM edits ORDER BY writer, number", kinds)
    columns = [rows[name].tolist() for name in kinds] if rows else [[], [], []]
    every = (WaitingEdit(writer, number, text.encode()) for writer, number, text in zip(*columns, strict=True))
    return [edit for edit in every if _WRITER.fullmatch(edit.writer)]


def count(database: Database) -> int:
    rows = database.client.query("SELECT toInt64(count()) AS waiting FROM edits", {"waiting": int})
    return int(rows["waiting"][0]) if rows else 0


def remove(database: Database, edits: Sequence[tuple[str, int]]) -> None:
    """Ask the database to delete edits by writer and number. It does so a moment later."""
    for start in range(0, len(edits), _AT_ONCE):
        keys = ", ".join(f"('{writer}', {number:d})" for writer, number in edits[start : start + _AT_ONCE])
        database.client.command(f"ALTER TABLE edits DELETE WHERE (writer, number) IN ({keys})")
