"""Addresses of databases, `clickhouse://user@host:port/database`. The password is never shown."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from aim.errors import EngineError
from aim.plain import shown

SCHEME = "clickhouse://"
PASSWORD = "AIM_CLICKHOUSE_PASSWORD"
_PLACES = Path("/nonexistent")
_PLAIN_PORT, _TLS_PORT = 8123, 8443
_FORM = "an engine is clickhouse://USER@HOST:PORT/DATABASE, such as clickhouse://aim@db.example.org:8443/aim"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_LOOPBACK = re.compile(r"localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1")
_SWITCH = {"on": True, "off": False}
# What an error may show of an address without a user: nothing in it can be a password.
_OPEN = re.compile(r"([a-z]{1,20}://)?(\[[\da-f:.]+\]|[\w.-]*)(:\d*)?(/[\w./-]*)?", re.ASCII | re.IGNORECASE)


class DatabaseAddress(NamedTuple):
    """`tls`: encrypted, which is the default except on this machine. `ca`: a file with the certificates to trust."""

    host: str
    port: int
    database: str
    user: str
    password: str
    tls: bool
    ca: Path | None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{SCHEME}{self.user}@{host}:{self.port}/{self.database}"

    def __repr__(self) -> str:
        return f"<{self}>"

    @property
    def place(self) -> Path:
        """In place of the folder of a repository that is not here. It does not exist."""
        return _PLACES / quote(str(self._replace(user="")).replace("@", ""), safe="")

    def secret(self) -> str:
        """The address with everything in it, as `parse` reads it in any folder and environment."""
        login = ":".join(quote(text, safe="") for text in (self.user, self.password))
        place = str(self).removeprefix(f"{SCHEME}{self.user}@")
        options = {"tls": "on" if self.tls else "off", **({"ca": str(self.ca.absolute())} if self.ca else {})}
        return f"{SCHEME}{login}@{place}?{urlencode(options)}"


def of_place(path: Path) -> str | None:
    """The address, without its user, whose `place` is at or above `path`; None if there is none."""
    return unquote(path.relative_to(_PLACES).parts[0]) if _PLACES in path.parents else None


def is_address(text: object) -> bool:
    return isinstance(text, str) and text.lower().startswith(SCHEME)


def parse(text: str) -> DatabaseAddress:
    """Raises EngineError, without the password, for anything else than the address of a database."""
    if not is_address(text):
        raise EngineError(f"{_hidden(text)} is not an engine: {_FORM}")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise EngineError(f"{_hidden(text)} has no valid host and port: {_FORM}") from None
    database = parts.path.strip("/")
    if not host or not _NAME.fullmatch(database):
        missing = "host" if not host else "database, whose name has letters, digits and _"
        raise EngineError(f"{_hidden(text)} has no {missing}: {_FORM}")
    tls, ca = _options(text, host, parts.query)
    password = _from_environment() if parts.password is None else unquote(parts.password)
    user = unquote(parts.username or "default")
    _check("user", user)
    _check("password", password)
    return DatabaseAddress(host, port or (_TLS_PORT if tls else _PLAIN_PORT), database, user, password, tls, ca)


def _from_environment() -> str:
    """Without the end of line that a file with a password often has."""
    return os.environ.get(PASSWORD, "").removesuffix("\n").removesuffix("\r")


def _check(what: str, text: str) -> None:
    """A header of HTTP has neither the other characters nor spaces around. The text itself is not shown."""
    whole = all(ord(char) >= 32 and ord(char) != 127 and not 0xD800 <= ord(char) < 0xE000 for char in text)
    if not whole or text != text.strip():
        raise EngineError(
            f"the {what} of the engine has a line break, another control character, a space at an end, or is not "
            f"UTF-8: correct it in the address or in {PASSWORD}"
        )


def _options(text: str, host: str, query: str) -> tuple[bool, Path | None]:
    options = dict(parse_qsl(query, keep_blank_values=True))
    ca, switch = options.pop("ca", None), options.pop("tls", None)
    if options or switch not in (None, *_SWITCH):
        raise EngineError(f"{_hidden(text)} has other options than tls=on, tls=off and ca=FILE: {_FORM}")
    tls = not _LOOPBACK.fullmatch(host) if switch is None else _SWITCH[switch]
    return tls, Path(ca) if ca else None


def _hidden(text: str) -> str:
    """The text as an error may show it: without anything that could be a password."""
    before, user, place = text.rpartition("@")
    place = re.split("[?#]", place)[0]
    if "?" in before or not _OPEN.fullmatch(place):
        return "the address"
    return shown(f"...@{place}" if user else place)
