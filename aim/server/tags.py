"""Tags with their looks, and bookmarks: fields of the repository itself."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from aim.errors import EditError
from aim.server import wire
from aim.server.answer import answer
from aim.server.detail import new_id
from aim.server.experiments import EVERY
from aim.server.shelf import Shelf

if TYPE_CHECKING:
    from aim.repo import Edited, Repo


class Tags(Shelf):
    def everything(self) -> wire.Tags:
        runs = Counter(tag for run in self.repo.runs_table(EVERY).runs for tag in run.tags)
        looks = {name: edited.value for name, edited in named(self.repo, "tag")}
        tags = [tag(name, looks.get(name, {}), runs[name]) for name in sorted({*runs, *looks})]
        return wire.Tags(tags=tags)

    async def save(self, request: Request) -> Response:
        body = await self.write(request, wire.TagRequest)
        look = {"color": body.color, "comment": body.comment, "archived": body.archived}
        await self.work.run(lambda: self.repo.save_tag(body.name, was=body.was or "", **look))
        return answer(wire.Changed(changed=1))

    async def delete(self, request: Request) -> Response:
        body = await self.write(request, wire.TagName)
        return answer(wire.Changed(changed=await self.work.run(lambda: self.repo.remove_tag(body.name))))


class Bookmarks(Shelf):
    def everything(self) -> wire.Bookmarks:
        found = [bookmark(id, edited) for id, edited in named(self.repo, "bookmark")]
        return wire.Bookmarks(bookmarks=sorted(found, key=lambda one: one.id, reverse=True))

    async def save(self, request: Request) -> Response:
        body = await self.write(request, wire.BookmarkRequest)
        id = body.id or new_id()
        value = {"name": body.name, "description": body.description, "search": body.search}
        await self.work.run(lambda: self.repo.set_field(f"bookmark:{id}", value))
        return answer(wire.Saved(id=id))

    async def delete(self, request: Request) -> Response:
        body = await self.write(request, wire.BookmarkName)
        await self.work.run(lambda: self._delete(body.id))
        return answer(wire.Changed(changed=1))

    def _delete(self, id: str) -> None:
        if id not in dict(named(self.repo, "bookmark")):
            raise EditError(f"there is no bookmark {id!r}; it may be deleted already")
        self.repo.set_field(f"bookmark:{id}", None)


def named(repo: Repo, kind: str) -> list[tuple[str, Edited]]:
    """The repository's fields of one kind whose value is an object. Another program may have written anything."""
    fields = repo.fields().items()
    start = kind + ":"
    return [(field[len(start) :], found) for field, found in fields if field.startswith(start) and usable(found.value)]


def usable(value: Any) -> bool:
    return isinstance(value, dict) and bool(value)


def tag(name: str, look: dict[str, Any], runs: int) -> wire.Tag:
    color = look.get("color", look.get("colour"))  # the key of early repositories
    return wire.Tag(
        name=name,
        color=color if isinstance(color, str) else None,
        comment=str(look.get("comment", "")),
        archived=look.get("archived") is True,
        runs=runs,
    )


def bookmark(id: str, edited: Edited) -> wire.Bookmark:
    search = str(edited.value.get("search", "?"))
    return wire.Bookmark(
        id=id,
        name=str(edited.value.get("name", "")),
        description=str(edited.value.get("description", "")),
        search=search if search.startswith("?") else "?",
        edited_at=edited.at,
    )
