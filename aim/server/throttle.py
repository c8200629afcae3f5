"""Slows down addresses that send wrong tokens. Right tokens are never slowed down, because a proxy or a shared address
may stand for many clients."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict

from aim.server.door import network
from aim.server.problems import Refused

# So many wrong tokens cost nothing; each further one doubles the wait.
FREE = 10
FIRST_SECONDS = 0.1
MAX_SECONDS = 10.0
FORGET_SECONDS = 600.0
MAX_ADDRESSES = 10_000
MAX_WAITING = 64


class Throttle:
    def __init__(self) -> None:
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._waiting = 0

    def seconds(self, address: str) -> float:
        """How long the next answer to a wrong token from this address waits."""
        count = self._count(network(address), time.monotonic())
        return 0.0 if count < FREE else min(MAX_SECONDS, FIRST_SECONDS * 2.0 ** min(count - FREE, 32))

    async def wrong(self, address: str) -> None:
        """Count a wrong token, and wait before it is refused. Raises Refused where many wait already."""
        seconds = self.seconds(address)
        where, now = network(address), time.monotonic()
        self._wrong[where] = self._count(where, now) + 1, now
        self._wrong.move_to_end(where)
        if len(self._wrong) > MAX_ADDRESSES:
            self._wrong.popitem(last=False)
        if not seconds:
            return
        if self._waiting >= MAX_WAITING:
            headers = {"retry-after": str(int(MAX_SECONDS)), "connection": "close"}
            raise Refused(429, "Too many wrong tokens.", hint="Check the token, and try again later.", headers=headers)
        self._waiting += 1
        try:
            await asyncio.sleep(seconds)
        finally:
            self._waiting -= 1

    def _count(self, where: str, now: float) -> int:
        count, last = self._wrong.get(where, (0, now))
        return 0 if now - last > FORGET_SECONDS else count
