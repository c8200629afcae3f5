"""Arrays of numpy, torch, TensorFlow and jax as numpy arrays. Imports none of these libraries."""

from __future__ import annotations

import sys
from typing import Any


def array(value: Any) -> Any | None:
    """`value` as a numpy array, without a copy if possible; None if it is not an array, or numpy is not loaded."""
    if isinstance(value, (str, bytes, list, tuple, dict)):
        return None
    if callable(getattr(value, "detach", None)) and callable(getattr(value, "cpu", None)):
        value = value.detach().cpu()
        value = value.float() if "bfloat16" in str(getattr(value, "dtype", "")) else value
        value = value.to_dense() if getattr(value, "is_sparse", False) else value
    if callable(to_numpy := getattr(value, "numpy", None)):
        value = to_numpy()
    numpy = sys.modules.get("numpy")
    if numpy is None or not hasattr(value, "__array__"):
        return None
    values = numpy.asarray(value)
    return values if values.dtype.kind in "biuf" else _as_floats(values)


def channels_first(value: Any) -> bool:
    """Whether arrays of this kind have the channels first, like torch's."""
    return type(value).__module__.partition(".")[0] == "torch"


def _as_floats(values: Any) -> Any | None:
    """Types that numpy does not know, such as bfloat16 of jax and TensorFlow."""
    try:
        return values.astype("float32") if values.dtype.kind in "V" else None
    except (TypeError, ValueError):
        return None
