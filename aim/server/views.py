"""Views of the UI that are too long for an address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aim.server import wire
from aim.server.problems import Refused

if TYPE_CHECKING:
    from aim.repo import Repo


def text(repo: Repo, query: wire.ViewId) -> wire.ViewText:
    text = repo.views.text(query.id)
    if text is None:
        raise Refused(404, f"The view {query.id} is not stored here.", hint="Ask its author for a new link.")
    return wire.ViewText(text=text)


def save(repo: Repo, given: wire.ViewText) -> wire.Saved:
    return wire.Saved(id=repo.views.save(given.text))
