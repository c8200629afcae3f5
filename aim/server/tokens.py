"""The tokens of a server's users: `.aim/server/tokens.json`, which only the server's user can read.

A token is `aim_<id>_<secret>` with a secret of 256 random bits. The file has the SHA-256 of each token: a slow hash
protects short secrets, and nobody guesses these. A file that others can read or write is not used.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import os
import re
import secrets
import stat
import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from aim import key, layout, regular
from aim.errors import EditError, KeyFileError, ServerError
from aim.log import bounds
from aim.log.edits import MAX_NAME
from aim.plain import shown

Role = Literal["read", "write", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
MOST = 10_000
MOST_LINKS = 200
MAX_LINK = 2_000
DAY = 86_400.0
_MAX_BYTES = 8 << 20
# Of these, links may fill half, so that an admin can always add and revoke tokens.
_MAX_LINK_BYTES = _MAX_BYTES // 2
_ONE_THREAD = threading.Lock()
_TEXT = re.compile(r"aim_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")


def is_view(link: str) -> bool:
    """Whether a link leads to a page of this server. Pages show it to other users, who may open it."""
    return link.isprintable() and link[:1] in ("", "?")


@dataclass(frozen=True)
class AccessToken:
    """What is kept of a token. Times are in seconds since 1970; `expires` is None if it never does. `link`: the
    page that a read-only link opens, which this user made. `code`: made with the key of the server's user over the
    rest; without it, the file may have come with the repository."""

    id: str
    user: str
    role: Role
    created: float
    expires: float | None
    sha256: str
    link: str | None = None
    code: str = ""

    @property
    def expired(self) -> bool:
        return self.expires is not None and time.time() >= self.expires

    def may(self, role: Role) -> bool:
        """Whether it allows what `role` allows: each role includes those before it."""
        return includes(self.role, role)


def includes(role: Role, needed: Role) -> bool:
    """Whether a role may do all that another one may."""
    return ROLES.index(role) >= ROLES.index(needed)


class Tokens:
    """The tokens of one repository. Every call sees what other processes changed."""

    def __init__(self, aim_dir: Path) -> None:
        self.path = aim_dir / "server" / "tokens.json"
        self._aim_dir = aim_dir
        self._read: tuple[tuple[int, int, int], dict[str, AccessToken]] = ((0, 0, 0), {})

    def __iter__(self) -> Iterator[AccessToken]:
        return iter(list(self._current().values()))

    def find(self, text: str) -> AccessToken | None:
        """The token that a client sent; None if it is wrong, revoked or expired."""
        token = self.known(text)
        return None if token is None or token.expired else token

    def known(self, text: str) -> AccessToken | None:
        """The same, also if it is expired."""
        match = _TEXT.fullmatch(text)
        token = self._current().get(match[1]) if match else None
        expected = token.sha256 if token is not None else "0" * 64
        same = hmac.compare_digest(_digest(text), expected)
        return token if same else None

    def of(self, id: str) -> AccessToken | None:
        """The token with this id; None if it was revoked or is expired."""
        token = self.kept(id)
        return None if token is None or token.expired else token

    def kept(self, id: str) -> AccessToken | None:
        """The same, also if it is expired."""
        return self._current().get(id)

    def is_ours(self, token: AccessToken) -> bool:
        """Whether this user made it."""
        secret = key.known(self._aim_dir)
        return secret is not None and hmac.compare_digest(token.code, _code(token, secret))

    def add(self, name: str, role: Role, *, days: float | None = None, link: str | None = None) -> str:
        """Make a token and return it. It cannot be read again."""
        if not is_user_name(name):
            raise ServerError(
                f"{name!r} cannot name a user: 1 to {MAX_NAME} printable characters, no spaces around them"
            )
        if days is not None and not 0 < days <= 36_500:
            raise ServerError(f"a token for {days:g} days is not possible; give more than 0 and up to 36,500 days")
        if link is not None and not (is_view(link) and len(link) <= MAX_LINK):
            raise EditError(
                f"a link to {shown(link, 40)} is not possible; give the address of a page from its ? on, up to "
                f"{MAX_LINK:,} printable characters"
            )
        text = f"aim_{secrets.token_hex(6)}_{secrets.token_urlsafe(32)}"
        now = time.time()
        expires = None if days is None else now + days * DAY
        token = AccessToken(id_of(text), name, role, now, expires, _digest(text), link)
        with suppress(KeyFileError):
            token = replace(token, code=_code(token, key.made(self._aim_dir)))
        with self.turn():
            tokens = {**self._current(), token.id: token}
            try:
                content = _fitting(tokens, token)
            except EditError:
                content = _fitting(_without_expired_links(tokens), token)
            self._write(content)
        return text

    def remove(self, names: Sequence[str]) -> list[AccessToken]:
        """Revoke tokens by their ids, or all tokens of a user, and return them."""
        with self.turn():
            tokens = self._current().values()
            for name in names:
                if not any(name in (token.id, token.user) for token in tokens):
                    raise ServerError(f"{name!r} is neither a token's id nor a user with one; aim token ls lists them")
            return self._without([token.id for token in tokens if token.id in names or token.user in names])

    def revoke(self, ids: Collection[str]) -> list[AccessToken]:
        """The same by ids alone, which may be gone already."""
        with self.turn():
            return self._without(ids)

    def _without(self, ids: Collection[str]) -> list[AccessToken]:
        tokens = self._current()
        self._write(_content({id: token for id, token in tokens.items() if id not in ids}))
        return [token for token in tokens.values() if token.id in ids]

    def _write(self, content: bytes) -> None:
        with regular.replacing(self.path, mode=0o600, sync=True) as file:
            file.write(content)

    def _current(self) -> dict[str, AccessToken]:
        try:
            about = regular.lstat(self.path)
        except FileNotFoundError:
            if self._read[1]:
                raise ServerError(
                    f"{self.path} is gone since this server started, and with it everybody's token: restore it, or add "
                    "tokens with aim token add"
                ) from None
            return {}
        except OSError as error:
            raise ServerError(f"cannot read {self.path}: {error.strerror}") from None
        state = about.st_mtime_ns, about.st_size, about.st_ino
        if state != self._read[0]:
            _refuse_shared(self.path, about)
            self._read = state, _parsed(self.path)
        return self._read[1]

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One thread of one process at a time, between reading and writing; where the system or the file system has no
        locks, one thread of this process."""
        with _ONE_THREAD:
            layout.server_folder(self._aim_dir)
            fd = regular.lock_file(self.path.with_suffix(".lock"))
            try:
                regular.lock(fd, wait=math.inf)
                yield
            finally:
                os.close(fd)


def _without_expired_links(tokens: Mapping[str, AccessToken]) -> dict[str, AccessToken]:
    """Until there are too many, expired links are kept to say so."""
    return {id: token for id, token in tokens.items() if token.link is None or not token.expired}


def _fitting(tokens: Mapping[str, AccessToken], new: AccessToken) -> bytes:
    """The content of the file with a new token. Raises EditError if that makes too many."""
    links = sum(token.link is not None and token.user == new.user for token in tokens.values())
    if new.link is not None and links > MOST_LINKS:
        raise EditError(f"{new.user} has {links - 1} links, and no more are kept: aim token rm revokes some")
    if len(tokens) > MOST:
        raise EditError(f"there are {len(tokens) - 1:,} tokens, and no more are kept: remove some with aim token rm")
    content, most = _content(tokens), _MAX_BYTES if new.link is None else _MAX_LINK_BYTES
    if len(content) > most:
        raise EditError(f"the tokens would take {len(content):,} bytes; at most {most:,} fit: aim token rm some")
    return content


def _content(tokens: Mapping[str, AccessToken]) -> bytes:
    rows = [asdict(token) for token in tokens.values()]
    return json.dumps({"version": 1, "tokens": rows}, indent=1, ensure_ascii=False).encode() + b"\n"


def id_of(text: str) -> str:
    """The id in a token."""
    return text.split("_")[1]


def is_user_name(name: str) -> bool:
    return 0 < len(name) <= MAX_NAME and name.isprintable() and name == name.strip()


def _refuse_shared(path: Path, about: os.stat_result) -> None:
    if os.name != "posix":
        return
    if about.st_uid != os.getuid():
        raise ServerError(f"{path} belongs to user {about.st_uid}: start the server as that user")
    if stat.S_IMODE(about.st_mode) & 0o077:
        raise ServerError(f"others may open {path}, so its tokens may be known: chmod 600 {path}, or make new tokens")


def _parsed(path: Path) -> dict[str, AccessToken]:
    """Without links that lead elsewhere, which an earlier version made: they let nobody in, and keep nobody out."""
    try:
        rows = json.loads(regular.read(path, most=_MAX_BYTES))["tokens"]
        tokens = [AccessToken(**row) for row in rows]
        sound = all(
            isinstance(token.id, str)
            and isinstance(token.user, str)
            and token.role in ROLES
            and bounds.seconds(token.created) == token.created
            and token.expires in (None, bounds.seconds(token.expires))
            and re.fullmatch("[0-9a-f]{64}", token.sha256)
            and isinstance(token.link, (str, type(None)))
            and re.fullmatch("([0-9a-f]{64})?", token.code)
            for token in tokens
        )
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise ServerError(f"{path} is damaged ({error}): restore it, or remove it and make new tokens") from None
    if not sound:
        raise ServerError(f"{path} is damaged: restore it, or remove it and make new tokens")
    return {token.id: token for token in tokens if token.link is None or is_view(token.link)}


def _code(token: AccessToken, secret: bytes) -> str:
    stated = json.dumps([value for name, value in asdict(token).items() if name != "code"])
    return hmac.digest(secret, b"aim token 1\0" + stated.encode(), "sha256").hex()


def _digest(text: str) -> str:
    return hashlib.sha256(b"aim token 1\0" + text.encode("utf-8", "surrogatepass")).hexdigest()
