"""Who started, stopped or changed something: recorded with each of these actions."""

from __future__ import annotations

from typing import Any

from aim import user


def asked(via: str, *, address: str | None = None, by: str | None = None) -> dict[str, Any]:
    """`via`: cli, ui or queue. Without `by`, the user is the owner of this process."""
    return {"user": user.name() if by is None else by, "via": via, "address": address}
