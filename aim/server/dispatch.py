"""Handles a request for a route: reads the message, checks the access, calls the handler, and encodes the result.

Handlers run in threads; streams are sent while they are produced.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import tzinfo
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from aim.query.dates import in_zone
from aim.query.shown import zone_of
from aim.server.caller import caller_of
from aim.server.content import saved_as, served
from aim.server.door import network
from aim.server.encoding import encode
from aim.server.frames import FrameData, frame
from aim.server.messages import NOT_STORED, body, read_body, read_query, refuse_length
from aim.server.problems import Refused, problem
from aim.server.route import EVENTS, FileContent, FileStream, Route
from aim.server.wire import FRAMES, ErrorFrame, LiveEvent

if TYPE_CHECKING:
    from aim.server.live import Live
    from aim.server.work import Workers

T = TypeVar("T")

# The last header keeps nginx from buffering parts.
STREAMED = {"cache-control": "no-store", "x-accel-buffering": "no"}
STILL_HERE = b": still here\n\n"


class Streaming(NamedTuple):
    """An answer in parts, of which the first is made. `last`: the part that tells of an error; without it, the answer
    breaks off."""

    first: bytes
    rest: Iterator[bytes]
    type: str
    headers: dict[str, str]
    last: Callable[[Exception], bytes] | None


class Dispatcher:
    """`subject` gives the object that a route's handler works on, or raises Refused if the request may not call it."""

    def __init__(self, work: Workers, live: Live, subject: Callable[[Route, Request], Any]) -> None:
        self.work = work
        self.live = live
        self.subject = subject

    async def __call__(self, route: Route, request: Request) -> Response:
        if request.method == "HEAD" and route.answer in (EVENTS, FRAMES):
            return Response(media_type=route.answer)
        if route.method == "GET":
            return await while_wanted(self.respond(route, request), request)
        return await self.respond(route, request)

    async def respond(self, route: Route, request: Request) -> Response:
        refuse_length(request.headers.get("content-length", "0"), route.limit)
        if route.answer == EVENTS:
            read_query(request, None)
            return await self.events(route, client_of(request))
        subject = self.subject(route, request)
        given = await read(route, request)
        client = client_of(request)
        whole = route.method == "POST"
        zone = zone_of(getattr(given[0], "zone", "UTC") if given else "UTC")
        call = partial(begin, route.handler, subject, *given, zone=zone)
        answer = await self.work.run(call, client=client, whole=whole)
        if isinstance(answer, Streaming):
            return StreamingResponse(self.stream(answer, client), media_type=answer.type, headers=answer.headers)
        if isinstance(answer, FileContent):
            if request.headers.get("sec-fetch-dest", "iframe") != "iframe":
                answer = answer._replace(policy="")
            return served(answer, request.headers.get("range"))
        return Response(answer, headers=NOT_STORED, media_type=FRAMES if route.answer == FRAMES else "application/json")

    async def stream(self, stream: Streaming, client: str) -> AsyncIterator[bytes]:
        """Each part is produced after the previous one was sent, so nothing is produced for a client that is gone."""
        part: bytes | None = stream.first
        try:
            while part is not None:
                yield part
                part = await self.work.run(lambda: next(stream.rest, None), client=client, goes_on=True)
        except Exception as error:
            if stream.last is None:
                raise
            yield stream.last(error)

    async def events(self, route: Route, client: str) -> Response:
        told: AsyncIterator[LiveEvent | None] = route.handler(self.live, client)
        first = await anext(told)
        return StreamingResponse(event_stream(first, told), media_type=EVENTS, headers=STREAMED)


def client_of(request: Request) -> str:
    """Who shares the limits of one client: a user, or else an address."""
    return caller_of(request.scope).client or network(request.client.host if request.client else "")


def begin(handler: Callable[..., Any], *given: Any, zone: tzinfo) -> bytes | FileContent | Streaming:
    """Encode an answer, or the first part of a stream. Errors in a query therefore occur before anything is sent, and
    its dates are read before."""
    with in_zone(zone):
        return encoded(handler(*given))


def encoded(answer: Any) -> bytes | FileContent | Streaming:
    if isinstance(answer, FileContent):
        return answer
    if isinstance(answer, FrameData):
        return frame(answer)
    if isinstance(answer, FileStream):
        return Streaming(next(answer.parts), answer.parts, answer.type, STREAMED | saved_as(answer.name), None)
    if isinstance(answer, Iterator):
        parts = map(frame, answer)
        return Streaming(next(parts), parts, FRAMES, STREAMED, error_frame)
    return encode(answer)


def error_frame(error: Exception) -> bytes:
    return frame(FrameData(ErrorFrame(error=problem(error)[1], arrays=[])))


async def event_stream(first: LiveEvent | None, rest: AsyncIterator[LiveEvent | None]) -> AsyncIterator[bytes]:
    yield event(first)
    async for item in rest:
        yield event(item)


def event(told: LiveEvent | None) -> bytes:
    return STILL_HERE if told is None else b"data: " + encode(told) + b"\n\n"


async def while_wanted(answering: Awaitable[Response], request: Request) -> Response:
    """The answer, or Refused once the client disconnected, for example because its query was typed over."""
    task = asyncio.ensure_future(answering)
    gone = asyncio.ensure_future(disconnected(request))
    try:
        await asyncio.wait([task, gone], return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()
        task.cancel()
    if task.done():
        return task.result()
    raise Refused(499, "The client disconnected.")


async def disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def read(route: Route, request: Request) -> list[Any]:
    """The handler's argument besides its subject."""
    if route.method == "GET":
        message = read_query(request, route.request)
    else:
        message = read_body(await body(request, route.limit), route.request)
    return [] if route.request is None else [message]
