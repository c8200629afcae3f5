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
from collections.abc import Iterable, Mapping, Sequence
from operator import eq
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from aim.deadline import checked
from aim.query.nodes import MISSING
from aim.server.encoding import encode
from aim.server.problems import Refused
from aim.server.wire import MAGIC, ArraySpec, DType, Frame, Param

Array = npt.NDArray[Any]

DTYPES: dict[DType, np.dtype[Any]] = {
    "f8": np.dtype("<f8"),
    "i4": np.dtype("<i4"),
    "i8": np.dtype("<i8"),
    "u1": np.dtype("u1"),
}

# Values that are their own key, except NaN, which equals nothing.
ATOMS = frozenset((str, int, float, bool, type(None)))

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
    text += b" " * (-len(text) % 8)
    parts = [MAGIC.encode(), len(text).to_bytes(4, "little"), text]
    for _, array in columns.values():
        parts += [array.tobytes(), bytes(-array.nbytes % 8)]
    return b"".join(parts)


def param_columns(runs: Iterable[Mapping[str, Any]], count: int) -> tuple[list[Param], Array]:
    """The params of `count` runs by column: each path with its distinct values, and each run's position among them (-1:
    none)."""
    columns: dict[str, list[Any]] = {}
    root = ParamGroup("", count, columns)
    for index, params in enumerate(checked(runs)):
        root.put(index, params)
    paths, params_of, codes = sorted(columns), list[Param](), [np.zeros(0, np.int32)]
    for path in checked(paths):
        values, own = distinct_values(columns.pop(path))
        params_of.append(Param(path=path, values=values))
        codes.append(own)
    return params_of, np.concatenate(codes)


def distinct_values(column: Sequence[Any]) -> tuple[list[Any], Array]:
    """The distinct values of a column, and the position of each of its values among them (-1: MISSING). 1, 1.0 and True
    differ."""
    kinds = set(map(type, column)) - {type(MISSING)}
    if len(kinds) == 1 and kinds <= ATOMS and all(map(eq, column, column)):
        keys = column
    else:
        keys = [value if value is MISSING else (type(value), repr(value)) for value in column]
    values = dict(zip(keys, column, strict=True))
    values.pop(MISSING, None)
    places = {**{key: code for code, key in enumerate(values)}, MISSING: -1}
    return [plain(value) for value in values.values()], np.fromiter(map(places.__getitem__, keys), np.int32, len(keys))


class ParamGroup:
    """A group of params. Most runs have the same paths, so each is written once and not for every run."""

    def __init__(self, prefix: str, runs: int, columns: dict[str, list[Any]]) -> None:
        """`columns`: by path, shared by all groups; `a.b` may be a param of a group and one whose name has a dot."""
        self._prefix, self._runs, self._all = prefix, runs, columns
        self._groups: dict[str, ParamGroup] = {}
        self._columns: dict[str, list[Any]] = {}

    def put(self, run: int, params: Mapping[str, Any]) -> None:
        columns = self._columns
        for key, value in params.items():
            if type(value) is dict and value:
                group = self._groups.get(key)
                if group is None:
                    group = self._groups[key] = ParamGroup(f"{self._prefix}{key}.", self._runs, self._all)
                group.put(run, value)
            elif key in columns:
                columns[key][run] = value
            else:
                columns[key] = self._all.setdefault(self._prefix + key, [MISSING] * self._runs)
                columns[key][run] = value


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
