"""Checks between a request and the app.

Loopback is not a boundary: every page in the user's browser can reach it. The Host is therefore checked before routing
(DNS rebinding), other sites may neither write nor query (no CORS, Sec-Fetch-Site, Origin, JSON bodies only), answers
cannot be framed or run foreign code, and sizes and times are bounded.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import shlex
import socket
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aim.errors import ServerError
from aim.server.caller import CALLER, Caller, caller_of
from aim.server.messages import NOT_STORED, failure
from aim.server.pages import page
from aim.server.problems import Refused, log, problem
from aim.server.route import JSON
from aim.server.tokens import Tokens

MAX_URL = 60 * 1024
MAX_HEADERS = 32 * 1024
MAX_REQUESTS = 256
BODY_SECONDS = 15.0
# How often the token of a long answer is checked.
KNOWN_SECONDS = 0.5

# For probes of a container, which know neither a token nor a name of the server. The answer tells nothing.
HEALTH = "/api/health"
HEALTHY = b'{"status":"ok"}'

ANY_ADDRESS = frozenset({"0.0.0.0", "::"})
READING = frozenset({"GET", "HEAD"})

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "media-src 'self'; font-src 'self'; frame-src 'self'; "
        "connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class Entrance(Protocol):
    """Finds out who sends a request. `forms` answer addresses that need no proof of it, by their last part. `tokens`:
    those of its users."""

    @property
    def tokens(self) -> Tokens | None: ...

    @property
    def forms(self) -> Mapping[str, Callable[[Request], Awaitable[Response]]]: ...

    async def admit(self, request: Incoming) -> Caller | Response:
        """The caller, or a page that asks who they are. Raises Refused."""
        ...

    def knows(self, caller: Caller) -> bool:
        """Whether what a caller proved still counts."""
        ...


@dataclass(frozen=True)
class Policy:
    """`command` started the server. `shown`: what of it the page that refuses a host name shows to anybody, before
    the option to add."""

    entrance: Entrance
    hosts: Collection[str] = ()
    command: str = "aim up"
    shown: str = ""


class Guard:
    """ASGI middleware: refuses requests according to `CHECKS` and the entrance, bounds the others, and adds `HEADERS`
    to every answer."""

    def __init__(self, app: ASGIApp, policy: Policy) -> None:
        self.app = app
        self.policy = policy
        self.running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Incoming(scope, Headers(scope=scope), self.policy.hosts, self.policy.shown)
        receive = receive if request.reads else timed_receive(receive, BODY_SECONDS)
        self.running += 1
        try:
            refusing = await self.verdict(request, receive)
            answering = (refusing or self.app)(scope, receive, guarded_send(send))
            await (self.while_known(answering, scope) if refusing is None and request.reads else answering)
        except Exception as error:
            log.error("an answer was interrupted: %s", error, exc_info=error)
            raise
        finally:
            self.running -= 1

    async def verdict(self, request: Incoming, receive: Receive) -> ASGIApp | None:
        """What answers instead of the app; None if it may."""
        try:
            if self.running > MAX_REQUESTS:
                hint = "Close some tabs and try again."
                raise Refused(503, f"The server is already answering {self.running - 1} requests.", hint=hint)
            if request.reads and request.scope["path"].endswith(HEALTH):
                return Response(HEALTHY, headers=NOT_STORED, media_type=JSON)
            for check in CHECKS:
                if response := check(request):
                    return response
            return await self.refusal(request, receive)
        except ServerError as error:
            return told(error) if request.wants_page else failure(error)
        except Refused as refused:
            return told(refused) if request.wants_page and not request.is_api else failure(refused)

    async def refusal(self, request: Incoming, receive: Receive) -> Response | None:
        form = self.policy.entrance.forms.get(request.last)
        if form is not None:
            own_site(request)
            own_write(request, form=True)
            return await form(Request(request.scope, receive))
        caller = await self.policy.entrance.admit(request)
        if isinstance(caller, Response):
            return caller
        request.scope[CALLER] = caller
        own_site(request)
        own_write(request, bearer=caller.bearer)
        return None

    async def while_known(self, answering: Awaitable[None], scope: Scope) -> None:
        """Break the answer off when its caller's token is revoked."""
        caller = caller_of(scope)
        if caller.token is None:
            return await answering
        task = asyncio.ensure_future(answering)
        try:
            while not task.done() and self.policy.entrance.knows(caller):
                await asyncio.wait([task], timeout=KNOWN_SECONDS)
            if task.done():
                task.result()
        finally:
            if task.cancel():
                with suppress(asyncio.CancelledError):
                    await task


def told(error: ServerError | Refused) -> Response:
    """A page for the person whose browser asked for one."""
    status, why = problem(error)
    response = page(status, why.message, why.hint or "", link=("./", "Open Aim"))
    response.headers.update(error.headers if isinstance(error, Refused) else {})
    return response


@dataclass(frozen=True)
class Incoming:
    scope: Scope
    headers: Headers
    hosts: Collection[str] = ()
    shown: str = ""

    @property
    def reads(self) -> bool:
        return self.scope["method"] in READING

    @property
    def wants_page(self) -> bool:
        return "text/html" in self.headers.get("accept", "")

    @property
    def is_api(self) -> bool:
        return "/api/" in self.scope["path"]

    @property
    def last(self) -> str:
        """The last part of the path."""
        return str(self.scope["path"]).rpartition("/")[2]


def small_enough(request: Incoming) -> None:
    url = len(request.scope.get("raw_path") or request.scope["path"]) + len(request.scope["query_string"])
    if url > MAX_URL:
        raise Refused(
            414,
            f"The address has {url:,} bytes; at most {MAX_URL:,} are allowed.",
            hint="Shorten the query, or hide fewer lines one by one.",
        )
    length = request.headers.get("content-length", "0")
    if request.reads and ("transfer-encoding" in request.headers or length != "0"):
        raise Refused(
            400, f"A {request.scope['method']} request cannot have a body.", hint="Put parameters into the address."
        )
    headers = sum(len(name) + len(value) + 4 for name, value in request.scope["headers"])
    if headers > MAX_HEADERS:
        hint = "Delete the cookies of this host."
        raise Refused(431, f"The headers have {headers:,} bytes; at most {MAX_HEADERS:,} are allowed.", hint=hint)


def known_host(request: Incoming) -> Response | None:
    given = request.headers.getlist("host")
    name = host_name(given[0]) if len(given) == 1 else None
    if name is None:
        raise Refused(
            400, "The request has no valid Host header.", hint="Send one Host header, such as localhost:43800."
        )
    if is_allowed(name, request.hosts):
        return None
    command = f"{request.shown} --allow-host {shlex.quote(name)}".strip()
    if request.wants_page:
        return page(
            403,
            f"This server does not answer to the name {name}",
            "Other sites could reach your runs through a host name of their own, so Aim answers only to names that you "
            "allow. If you trust this name, restart Aim with:",
            command=command,
        )
    raise Refused(
        403, f"This server does not answer to the name {name}.", hint=f"To allow it, restart Aim with: {command}"
    )


HOST = re.compile(r"(\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252}))(?::\d{1,5})?")


def host_name(header: str) -> str | None:
    """The name or address in a Host header, without port, brackets and final dot; None if it is neither."""
    match = HOST.fullmatch(header.strip())
    return plain_name(match[1]) if match else None


def plain_name(name: str) -> str:
    return name.strip("[]").rstrip(".").lower()


def refuse_odd_hosts(hosts: Collection[str]) -> None:
    for host in hosts:
        if host_name(host) is None and not HOST.fullmatch(f"[{host}]"):
            raise ServerError(f"{host!r} is not a host name; give it as in the address bar: runs.example.org")


def is_allowed(name: str, hosts: Collection[str]) -> bool:
    allowed = {host_name(host) or plain_name(host) for host in hosts}
    if name in allowed or name == "localhost" or name.endswith(".localhost"):
        return True
    everywhere = bool(ANY_ADDRESS & allowed)
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return everywhere and name == socket.gethostname().lower()
    return everywhere or address.is_loopback


def own_site(request: Incoming) -> None:
    """Other sites may link to the page, and nothing else."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    if site in ("same-origin", "none") or (request.reads and is_link(request)):
        return
    message = f"A page of another site sent this request (Sec-Fetch-Site: {site[:40]})."
    raise Refused(403, message, hint="Open Aim directly.")


def is_link(request: Incoming) -> bool:
    headers = request.headers
    navigates = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    return navigates and not request.is_api


def own_write(request: Incoming, *, bearer: bool = False, form: bool = False) -> None:
    """`bearer`: it brought a token, as no page of another site can. `form`: a form without a script may send it."""
    if request.reads:
        return
    host = request.headers.get("host", "")
    origin = request.headers.get("origin")
    if not comes_from_here(request, origin, host, bearer=bearer):
        cure = f"A script must send the header Origin: http://{host}. A proxy must forward the Host header."
        raise Refused(403, f"The origin {(origin or 'unknown')[:200]} may not write to {host}.", hint=cure)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/json", *["application/x-www-form-urlencoded"] * form):
        hint = "Send JSON with Content-Type: application/json."
        raise Refused(415, f"The content type {kind[:100]!r} is not accepted.", hint=hint)


def comes_from_here(request: Incoming, origin: str | None, host: str, *, bearer: bool) -> bool:
    if request.headers.get("sec-fetch-site") == "same-origin":
        return True
    if origin is not None:
        return origin.partition("://")[2].lower() == host.lower()
    return bearer


RequestCheck = Callable[[Incoming], Response | None]
CHECKS: tuple[RequestCheck, ...] = (small_enough, known_host)


def timed_receive(receive: Receive, seconds: float) -> Receive:
    """Raises `Refused` if the body is not here in time. After the body, only waits for the disconnect."""
    whole = False
    until = time.monotonic() + seconds

    async def take() -> Message:
        nonlocal whole
        if whole:
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), max(0.0, until - time.monotonic()))
        except asyncio.TimeoutError:
            raise Refused(408, f"The body did not arrive within {seconds:g} seconds.", hint="Try again.") from None
        whole = not message.get("more_body", False)
        return message

    return take


def guarded_send(send: Send) -> Send:
    async def put(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", []))
            given = {name.lower() for name, _ in headers}
            headers += [(k.encode(), v.encode()) for k, v in HEADERS.items() if k.encode() not in given]
            message = {**message, "headers": headers}
        await send(message)

    return put
