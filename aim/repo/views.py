"""Views that are too long for an address: the part that its link leaves out, found by a short id."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from aim.errors import EditError
from aim.repo.bookmarks import Bookmarks
from aim.repo.edits import Edits

LONGEST = 500_000
# The most views that are kept, and their characters together. Beyond, the oldest is forgotten that no bookmark needs.
MOST = 500
MOST_CHARACTERS = 8_000_000

_ID = re.compile("[0-9a-f]{16}")


class Views:
    def __init__(self, edits: Edits, bookmarks: Bookmarks) -> None:
        self._edits = edits
        self._bookmarks = bookmarks

    def save(self, text: str) -> str:
        """The id of a view. The same text has the same id, and is stored once."""
        if not 0 < len(text) <= LONGEST:
            raise EditError(f"a view has 1 to {LONGEST:,} characters, not {len(text):,}")
        id = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        kept = self._kept()
        if kept.get(id) != text:
            gone = [(None, f"view:{old}", None) for old in self._beyond({**kept, id: text}, id)]
            self._edits.write([(None, f"view:{id}", {"text": text}), *gone])
        return id

    def text(self, id: str) -> str | None:
        """None for a view that was never stored or is forgotten."""
        return self._kept().get(id)

    def _kept(self) -> dict[str, str]:
        """Oldest first. Other programs write fields too."""
        items = sorted(self._edits.items("view").items(), key=lambda item: item[1].at)
        texts = {id: edited.value.get("text") for id, edited in items}
        return {id: text for id, text in texts.items() if isinstance(text, str)}

    def _beyond(self, kept: dict[str, str], new: str) -> Iterator[str]:
        needed = {new}.union(*(_ID.findall(bookmark.search) for bookmark in self._bookmarks))
        count, characters = len(kept), sum(map(len, kept.values()))
        for id, text in kept.items():
            if count <= MOST and characters <= MOST_CHARACTERS:
                return
            if id not in needed:
                count, characters = count - 1, characters - len(text)
                yield id
