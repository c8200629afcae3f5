"""Turns what users pass into plain Python values and text: subclasses of str, int and float, enums, keys of any
type."""

from __future__ import annotations

import enum
import math
import re
import reprlib
import sys
from collections.abc import Callable, Iterable
from typing import Any

from aim.handlers import let_through

# Python turns an int of so many bits into decimal text, and back, under every limit that it can be given.
MAX_BITS = 2100
PLAIN = frozenset({str, int, float, bool, type(None)})
_WORDS = {"True": True, "False": False, "None": None}
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,29}", re.ASCII)
_NUMBER = re.compile(
    r"-?(?:0|[1-9][0-9]{0,29})(?=[.e])(?:\.(?:0|[0-9]{0,29}[1-9]))?(?:e[+-]?[0-9]{1,3})?|-?inf|nan", re.ASCII
)
_EXACT: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (str, str.__str__),
    (int, int.__int__),
    (float, float.__float__),
)
# What a terminal acts on: C0 without tab and line feed, DEL, C1, and marks that change the direction of text. Halves of
# surrogate pairs cannot be printed.
ACTING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def builtin(value: Any) -> Any:
    """`value` as the str, int, float or bool that it is, also by a subclass or in numpy: an enum of text or numbers is
    its value, another enum its name. Anything else unchanged."""
    kind = type(value)
    if kind in PLAIN:
        return value
    for exact, convert in _EXACT:
        if issubclass(kind, exact):
            return convert(value)
    if issubclass(kind, enum.Enum):
        return value._name_ or str(value)
    generic = loaded("numpy", "generic")
    if generic is not None and issubclass(kind, generic):
        item = value.item()
        return item if type(item) in PLAIN else value
    return value


def typed(text: str) -> Any:
    """The value of a param that another tracker keeps as text: a number, bool or None that is written as Python writes
    them, or else the text. `0012` and `1.50` are texts: they are IDs and versions, and a number would lose digits."""
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    if not _NUMBER.fullmatch(text):
        return text
    number = float(text)
    return text if math.isinf(number) and "inf" not in text else number


def text_of(value: object) -> str:
    """`value` as text; the name of its type if that raises."""
    try:
        plain = builtin(value)
        return hex(plain) if type(plain) is int and plain.bit_length() > MAX_BITS else builtin(str(plain))
    except Exception as error:
        let_through(error)
        return type(value).__name__


def shown(value: object, most: int = 80) -> str:
    """`repr(value)` for a message, cut; the name of its type if that raises."""
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        return f"{hex(value):.{most - 1}}…"
    brief = reprlib.Repr()
    brief.maxstring = brief.maxother = brief.maxlong = most
    try:
        return brief.repr(value)[:most]
    except Exception as error:
        let_through(error)
        return f"of type {type(value).__name__}"


def visible(text: str) -> str:
    """`text` with escapes such as `\\x1b` for the characters that a terminal would act on."""
    return ACTING.sub(lambda match: repr(match[0])[1:-1], text)


def distinct(keys: Iterable[Any], told: Callable[[str, str], None]) -> list[tuple[str, Any]]:
    """Each key with a unique text. A text key keeps its own; a key of another type whose text is taken gets another
    text, and `told(text, why)` is called."""
    listed = list(keys)
    if set(map(type, listed)) <= {str}:
        return list(zip(listed, listed, strict=True))
    taken = {key for key in listed if type(key) is str}
    again: dict[str, int] = {}
    pairs: list[tuple[str, Any]] = []
    for key in listed:
        text = own = key if type(key) is str else text_of(key)
        while type(key) is not str and text in taken:
            again[own] = again.get(own, 0) + 1
            text = f"{own} ({type(key).__name__}{f' {again[own]}' if again[own] > 1 else ''})"
        if text != own:
            told(own, f"is the text of keys of several types; that of type {type(key).__name__} is kept as {text!r}")
        taken.add(text)
        pairs.append((text, key))
    return pairs


def is_masked(value: object) -> bool:
    """Whether `value` is one masked element of a numpy masked array; then it has no value."""
    masked = loaded("numpy.ma", "MaskedArray")
    if masked is None or not issubclass(type(value), masked):
        return False
    return bool(value.size == 1 and sys.modules["numpy.ma"].getmaskarray(value).all())  # type: ignore[attr-defined]


def loaded(module: str, name: str) -> Any:
    """`name` of a module; None if the module is not imported, or another thread has only begun to import it."""
    return getattr(sys.modules.get(module), name, None)


def attribute(value: object, name: str) -> Any:
    """An attribute; None if it is missing or raises."""
    try:
        return getattr(value, name, None)
    except Exception as error:
        let_through(error)
        return None
