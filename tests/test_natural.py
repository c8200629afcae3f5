"""Names in the order in which people count; ui/src/text/order.test.ts has the same."""

from __future__ import annotations

import json
import random
from pathlib import Path

from aim.natural import natural

NAMES = json.loads((Path(__file__).parent / "natural.json").read_text())


def test_names_are_in_the_order_in_which_people_count() -> None:
    mixed = random.Random(0).sample(NAMES, len(NAMES))
    assert sorted(mixed, key=natural) == NAMES
    assert len({natural(name) for name in NAMES}) == len(NAMES), "different names have different keys"


def test_a_text_of_thousands_of_numbers_is_compared_in_little_time() -> None:
    """Its first numbers count as numbers, and the rest as text."""
    few, many = "a1" * 20, "a1" * 40
    assert natural(f"{few}9") < natural(f"{few}10")
    assert natural(f"{many}9") > natural(f"{many}10")
    assert len(natural("a1" * 30_000)) < 130_000
