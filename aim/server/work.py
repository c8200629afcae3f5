"""Threads for queries: a few at a time, a bounded queue, and a time limit for each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from aim.server.problems import Refused

T = TypeVar("T")

THREADS = 4
WAITING = 32
SECONDS = 120.0


class Workers:
    def __init__(self) -> None:
        self.calls: set[Future[Any]] = set()
        self.closed = False
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="aim-query")

    async def run(self, call: Callable[[], T]) -> T:
        """Run `call` in a thread. It is dropped when the client leaves; a call that is already running counts until it
        ends."""
        if self.closed:
            raise Refused(503, "The server is shutting down.", hint="Start it again with: aim up")
        if len(self.calls) >= THREADS + WAITING:
            hint = "Wait a second and try again, or close some tabs."
            raise Refused(
                429, f"{len(self.calls)} queries are already running.", hint=hint, headers={"retry-after": "1"}
            )
        job = self._threads.submit(call)
        self.calls.add(job)
        job.add_done_callback(self.calls.discard)
        future = asyncio.wrap_future(job)
        try:
            done, _ = await asyncio.wait([future], timeout=SECONDS)
        finally:
            future.cancel()
        if not done:
            hint = "Narrow the query, or try again later."
            raise Refused(503, f"The answer took longer than {SECONDS:g} seconds.", hint=hint)
        return future.result()

    def close(self) -> None:
        self.closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)
