"""Requests to the servers of other trackers. Every answer is bounded in size and time, and what fails for a moment is
asked again. Nothing is sent anywhere else: redirections are not followed, since they would carry the credentials."""

from __future__ import annotations

import base64
import http.client
import json
import os
import socket
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from email.message import Message
from typing import Any, NamedTuple, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, unquote, urlencode, urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

from aim.errors import RemoteError
from aim.log import bounds
from aim.plain import visible
from aim.version import __version__

T = TypeVar("T")

MOST_ANSWER = 128 << 20
_SECONDS, _LONGEST = 30.0, 300.0
MOST_LISTED, _MOST_EMPTY = 1_000_000, 100
_TRIES, FIRST_WAIT, _LONGEST_WAIT = 6, 1.0, 60.0
_AGAIN = (408, 425, 429, 500, 502, 503, 504)
_NO_CREDENTIALS, _FORBIDDEN = 401, 403
_CHUNK = 1 << 16


class ServiceAnswer(NamedTuple):
    status: int
    body: bytes
    headers: Message


class NotServed(RemoteError):
    """The server has no such thing, or refuses it, and may serve others."""


class Service:
    """A server at a URL. `title` is what it is for people, and `credentials` says how to give some."""

    def __init__(self, url: str, *, title: str, credentials: str, headers: Mapping[str, str] | None = None) -> None:
        parts = _checked(url, title)
        self.title, self.credentials = title, credentials
        self.url = urlunsplit((parts.scheme, _host(parts), parts.path.rstrip("/"), "", ""))
        self._headers = {"User-Agent": f"aim/{__version__}", "Accept": "application/json", **(headers or {})}
        if parts.username:
            self._headers.setdefault("Authorization", basic(unquote(parts.username), unquote(parts.password or "")))
        self._opener: OpenerDirector = build_opener(_Unfollowed)

    def json(self, path: str, body: object = None, /, **query: str | int) -> dict[str, Any]:
        """The object that the server answers to a GET, or with a `body` to a POST."""
        data = None if body is None else json.dumps(body).encode()
        answer = self._asked(path, data, query)
        try:
            content = bounds.loads(answer.body)
        except (ValueError, RecursionError):
            content = None
        if not isinstance(content, dict):
            raise RemoteError(f"{self.url} does not answer as a server of {self.title}: is the address right?")
        return content

    def content(self, path: str, most: int, /, **query: str | int) -> bytes:
        """The bytes of a file."""
        return self._asked(path, None, query, most=most).body

    def elsewhere(self, url: str, most: int) -> bytes:
        """The bytes at a URL that the server named, without the credentials."""
        try:
            parts = urlsplit(url)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme != "https" and (parts.scheme, _host(parts)) != urlsplit(self.url)[:2]:
            place = visible(f"{parts.scheme}://{_host(parts)}{parts.path}")
            raise RemoteError(f"{self.title} names a file that is not at https: {place[:200]}")
        return self._tried(Request(url, headers={"User-Agent": self._headers["User-Agent"]}), most).body

    def _asked(
        self, path: str, data: bytes | None, query: Mapping[str, str | int], most: int = MOST_ANSWER
    ) -> ServiceAnswer:
        url = f"{self.url}{path}" + (f"?{urlencode(query)}" if query else "")
        headers = self._headers if data is None else {**self._headers, "Content-Type": "application/json"}
        return self._tried(Request(url, data, headers), most)

    def _tried(self, request: Request, most: int) -> ServiceAnswer:
        wait = FIRST_WAIT
        for left in reversed(range(_TRIES)):
            try:
                answer = self._once(request, most)
                if answer.status not in _AGAIN or not left:
                    return self._accepted(answer)
                pause = _pause(answer.headers, wait)
            except (OSError, http.client.HTTPException) as error:
                if not left or not _is_passing(error):
                    raise RemoteError(f"{self.url} cannot be reached: {visible(self._why(error))}") from None
                pause = wait
            time.sleep(min(pause, _LONGEST_WAIT))
            wait *= 2
        raise AssertionError("the last try answers or raises")

    def _once(self, request: Request, most: int) -> ServiceAnswer:
        until = time.monotonic() + _LONGEST
        try:
            response = self._opener.open(request, timeout=_SECONDS)
        except HTTPError as error:
            with error:
                return ServiceAnswer(error.code, error.read(_CHUNK), error.headers)
        body = bytearray()
        with response:
            while part := response.read1(_CHUNK):
                body += part
                if len(body) > most:
                    raise NotServed(f"{self.url} answers with more than {most:,} bytes")
                if time.monotonic() > until:
                    raise TimeoutError
            if response.length:
                raise http.client.IncompleteRead(b"", response.length)
            return ServiceAnswer(response.status, bytes(body), response.headers)

    def _accepted(self, answer: ServiceAnswer) -> ServiceAnswer:
        if answer.status == 200:
            return answer
        said = visible(_message(answer.body))
        why = f": {said}" if said else ""
        if answer.status in (_NO_CREDENTIALS, _FORBIDDEN):
            kind = NotServed if answer.status == _FORBIDDEN else RemoteError
            raise kind(f"{self.url} refuses the credentials (status {answer.status}){why}. {self.credentials}")
        if 300 <= answer.status < 400:
            place = visible(str(answer.headers.get("Location", "")).partition("?")[0])[:200]
            raise RemoteError(f"{self.url} redirects to {place}: use that address")
        if answer.status in (429, 503):
            raise RemoteError(f"{self.url} is busy (status {answer.status}){why}. Run the command again later")
        kind = NotServed if answer.status < 500 else RemoteError
        raise kind(f"{self.url} answers with status {answer.status}{why}. Is it a server of {self.title}?")

    def _why(self, error: Exception) -> str:
        reason = error.reason if isinstance(error, URLError) else error
        if isinstance(reason, ssl.SSLCertVerificationError):
            return f"its certificate is not valid: {reason.verify_message}. Set SSL_CERT_FILE for an authority of yours"
        if isinstance(reason, ssl.SSLError):
            return "it does not speak TLS: does its address begin with http://?"
        if isinstance(reason, TimeoutError):
            return "no answer in time"
        if isinstance(reason, socket.gaierror):
            return f"its name has no address: {reason.strerror}"
        return getattr(reason, "strerror", None) or str(reason)[:200] or type(reason).__name__


def listed(pages: Iterable[Sequence[T]], place: str) -> Iterator[T]:
    """What is on all pages of a listing. Raises NotServed for one without an end."""
    count = empty = 0
    for page in pages:
        count, empty = count + len(page), 0 if page else empty + 1
        if count > MOST_LISTED or empty > _MOST_EMPTY:
            raise NotServed(f"{place} lists without an end: {count:,} so far, and more pages")
        yield from page


class _Unfollowed(HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def environment(*names: str) -> list[str]:
    return [os.environ.get(name, "") for name in names]


def _checked(url: str, title: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_address = False
    if not is_address:
        raise RemoteError(f"{visible(url)[:200]!r} is not the address of a server of {title}; write http://HOST:PORT")
    return parts


def _host(parts: SplitResult) -> str:
    """Host and port, without a password."""
    return parts.netloc.rpartition("@")[2]


def _is_passing(error: Exception) -> bool:
    reason = error.reason if isinstance(error, URLError) else error
    return not isinstance(reason, (ssl.SSLError, socket.gaierror, ConnectionRefusedError, TimeoutError))


def _pause(headers: Message, wait: float) -> float:
    text = str(headers.get("Retry-After", ""))
    return float(text) if text.isascii() and text.isdigit() and len(text) < 6 else wait


def _message(body: bytes) -> str:
    """What the server says of an error, as far as it is JSON."""
    try:
        content = bounds.loads(body)
    except (ValueError, RecursionError):
        return ""
    for name in ("message", "error", "detail"):
        if isinstance(content, dict) and isinstance(content.get(name), str):
            return str(content[name])[:300]
    return ""
