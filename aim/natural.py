"""The order of names: as people count, so that `layer2` is before `layer10`. `ui/src/text/order.ts` has the same."""

from __future__ import annotations

import re
import unicodedata

_DIGITS = re.compile("0*([0-9]+)")
# Later numbers in a text are compared as text, so that a long text takes little time.
_MOST_NUMBERS = 32
_LONGEST = 5000


def natural(text: str) -> str:
    """A key to sort by. Case and accents count only between names that are otherwise the same; different names have
    different keys."""
    folded = text if text.isascii() else _without_marks(text)
    return f"{_DIGITS.sub(_sized, folded.lower(), _MOST_NUMBERS)}\0{text}"


def _sized(number: re.Match[str]) -> str:
    """The length of a number stands before it, and a digit before all, so that numbers keep their place among texts."""
    digits = number[1]
    return f"0{chr(ord('0') + min(len(digits), _LONGEST))}{digits}"


def _without_marks(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c) != "Mn")
