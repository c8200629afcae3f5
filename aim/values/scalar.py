"""A number: Python's own, or what has one element and `.item()` or `__float__` (numpy, torch, jax), not imported."""

from __future__ import annotations

from typing import Any

_INT64 = 1 << 63


def scalar(value: Any) -> float | int | bool:
    """`value` as the float, int or bool that is recorded; NaN and infinities stay, ints beyond 64 bits become floats.

    Raises TypeError when it is no number, and what the value itself raises when it has more than one element.
    """
    if isinstance(value, (str, bytes)):
        raise TypeError(f"{value!r:.80} is text, not a number; track it as aim.Text(...)")
    if isinstance(value, (bool, float)):
        return value
    if isinstance(value, int):
        return int(value) if -_INT64 <= value < _INT64 else float(value)
    if callable(item := getattr(value, "item", None)):
        found = item()
        if type(found) in (bool, float, int):
            return scalar(found)
        value = found
    if isinstance(value, complex) or not hasattr(value, "__float__"):
        raise TypeError(f"{type(value).__name__} {value!r:.80} is not a number")
    return float(value)
