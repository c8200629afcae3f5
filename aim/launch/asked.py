"""Who asked: recorded with everything that starts, stops or changes."""

from __future__ import annotations

import getpass
import os
from typing import Any


def asked(via: str, *, address: str | None = None) -> dict[str, Any]:
    """`via`: cli, ui or queue. The user is the one whose process this is: a token has no name on it."""
    return {"user": user(), "via": via, "address": address}


def user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return str(os.getuid()) if hasattr(os, "getuid") else "user"
