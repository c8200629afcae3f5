"""Bookmarks: saved views, each the part of a page's address from "?" on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from aim.errors import EditError
from aim.plain import text_of
from aim.repo.edits import Edits, check_name, new_id


class Bookmark(NamedTuple):
    id: str
    name: str
    description: str
    search: str
    edited_at: float


class Bookmarks:
    def __init__(self, edits: Edits) -> None:
        self._edits = edits

    def __iter__(self) -> Iterator[Bookmark]:
        """Newest first."""
        for id, (value, at) in sorted(self._edits.items("bookmark").items(), reverse=True):
            search = str(value.get("search", "?"))
            name, description = str(value.get("name", "")), str(value.get("description", ""))
            yield Bookmark(id, name, description, search if search.startswith("?") else "?", at)

    def save(self, search: str, *, name: str, description: str = "", id: str | None = None) -> str:
        """Add a bookmark, or change the one with this id; returns its id."""
        if not search.startswith("?"):
            raise EditError("a bookmark keeps the part of the page's address from '?' on")
        id = id or new_id()
        id = check_name("bookmark", id)
        value = {"name": text_of(name), "description": text_of(description), "search": search}
        self._edits.write([(None, f"bookmark:{id}", value)])
        return id

    def remove(self, id: str) -> None:
        if id not in self._edits.items("bookmark"):
            raise EditError(f"there is no bookmark {id!r}; it may be deleted already")
        self._edits.write([(None, f"bookmark:{id}", None)])
