"""`aim server`: the ASGI app that receives what other machines record, as docs/format/ship.md describes."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from aim import files as repo_files
from aim.remote import frames
from aim.remote.answers import FULL, KEPT, Outcome, pack_outcomes, pack_sizes
from aim.remote.frames import FileFrame, FrameReader
from aim.server.arrivals import MAX_READ, Arrivals
from aim.server.boot import Boot
from aim.server.caller import expired
from aim.server.claims import Claim, Claims
from aim.server.deletions import Deletions
from aim.server.entrance import bearer_token
from aim.server.history import CommandHistory
from aim.server.messages import NOT_STORED, body, failure, not_allowed, read_body, read_query, refuse_length
from aim.server.problems import Refused, log
from aim.server.route import FILE, JSON, LARGE, SMALL
from aim.server.security import Incoming, guarded_send, small_enough, timed_receive
from aim.server.starters import Starters
from aim.server.throttle import Throttle
from aim.server.tokens import AccessToken, Role, Tokens

T = TypeVar("T")

MAX_REQUESTS = 256
MAX_NAMES = 1000
THREADS = 8
# Like the limit of a client: the body of a slow uplink counts only when it is whole.
BODY_SECONDS = 300.0
SYNC_SECONDS = 300.0
TICK_SECONDS = 0.5
# Senders are asked to wait so long that all of them together need this part of a core.
LOAD = 0.5
NEXT_SECONDS = (0.5, 30.0)
_BATCH = 256 << 10


class Put(Struct):
    at: int
    check: int
    age: int = 0
    size: int = 0


class ByteRange(Struct):
    at: int = 0
    length: int = MAX_READ


class Named(Struct):
    name: str


class Names(Struct):
    names: list[str]


@dataclass(frozen=True)
class Endpoint:
    """One address. The handler gets the request and the token that it came with; `role` is what the token must allow,
    None for an address without a token. A path that ends in "/" goes on with the name of a file. A body has at most
    `limit` bytes."""

    method: str
    path: str
    handler: Callable[[Receiver, Request, str, AccessToken], Awaitable[Response]]
    role: Role | None
    limit: int = 0


class Receiver:
    """Serves one repository while it is open (`with`). `connections` tells how many senders are connected."""

    def __init__(self, aim_dir: Path) -> None:
        self.aim_dir = aim_dir
        self.boot = Boot(aim_dir)
        self.tokens = Tokens(aim_dir)
        self.throttle = Throttle()
        self.pace = Pace()
        self.running = 0
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="aim-receive")
        self._ticking: asyncio.Task[None] | None = None

    def __enter__(self) -> Receiver:
        self.boot.__enter__()
        self.deletions = Deletions(self.aim_dir)
        self.claims = Claims(self.aim_dir, self.deletions)
        self.arrivals = Arrivals(self.aim_dir, self.deletions)
        self.starters = Starters(self.aim_dir)
        self.history = CommandHistory(self.aim_dir)
        return self

    def __exit__(self, *raised: Any) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)
        self.arrivals.sync(set(self.arrivals.unsynced))
        self.starters.close()
        self.boot.__exit__(*raised)

    def close(self) -> None:
        """The server is shutting down."""
        if self._ticking is not None:
            self._ticking.cancel()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if self._ticking is None:
            self._ticking = asyncio.ensure_future(self._tick())
        self.running += 1
        self.pace.requests += 1
        try:
            response = await self._answer(Request(scope, timed_receive(receive, BODY_SECONDS)))
        except Exception as error:
            response = failure(error)
        finally:
            self.running -= 1
        await response(scope, receive, guarded_send(send))

    async def _answer(self, request: Request) -> Response:
        if self.running > MAX_REQUESTS:
            hint = "Wait a second and try again."
            raise Refused(503, f"{MAX_REQUESTS} requests are running.", hint=hint, headers={"retry-after": "1"})
        incoming = Incoming(request.scope, Headers(scope=request.scope))
        small_enough(incoming)
        endpoint, name = _endpoint_of(request)
        token = await self._token(request, endpoint.role)
        if endpoint.limit:
            refuse_length(_length(request), endpoint.limit)
        return await endpoint.handler(self, request, name, token)

    async def _token(self, request: Request, role: Role | None) -> AccessToken:
        if role is None:
            return NOBODY
        text = bearer_token(request.headers)
        token = self.tokens.known(text) if text else None
        if token is None:
            await self.throttle.wrong(request.client.host if request.client else "")
            hint = "Ask the server's admin for one: aim token add USER. Keep it with: aim login."
            message = "Wrong or revoked token." if text else "This server needs a token."
            raise Refused(401, message, hint=hint, headers={"www-authenticate": "Bearer", "connection": "close"})
        if token.expired:
            raise expired(token)
        if not token.may(role):
            hint = f"Ask the server's admin: aim token add {token.user} --role {role} --repo {self.aim_dir.parent}"
            raise Refused(403, f"The token of {token.user} has the role {token.role}, so it cannot record.", hint=hint)
        return token

    def keep(self, frame: FileFrame, token: AccessToken, *, total: int = 0) -> Outcome:
        self.starters.note(frame, token.user)
        return self.arrivals.append(frame, total=total)

    async def work(self, call: Callable[[], T]) -> T:
        """Run `call`, which uses the disk, in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    async def _tick(self) -> None:
        """What is not done within requests: deletions, and a sync from time to time."""
        synced = time.monotonic()
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self.pace.measure()
            try:
                await self.work(self._settle)
                if time.monotonic() - synced > SYNC_SECONDS:
                    await self.work(self._sync)
                    synced = time.monotonic()
            except Exception as error:
                log.error("the server cannot tidy up: %s", error, exc_info=error)

    def _settle(self) -> None:
        self.deletions.refresh()
        if gone := set(self.deletions.unswept):
            repo_files.remove_runs(self.aim_dir, gone)
            self.deletions.unswept -= gone

    def _sync(self) -> None:
        self.arrivals.sync(set(self.arrivals.unsynced))
        self.boot.synced()


class Pace:
    """How long senders should wait between two requests."""

    def __init__(self) -> None:
        self.connections: Callable[[], int] = lambda: 0
        self.requests = 0
        self._cost = 0.001
        self._before = (0, time.process_time())

    def measure(self) -> None:
        """Learn what a request costs."""
        requests, cpu = self.requests - self._before[0], time.process_time() - self._before[1]
        if requests >= 20:
            self._cost += (cpu / requests - self._cost) / 4
            self._before = self.requests, time.process_time()

    def headers(self) -> dict[str, str]:
        low, high = NEXT_SECONDS
        return {**NOT_STORED, "aim-next": f"{min(high, max(low, self.connections() * self._cost / LOAD)):.2f}"}


async def health(receiver: Receiver, request: Request, name: str, token: AccessToken) -> Response:
    return Response(b'{"status":"ok"}', headers=NOT_STORED, media_type=JSON)


async def ship(receiver: Receiver, request: Request, name: str, token: AccessToken) -> Response:
    reader, outcomes, waiting = FrameReader(), list[Outcome](), bytearray()

    def keep() -> None:
        data = bytes(waiting)
        waiting.clear()
        outcomes.extend(receiver.keep(frame, token) for frame in reader.feed(data))

    try:
        async for part in request.stream():
            waiting += part
            if len(waiting) >= _BATCH:
                await receiver.work(keep)
    finally:  # Of a request that breaks off, its whole frames count.
        await receiver.work(keep)
    reader.close()
    return Response(pack_outcomes(outcomes), headers=receiver.pace.headers(), media_type=JSON)


async def put(receiver: Receiver, request: Request, name: str, token: AccessToken) -> Response:
    given: Put = read_query(request, Put)
    if min(given.at, given.age, given.size) < 0 or max(given.at, given.age, given.size) > frames.MAX_FILE:
        raise Refused(400, "at, age and size are from 0 to 2^40.", hint="See docs/format/ship.md.")
    at, before, waiting = given.at, b"", bytearray()
    outcome = Outcome(KEPT, at)

    async def keep() -> Outcome:
        nonlocal at, before
        data = bytes(waiting)
        check = given.check if at == given.at else frames.check(before)
        frame = FileFrame(name, at, check, given.age, data)
        at, before = at + len(data), (before + data)[-frames.BEFORE :]
        waiting.clear()
        return await receiver.work(lambda: receiver.keep(frame, token, total=given.size))

    try:
        async for part in request.stream():
            waiting += part
            if len(waiting) >= _BATCH and (outcome := await keep()).status != KEPT:
                break
    finally:
        if outcome.status == KEPT:
            outcome = await keep()
    headers = receiver.pace.headers()
    if outcome.status != KEPT:
        headers["connection"] = "close"
    if outcome.status == FULL:
        headers["retry-after"] = "30"
    return Response(pack_outcomes([outcome]), outcome.status, headers, JSON)


async def get(receiver: Receiver, request: Request, name: str, token: AccessToken) -> Response:
    wanted: ByteRange = read_query(request, ByteRange)
    if not 0 <= wanted.at < 1 << 63 or not 0 <= wanted.length <= MAX_READ:
        raise Refused(
            400, f"at is 0 or more and below 2^63, length at most {MAX_READ:,}.", hint="Ask for less at a time."
        )
    data = await receiver.work(lambda: receiver.arrivals.read(name, wanted.at, wanted.length))
    if data is None:
        raise Refused(404, f"There is no file {name[:200]!r} here.", hint="GET /v1/run lists the files of a run.")
    return Response(data, headers=NOT_STORED, media_type=FILE)


async def sizes(receiver: Receiver, request: Request, name: str, token: AccessToken) -> Response:
    names = await _names(request)
    return _sizes(await receiver.work(lambda: receiver.arrivals.sizes(names)))


async def confirm(receiver: Receiver, request: Request, name: str, token: AccessToken) -> Response:
    names = await _names(request)
    return _sizes(await receiver.work(lambda: receiver.arrivals.confirm(names)))


async def look(receiver: Receiver, request: Request, name: str, token: AccessToken) -> Response:
    named: Named = read_query(request, Named)
    return _json(await receiver.work(lambda: receiver.claims.look(named.name)))


async def claim(receiver: Receiver, request: Request, name: str, token: AccessToken) -> Response:
    claim: Claim = read_body(await body(request, SMALL), Claim)
    return _json(await receiver.work(lambda: receiver.claims.claim(claim)))


async def commands(receiver: Receiver, request: Request, name: str, token: AccessToken) -> Response:
    return _json(await receiver.history.read())


async def _names(request: Request) -> list[str]:
    names: list[str] = read_body(await body(request, LARGE), Names).names
    if len(names) > MAX_NAMES:
        raise Refused(400, f"{len(names):,} names; at most {MAX_NAMES:,} are allowed.", hint="Ask in parts.")
    return names


def _sizes(known: list[int | None]) -> Response:
    return Response(pack_sizes(known), headers=NOT_STORED, media_type=JSON)


def _json(value: dict[str, Any]) -> Response:
    return Response(json.dumps(value).encode(), headers=NOT_STORED, media_type=JSON)


def _length(request: Request) -> str:
    length = request.headers.get("content-length")
    if length is None:
        raise Refused(411, "The request has no Content-Length.", hint="Send one.", headers={"connection": "close"})
    return length


def _endpoint_of(request: Request) -> tuple[Endpoint, str]:
    """The row of an address, and the name of the file in it. A proxy may have put a prefix before it."""
    path = request.scope["path"]
    tail = path[max(0, path.find("/v1/")) + 1 :]
    rows = [row for row in ENDPOINTS if tail == row.path or (row.path.endswith("/") and tail.startswith(row.path))]
    for row in rows:
        if row.method == ("GET" if request.method == "HEAD" else request.method):
            return row, tail[len(row.path) :]
    if rows:
        raise not_allowed(request.method, [row.method for row in rows])
    raise Refused(404, f"There is no address {path[:200]!r}.", hint="docs/format/ship.md lists all addresses.")


NOBODY = AccessToken("", "", "read", 0.0, None, "")
ENDPOINTS = (
    Endpoint("GET", "v1/health", health, None),
    Endpoint("POST", "v1/ship", ship, "write", frames.MAX_BODY),
    Endpoint("PUT", "v1/logs/", put, "write", frames.MAX_BODY),
    Endpoint("GET", "v1/logs/", get, "read"),
    Endpoint("POST", "v1/sizes", sizes, "read", LARGE),
    Endpoint("POST", "v1/confirm", confirm, "write", LARGE),
    Endpoint("GET", "v1/run", look, "read"),
    Endpoint("POST", "v1/run", claim, "write", SMALL),
    Endpoint("GET", "v1/processes", commands, "read"),
)
