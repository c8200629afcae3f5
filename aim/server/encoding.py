"""Messages as JSON. Handlers use it without a web framework, and `aim server` without numpy."""

from __future__ import annotations

from typing import Any

import msgspec


def encode(message: Any) -> bytes:
    """JSON. Text that UTF-8 cannot hold (half of a surrogate pair, which a script may log) becomes a question mark."""
    try:
        return msgspec.json.encode(message)
    except UnicodeEncodeError:
        return msgspec.json.encode(printable(msgspec.to_builtins(message)))


def printable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {printable(key): printable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [printable(item) for item in value]
    return value
