"""Who signed in with a browser: a cookie that names the token, until when it counts, and a code of both.

The code is made with the key of the server's user, which is outside the repository, so nobody who reads the
repository can make one. A cookie ends with its token, and at sign-out (`ended.py`).
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import time
from pathlib import Path
from typing import Literal, NamedTuple

from aim import key
from aim.errors import KeyFileError
from aim.server.ended import EndedSessions, number
from aim.server.tokens import DAY, AccessToken, Tokens

DAYS = 30
# A browser keeps a cookie longer than it counts, so that the page can say why it does not.
TOLD_DAYS = 30
_VALUE = re.compile(r"([0-9a-f]{12})\.([0-9]{10,12})\.([0-9a-f]{16})\.([0-9a-f]{64})")


class Cookie(NamedTuple):
    value: str
    seconds: int


class Sessions:
    def __init__(self, aim_dir: Path, tokens: Tokens) -> None:
        place = os.path.realpath(aim_dir)
        self.tokens = tokens
        self.cookie = f"aim_{hashlib.sha256(os.fsencode(place)).hexdigest()[:8]}"
        self._key = hmac.digest(_secret(aim_dir), b"aim session 1\0" + os.fsencode(place), "sha256")
        self.ended = EndedSessions(tokens)

    def begin(self, token: AccessToken) -> Cookie:
        expires = int(min(time.time() + DAYS * DAY, token.expires or time.time() + DAYS * DAY))
        session = number()
        value = f"{token.id}.{expires}.{session}.{self._code(token, expires, session)}"
        return Cookie(value, max(0, expires - int(time.time())) + int(TOLD_DAYS * DAY))

    def token(self, value: str) -> AccessToken | None:
        """The token of a cookie; None if the cookie is wrong, expired or ended, or its token was revoked."""
        match = _VALUE.fullmatch(value)
        token = self.tokens.of(match[1]) if match else None
        if match is None or token is None:
            return None
        expires, session = int(match[2]), match[3]
        right = hmac.compare_digest(match[4], self._code(token, expires, session))
        return token if right and time.time() < expires and not self.ended.has(token.id, session) else None

    def over(self, value: str) -> AccessToken | Literal["revoked"] | None:
        """The token of a cookie that expired, or that it was revoked; None if the cookie ended otherwise."""
        match = _VALUE.fullmatch(value)
        if match is None:
            return None
        token = self.tokens.kept(match[1])
        if token is None:
            return "revoked"
        right = hmac.compare_digest(match[4], self._code(token, int(match[2]), match[3]))
        return token if right and token.expired else None

    def end(self, value: str) -> None:
        """Sign out: the cookie no longer counts."""
        match, token = _VALUE.fullmatch(value), self.token(value)
        if match is not None and token is not None:
            self.ended.add(token.id, match[3], int(match[2]))

    def _code(self, token: AccessToken, expires: int, session: str) -> str:
        return hmac.digest(self._key, f"{token.id} {token.sha256} {expires} {session}".encode(), "sha256").hex()


def _secret(aim_dir: Path) -> bytes:
    """Without a place for a key, sessions end with the server."""
    try:
        return key.made(aim_dir)
    except KeyFileError:
        return secrets.token_bytes(key.BYTES)
