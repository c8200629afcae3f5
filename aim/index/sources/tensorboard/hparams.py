"""What the hparams plugin of TensorBoard keeps: the hyperparameters of a session, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from aim.index.sources.tensorboard.protobuf import BYTES, Field, double, fields, text, varint

_DEEPEST = 20
_FAILED = 2


@dataclass
class Session:
    params: dict[str, Any] = field(default_factory=dict)
    failed: bool | None = None
    ended_at: float | None = None


def read(content: bytes) -> Session:
    """A session, as far as the bytes tell one."""
    session = Session()
    try:
        for one in fields(content, 0, len(content)):
            if one.number == 3 and one.kind == BYTES:
                session.params = _entries(content, one, 0)
            elif one.number == 4 and one.kind == BYTES:
                session.failed = False
                for part in fields(content, one.start, one.stop):
                    if part.number == 1:
                        session.failed = varint(content, part) == _FAILED
                    elif part.number == 2:
                        session.ended_at = double(content, part)
    except ValueError:
        pass
    return session


def _entries(data: bytes, message: Field, depth: int) -> dict[str, Any]:
    """The map that is field 1 of a message."""
    found: dict[str, Any] = {}
    for entry in fields(data, message.start, message.stop):
        if entry.number == 1 and entry.kind == BYTES:
            parts = {one.number: one for one in fields(data, entry.start, entry.stop)}
            key = text(data, parts[1]) if 1 in parts else ""
            found[key] = _value(data, parts[2], depth) if 2 in parts else None
    return found


def _value(data: bytes, message: Field, depth: int) -> Any:
    """A google.protobuf.Value. It writes every number as a double, so that whole ones become int again."""
    if depth > _DEEPEST:
        raise ValueError("values within values without end")
    found: Any = None
    for one in fields(data, message.start, message.stop):
        if one.number == 2:
            number = double(data, one)
            found = int(number) if number.is_integer() and abs(number) < 1 << 53 else number
        elif one.number == 3:
            found = text(data, one)
        elif one.number == 4:
            found = bool(varint(data, one))
        elif one.number == 5:
            found = _entries(data, one, depth + 1)
        elif one.number == 6:
            found = [_value(data, item, depth + 1) for item in fields(data, one.start, one.stop) if item.number == 1]
    return found
