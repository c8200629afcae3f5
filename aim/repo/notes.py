"""Notes of runs: texts in Markdown."""

from __future__ import annotations

from typing import NamedTuple

from aim.repo.edits import Edits, new_id
from aim.repo.runs import RunEdits

_FIELD = "note:"


class Note(NamedTuple):
    id: str
    text: str
    edited_at: float


class Notes:
    def __init__(self, edits: Edits, runs: RunEdits) -> None:
        self._edits = edits
        self._runs = runs

    def of(self, run_id: str) -> list[Note]:
        """The notes of a run by id, which is the order in which they were added."""
        return [
            Note(field.removeprefix(_FIELD), edited.value, edited.at)
            for field, edited in sorted(self._edits.fields(run_id).items())
            if field.startswith(_FIELD) and isinstance(edited.value, str)
        ]

    def save(self, run_id: str, text: str, *, id: str | None = None) -> str:
        """Add a note to a run, or change the one with this id; returns its id."""
        id = id or new_id()
        self._runs.edit(run_id, _FIELD + id, text)
        return id

    def remove(self, run_id: str, id: str) -> None:
        self._runs.edit(run_id, _FIELD + id, None)
