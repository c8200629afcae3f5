"""Numbers of Python, numpy, torch, TensorFlow and jax as Python numbers. Imports none of those libraries."""

from __future__ import annotations

import math
from typing import Any

from aim.plain import attribute, is_masked, shown

_INT64 = 1 << 63


def scalar(value: Any) -> float | int | bool:
    """`value` as the float, int or bool to record. NaN and infinities are kept; ints beyond 64 bits become floats, and
    a masked element NaN.

    Accepts anything with one element and `.item()` or `__float__`. Raises TypeError or ValueError for anything else.
    """
    if isinstance(value, (str, bytes)):
        raise TypeError(f"{shown(value)} is text, not a number; track it as aim.Text(...)")
    if isinstance(value, (bool, float)):
        return value
    if isinstance(value, int):
        return int(value) if -_INT64 <= value < _INT64 else _as_float(value)
    if is_masked(value):
        return math.nan
    if callable(item := attribute(value, "item")):
        try:
            inner = item()
        except (TypeError, ValueError, RuntimeError) as error:
            raise TypeError(f"{_described(value)} is not a number; reduce it to one, such as by its mean") from error
        if type(inner) in (bool, float, int):
            return scalar(inner)
        value = inner
    if isinstance(value, complex) or not hasattr(type(value), "__float__"):
        raise TypeError(f"{type(value).__name__} {shown(value)} is not a number")
    return float(value)


def _described(value: object) -> str:
    shape = attribute(value, "shape")
    return f"{type(value).__name__} {f'of shape {tuple(shape)}' if isinstance(shape, tuple) else shown(value)}"


def _as_float(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        raise ValueError(
            f"an integer of {value.bit_length():,} bits is too large for a float; track its logarithm"
        ) from None
