"""Contexts: the keywords that tell series of one metric apart, such as `subset='train'`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from aim.log import record

_PLAIN = (str, int, float, bool, type(None))


def canonical(context: Mapping[str, Any], on_text: Callable[[str, object], None]) -> dict[str, Any]:
    """`context` with plain values and sorted keys. `on_text(key, value)` is called for a value that is kept as text."""
    return {str(key): _plain(str(key), context[key], on_text) for key in sorted(context, key=str)}


def series_key(name: str, context: Mapping[str, Any], kind: str = "") -> str:
    """The identity of a series. 1, 1.0 and True are different context values; metrics and media of one name are
    different series."""
    key = name + "\0" + record.encode_json(context).decode().rstrip() if context else name
    return f"\0{kind}\0{key}" if kind else key


def most_varied(keys: Iterable[str]) -> tuple[str, Any]:
    """The context key with the most values among the series with these keys, and its latest value."""
    values: dict[str, dict[str, Any]] = {}
    for identity in keys:
        for key, value in record.decode_json(identity.partition("\0")[2].encode() or b"{}").items():
            values.setdefault(key, {})[repr(value)] = value
    key, seen = max(values.items(), key=lambda item: len(item[1]))
    return key, list(seen.values())[-1]


def _plain(key: str, value: Any, on_text: Callable[[str, object], None]) -> Any:
    if isinstance(value, (list, tuple)):
        return [_plain(key, item, on_text) for item in value]
    if type(value) in _PLAIN:
        return value
    if callable(to_python := getattr(value, "item", None)):
        plain = to_python()
        if type(plain) in _PLAIN:
            return plain
    for kind in (str, bool, int, float):
        if isinstance(value, kind):
            return kind(value)
    on_text(key, value)
    return str(value)
