"""Turns what users pass as params into plain data: nested dicts, lists, text, numbers."""

from __future__ import annotations

import functools
import math
import os
import sys
import types
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from itertools import islice
from typing import Any

from aim.handlers import let_through
from aim.log.record import Warn, below
from aim.plain import MAX_BITS, attribute, builtin, distinct, is_masked, loaded, text_of

MAX_DEPTH = 64
MAX_VALUES = 1 << 17
LEFT_OUT = object()


def plain(value: Any, path: str, told: Warn, refused: Warn) -> Any:
    """`value` as JSON can hold it (with NaN and infinities). `told(path, why)` names what is kept in another form, and
    `refused(path, why)` what is not kept because it cannot be read: it is LEFT_OUT, None in a list, absent from a dict.

    Mappings, dataclasses, Namespaces and the configs of OmegaConf, ml_collections, pydantic, attrs and msgspec become
    dicts; sequences and sets lists; one-element arrays numbers.
    """
    return _Plain(told, refused).of(value, path)


class _Plain:
    """One value being made plain: what it is inside of, and how many values may still come."""

    def __init__(self, told: Warn, refused: Warn) -> None:
        self.told = told
        self.refused = refused
        self.inside: list[int] = []
        self.left = MAX_VALUES
        self.full = False

    def of(self, value: Any, path: str) -> Any:
        depth = len(self.inside)
        try:
            return self._of(builtin(value), path)
        except Exception as error:
            let_through(error)
            return self._unread(path, error)
        finally:
            del self.inside[depth:]

    def _of(self, value: Any, path: str) -> Any:
        if type(value) is int and value.bit_length() > MAX_BITS:
            self.told(path, f"is an integer of {value.bit_length():,} bits and is kept as hexadecimal text")
            return hex(value)
        if value is None or type(value) in (bool, int, float, str):
            return value
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
        return self._content(value, path)

    def _unread(self, path: str, error: Exception) -> Any:
        self.refused(path, f"cannot be read and is not kept ({_reason(error)})")
        return LEFT_OUT

    def _endless(self, value: Any) -> str | None:
        if id(value) in self.inside:
            return "contains itself"
        if len(self.inside) >= MAX_DEPTH:
            return f"is nested deeper than {MAX_DEPTH} levels"
        self.left -= _count(value)
        return f"has more than {MAX_VALUES:,} values" if self.left < 0 else None

    def _content(self, value: Any, path: str) -> Any:
        entries = _entries(value)
        if entries is not None:
            return self._dict(*entries, path)
        if isinstance(value, (Sequence, Set)):
            return self._list(value, path)
        if is_masked(value):
            return None
        for convert in ("item", "tolist"):
            if callable(method := attribute(value, convert)):
                try:
                    converted = method()
                except Exception as error:
                    let_through(error)
                    continue
                if type(converted) is not type(value):
                    return self.of(converted, path)
        return self._text(value, path)

    def _dict(self, keys: Iterable[Any], get: Callable[[Any], Any], path: str) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for text, key in distinct(islice(keys, MAX_VALUES), functools.partial(below, self.told, path)):
            item = self._item(functools.partial(get, key), _join(path, text))
            if item is not LEFT_OUT:
                made[text] = item
        return made

    def _list(self, value: Collection[Any], path: str) -> list[Any]:
        """An item that raises is None, so that the others keep their places."""
        try:
            made = [self.of(item, f"{path}[{i}]") for i, item in enumerate(islice(value, MAX_VALUES))]
        except Exception as error:
            let_through(error)
            if not isinstance(value, Sequence):
                raise
            made = [self._item(functools.partial(value.__getitem__, i), f"{path}[{i}]") for i in range(len(value))]
        return [None if item is LEFT_OUT else item for item in made]

    def _item(self, read: Callable[[], Any], path: str) -> Any:
        try:
            value = read()
        except Exception as error:
            let_through(error)
            return self._unread(path, error)
        return self.of(value, path)

    def _text(self, value: Any, path: str) -> str:
        try:
            text = str(value)
        except Exception as error:
            let_through(error)
            self.told(path, f"has no text ({_reason(error)}); the name of its type is kept")
            return type(value).__name__
        self.told(path, f"is a {type(value).__name__} and is kept as text")
        return text


def _count(value: Any) -> int:
    """How many values there are in a container or an array, without those inside of them."""
    shape = attribute(value, "shape")
    if isinstance(shape, tuple):
        return math.prod(length for length in shape if isinstance(length, int))
    return len(value) if isinstance(value, Collection) else 1


def _entries(value: Any) -> tuple[Iterable[Any], Callable[[Any], Any]] | None:
    """The keys of what is a dict in effect, and what reads the value of one. None for anything else."""
    if isinstance(value, Mapping):
        return value, value.__getitem__
    if (fields := _fields(type(value))) is not None:
        return fields, functools.partial(getattr, value)
    if (content := _content(value)) is not None:
        return content, content.__getitem__
    # What dict() takes, such as a ConfigDict; but not a table of pandas.
    if callable(getattr(type(value), "keys", None)) and hasattr(type(value), "__getitem__"):
        return None if hasattr(value, "shape") else (value.keys(), value.__getitem__)
    return None


def is_group(value: Any) -> bool:
    """Whether `value` becomes a dict of params."""
    return _entries(builtin(value)) is not None


def _fields(kind: type) -> list[str] | None:
    """The fields that a class declares: of a dataclass, of attrs, of msgspec."""
    # Asked of a module that is loaded, because it takes longer to import than everything else here.
    is_dataclass = loaded("dataclasses", "is_dataclass")
    if is_dataclass is not None and is_dataclass(kind):
        return [field.name for field in sys.modules["dataclasses"].fields(kind)]
    if isinstance(declared := getattr(kind, "__attrs_attrs__", None), tuple):
        return [field.name for field in declared]
    declared = getattr(kind, "__struct_fields__", None)
    return list(declared) if isinstance(declared, tuple) else None


def _content(value: Any) -> dict[str, Any] | None:
    """The attributes of a namespace, or the fields of a model of pydantic."""
    kind, namespace = type(value), loaded("argparse", "Namespace")
    if issubclass(kind, types.SimpleNamespace) or namespace is not None and issubclass(kind, namespace):
        return dict(vars(value))
    if hasattr(kind, "model_dump") or hasattr(kind, "__fields_set__"):
        return {**vars(value), **(attribute(value, "__pydantic_extra__") or {})}
    return None


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {text_of(error).partition(chr(10))[0]}"[:200]


def _join(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)
