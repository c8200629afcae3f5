"""The addresses of stores that this user named, in a file outside every repository. A repository may come from anybody,
so nothing is uploaded to an address that stands in it alone."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from aim import content_store, regular, user
from aim.errors import ArtifactError

_MOST = 1 << 20


def note(address: str) -> None:
    """Keep that this user named an address. Where nothing can be kept, AIM_ARTIFACT_STORE still counts."""
    if is_named(address):
        return
    with suppress(OSError):
        _place().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(_place(), os.O_WRONLY | os.O_APPEND | os.O_CREAT | regular.FLAGS, 0o600)
        with open(descriptor, "ab") as file:
            file.write(f"{address}\n".encode())


def is_named(address: str) -> bool:
    with suppress(ArtifactError):
        if address == content_store.chosen():
            return True
    try:
        return address in regular.read(_place(), most=_MOST).decode(errors="replace").splitlines()
    except OSError:
        return False


def _place() -> Path:
    return (user.state() or user.home() / ".local" / "state") / "aim" / "artifact-stores"
