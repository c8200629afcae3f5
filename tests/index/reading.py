"""Which files of writers are opened, and folders that are old enough to be believed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from aim.index.sources import logs


@contextmanager
def opened() -> Iterator[list[str]]:
    """The writers' files that Python opens meanwhile."""
    seen: list[str] = []
    _listeners.append(seen)
    yield seen
    _listeners.remove(seen)


_listeners: list[list[str]] = []


def _hear(event: str, given: tuple[object, ...]) -> None:
    if event == "open" and str(given[0]).endswith((".log", ".seal")):
        for seen in _listeners:
            seen.append(str(given[0]))


sys.addaudithook(_hear)


def age() -> None:
    """Make every folder old enough to be believed. Nobody can set the time that counts, so the threshold moves."""
    logs.RACY_NS = 0
