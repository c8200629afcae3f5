"""Threads for queries: a few at a time, a bounded queue before them, and a limit to how long anybody waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from aim.server.answer import Refused

T = TypeVar("T")

THREADS = 4
WAITING = 32
SECONDS = 120.0


class Work:
    def __init__(self) -> None:
        self.pending = 0
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="aim-query")

    async def run(self, call: Callable[[], T]) -> T:
        """`call` in a thread. A thread cannot be stopped, so a call that is given up still counts until it is done."""
        if self.pending >= THREADS + WAITING:
            hint = "Wait a second and try again; close tabs that are not needed."
            raise Refused(429, f"{self.pending} queries are already waiting.", hint=hint, headers={"retry-after": "1"})
        self.pending += 1
        future = asyncio.get_running_loop().run_in_executor(self._threads, call)
        future.add_done_callback(self._done)
        done, _ = await asyncio.wait([future], timeout=SECONDS)
        if not done:
            hint = "Narrow the query, or try again: work that is under way goes on."
            raise Refused(503, f"The answer took longer than {SECONDS:g} seconds.", hint=hint)
        return future.result()

    def _done(self, future: asyncio.Future[T]) -> None:
        self.pending -= 1
        if not future.cancelled():
            future.exception()

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
