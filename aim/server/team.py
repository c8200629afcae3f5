"""The entrance of a server with users: tokens, a page to sign in, read-only links, and names that a proxy sends."""

from __future__ import annotations

import asyncio
import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from aim.errors import ServerError
from aim.server.caller import Caller, Via, expired
from aim.server.entrance import (
    Form,
    bearer_token,
    comes_from_elsewhere,
    cookie_of,
    cookies,
    here,
    redirect,
    secure,
    token_in_address,
    without_token,
)
from aim.server.messages import body, not_allowed
from aim.server.pages import again, sign_in_page
from aim.server.problems import Refused
from aim.server.route import SMALL
from aim.server.security import Incoming
from aim.server.sessions import Sessions
from aim.server.throttle import Throttle
from aim.server.tokens import AccessToken, Role, Tokens, is_user_name

LOOPBACK = ("127.0.0.0/8", "::1/128")
ASK = "Ask the server's admin for one: aim token add USER."
WRONG = "This token is wrong or revoked."
REVOKED = "The token or link that you signed in with was revoked."
ASK_AGAIN = "Ask the person who runs this server for another one."
_QUERY = re.compile(r"[!-~]+")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^`|~-]{1,100}")
_TAKEN = {"authorization", "cookie", "host", "origin", "content-type", "content-length", "accept", "connection"}


@dataclass(frozen=True)
class ProxyHeader:
    """A header in which a proxy at one of these addresses names the user. From elsewhere, it counts for nothing."""

    name: str
    role: Role = "read"
    proxies: Sequence[str] = LOOPBACK

    def __post_init__(self) -> None:
        if not _HEADER.fullmatch(self.name) or self.name.lower() in _TAKEN or self.name.lower().startswith("sec-"):
            raise ServerError(f"{self.name!r} cannot name users; give a header such as X-Forwarded-User")
        for proxy in self.proxies:
            network_of(proxy)

    def caller(self, request: Incoming) -> Caller | None:
        given = request.headers.getlist(self.name)
        if not given or not self.trusts(request):
            return None
        try:
            name = given[0].encode("latin-1").decode()
        except UnicodeDecodeError:
            name = ""
        if len(given) > 1 or not is_user_name(name):
            hint = "The proxy must remove this header from requests, and set it once."
            raise Refused(400, f"The header {self.name} does not name one user.", hint=hint)
        return Caller(name, self.role, "header")

    def trusts(self, request: Incoming) -> bool:
        client = request.scope.get("client")
        try:
            address = ipaddress.ip_address(str(client[0]).partition("%")[0]) if client else None
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None)
        known = mapped or address
        return known is not None and any(known in network_of(proxy) for proxy in self.proxies)

    def missing(self, request: Incoming) -> Refused:
        trusted = self.trusts(request)
        message = "The proxy did not say who you are." if trusted else "This address may not say who you are."
        hint = f"The proxy must send the header {self.name}, from an address given with --trusted-proxy."
        return Refused(401, message, hint=hint)


@cache
def network_of(proxy: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(proxy)
    except ValueError:
        raise ServerError(f"{proxy!r} is not an address; give one such as 10.0.0.5 or 10.0.0.0/24") from None


def ask(wanted: str, refused: Refused | None) -> Response:
    """The page to sign in. `wanted`: the query of the address that was asked for."""
    if refused is None:
        return sign_in_page(401, wanted)
    told = refused.problem.message
    if refused.problem.hint and told != WRONG:
        told = f"{told} {refused.problem.hint}"
    return sign_in_page(refused.status, wanted, told, headers=refused.headers)


class Team:
    """`tokens` is None if only a proxy names users."""

    def __init__(self, aim_dir: Path, *, tokens: bool, header: ProxyHeader | None = None) -> None:
        self.tokens = Tokens(aim_dir) if tokens else None
        self.header = header
        self.throttle = Throttle()
        self.forms: Mapping[str, Form] = {}
        if self.tokens is not None:
            self.sessions = Sessions(aim_dir, self.tokens)
            self.forms = {"login": self.sign_in, "logout": self.sign_out}

    async def admit(self, request: Incoming) -> Caller | Response:
        named = None if self.header is None else self.header.caller(request)
        if named is not None:
            return named
        if self.tokens is None:
            assert self.header is not None
            raise self.header.missing(request)
        bearer = bearer_token(request.headers)
        if bearer is not None:
            return self.caller(await self.right(self.tokens, bearer, request), "bearer")
        present = self.signed_in(request.headers)
        given = None if request.is_api else token_in_address(request)
        if comes_from_elsewhere(request) and (given is not None or present is None):
            return again(here(request))
        return await self.by_page(self.tokens, request, given, present)

    async def by_page(
        self, tokens: Tokens, request: Incoming, given: str | None, present: AccessToken | None
    ) -> Caller | Response:
        """`given`: a token in the address. It replaces no session, `present`: any site can link to an address with a
        token."""
        if given is not None and present is not None:
            return without_token(request, None)
        if given is not None:
            try:
                token = await self.right(tokens, given, request)
            except Refused as refused:
                if not request.wants_page:
                    raise
                return ask(here(request, token=False).partition("?")[2], refused)
            return without_token(request, self.cookie(token))
        if present is not None:
            return replace(self.caller(present, "session"), cookie=self.cookie_in(request.headers))
        if request.wants_page and not request.is_api:
            return ask(here(request, token=False).partition("?")[2], self.over(request.headers))
        raise Refused(401, "This server needs a token.", hint=ASK, headers={"www-authenticate": "Bearer"})

    def caller(self, token: AccessToken, via: Literal["bearer", "session"]) -> Caller:
        way: Via = via if token.link is None else "link"
        foreign = token.role == "admin" and self.tokens is not None and not self.tokens.is_ours(token)
        return Caller(token.user, token.role, way, token.id, bearer=via == "bearer", foreign=foreign)

    def knows(self, caller: Caller) -> bool:
        """Whether the token of a caller still counts, and their session, if they have one."""
        if caller.cookie is not None:
            return self.sessions.token(caller.cookie) is not None
        return caller.token is None or (self.tokens is not None and self.tokens.of(caller.token) is not None)

    async def right(self, tokens: Tokens, text: str, request: Incoming | Request) -> AccessToken:
        """Raises Refused for an expired token, and for a wrong one later and later for each address."""
        token = tokens.known(text.strip())
        if token is not None and token.expired:
            raise expired(token)
        if token is not None:
            return token
        client = request.scope.get("client")
        await self.throttle.wrong(client[0] if client else "")
        raise Refused(401, WRONG, hint=ASK, headers={"www-authenticate": "Bearer"})

    def signed_in(self, headers: Headers) -> AccessToken | None:
        return self.sessions.token(self.cookie_in(headers))

    def over(self, headers: Headers) -> Refused | None:
        """Why somebody who was signed in is not any more; None if they signed out, or never were."""
        over = self.sessions.over(self.cookie_in(headers))
        if over == "revoked":
            return Refused(401, REVOKED, hint=ASK_AGAIN)
        return None if over is None else expired(over)

    def cookie_in(self, headers: Headers) -> str:
        return cookies(headers).get(self.sessions.cookie, "")

    def cookie(self, token: AccessToken) -> str:
        return cookie_of(self.sessions.cookie, *self.sessions.begin(token))

    async def sign_in(self, request: Request) -> Response:
        """The form of the page, and the page itself."""
        assert self.tokens is not None
        if request.method != "POST":
            return sign_in_page(200, "")
        fields = parse_qs((await body(request, SMALL)).decode("utf-8", "replace"))
        wanted = fields.get("next", [""])[0]
        try:
            token = await self.right(self.tokens, fields.get("token", [""])[0], request)
        except Refused as refused:
            return ask(wanted, refused)
        to = "./" + (f"?{wanted}" if _QUERY.fullmatch(wanted) else "")
        return redirect(request, to, self.cookie(token))

    async def sign_out(self, request: Request) -> Response:
        if request.method != "POST":
            raise not_allowed(request.method, ["POST"])
        await body(request, SMALL)
        name = self.sessions.cookie
        await asyncio.to_thread(self.sessions.end, cookies(request.headers).get(name, ""))
        gone = cookie_of(name, "", 0) + secure(request)
        return Response(None, 204, {"set-cookie": gone, "cache-control": "no-store"})
