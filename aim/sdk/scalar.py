"""Numbers of Python, numpy, torch, TensorFlow and jax as Python numbers. Imports none of those libraries."""

from __future__ import annotations

from typing import Any

_INT64 = 1 << 63


def scalar(value: Any) -> float | int | bool:
    """`value` as the float, int or bool to record. NaN and infinities are kept; ints beyond 64 bits become floats.

    Accepts anything with one element and `.item()` or `__float__`. Raises TypeError for anything else, and passes on
    what `value` raises when it has more than one element.
    """
    if isinstance(value, (str, bytes)):
        raise TypeError(f"{value!r:.80} is text, not a number; track it as aim.Text(...)")
    if isinstance(value, (bool, float)):
        return value
    if isinstance(value, int):
        return int(value) if -_INT64 <= value < _INT64 else float(value)
    if callable(item := getattr(value, "item", None)):
        inner = item()
        if type(inner) in (bool, float, int):
            return scalar(inner)
        value = inner
    if isinstance(value, complex) or not hasattr(value, "__float__"):
        raise TypeError(f"{type(value).__name__} {value!r:.80} is not a number")
    return float(value)
