"""Addresses of servers, `aim://host:port`, and the token for one. A token is never part of an address."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import NamedTuple

from aim import regular, user
from aim.errors import RemoteError
from aim.plain import shown

SCHEME = "aim://"
PORT = 43900
_FORM = "an address is aim://HOST or aim://HOST:PORT, such as aim://aim.example.org:43900"
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\]")
_LOOPBACK = re.compile(r"localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\]")
_TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")
_MOST = 1 << 13


class Address(NamedTuple):
    """A server to record to. `host` is in lower case, and in brackets if it is an IPv6 address."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{SCHEME}{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine. Connections to all others are encrypted."""
        return _LOOPBACK.fullmatch(self.host) is not None

    @property
    def place(self) -> str:
        """The address as the name of a folder or file."""
        return f"{self.host.replace(':', '%')}_{self.port}"


def is_address(path: object) -> bool:
    return isinstance(path, str) and path.lower().startswith(SCHEME)


def parse(text: str) -> Address:
    """Raises RemoteError for anything else than an address."""
    if not is_address(text):
        raise RemoteError(f"{shown(text)} does not begin with {SCHEME}: {_FORM}")
    rest = text[len(SCHEME) :].rstrip("/")
    if "@" in rest:
        raise RemoteError(f"an address has no user and no token: write aim://HOST:PORT, and set AIM_TOKEN. {_FORM}")
    host, colon, port = rest.rpartition(":") if not rest.endswith("]") else (rest, "", "")
    if not colon:
        host, port = rest, str(PORT)
    if not _HOST.fullmatch(host):
        raise RemoteError(f"{shown(text)} names no host: {_FORM}")
    if not re.fullmatch(r"\d{1,5}", port, re.ASCII) or not 0 < int(port) < 1 << 16:
        raise RemoteError(f"{shown(text)} has port {shown(port)}, and a port is a number from 1 to 65535: {_FORM}")
    return Address(host.lower(), int(port))


def from_place(name: str) -> Address | None:
    """The address whose `place` is `name`; None if there is none."""
    host, _, port = name.rpartition("_")
    try:
        address = parse(f"{SCHEME}{host.replace('%', ':')}:{port}")
    except RemoteError:
        return None
    return address if address.place == name else None


def token(address: Address) -> str | None:
    """AIM_TOKEN, else the content of the file AIM_TOKEN_FILE, else what `aim login` kept; None if there is none. Raises
    RemoteError for one that cannot be used."""
    if given := os.environ.get("AIM_TOKEN", "").strip():
        return checked(given, "AIM_TOKEN")
    if file := os.environ.get("AIM_TOKEN_FILE", "").strip():
        return checked(_content(Path(file)), f"the file {file} of AIM_TOKEN_FILE")
    file = str(token_file(address))
    try:
        mode = os.stat(file).st_mode
    except OSError:
        return None
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise RemoteError(f"{file} has a token, and others may read it: run chmod 600 {file}")
    return checked(_content(Path(file)), file)


def token_file(address: Address) -> Path:
    return state() / "tokens" / address.place


def state() -> Path:
    """Aim's folder for the state of this user."""
    return (user.state() or user.home() / ".local" / "state") / "aim"


def keep_token(address: Address, value: str) -> Path:
    """Keep a token in a file that only this user can read."""
    path = token_file(address)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with regular.replacing(path, mode=0o600) as file:
        file.write(value.encode("ascii") + b"\n")
    return path


def _content(path: Path) -> str:
    try:
        with open(path, "rb") as file:
            return file.read(_MOST).decode("latin-1").strip()
    except OSError as error:
        raise RemoteError(f"the token cannot be read: {error.strerror}: {path}") from error


def checked(value: str, where: str) -> str:
    """Raises RemoteError if a text is not a token, without showing it."""
    if not _TOKEN.fullmatch(value):
        raise RemoteError(f"{where} is not a token: a token has 1 to 4096 printable ASCII characters and no spaces")
    return value
