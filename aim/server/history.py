"""What commands a repository has, for `aim ps` on the machines that record here. A process of its own reads it, because
the server has no index, needs no numpy, and starts again in a moment."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from aim import processes
from aim.server.problems import Refused

SECONDS = 30.0
_TOLD = "aim.launch.served:told"


class CommandHistory:
    """Whoever asks while a process reads gets its answer too, so there is one at a time."""

    def __init__(self, aim_dir: Path) -> None:
        self._task = {"repo": str(aim_dir.parent)}
        self._reading: asyncio.Task[dict[str, Any]] | None = None

    async def read(self) -> dict[str, Any]:
        if self._reading is None:
            self._reading = asyncio.ensure_future(asyncio.to_thread(self._read))
            self._reading.add_done_callback(self._forget)
        return await asyncio.shield(self._reading)

    def _read(self) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = processes.alone(_TOLD, self._task, seconds=SECONDS)
        except OSError as error:
            raise Refused(503, f"The commands cannot be read: {error}.", hint="Try again in a minute.") from error
        return answer

    def _forget(self, reading: asyncio.Task[dict[str, Any]]) -> None:
        self._reading = None
