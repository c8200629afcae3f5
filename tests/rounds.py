"""How often tests of chance repeat: a few rounds with fixed seeds, and AIM_TEST_ROUNDS=N times as many for who changes
what they test."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

# Read before a test removes it.
ROUNDS = int(os.environ.get("AIM_TEST_ROUNDS", "1"))


def few_in_turn(files: Sequence[Path], count: int, rng: random.Random) -> Iterator[list[Path]]:
    """So many of the files at a time, each once a round."""
    for _ in range(ROUNDS):
        mixed = rng.sample(files, len(files))
        yield from (mixed[at : at + count] for at in range(0, len(mixed), count))
