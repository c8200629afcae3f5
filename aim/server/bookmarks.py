"""Bookmarks: named views of the UI."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aim.server import wire

if TYPE_CHECKING:
    from aim.repo import Repo


def list_bookmarks(repo: Repo) -> wire.Bookmarks:
    return wire.Bookmarks(bookmarks=[wire.Bookmark(**bookmark._asdict()) for bookmark in repo.bookmarks])


def save(repo: Repo, given: wire.BookmarkRequest) -> wire.Saved:
    return wire.Saved(id=repo.bookmarks.save(given.search, name=given.name, description=given.description, id=given.id))


def delete(repo: Repo, given: wire.BookmarkName) -> wire.Changed:
    repo.bookmarks.remove(given.id)
    return wire.Changed(changed=1)
