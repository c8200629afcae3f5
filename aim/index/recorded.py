"""JSON objects that keep the text of their record: what nothing changes is not encoded again. To encode starts, facts
and params was a tenth of the time of folding a small run."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from aim.log import bounds, record


class Recorded(dict[str, Any]):
    """An object as it was recorded. Whoever changes one makes a dict of it first."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        """Raises ValueError for invalid JSON."""
        super().__init__(bounds.decode(text))
        self.text = text


def recorded(payload: bytes) -> Any:
    """The value of a record: `Recorded` if it is an object, written without escapes. Raises ValueError for invalid
    JSON."""
    text = payload.rstrip(b" ")
    if _as_ours(text) and text.startswith(b"{") and bounds.depth(text) <= bounds.MAX_DEPTH:
        return Recorded(text.decode())
    return record.decode_json(payload)


def _as_ours(payload: bytes) -> bool:
    return payload.isascii() and b"\\" not in payload and b'": ' not in payload


def parted(payload: bytes, name: str) -> tuple[Any, Any]:
    """The object in a record without its member `name`, and that member; None if it has none. Both are `Recorded` where
    the member is an object and the last one, and the record is written without escapes. Raises ValueError for invalid
    JSON."""
    head, between, tail = payload.rstrip(b" ").partition(b',"%s":{' % name.encode())
    if between and _as_ours(payload) and tail.endswith(b"}") and bounds.depth(payload) <= bounds.MAX_DEPTH:
        with suppress(ValueError):
            outer, inner = Recorded(f"{head.decode()}}}"), Recorded(f"{{{tail[:-1].decode()}")
            if outer and name not in outer:
                return outer, inner
    whole = record.decode_json(payload)
    return whole, whole.pop(name, None) if isinstance(whole, dict) else None
