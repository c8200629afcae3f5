"""Who signed in with a browser: a cookie that names the token, until when it counts, and a code of both.

The code is made with the key of the server's user, which is outside the repository, so nobody who reads the
repository can make one. A cookie ends with its token, and at sign-out until the server is started again: then a copy
of the cookie, made before, counts until it expires.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import time
from pathlib import Path
from typing import NamedTuple

from aim import key
from aim.errors import KeyFileError
from aim.server.tokens import DAY, AccessToken, Tokens

DAYS = 30
MOST_ENDED = 100_000
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
        self._ended: dict[str, int] = {}

    def begin(self, token: AccessToken) -> Cookie:
        expires = int(min(time.time() + DAYS * DAY, token.expires or time.time() + DAYS * DAY))
        nonce = secrets.token_hex(8)
        value = f"{token.id}.{expires}.{nonce}.{self._code(token, expires, nonce)}"
        return Cookie(value, max(0, expires - int(time.time())))

    def token(self, value: str) -> AccessToken | None:
        """The token of a cookie; None if the cookie is wrong, expired or ended, or its token was revoked."""
        match = _VALUE.fullmatch(value)
        token = self.tokens.of(match[1]) if match else None
        if match is None or token is None:
            return None
        expires, nonce = int(match[2]), match[3]
        right = hmac.compare_digest(match[4], self._code(token, expires, nonce))
        return token if right and nonce not in self._ended and time.time() < expires else None

    def end(self, value: str) -> None:
        """Sign out: the cookie counts no more."""
        match = _VALUE.fullmatch(value)
        if match is None or self.token(value) is None:
            return
        now = time.time()
        if len(self._ended) >= MOST_ENDED:
            self._ended = {nonce: expires for nonce, expires in self._ended.items() if expires > now}
        self._ended[match[3]] = int(match[2])

    def _code(self, token: AccessToken, expires: int, nonce: str) -> str:
        return hmac.digest(self._key, f"{token.id} {token.sha256} {expires} {nonce}".encode(), "sha256").hex()


def _secret(aim_dir: Path) -> bytes:
    """Without a place for a key, sessions end with the server."""
    try:
        return key.made(aim_dir)
    except KeyFileError:
        return secrets.token_bytes(key.BYTES)
