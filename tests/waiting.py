"""Waiting for what another process or thread does: for a state, and as long as a busy machine may take."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

# Seconds that nothing takes, below the limit of a test.
PATIENCE = 240.0

T = TypeVar("T")


def until(look: Callable[[], T], *, besides: tuple[type[Exception], ...] = ()) -> T:
    """The result of `look`, as soon as it is true. `besides`: errors that mean that it did not happen yet."""
    end = time.monotonic() + PATIENCE
    while True:
        begun = time.monotonic()
        with suppress(*besides):
            if result := look():
                return result
        assert time.monotonic() < end, "it did not happen"
        # A look that takes long leaves as much time to what it waits for.
        time.sleep(max(0.02, time.monotonic() - begun))
