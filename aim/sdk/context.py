"""What tells one series of a metric from another: `subset='train'` and the like."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from aim.log import record

CONTEXTS_WARNED = 1000
SERIES_KEPT = 1 << 16

_PLAIN = (str, int, float, bool, type(None))


class Series:
    """One metric in one context, as this process writes it.

    `upcoming` is the step that comes if none is given, and has `settled` once earlier files of the run were asked too.
    """

    __slots__ = ("name", "key", "number", "epoch_number", "upcoming", "settled")

    def __init__(self, name: str, key: str, number: int, upcoming: int, *, settled: bool) -> None:
        self.name = name
        self.key = key
        self.number = number
        self.epoch_number = number | record.HAS_EPOCH << 28
        self.upcoming = upcoming
        self.settled = settled


def canonical(context: Mapping[str, Any], on_text: Callable[[str, object], None]) -> dict[str, Any]:
    """`context` with plain values and sorted keys. `on_text(key, value)` is told of a value that is kept as text."""
    return {str(key): _plain(str(key), context[key], on_text) for key in sorted(context, key=str)}


def series_key(name: str, context: Mapping[str, Any], kind: str = "") -> str:
    """The identity of a series: 1, 1.0 and True are different values of a context; so are texts and numbers of one
    name."""
    key = name + "\0" + record.encode_json(context).decode().rstrip() if context else name
    return f"\0{kind}\0{key}" if kind else key


def most_varied(keys: Iterable[str]) -> tuple[str, Any]:
    """Of the series with these keys: the key of their contexts that has most values, and the latest of those."""
    values: dict[str, dict[str, Any]] = {}
    for series in keys:
        for key, value in record.decode_json(series.partition("\0")[2].encode() or b"{}").items():
            values.setdefault(key, {})[repr(value)] = value
    key, found = max(values.items(), key=lambda one: len(one[1]))
    return key, list(found.values())[-1]


def _plain(key: str, value: Any, on_text: Callable[[str, object], None]) -> Any:
    if isinstance(value, (list, tuple)):
        return [_plain(key, one, on_text) for one in value]
    if type(value) in _PLAIN:
        return value
    if callable(item := getattr(value, "item", None)):
        found = item()
        if type(found) in _PLAIN:
            return found
    for kind in (str, bool, int, float):
        if isinstance(value, kind):
            return kind(value)
    on_text(key, value)
    return str(value)
