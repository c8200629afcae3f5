"""Contexts: the keywords that tell series of one metric apart, such as `subset='train'`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from aim.handlers import let_through
from aim.log import record
from aim.log.record import Warn
from aim.plain import MAX_BITS, PLAIN, distinct, shown, text_of
from aim.sdk.params import LEFT_OUT, plain


def canonical(context: Any, told: Warn) -> dict[str, Any]:
    """`context` with plain values and sorted keys. `told(key, why)` names what is kept in another form."""
    if not isinstance(context, Mapping):
        kind = type(context).__name__
        raise TypeError(f"context must be a dict, not {kind} {shown(context)}; write context={{'subset': 'val'}}")
    return {
        text: _value(context, key, text, told)
        for text, key in sorted(distinct(context, told), key=lambda item: item[0])
    }


def series_key(name: str, context: Mapping[str, Any], kind: str = "") -> str:
    """The identity of a series. 1, 1.0 and True are different context values; metrics and media of one name are
    different series. The name comes last, because it alone may contain any character."""
    return f"{kind}\0{record.encode_json(context).decode().rstrip() if context else ''}\0{name}"


def most_varied(keys: Iterable[str]) -> tuple[str, Any]:
    """The context key with the most values among the series with these keys, and its latest value."""
    values: dict[str, dict[str, Any]] = {}
    for identity in keys:
        for key, value in json.loads(identity.split("\0", 2)[1] or "{}").items():
            values.setdefault(key, {})[repr(value)] = value
    key, seen = max(values.items(), key=lambda item: len(item[1]))
    return key, list(seen.values())[-1]


def _value(context: Mapping[Any, Any], key: Any, text: str, told: Warn) -> Any:
    try:
        value = context[key]
    except Exception as error:
        let_through(error)
        told(text, f"cannot be read; None is kept ({type(error).__name__}: {text_of(error)})")
        return None
    if type(value) in PLAIN and (type(value) is not int or value.bit_length() <= MAX_BITS):
        return value
    converted = plain(value, text, told, told)
    return None if converted is LEFT_OUT else _flat(converted, text, told)


def _flat(value: Any, text: str, told: Warn) -> Any:
    """Lists stay, a dict becomes text."""
    if isinstance(value, list):
        return [_flat(item, text, told) for item in value]
    if not isinstance(value, dict):
        return value
    told(text, "contains a dict, which is kept as text; give each of its entries a key of the context")
    return record.encode_json(value).decode().rstrip()
