"""Sessions that ended early, by sign-out: `.aim/server/ended.json`. So a copy of their cookie is refused also after a
restart of the server, and by every other server of the repository.

    {"version": 1, "until": 0, "tokens": {"<id of a token>": {"until": 0, "sessions": {"<number>": expires}}}}

Sessions of a token that began at or before its `until` have ended; the `until` outside of `tokens` applies to all
tokens. If too many are kept, a later `until` replaces the older half of the token with the most. This ends more
sessions of its user, but none of others.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from typing import Any

from aim import regular
from aim.errors import AimError
from aim.server.problems import log
from aim.server.tokens import Tokens

MOST = 5_000
_MAX_BYTES = 4 << 20
_TOKEN = re.compile("[0-9a-f]{12}")
_NUMBER = re.compile("[0-9a-f]{16}")


@dataclass
class TokenEnds:
    """What has ended of one token."""

    until: int = 0
    sessions: dict[str, int] = field(default_factory=dict)


@dataclass
class SessionEnds:
    until: int = 0
    tokens: dict[str, TokenEnds] = field(default_factory=dict)


def number() -> str:
    """The number of a new session, which begins with the time. It is no secret."""
    return f"{int(time.time()) & 0xFFFFFFFF:08x}{secrets.token_hex(4)}"


def begun(number: str) -> int:
    return int(number[:8], 16)


class EndedSessions:
    def __init__(self, tokens: Tokens) -> None:
        self.path = tokens.path.with_name("ended.json")
        self._tokens = tokens
        self._state: tuple[int, int, int] | None = None
        self._ends = SessionEnds()

    def has(self, token: str, number: str) -> bool:
        ends = self._current()
        ended = ends.tokens.get(token, TokenEnds())
        return begun(number) <= max(ends.until, ended.until) or number in ended.sessions

    def add(self, token: str, number: str, expires: int) -> None:
        """Keep that a session has ended; in memory alone where nothing can be written."""
        try:
            with self._tokens.turn():
                ends = _added(self._current(), token, number, expires, {known.id for known in self._tokens})
                with regular.replacing(self.path, mode=0o600, sync=True) as file:
                    file.write(json.dumps({"version": 1, **asdict(ends)}).encode() + b"\n")
        except (OSError, AimError) as error:
            log.error("a sign-out is forgotten when this server ends: cannot write %s: %s", self.path, error)
            self._ends = _added(self._ends, token, number, expires, {token, *self._ends.tokens})

    def _current(self) -> SessionEnds:
        try:
            about = regular.lstat(self.path)
        except FileNotFoundError:
            return self._ends
        except OSError:
            return SessionEnds(until=int(time.time()))
        state = about.st_mtime_ns, about.st_size, about.st_ino
        if state != self._state:
            self._ends, self._state = self._read(), state
        return self._ends

    def _read(self) -> SessionEnds:
        """Of a damaged file nothing is known, so everybody signs in again."""
        try:
            return _parsed(json.loads(regular.read(self.path, most=_MAX_BYTES)))
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            log.error("%s is damaged: everybody has to sign in again", self.path)
            return SessionEnds(until=int(time.time()))


def _parsed(stated: Any) -> SessionEnds:
    """Raises ValueError and the like for anything else."""
    tokens = {
        id: TokenEnds(_time(ended["until"]), _sessions(ended["sessions"])) for id, ended in stated["tokens"].items()
    }
    kept = sum(len(ended.sessions) for ended in tokens.values())
    if stated["version"] != 1 or kept > MOST or not all(map(_TOKEN.fullmatch, tokens)):
        raise ValueError
    return SessionEnds(_time(stated["until"]), tokens)


def _sessions(stated: Any) -> dict[str, int]:
    if not all(map(_NUMBER.fullmatch, stated)):
        raise ValueError
    return {number: _time(expires) for number, expires in stated.items()}


def _time(stated: Any) -> int:
    if type(stated) is not int or not 0 <= stated < 1 << 40:
        raise ValueError
    return stated


def _added(ends: SessionEnds, token: str, number: str, expires: int, known: Collection[str]) -> SessionEnds:
    """With one more; without sessions that expired, and without tokens that are gone."""
    tokens = {id: TokenEnds(ended.until, _left(ended)) for id, ended in ends.tokens.items() if id in known}
    tokens.setdefault(token, TokenEnds()).sessions[number] = expires
    if sum(len(ended.sessions) for ended in tokens.values()) > MOST:
        _halve(max(tokens.values(), key=lambda ended: len(ended.sessions)))
    return SessionEnds(ends.until, {id: ended for id, ended in tokens.items() if ended.until or ended.sessions})


def _left(ended: TokenEnds) -> dict[str, int]:
    now = time.time()
    return {number: expires for number, expires in ended.sessions.items() if expires > now}


def _halve(ended: TokenEnds) -> None:
    oldest = sorted(ended.sessions, key=begun)[: (len(ended.sessions) + 1) // 2]
    ended.until = max(ended.until, begun(oldest[-1]))
    ended.sessions = {number: ended.sessions[number] for number in ended.sessions.keys() - set(oldest)}
