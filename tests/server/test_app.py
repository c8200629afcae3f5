"""What the server does beside its answers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from aim import Repo
from aim.server import app
from tests.index.logs import finished


@pytest.mark.parametrize(("pause", "times"), [(3_600.0, 1), (0.0, 3)])
def test_pages_that_are_loaded_again_and_again_read_ahead_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pause: float, times: int
) -> None:
    finished(tmp_path, 1)
    monkeypatch.setattr(app, "AHEAD_SECONDS", pause)

    async def load() -> int:
        server, tasks = app.create_app(Repo(tmp_path)), set()
        for _ in range(3):
            server.read_ahead()
            assert server.ahead is not None
            await server.ahead
            tasks.add(server.ahead)
        server.close()
        return len(tasks)

    assert asyncio.run(load()) == times
