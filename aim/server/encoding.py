"""Messages as JSON. Handlers use it without a web framework, and `aim server` without numpy."""

from __future__ import annotations

import json
from typing import Any

import msgspec


def encode(message: Any) -> bytes:
    """JSON. Text that UTF-8 cannot hold (half of a surrogate pair, which a script may log) becomes a question mark."""
    try:
        return msgspec.json.encode(message)
    except UnicodeEncodeError:
        return msgspec.json.encode(printable(msgspec.to_builtins(message)))


def decode(text: str) -> Any:
    """JSON of any writer: msgspec is several times faster than the standard library, but knows no NaN."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return json.loads(text)


def printable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {printable(key): printable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [printable(item) for item in value]
    return value
