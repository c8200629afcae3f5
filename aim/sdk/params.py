"""Turns what users pass as params into plain data: nested dicts, lists, text, numbers."""

from __future__ import annotations

import enum
import functools
import math
import os
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Set
from typing import Any

from aim.log import record

MAX_DEPTH = 64
MAX_VALUES = 1 << 17
_ROOM = record.MAX_PAYLOAD - 4096

Warn = Callable[[str, str], None]


def plain(value: Any, path: str, told: Warn) -> Any:
    """`value` as JSON can hold it (with NaN and infinities). `told(path, why)` names what is kept only as text.

    Mappings (also OmegaConf's), dataclasses and Namespaces become dicts; sequences and sets lists; one-element arrays
    numbers.
    """
    return _Plain(told).of(value, path)


class _Plain:
    """One value being made plain: what it is inside of, and how many values may still come."""

    def __init__(self, told: Warn) -> None:
        self.told = told
        self.inside: list[int] = []
        self.left = MAX_VALUES
        self.full = False

    def of(self, value: Any, path: str) -> Any:
        if value is None or type(value) in (bool, int, float, str):
            return value
        if isinstance(value, enum.Enum):
            return value.name
        for kind in (str, bool, int, float):
            if isinstance(value, kind):
                return kind(value)
        if isinstance(value, (bytes, bytearray)):
            return bytes(value).decode("utf-8", "replace")
        if isinstance(value, os.PathLike):
            return os.fsdecode(value)
        if why := self._endless(value):
            if not self.full:
                self.told(path, f"{why} and is kept as text")
            self.full = self.left < 0
            return f"{type(value).__name__} …"
        self.inside.append(id(value))
        try:
            return self._content(value, path)
        finally:
            self.inside.pop()

    def _endless(self, value: Any) -> str | None:
        if id(value) in self.inside:
            return "contains itself"
        if len(self.inside) >= MAX_DEPTH:
            return f"is nested deeper than {MAX_DEPTH} levels"
        self.left -= _count(value)
        return f"has more than {MAX_VALUES:,} values" if self.left < 0 else None

    def _content(self, value: Any, path: str) -> Any:
        fields = _fields(value)
        if fields is not None:
            return {str(key): self.of(item, _join(path, key)) for key, item in fields}
        if isinstance(value, (Sequence, Set)):
            return [self.of(item, f"{path}[{i}]") for i, item in enumerate(value)]
        for convert in ("item", "tolist"):
            if callable(method := getattr(value, convert, None)):
                try:
                    converted = method()
                except (TypeError, ValueError, RuntimeError):
                    continue
                if type(converted) is not type(value):
                    return self.of(converted, path)
        self.told(path, f"is a {type(value).__name__} and is kept as text")
        return str(value)


def _count(value: Any) -> int:
    """How many values there are in a container or an array, without those inside of them."""
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple):
        return math.prod(length for length in shape if isinstance(length, int))
    return len(value) if isinstance(value, Collection) else 1


def parts(value: dict[str, Any], told: Warn) -> Iterator[dict[str, Any]]:
    """`value` as one dict, or as several that each fit in a record and add up to it."""
    if _size(value) <= _ROOM:
        yield value
        return
    for key, item in value.items():
        if _size(item) <= _ROOM:
            yield {key: item}
        elif isinstance(item, dict):
            yield from ({key: part} for part in parts(item, functools.partial(_below, told, key)))
        else:
            told(key, f"takes {_size(item):,} bytes as JSON, more than the {_ROOM:,} of one value, and is not kept")


def merge(into: dict[str, Any], value: Mapping[str, Any]) -> None:
    """Deep merge: dicts add up, anything else replaces."""
    for key, item in value.items():
        there = into.get(key)
        if isinstance(item, dict) and isinstance(there, dict):
            merge(there, item)
        else:
            into[key] = _copy(item)


def _below(told: Warn, key: str, path: str, why: str) -> None:
    told(_join(key, path), why)


def _copy(value: Any) -> Any:
    return {key: _copy(item) for key, item in value.items()} if isinstance(value, dict) else value


def _fields(value: Any) -> list[tuple[Any, Any]] | None:
    if isinstance(value, Mapping):
        return [(key, value[key]) for key in value]
    # Asked of modules that are loaded, because they take longer to import than everything else here.
    dataclasses, argparse = sys.modules.get("dataclasses"), sys.modules.get("argparse")
    if dataclasses is not None and dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [(field.name, getattr(value, field.name)) for field in dataclasses.fields(value)]
    if argparse is not None and isinstance(value, argparse.Namespace):
        return list(vars(value).items())
    return None


def _join(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)


def _size(value: Any) -> int:
    return len(record.encode_json(value))
