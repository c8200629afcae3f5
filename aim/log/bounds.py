"""Limits for values of records. A log can come from anybody, so each value is checked when it is read."""

from __future__ import annotations

import itertools
import json
import math
import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from aim.plain import shown

MAX_DEPTH = 100
MAX_STAMP = 1 << 62
MAX_COUNT = 1 << 40
YEAR_10000 = 253_402_300_800.0
_WHOLE = 1 << 63
_OTHER = bytes(set(range(256)) - set(b"[]{}"))
_decoder = json.JSONDecoder()
_scan: Callable[[str, int], tuple[Any, int]] = vars(_decoder)["scan_once"]
_OPENS = bytes.maketrans(b"[{]}", b"\2\2\0\0")


def loads(data: bytes, *, deepest: int = MAX_DEPTH) -> Any:
    """The value of JSON in UTF-8. Raises ValueError for invalid JSON, and for lists and objects nested deeper than
    `deepest`."""
    text = data.decode("utf-8", "surrogatepass")
    if depth(data) <= deepest:
        return decode(text)
    try:
        value = decode(text)
    except RecursionError:
        raise ValueError(f"its JSON is nested deeper than {deepest} levels") from None
    _check_depth(value, deepest)
    return value


def decode(text: str) -> Any:
    """The value of JSON. Raises ValueError for invalid JSON. Most texts are small, and for such a text the
    calls within the decoder's own method take as long as the rest."""
    try:
        value, end = _scan(text, 0)
    except StopIteration:
        return _decoder.decode(text)
    return value if end == len(text) or not text[end:].strip(" \t\n\r") else _decoder.decode(text)


def depth(data: bytes) -> int:
    """The most that lists and objects in it may be nested. Brackets inside strings count too."""
    opened = data.count(b"[") + data.count(b"{")
    if opened <= MAX_DEPTH:
        return opened
    brackets = data.translate(_OPENS, _OTHER)
    depths: Iterator[int] = map(operator.sub, itertools.accumulate(brackets), itertools.count(1))
    return max(depths)


def _check_depth(value: Any, deepest: int) -> None:
    level = [value]
    for _ in range(deepest):
        inner = (item.values() if isinstance(item, dict) else item for item in level)
        level = [item for items in inner for item in items if isinstance(item, (dict, list))]
        if not level:
            return
    raise ValueError(f"its JSON is nested deeper than {deepest} levels")


def seconds(value: object) -> float:
    """A time from 1970 to 9999; 0 for anything else."""
    try:
        number = float(value) if isinstance(value, (int, float)) else 0.0
    except OverflowError:
        return 0.0
    return number if 0 <= number < YEAR_10000 else 0.0


def stamp(value: Any) -> int:
    """The stamp of params or an edit. Raises ValueError unless it is a time in microseconds."""
    whole = isinstance(value, int) or isinstance(value, float) and math.isfinite(value)
    number = int(value) if whole else -1
    if not 0 <= number < MAX_STAMP:
        raise ValueError(f"its stamp is not a time in microseconds: {shown(value, 40)}")
    return number


def count(value: Any) -> int:
    """A count, limited so that the sum over many writers fits a column; 0 for anything else."""
    if not isinstance(value, (int, float)) or value != value:
        return 0
    return int(max(0, min(value, MAX_COUNT)))


def whole(value: object) -> int | None:
    """An integer of 64 bits; None for anything else."""
    return value if isinstance(value, int) and -_WHOLE <= value < _WHOLE else None


def are(value: object, *kinds: type | tuple[type, ...]) -> bool:
    """Whether it is a list of values of these kinds."""
    return isinstance(value, list) and len(value) == len(kinds) and all(map(isinstance, value, kinds))


def is_edits(value: object) -> bool:
    """Whether it is an object of the last edits of fields, each a stamp, a user and a value."""
    return isinstance(value, dict) and all(are(edit, int, str, object) for edit in value.values())


def is_params(value: object) -> bool:
    """Whether it is a list of params as they were set, each a stamp and an object."""
    return isinstance(value, list) and all(are(given, int, dict) for given in value)


_PARTS: dict[str, type] = {"process": dict, "facts": dict, "earlier": dict, "attempt": str, "role": str}


def start(content: Any) -> dict[str, Any]:
    """The content of a START record without its invalid parts. Raises ValueError unless it is a JSON object."""
    if not isinstance(content, dict):
        raise ValueError(f"it is not a JSON object: {shown(content, 40)}")
    kept = dict(content)
    for name, kind in _PARTS.items():
        if name in kept and not isinstance(kept[name], kind):
            del kept[name]
    for name, bound in _BOUNDS.items():
        if name in kept:
            kept[name] = bound(kept[name])
    return kept


def process(given: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a process; None for those by which it is recognized that are neither text nor a number."""
    return {**given, **{name: _number_or_text(given[name]) for name in _IDENTITY if name in given}}


_IDENTITY = ("host", "boot", "pid_ns", "pid", "started")


def _number_or_text(value: object) -> int | str | None:
    return value if isinstance(value, str) else whole(value)


def _lengths(earlier: dict[str, Any]) -> dict[str, int]:
    return {writer: length for writer, length in earlier.items() if whole(length) is not None}


_BOUNDS: dict[str, Callable[[Any], Any]] = {
    "time": seconds,
    "resume_from": whole,
    "earlier": _lengths,
    "process": process,
}
