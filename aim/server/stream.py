"""An answer that is sent while it is made.

Nothing is read for a client that is gone: each part is made only when the one before it was taken.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from starlette.responses import StreamingResponse

from aim.server import wire
from aim.server.answer import problem
from aim.server.frames import frame
from aim.server.work import Work


def streamed(work: Work, parts: Iterator[bytes]) -> StreamingResponse:
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(_made(work, parts), media_type=wire.FRAMES, headers=headers)


async def _made(work: Work, parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    try:
        while part := await work.run(lambda: next(parts, None)):
            yield part
    except Exception as error:
        yield frame(wire.ErrorFrame(error=problem(error)[1], arrays=[]))
