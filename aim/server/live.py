"""Server-sent events: one watcher of the repository tells every open page which runs changed.

It runs only while a page listens, and waits longer between checks that take longer.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from aim.errors import EngineAway
from aim.server import wire
from aim.server.door import most_connections
from aim.server.problems import Refused, log
from aim.server.runs import revision_name

if TYPE_CHECKING:
    from aim.repo import Repo
    from aim.repo.repo import News

SHORTEST_REST = 0.4
LONGEST_REST = 5.0
REST_PER_COST = 2.0
QUIET = 15.0
MAX_LISTENERS = 200
LISTENERS_OF_A_CLIENT = 100
# A page that still listens asks again; a connection that nobody reads ends here.
LONGEST_STREAM = 3600.0


class Subscriber:
    """News for one page. News that arrive before the page took the last ones are merged into one set."""

    def __init__(self, client: str = "") -> None:
        self.client = client
        self.runs: set[str] = set()
        self.news = asyncio.Event()

    def tell(self, runs: set[str]) -> None:
        self.runs |= runs
        self.news.set()

    def take(self) -> list[str]:
        runs, self.runs = sorted(self.runs), set()
        self.news.clear()
        return runs


class Live:
    def __init__(self, repo: Repo) -> None:
        self.repo = repo
        self.listeners: set[Subscriber] = set()
        self.closed = False
        self.watcher: asyncio.Task[None] | None = None
        self.revision = 0
        self.running: set[str] = set()
        self.edited = 0

    async def events(self, client: str = "") -> AsyncIterator[wire.LiveEvent | None]:
        """The current revision, then changes; None if nothing changed for a while."""
        self.refuse_many(client)
        until = time.monotonic() + LONGEST_STREAM
        if not self.watching:
            self.revision, _, self.running, self.edited = await asyncio.to_thread(self.repo.news, 0)
        listener = Subscriber(client)
        self.listeners.add(listener)
        if not self.watching:
            self.watcher = asyncio.create_task(self.watch())
        try:
            yield self.event([])
            while listener in self.listeners and not self.closed and time.monotonic() < until:
                try:
                    await asyncio.wait_for(listener.news.wait(), QUIET)
                except asyncio.TimeoutError:
                    yield None
                    continue
                if listener in self.listeners and not self.closed:
                    yield self.event(listener.take())
        finally:
            self.listeners.discard(listener)

    def refuse_many(self, client: str) -> None:
        mine = sum(listener.client == client for listener in self.listeners)
        places = most_connections()
        full = len(self.listeners) >= min(MAX_LISTENERS, places // 2)
        if self.closed or full or mine >= min(LISTENERS_OF_A_CLIENT, places // 4):
            headers = {"retry-after": "10"}
            message = f"{len(self.listeners)} pages are already listening, {mine} of them yours."
            raise Refused(429, message, hint="Close some tabs.", headers=headers)

    def event(self, runs: list[str]) -> wire.LiveEvent:
        return wire.LiveEvent(revision=revision_name(self.revision), runs=runs)

    @property
    def watching(self) -> bool:
        return self.watcher is not None and not self.watcher.done()

    async def watch(self) -> None:
        before, told = 0.0, ""
        while self.listeners:
            try:
                cost = await self.check()
                # The smaller of the last two: a check that had much to fold says nothing about the next one.
                rest, before = REST_PER_COST * min(cost, before), cost
            except EngineAway as error:
                log.error("%s. Open pages ask again every two seconds", error)
                self.hang_up()
                return
            except Exception as error:
                if str(error) != told:
                    log.error("watching the repository failed, trying again every %g s: %s", LONGEST_REST, error)
                rest, told = LONGEST_REST, str(error)
            await asyncio.sleep(min(max(rest, SHORTEST_REST), LONGEST_REST))

    async def check(self) -> float:
        """Tell what changed. Returns the seconds of CPU that it took: on a busy machine, waiting for a turn is no
        reason to rest longer."""
        (revision, changed, running, edited), cost = await asyncio.to_thread(self.look)
        changed |= running ^ self.running
        shared = edited != self.edited
        self.revision, self.running, self.edited = revision, running, edited
        if changed or shared:
            for listener in self.listeners:
                listener.tell(changed)
        return cost

    def look(self) -> tuple[News, float]:
        begun = time.thread_time()
        return self.repo.news(self.revision), time.thread_time() - begun

    def hang_up(self) -> None:
        """Ends every stream. A page then asks why, and listens again when it gets an answer."""
        listeners, self.listeners = self.listeners, set()
        for listener in listeners:
            listener.news.set()

    def close(self) -> None:
        """Open pages do not delay the shutdown."""
        self.closed = True
        self.hang_up()
