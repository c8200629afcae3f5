"""application/x-aim-frames: a JSON header and typed arrays, so that points never travel as JSON numbers.

    offset  size
    0       4     "AIMF"
    4       4     u32 header length n, a multiple of 8
    8       n     JSON header, padded with spaces; its "arrays" list the arrays that follow
    8+n     ...   the arrays, little-endian, each padded with zeros to a multiple of 8

An answer is one or more frames in a row.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from aim.server.encoding import encode
from aim.server.problems import Refused
from aim.server.wire import MAGIC, ArraySpec, DType, Frame

Array = npt.NDArray[Any]

DTYPES: dict[DType, np.dtype[Any]] = {
    "f8": np.dtype("<f8"),
    "i4": np.dtype("<i4"),
    "i8": np.dtype("<i8"),
    "u1": np.dtype("u1"),
}

# The largest integer up to which a JavaScript number is exact; larger ones travel as text.
SAFE_INTEGER = 2**53


class FrameData(NamedTuple):
    """One frame before encoding."""

    header: Frame
    arrays: Mapping[str, tuple[DType, npt.ArrayLike]] = {}


def frame(part: FrameData) -> bytes:
    header, given = part
    columns = {name: (dtype, np.ascontiguousarray(array, DTYPES[dtype])) for name, (dtype, array) in given.items()}
    header.arrays = [ArraySpec(name=name, dtype=dtype, length=array.size) for name, (dtype, array) in columns.items()]
    text = encode(header)
    spaces = b" " * (-len(text) % 8)
    parts: list[bytes | memoryview] = [MAGIC.encode(), (len(text) + len(spaces)).to_bytes(4, "little"), text, spaces]
    for _, array in columns.values():
        parts += [array.data, bytes(-array.nbytes % 8)]
    return b"".join(parts)


def plain(value: Any) -> Any:
    """A value as JSON that JavaScript reads without a change of meaning."""
    if type(value) is str:
        return value
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, int) and abs(value) > SAFE_INTEGER:
        return str(value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    return value


def read_context(name: str, text: str) -> dict[str, Any]:
    """The context in a parameter of a query string, as JSON."""
    try:
        context = json.loads(text)
    except (ValueError, RecursionError):
        context = None
    if not isinstance(context, dict):
        hint = 'Give a JSON object, such as {"subset": "val"}.'
        raise Refused(400, f"{name}={text[:100]!r} is not a JSON object.", hint=hint)
    return context
