"""Who started, stopped or changed something: recorded with each of these actions."""

from __future__ import annotations

import getpass
import os
from typing import Any


def asked(via: str, *, address: str | None = None) -> dict[str, Any]:
    """`via`: cli, ui or queue. The user is the owner of this process, because a token does not identify a person."""
    return {"user": user(), "via": via, "address": address}


def user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return str(os.getuid()) if hasattr(os, "getuid") else "user"
