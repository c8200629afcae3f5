"""What in a repository this user made on this machine. A repository can come from anybody, so a record of a template or
a queue starts a command only if it carries a code (HMAC-SHA256) made with the key of this user (aim/key.py).

The code covers the user, the machine, the folder of the repository, the time of the record, its field and its value. So
a record that was merged, copied from another repository, changed, or written again with another time has none.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from functools import cached_property
from pathlib import Path
from typing import Any

from aim import key, user
from aim.errors import KeyFileError, LaunchError
from aim.log import status
from aim.log.edits import Edit

_PURPOSE = "aim launch record 1"
_AS_TEXT = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


class Origin:
    """Of one repository."""

    def __init__(self, aim_dir: Path) -> None:
        self._aim_dir = aim_dir
        self._folder = os.path.realpath(aim_dir)

    def bond(self, stamp: int, field: str, value: Any) -> dict[str, str] | None:
        """What a record is to carry; None where this user has no key."""
        try:
            secret = key.made(self._aim_dir)
        except KeyFileError:
            return None
        host = status.hostname()
        return {"host": host, "mac": self._code(secret, host, stamp, field, json.loads(json.dumps(value)))}

    def made(self, edit: Edit) -> bool:
        """Whether this user made the record, for this folder, on a machine with the same key."""
        claimed = edit.bond if isinstance(edit.bond, dict) else {}
        host, mac = claimed.get("host"), claimed.get("mac")
        if self._key is None or not isinstance(host, str) or not isinstance(mac, str) or not mac.isascii():
            return False
        try:
            return hmac.compare_digest(mac, self._code(self._key, host, edit.stamp, edit.field, edit.value))
        except (ValueError, RecursionError):
            return False

    def demand_key(self) -> None:
        """Raises LaunchError where this user has no key, so that nothing may start by itself."""
        try:
            key.made(self._aim_dir)
        except KeyFileError as error:
            raise LaunchError(f"queues need a key of yours: {error}") from error

    def _code(self, secret: bytes, host: str, stamp: int, field: str, value: Any) -> str:
        covered = [_PURPOSE, user.number(), host, self._folder, stamp, field, value]
        return hmac.digest(secret, _AS_TEXT.encode(covered).encode(), "sha256").hex()

    @cached_property
    def _key(self) -> bytes | None:
        return key.known(self._aim_dir)


def digest(value: Any) -> str:
    """Names what a person was shown, so that they agree to nothing else. Empty if it is too deep to show."""
    try:
        return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:32]
    except RecursionError:
        return ""
