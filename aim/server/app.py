"""The server as one ASGI app: the guard, the path from a request to its route, and the files of the UI."""

from __future__ import annotations

import asyncio
import shlex
import time
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from aim.errors import ServerError
from aim.launch.asked import asked
from aim.server.caller import Caller, caller_of
from aim.server.dispatch import Dispatcher
from aim.server.entrance import OneToken, Open
from aim.server.launch import Launcher
from aim.server.links import Visit
from aim.server.live import Live
from aim.server.messages import failure, not_allowed
from aim.server.openapi import openapi
from aim.server.pages import page
from aim.server.problems import Refused
from aim.server.route import JSON, Route
from aim.server.routes import ROUTES
from aim.server.runs import why_not_edit
from aim.server.security import Guard, Policy, host_name, is_allowed, refuse_odd_hosts
from aim.server.static import PACKAGED, Static
from aim.server.team import ProxyHeader, Team
from aim.server.work import Workers

if TYPE_CHECKING:
    from aim.repo import Repo

# The target of Aim 2's links.
EXPLORE = "explore"
MAX_PARTS = 32
MIN_TOKEN = 16

NOT_HERE = "Commands, templates and queues are where the files of the repository are; this server has its engine alone."
# Whoever loads the page again and again makes the server read the index once in this time.
AHEAD_SECONDS = 2.0


class App:
    def __init__(self, repo: Repo, *, policy: Policy, ui: Static, allow_run: bool = False) -> None:
        self.repo = repo
        self.policy = policy
        self.allow_run = allow_run
        self.work = Workers()
        self.live = Live(repo)
        self.ui = ui
        self.ahead: asyncio.Task[object] | None = None
        self._ahead_from = 0.0
        description = Route("GET", "api/openapi.json", lambda repo: openapi(self.routes), "This description", JSON)
        self.routes = (*ROUTES, description)
        self.methods: dict[str, dict[str, Route]] = {}
        for route in self.routes:
            self.methods.setdefault(route.path, {})[route.method] = route
        self.dispatcher = Dispatcher(self.work, self.live, self.subject)
        self.guard = Guard(self.route, policy)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self.guard(scope, receive, send)

    async def route(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await self.answer(Request(scope, receive))
        except Exception as error:
            response = failure(error)
        await response(scope, receive, send)

    async def answer(self, request: Request) -> Response:
        path = self.without_prefix(request.scope["path"])
        if path in self.methods:
            route = self.methods[path].get("GET" if request.method == "HEAD" else request.method)
            if route is None:
                raise not_allowed(request.method, list(self.methods[path]))
            return await self.dispatcher(route, request)
        if request.method not in ("GET", "HEAD"):
            raise not_allowed(request.method, ["GET"])
        if response := self.ui.answer("" if path == EXPLORE else path):
            if path in ("", EXPLORE) and request.method == "GET":
                self.read_ahead()
            return response
        if "/api/" in request.scope["path"]:
            raise Refused(404, f"There is no address {path[:200]!r}.", hint="api/openapi.json lists all addresses.")
        return page(404, "Page not found", "Everything is on one page.", link=("./", "Open it"))

    def read_ahead(self) -> None:
        """Reads what most pages ask for first, while the browser loads their scripts. An error is told to who asks."""
        now = time.monotonic()
        if now >= self._ahead_from and (self.ahead is None or self.ahead.done()):
            self._ahead_from = now + AHEAD_SECONDS
            self.ahead = asyncio.ensure_future(self.work.run(self.repo.vocabulary))
            self.ahead.add_done_callback(lambda task: task.cancelled() or task.exception())

    def without_prefix(self, path: str) -> str:
        """The address without the prefix of a proxy: its longest known tail."""
        parts = path.split("/")[1:]
        if len(parts) > MAX_PARTS or not set(parts).isdisjoint({".", ".."}):
            return path
        tails = ["/".join(parts[index:]) for index in range(len(parts))]
        if "api" in parts and parts[-1] == "":
            return path
        known = (tail for tail in tails if tail in self.methods or tail in ("", EXPLORE) or self.ui.find(tail))
        return next(known, path[1:])

    def subject(self, route: Route, request: Request) -> Repo | Launcher | Visit:
        """The object that a route's handler works on. Raises Refused if its caller may not call it."""
        caller = caller_of(request.scope)
        if route.access in ("visit", "share"):
            caller.demand(route.access)
            return Visit(self.repo, caller, self.policy.entrance.tokens)
        if route.access in ("edit", "delete") and (reason := why_not_edit(self.repo)):
            hint = "To change it, start `aim up` without --read-only, as a user who may write to the repository."
            raise Refused(403, reason, hint=hint)
        caller.demand("watch" if route.access == "start" else route.access)
        if route.access == "read":
            return self.repo
        if route.access in ("edit", "delete"):
            return self.repo.acting(caller.name)
        launcher = self.launcher(request, caller)
        if route.access == "start" and launcher.refusal:
            cure = f"To allow it, start Aim with: {launcher.cure}" if launcher.cure else None
            raise Refused(403, launcher.refusal, hint=cure)
        return launcher

    def launcher(self, request: Request, caller: Caller) -> Launcher:
        by = asked("ui", address=request.client.host if request.client else None, by=caller.name)
        if refusal := caller.refusal("start") or (NOT_HERE if self.repo.elsewhere else None):
            return Launcher(self.repo, by, refusal)
        refusal = self.why_not_start(request)
        return Launcher(self.repo, by, refusal, None if refusal is None else starting(self.policy.command))

    def why_not_start(self, request: Request) -> str | None:
        """Why this request may not start anything; None if it may."""
        if reason := why_not_edit(self.repo):
            return reason
        if not self.allow_run:
            return "Starting commands is off, because it lets anyone with the token run anything as this user."
        name = host_name(request.headers.get("host", "")) or ""
        if not is_allowed(name, ()):
            return f"Commands can only be started through localhost, not through {name}."
        return None

    def close(self) -> None:
        self.live.close()
        self.work.close()


def starting(command: str) -> str:
    """The command that allows starting: the server's own, without options that forbid it."""
    words = shlex.split(command)
    kept: list[str] = []
    while words:
        word = words.pop(0)
        if word in ("--host", "--allow-host"):
            words[:1] = []
        elif word not in ("--read-only", "--allow-run"):
            kept.append(word)
    return shlex.join([*kept, "--allow-run"])


def create_app(
    repo: Repo,
    *,
    token: str | None = None,
    tokens: bool = False,
    header: ProxyHeader | None = None,
    allow_hosts: Collection[str] = (),
    ui_dir: Path | None = None,
    allow_run: bool = False,
    command: str = "aim up",
) -> App:
    """`token`: one for everybody; or `tokens`: those of the users of this repository, and `header`, in which a proxy
    names users. `ui_dir` holds a UI other than the packaged one; `command` is repeated in the page that refuses a host
    name. `allow_run`: its owner, or a user with the role admin, may start any command."""
    entrance = entrance_of(repo, token, tokens=tokens, header=header)
    if allow_run:
        refuse_to_run(repo, entrance)
    refuse_odd_hosts(allow_hosts)
    shown = command if type(entrance) is Open else ""
    policy = Policy(entrance, hosts=tuple(allow_hosts), command=command, shown=shown)
    return App(repo, policy=policy, ui=Static(ui_dir or PACKAGED), allow_run=allow_run)


def entrance_of(repo: Repo, token: str | None, *, tokens: bool, header: ProxyHeader | None) -> Open | Team:
    if tokens or header is not None:
        return Team(repo.aim_dir, tokens=tokens, header=header)
    if token is None:
        return Open()
    if len(token) < MIN_TOKEN:
        raise ServerError(f"a token of {len(token)} characters is too short; use {MIN_TOKEN} or more")
    return OneToken(token)


def refuse_to_run(repo: Repo, entrance: Open | Team) -> None:
    if type(entrance) is Open:
        raise ServerError("a server that starts commands needs a token, even on loopback: aim up --allow-run makes one")
    if isinstance(entrance, Team) and entrance.tokens is None:
        raise ServerError(
            "a server that starts commands needs a token: programs of other users can send a proxy's header. "
            "Add --tokens, or omit --allow-run"
        )
    if repo.edits.read_only:
        raise ServerError("a server that starts commands records them, so it cannot be read-only")
