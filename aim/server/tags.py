"""Tags with their style, and bookmarks."""

from __future__ import annotations

from collections import Counter

from starlette.requests import Request
from starlette.responses import Response

from aim.server import wire
from aim.server.answer import answer
from aim.server.experiments import EVERY
from aim.server.shelf import Shelf


class Tags(Shelf):
    def everything(self) -> wire.Tags:
        runs = Counter(tag for run in self.repo.runs_table(EVERY).runs for tag in run.tags)
        return wire.Tags(tags=[wire.Tag(**tag._asdict(), runs=runs[tag.name]) for tag in self.repo.tags])

    async def save(self, request: Request) -> Response:
        body = await self.write(request, wire.TagRequest)
        style = {"color": body.color, "comment": body.comment, "archived": body.archived}
        await self.work.run(lambda: self.repo.tags.save(body.name, was=body.was or "", **style))
        return answer(wire.Changed(changed=1))

    async def delete(self, request: Request) -> Response:
        body = await self.write(request, wire.TagName)
        return answer(wire.Changed(changed=await self.work.run(lambda: self.repo.tags.remove(body.name))))


class Bookmarks(Shelf):
    def everything(self) -> wire.Bookmarks:
        return wire.Bookmarks(bookmarks=[wire.Bookmark(**one._asdict()) for one in self.repo.bookmarks])

    async def save(self, request: Request) -> Response:
        body = await self.write(request, wire.BookmarkRequest)
        id = await self.work.run(lambda: self._save(body))
        return answer(wire.Saved(id=id))

    def _save(self, body: wire.BookmarkRequest) -> str:
        return self.repo.bookmarks.save(body.search, name=body.name, description=body.description, id=body.id)

    async def delete(self, request: Request) -> Response:
        body = await self.write(request, wire.BookmarkName)
        await self.work.run(lambda: self.repo.bookmarks.remove(body.id))
        return answer(wire.Changed(changed=1))
