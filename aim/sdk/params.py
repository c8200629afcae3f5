"""Turns what users pass as params into plain data: nested dicts, lists, text, numbers."""

from __future__ import annotations

import dataclasses
import enum
import functools
import os
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import Any

from aim.log import record

MAX_DEPTH = 64
_ROOM = record.MAX_PAYLOAD - 4096

Kept = Callable[[str, str], None]


def plain(value: Any, path: str, told: Kept, depth: int = 0) -> Any:
    """`value` as JSON can hold it (with NaN and infinities). `told(path, why)` names what is kept only as text.

    Mappings (also OmegaConf's), dataclasses and Namespaces become dicts; sequences and sets lists; one-element arrays
    numbers.
    """
    if value is None or type(value) in (bool, int, float, str):
        return value
    if depth >= MAX_DEPTH:
        told(path, f"is nested deeper than {MAX_DEPTH} levels (or holds itself) and is kept as text")
        return f"{type(value).__name__} …"
    if isinstance(value, enum.Enum):
        return value.name
    for kind in (str, bool, int, float):
        if isinstance(value, kind):
            return kind(value)
    fields = _fields(value)
    if fields is not None:
        return {str(key): plain(one, _join(path, key), told, depth + 1) for key, one in fields}
    if isinstance(value, (bytes, bytearray, os.PathLike)):
        return os.fsdecode(value) if isinstance(value, os.PathLike) else bytes(value).decode("utf-8", "replace")
    if isinstance(value, (Sequence, Set)):
        return [plain(one, f"{path}[{i}]", told, depth + 1) for i, one in enumerate(value)]
    return _array_or_text(value, path, told, depth)


def parts(value: dict[str, Any], told: Kept) -> Iterator[dict[str, Any]]:
    """`value` as one dict, or as several that each fit in a record and add up to it."""
    if _size(value) <= _ROOM:
        yield value
        return
    for key, one in value.items():
        if _size(one) <= _ROOM:
            yield {key: one}
        elif isinstance(one, dict):
            yield from ({key: part} for part in parts(one, functools.partial(_below, told, key)))
        else:
            told(key, f"takes {_size(one):,} bytes as JSON, more than the {_ROOM:,} of one value, and is not kept")


def merge(into: dict[str, Any], value: Mapping[str, Any]) -> None:
    """Deep merge: dicts add up, anything else replaces."""
    for key, one in value.items():
        there = into.get(key)
        if isinstance(one, dict) and isinstance(there, dict):
            merge(there, one)
        else:
            into[key] = _copy(one)


def _below(told: Kept, key: str, path: str, why: str) -> None:
    told(_join(key, path), why)


def _copy(value: Any) -> Any:
    return {key: _copy(one) for key, one in value.items()} if isinstance(value, dict) else value


def _fields(value: Any) -> list[tuple[Any, Any]] | None:
    if isinstance(value, Mapping):
        return [(key, value[key]) for key in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [(field.name, getattr(value, field.name)) for field in dataclasses.fields(value)]
    if isinstance(value, Namespace):
        return list(vars(value).items())
    return None


def _array_or_text(value: Any, path: str, told: Kept, depth: int) -> Any:
    for convert in ("item", "tolist"):
        if callable(method := getattr(value, convert, None)):
            try:
                found = method()
            except (TypeError, ValueError, RuntimeError):
                continue
            if type(found) is not type(value):
                return plain(found, path, told, depth + 1)
    told(path, f"is a {type(value).__name__} and is kept as text")
    return str(value)


def _join(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)


def _size(value: Any) -> int:
    return len(record.encode_json(value))
