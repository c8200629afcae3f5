"""Who started, stopped or changed something: recorded with each of these actions."""

from __future__ import annotations

from typing import Any

from aim import user


def asked(via: str, *, address: str | None = None) -> dict[str, Any]:
    """`via`: cli, ui or queue. The user is the owner of this process, because a token does not identify a person."""
    return {"user": user.name(), "via": via, "address": address}
