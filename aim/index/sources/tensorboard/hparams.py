"""Reads the data of TensorBoard's hparams plugin: the hyperparameters of a session, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from aim.index.sources.protobuf import BYTES, Field, double, fields, text, varint

_DEEPEST = 20
_FAILED = 2


@dataclass
class HparamsSession:
    params: dict[str, Any] = field(default_factory=dict)
    failed: bool | None = None
    ended_at: float | None = None


def read(content: bytes) -> HparamsSession:
    """Read a session as far as the bytes are valid."""
    session = HparamsSession()
    try:
        for item in fields(content, 0, len(content)):
            if item.number == 3 and item.kind == BYTES:
                session.params = _entries(content, item, 0)
            elif item.number == 4 and item.kind == BYTES:
                session.failed = False
                for part in fields(content, item.start, item.stop):
                    if part.number == 1:
                        session.failed = varint(content, part) == _FAILED
                    elif part.number == 2:
                        session.ended_at = double(content, part)
    except ValueError:
        pass
    return session


def _entries(data: bytes, message: Field, depth: int) -> dict[str, Any]:
    """The map that is field 1 of a message."""
    entries: dict[str, Any] = {}
    for entry in fields(data, message.start, message.stop):
        if entry.number == 1 and entry.kind == BYTES:
            parts = {part.number: part for part in fields(data, entry.start, entry.stop)}
            key = text(data, parts[1]) if 1 in parts else ""
            entries[key] = _value(data, parts[2], depth) if 2 in parts else None
    return entries


def _value(data: bytes, message: Field, depth: int) -> Any:
    """A google.protobuf.Value. It writes every number as a double, so integers are converted back."""
    if depth > _DEEPEST:
        raise ValueError("values within values without end")
    value: Any = None
    for part in fields(data, message.start, message.stop):
        if part.number == 2:
            number = double(data, part)
            value = int(number) if number.is_integer() and abs(number) < 1 << 53 else number
        elif part.number == 3:
            value = text(data, part)
        elif part.number == 4:
            value = bool(varint(data, part))
        elif part.number == 5:
            value = _entries(data, part, depth + 1)
        elif part.number == 6:
            value = [_value(data, item, depth + 1) for item in fields(data, part.start, part.stop) if item.number == 1]
    return value
