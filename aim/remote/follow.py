"""Steps of a shipper one after the other. Whatever goes wrong with the server, it waits and tries again."""

from __future__ import annotations

import random
import time
from pathlib import Path

from aim.errors import RemoteError
from aim.plain import text_of
from aim.remote import address, spool
from aim.remote.address import Address
from aim.remote.client import Busy, Client, Unauthorized, Unreachable
from aim.remote.shipper import Shipper
from aim.remote.spool import ShipperStatus

_REST, _IDLE = 0.3, 1.0
_MUCH = 1 << 20
_LONGEST_WAIT = 15.0
_REPORT_SECONDS = 1.0


class Follower:
    """Ships a repository to a server, a turn at a time. `problem` is why nothing arrives now, empty if all is well.

    `failing_since` is when the failures in a row began, by the monotonic clock; 0 without one. `is_refused`: the token
    was not accepted; `is_asked_to_wait`: the server is busy or full. With `reports`, it tells about its work in the
    spool.
    """

    def __init__(
        self, aim_dir: Path, server: Address, *, clears: bool = False, reports: bool = False, timeout: float = 20.0
    ) -> None:
        self.client = Client(server, timeout=timeout)
        self.shipper = Shipper(aim_dir, self.client, clears=clears, keep=spool.keep() if clears else 0)
        self.failing_since = 0.0
        self.is_refused = self.is_asked_to_wait = False
        self._reports = reports
        self._reported_at = 0.0
        self._told: tuple[str, bool, int] | None = None
        self._sent = 0

    @property
    def problem(self) -> str:
        return self.shipper.problem

    def turn(self) -> float:
        """One step. Returns the seconds to wait until the next."""
        try:
            self.client.token = address.token(self.client.address)
            step = self.shipper.step()
        except (RemoteError, OSError) as error:
            wait = self._failed(error)
        else:
            self.failing_since, self.shipper.problem = 0.0, ""
            self.is_refused = self.is_asked_to_wait = False
            wait = max(step.pace, 0.0 if step.moved > _MUCH else _REST if step.moved else _IDLE)
        if self._reports:
            self._report()
        return wait

    def look(self) -> ShipperStatus:
        """What the server lacks, without sending it."""
        try:
            self.client.token = address.token(self.client.address)
            self.shipper.look()
        except (RemoteError, OSError) as error:
            self._failed(error)
        return self.shipper.status()

    def _failed(self, error: Exception) -> float:
        """Wait a part of the time that it has been failing, so that a server that restarts is found at once."""
        now = time.monotonic()
        if self.shipper.sent > self._sent:
            self._sent, self.failing_since = self.shipper.sent, 0.0
        self.failing_since = self.failing_since or now
        self.is_refused, self.is_asked_to_wait = isinstance(error, Unauthorized), isinstance(error, Busy)
        self.shipper.problem = text_of(error)
        shortest = _REST if isinstance(error, Unreachable) else _IDLE
        wait = min(_LONGEST_WAIT, max(shortest, (now - self.failing_since) / 8)) * random.uniform(0.5, 1.0)
        return max(wait, error.seconds) if isinstance(error, Busy) else wait

    def _report(self) -> None:
        """Tell what changed at once, and the numbers once a second."""
        state = (self.problem, self.shipper.is_done, len(self.shipper.deleted))
        if state != self._told or time.monotonic() - self._reported_at > _REPORT_SECONDS:
            self._told, self._reported_at = state, time.monotonic()
            spool.report(self.shipper.aim_dir, self.shipper.status())
