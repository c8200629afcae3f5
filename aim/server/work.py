"""Threads for queries: a few at a time, in turn by client, each with a time limit.

A query stops soon after its time is over or its client has left (`aim/deadline.py`). A client is a user, or an address.
One that runs long no longer counts among the few, and rests while others work, so that several clients with long
queries keep nobody else waiting.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from aim.deadline import Cancellation
from aim.server.problems import Refused

T = TypeVar("T")

THREADS = 6
THREADS_OF_A_CLIENT = 4
LONG_SECONDS = 0.5
# Threads of a client that has long queries, and of all clients, those of long queries included.
THREADS_BESIDE_LONG = 2
MOST_THREADS = 32
WAITING = 64
WAITING_OF_A_CLIENT = 32
SECONDS = 60.0
AGAIN_SECONDS = 0.2
GOES_ON = "The change goes on; reload the page in a minute."


class Workers:
    def __init__(self) -> None:
        self.running: Counter[str] = Counter()
        self.long: Counter[str] = Counter()
        self.waiting: dict[str, deque[asyncio.Future[None]]] = {}
        self.closed = False
        self._stops: set[Cancellation] = set()
        self._long: set[Cancellation] = set()
        self._threads = ThreadPoolExecutor(MOST_THREADS, thread_name_prefix="aim-query")

    async def run(self, call: Callable[[], T], *, client: str = "", whole: bool = False, goes_on: bool = False) -> T:
        """Run `call` in a thread when it is the client's turn. It counts until it has really ended. `whole`: a change,
        which is never stopped halfway. `goes_on`: the next part of an answer, which is not refused after its first
        one: there are no more of these than places and threads."""
        await self.turn(client, goes_on=goes_on)
        if self.closed:
            raise Refused(503, "The server is shutting down.", hint="Start it again with: aim up")
        stop = Cancellation()
        job = self._threads.submit(call) if whole else self._threads.submit(stop.context().run, call)
        self._stops.add(stop)
        loop = asyncio.get_running_loop()
        job.add_done_callback(partial(in_loop, loop, self.ended, client, stop))
        loop.call_later(LONG_SECONDS, self.count_as_long, client, stop)
        future = asyncio.wrap_future(job)
        try:
            done, _ = await asyncio.wait([future], timeout=SECONDS)
        finally:
            future.cancel()
            self.end(stop, job)
        if not done:
            hint = (
                GOES_ON
                if whole
                else "Narrow the query, or ask on the command line, where there is no limit: aim query."
            )
            raise Refused(503, f"The answer took longer than {SECONDS:g} seconds.", hint=hint)
        return future.result()

    async def turn(self, client: str, *, goes_on: bool) -> None:
        """Wait until the client may use another thread."""
        if self.closed or self.free_for(client):
            self.running[client] += 1
            return
        if not goes_on:
            self.refuse_many(client)
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue = self.waiting.setdefault(client, deque())
        queue.append(mine)
        try:
            done, _ = await asyncio.wait([mine], timeout=SECONDS)
        except asyncio.CancelledError:
            if mine.done():
                self.leave(client)
            raise
        finally:
            if mine in queue:
                queue.remove(mine)
        if not done:
            raise too_many(f"No thread was free for your query within {SECONDS:g} seconds.")

    def free_for(self, client: str) -> bool:
        most = THREADS_BESIDE_LONG if self.long[client] else THREADS_OF_A_CLIENT
        total = self.running.total()
        return total - self.long.total() < THREADS and total < MOST_THREADS and self.running[client] < most

    def refuse_many(self, client: str) -> None:
        mine, all_of_them = (len(self.waiting.get(client, ())), sum(map(len, self.waiting.values())))
        if mine >= WAITING_OF_A_CLIENT:
            raise too_many(f"{mine} queries of yours are already waiting; at most {WAITING_OF_A_CLIENT} can.")
        if all_of_them >= WAITING:
            raise too_many(f"{all_of_them} queries are already waiting; at most {WAITING} can.")

    def count_as_long(self, client: str, stop: Cancellation) -> None:
        """A query has run for a long time: another one may begin, and it gives way to all others."""
        if stop in self._stops:
            self._long.add(stop)
            self.long[client] += 1
            stop.give_way(lambda: self.running.total() - 1)
            self.admit()

    def ended(self, client: str, stop: Cancellation) -> None:
        self._stops.discard(stop)
        if stop in self._long:
            self._long.discard(stop)
            self.long -= Counter([client])
        self.leave(client)

    def leave(self, client: str) -> None:
        """Give the client's thread to the next one."""
        self.running[client] -= 1
        if not self.running[client]:
            del self.running[client]
        self.admit()

    def admit(self) -> None:
        """Let those begin for which there is a thread, clients in turn."""
        for other, queue in list(self.waiting.items()):
            if queue and self.free_for(other):
                self.running[other] += 1
                queue.popleft().set_result(None)
                del self.waiting[other]
                self.waiting[other] = queue
            if not queue:
                del self.waiting[other]

    def end(self, stop: Cancellation, job: Future[Any]) -> None:
        """Ask again until it has ended: an interrupt before an engine begins does nothing."""
        if not job.done():
            stop.request()
            asyncio.get_running_loop().call_later(AGAIN_SECONDS, self.end, stop, job)

    def close(self) -> None:
        self.closed = True
        for stop in self._stops:
            stop.request()
        for queue in self.waiting.values():
            while queue:
                queue.popleft().set_result(None)
        self._threads.shutdown(wait=False, cancel_futures=True)


def in_loop(loop: asyncio.AbstractEventLoop, call: Callable[..., object], *args: Any) -> None:
    """`call(*args[:-1])` in the thread of the loop, unless the loop has ended. The last argument is the job."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(call, *args[:-1])


def too_many(message: str) -> Refused:
    return Refused(429, message, hint="Try again in a second, or close some tabs.", headers={"retry-after": "1"})
