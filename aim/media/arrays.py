"""Arrays of numpy, torch, TensorFlow and jax as numpy arrays. Imports none of these libraries."""

from __future__ import annotations

import sys
from typing import Any

from aim.handlers import let_through
from aim.plain import loaded, shown, text_of


def array(value: Any) -> Any | None:
    """`value` as a numpy array, without a copy if possible; None if it is not an array, or numpy is not loaded. Masked
    elements are 0. Raises ValueError for an array whose elements are not real numbers, or cannot be read."""
    asarray = loaded("numpy", "asarray")
    if asarray is None or isinstance(value, (str, bytes, list, tuple, dict)):
        return None
    try:
        if callable(getattr(value, "detach", None)) and callable(getattr(value, "cpu", None)):
            value = _strided(value)
        if callable(to_numpy := getattr(value, "numpy", None)):
            value = to_numpy()
        if not hasattr(value, "__array__"):
            return None
        values = asarray(value.filled(0) if _is_masked_array(value) else value)
    except Exception as error:
        let_through(error)
        reason = text_of(error).partition("\n")[0]
        raise ValueError(f"an array of type {type(value).__name__} cannot be read: {reason:.200}") from error
    if values.dtype.kind == "c":
        raise ValueError("an array of complex numbers has no order; pass their abs, real or imag")
    return values if values.dtype.kind in "biuf" else _as_floats(values)


def has_masked(value: Any) -> bool:
    """Whether elements of a masked array are masked."""
    return _is_masked_array(value) and bool(sys.modules["numpy.ma"].getmaskarray(value).any())


def numbers(given: Any, what: str) -> list[float]:
    if has_masked(given):
        raise ValueError(f"{what} has masked elements, which are not numbers; fill them first")
    values = array(given)
    try:
        return [float(number) for number in (given if values is None else values.reshape(-1).tolist())]
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{what}={shown(given)} must be numbers") from None


def without_masked(value: Any) -> Any:
    """A masked array without its masked elements; anything else unchanged."""
    return value.compressed() if _is_masked_array(value) else value


def _is_masked_array(value: Any) -> bool:
    masked = loaded("numpy.ma", "MaskedArray")
    return masked is not None and issubclass(type(value), masked)


def _strided(tensor: Any) -> Any:
    """A tensor of torch in memory, in a layout and with a type that numpy knows."""
    if getattr(tensor, "is_meta", False):
        raise ValueError("it is on the device 'meta' and has no values; move the model to a real device first")
    tensor = tensor.detach().cpu()
    if getattr(tensor, "is_quantized", False):
        tensor = tensor.dequantize()
    if str(getattr(tensor, "layout", "torch.strided")) != "torch.strided":
        tensor = tensor.to_dense()
    for resolve in ("resolve_conj", "resolve_neg"):
        tensor = getattr(tensor, resolve)() if hasattr(tensor, resolve) else tensor
    kind = str(getattr(tensor, "dtype", ""))
    return tensor.float() if "bfloat16" in kind or "float8" in kind or "float4" in kind else tensor


def channels_first(value: Any) -> bool:
    """Whether arrays of this kind have the channels first, like torch's."""
    return type(value).__module__.partition(".")[0] == "torch"


def _as_floats(values: Any) -> Any | None:
    """Types that numpy does not know, such as bfloat16 of jax and TensorFlow."""
    try:
        return values.astype("float32") if values.dtype.kind in "V" else None
    except (TypeError, ValueError):
        return None
