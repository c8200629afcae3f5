"""The shipper of a spool: `python -I -S ship.py AIM_DIR`, one process for each host, user and spool.

It is started when a run is opened, next to the training and not in it: it survives the training's end, and costs it
nothing. It ends when everything is safe on the server and nobody records.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
import time
import types
from contextlib import suppress
from pathlib import Path
from typing import Any

_NICE = 10
_SLICE = 0.25
_LINGER = 2.0
# After so long without an answer, and while no run records, it gives up until the next run or `aim sync`.
_PATIENCE = 86_400.0
_LAST_SECONDS = 5.0
_NEVER = float("inf")


class ShipperProcess:
    """The loop of the process. SIGTERM, as at a shutdown, gives it a few seconds to ship the rest."""

    def __init__(self, aim_dir: Path) -> None:
        self._spool = importlib.import_module("aim.remote.spool")
        self._aim_dir = aim_dir
        self._until = _NEVER
        signal.signal(signal.SIGTERM, self._end_soon)
        for name in ("SIGINT", "SIGHUP", "SIGPIPE"):
            signal.signal(getattr(signal, name), signal.SIG_IGN)

    def work(self) -> None:
        """Ship until nothing is left. A run that began after the last look, and before the lock was free, started no
        other shipper, so look again."""
        server = self._spool.address_of(self._aim_dir)
        if server is None:
            return
        follow = importlib.import_module("aim.remote.follow")
        follower = follow.Follower(self._aim_dir, server, clears=True, reports=True)
        done = True
        while done and (lock := self._spool.take_lock(self._aim_dir)) is not None:
            with lock:
                done = self._loop(follower)
            follower.client.close()
            follower.shipper.backlog.scan()
            done = done and not follower.shipper.is_done

    def _loop(self, follower: Any) -> bool:
        """True when everything is safe, False when it gives up."""
        done_since = 0.0
        while True:
            wait = follower.turn()
            if not follower.problem and follower.shipper.is_done:
                done_since = done_since or time.monotonic()
                if time.monotonic() - done_since >= _LINGER:
                    return True
            else:
                done_since = 0.0
                if self._gives_up(follower):
                    return False
            self._sleep(wait)

    def _gives_up(self, follower: Any) -> bool:
        """Another token comes with another process, and the next run starts one."""
        if follower.is_refused and os.environ.get("AIM_TOKEN"):
            return True
        waited = follower.failing_since and time.monotonic() - follower.failing_since > _PATIENCE
        return time.monotonic() > self._until or bool(waited)

    def _sleep(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := min(until, self._until) - time.monotonic()) > 0:
            time.sleep(min(left, _SLICE))

    def _end_soon(self, *_: object) -> None:
        self._until = min(self._until, time.monotonic() + _LAST_SECONDS)


def main() -> None:
    """Without the package's `__init__`, which would import all of recording."""
    os.nice(_NICE)
    package = types.ModuleType("aim")
    package.__path__ = [str(Path(__file__).resolve().parents[1])]
    sys.modules["aim"] = package
    with suppress(OSError):
        Path("/proc/self/comm").write_text(importlib.import_module("aim.log.status").SHIPPER)
    ShipperProcess(Path(sys.argv[1])).work()


if __name__ == "__main__":
    main()
