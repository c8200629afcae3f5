"""Finds out who sends a request, or asks for a token: a server without tokens, and one with a single token.

`team.py` is the entrance of a server with users.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from aim.server.caller import OWNER, Caller
from aim.server.pages import again, page
from aim.server.problems import Refused
from aim.server.security import Incoming, is_link
from aim.server.tokens import Tokens

TOKEN: Final = "token"
Form = Callable[[Request], Awaitable[Response]]


class Open:
    """Every caller is the owner."""

    forms: Mapping[str, Form] = {}
    tokens: Tokens | None = None

    async def admit(self, request: Incoming) -> Caller | Response:
        return OWNER

    def knows(self, caller: Caller) -> bool:
        return True


class OneToken(Open):
    """A caller with the token is the owner."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.cookie, self.secret = session_cookie(token)

    async def admit(self, request: Incoming) -> Caller | Response:
        given, bearer = token_in_address(request), bearer_token(request.headers)
        if given is not None and same(given, self.token):
            return without_token(request, cookie_of(self.cookie, self.secret))
        if bearer is not None and same(bearer, self.token):
            return Caller(None, "admin", "bearer", bearer=True)
        if same(cookies(request.headers).get(self.cookie, ""), self.secret):
            return OWNER
        return self.refuse(request, wrong=bool(given or bearer))

    def refuse(self, request: Incoming, *, wrong: bool) -> Response:
        message = "Wrong token." if wrong else "This server needs a token."
        hint = "Open the address with ?token=... that `aim up` printed, or send the header Authorization: Bearer TOKEN."
        if not request.wants_page:
            raise Refused(401, message, hint=hint, headers={"www-authenticate": "Bearer"})
        return again(here(request)) if comes_from_elsewhere(request) else page(401, message, hint)


def session_cookie(token: str) -> tuple[str, str]:
    """The cookie's name and value, derived from the token, so that servers on other ports of this host have different
    ones."""
    digest = hashlib.sha256(b"aim session " + token.encode()).hexdigest()
    return f"aim_{digest[:8]}", digest[8:]


def comes_from_elsewhere(request: Incoming) -> bool:
    """Whether a page of another site led here: then the browser keeps our cookie back, and sends it with the next
    request, of our own page."""
    return is_link(request) and request.headers.get("sec-fetch-site") in ("cross-site", "same-site")


def bearer_token(headers: Headers) -> str | None:
    scheme, _, text = headers.get("authorization", "").partition(" ")
    return text.strip() if scheme.lower() == "bearer" else None


def token_in_address(request: Incoming) -> str | None:
    given = [value for name, value in parameters(request) if name == TOKEN]
    return given[-1] if request.reads and given else None


def parameters(request: Incoming) -> list[tuple[str, str]]:
    return parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)


def here(request: Incoming, *, token: bool = True) -> str:
    """The address of a request, with or without the token in it. It is relative, because a proxy may have removed a
    prefix."""
    rest = urlencode([(name, value) for name, value in parameters(request) if token or name != TOKEN])
    return "./" + quote(request.scope["path"].rpartition("/")[2]) + (f"?{rest}" if rest else "")


def without_token(request: Incoming, cookie: str | None) -> Response:
    """A redirect to the same address without the token. The cookie has no path, because a proxy may have removed a
    prefix."""
    return redirect(request, here(request, token=False), cookie)


def redirect(request: Incoming | Request, to: str, cookie: str | None) -> Response:
    given = {} if cookie is None else {"set-cookie": cookie + secure(request)}
    return Response(None, 303, {"location": to, "cache-control": "no-store", **given})


def cookie_of(name: str, value: str, seconds: int | None = None) -> str:
    """A cookie that no script and no other site gets. `seconds`: how long it counts; None: while the browser runs."""
    age = "" if seconds is None else f"Max-Age={seconds}; "
    return f"{name}={value}; {age}HttpOnly; SameSite=Strict"


def secure(request: Incoming | Request) -> str:
    """The end of a cookie that a browser sends over TLS only, if that is how this request came."""
    return "; Secure" if request.headers.get("x-forwarded-proto", request.scope["scheme"]) == "https" else ""


def cookies(headers: Headers) -> dict[str, str]:
    pairs = (pair.strip().partition("=") for line in headers.getlist("cookie") for pair in line.split(";"))
    return {name: value for name, _, value in pairs}


def same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())
