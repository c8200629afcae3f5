"""Tags: labels of runs with a style that the whole repository shares."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from aim.errors import EditError
from aim.index.catalog import Catalog
from aim.natural import natural
from aim.plain import text_of
from aim.repo.edits import Change, Edits, check_name

MAX_NAME = 50
MAX_COMMENT = 200


class Tag(NamedTuple):
    """`color` is None for a tag without a style."""

    name: str
    color: str | None
    comment: str
    archived: bool


class Tags:
    def __init__(self, edits: Edits) -> None:
        self._edits = edits

    def __iter__(self) -> Iterator[Tag]:
        styles = {name: edited.value for name, edited in self._edits.items("tag").items()}
        for name in sorted({*styles, *self._in_use()}, key=natural):
            style = styles.get(name, {})
            color = style.get("color", style.get("colour"))  # the key of early repositories
            comment, archived = str(style.get("comment", "")), style.get("archived") is True
            yield Tag(name, color if isinstance(color, str) else None, comment, archived)

    def save(self, name: str, *, color: str, comment: str = "", archived: bool = False, was: str = "") -> None:
        """Make a tag or change its style. `was` is the tag to rename, on all runs that have it."""
        name, was = _check_style(name, color, comment), text_of(was)
        renamed = bool(was) and was != name
        if renamed and name in {tag.name for tag in self}:
            raise EditError(f"the tag {name!r} exists; choose another name")
        changes: list[Change] = [(None, f"tag:{name}", {"color": color, "comment": comment, "archived": archived})]
        if renamed:
            runs = self._runs_with(was)
            changes += [(None, f"tag:{was}", None)]
            changes += [(id, f"tag:{tag}", tag == name) for id in runs for tag in (name, was)]
        self._edits.write(changes)

    def remove(self, name: str) -> int:
        """Take a tag off all runs and forget its style; returns how many runs had it."""
        name = text_of(name)
        runs = self._runs_with(name)
        if not runs and name not in self._edits.items("tag"):
            raise EditError(f"there is no tag {name!r}")
        self._edits.write([(None, f"tag:{name}", None), *((id, f"tag:{name}", False) for id in runs)])
        return len(runs)

    def _in_use(self) -> list[str]:
        return self._edits.index.ask(lambda catalog: catalog.tags)

    def _runs_with(self, tag: str) -> list[str]:
        def answer(catalog: Catalog) -> list[str]:
            tagged = zip(catalog.ids, catalog.column("tags").tolist(), strict=True)
            return [id for id, text in tagged if tag in json.loads(text)]

        return self._edits.index.ask(answer)


def _check_style(name: str, color: str, comment: str) -> str:
    name = check_name("tag", name)
    if len(name) > MAX_NAME:
        raise EditError(f"the tag's name has {len(name)} characters; it can have {MAX_NAME}")
    if len(comment) > MAX_COMMENT:
        raise EditError(f"the comment has {len(comment)} characters; it can have {MAX_COMMENT}")
    if not re.fullmatch("#[0-9a-f]{6}", color):
        raise EditError(f"{color!r} is not a color; write it as #rrggbb")
    return name
