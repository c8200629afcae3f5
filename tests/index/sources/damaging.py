"""Files cut and changed anywhere, and runs that are read from them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path

from aim.errors import LogError
from aim.query.result import Run


def write_damaged(data: bytes, each: int, path: Callable[[str], Path], *, copies: int = 150) -> None:
    """Files cut at each so many bytes, and others with one to five bytes changed; `path` gives each its place."""
    rng = random.Random(0)
    for length in range(0, len(data), each):
        path(f"cut{length}").write_bytes(data[:length])
    for number in range(copies):
        changed = bytearray(data)
        for _ in range(rng.randrange(1, 6)):
            changed[rng.randrange(len(data))] = rng.randrange(256)
        path(f"odd{number}").write_bytes(changed)


def media_are_small_or_damaged(runs: Sequence[Run], *, most: int = 1000) -> None:
    for run in runs:
        for series in run.objects():
            for item in series:
                try:
                    assert len(item.data) < most
                except LogError:
                    pass
