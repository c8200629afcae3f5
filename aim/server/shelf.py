"""What a person keeps beside the runs (experiments, tags, bookmarks): listed whole, and changed by those who may."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from aim.server.answer import answer, read_query
from aim.server.work import Work

if TYPE_CHECKING:
    from aim.repo import Repo
    from aim.server.runs import Write


class Shelf(ABC):
    def __init__(self, repo: Repo, work: Work, write: Write) -> None:
        self.repo = repo
        self.work = work
        self.write = write

    async def list(self, request: Request) -> Response:
        read_query(request, None)
        return answer(await self.work.run(self.everything))

    @abstractmethod
    def everything(self) -> Any:
        """All there is, as a message of the wire."""
