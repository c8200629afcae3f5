"""The filters and orders of `wandb.Api().runs(...)`, which are written as in MongoDB."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from aim.plain import shown

MAX_DEPTH = 20


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """Values of different types are in no order."""

    def call(value: Any, wanted: Any) -> bool:
        try:
            return bool(compare(value, wanted))
        except TypeError:
            return False

    return call


def _equal(value: Any, wanted: Any) -> bool:
    return value == wanted or (isinstance(value, list) and wanted in value)


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "$eq": _equal,
    "$ne": lambda value, wanted: not _equal(value, wanted),
    "$gt": _ordered(lambda value, wanted: value > wanted),
    "$gte": _ordered(lambda value, wanted: value >= wanted),
    "$lt": _ordered(lambda value, wanted: value < wanted),
    "$lte": _ordered(lambda value, wanted: value <= wanted),
    "$in": lambda value, wanted: any(_equal(value, item) for item in wanted),
    "$nin": lambda value, wanted: not any(_equal(value, item) for item in wanted),
    "$exists": lambda value, wanted: (value is not None) == bool(wanted),
    "$regex": lambda value, wanted: isinstance(value, str) and re.search(wanted, value) is not None,
}
_JOINED: dict[str, Callable[[Iterable[bool]], bool]] = {
    "$and": all,
    "$or": any,
    "$nor": lambda answers: not any(answers),
}


def holds(condition: Any, value_of: Callable[[str], Any], depth: int = 0) -> bool:
    """Whether a condition such as `{"config.lr": {"$lt": 0.1}, "state": "finished"}` holds. `value_of` gives the value
    of a field, or None."""
    if not isinstance(condition, Mapping) or depth > MAX_DEPTH:
        raise ValueError(f"filters must be a dict such as {{'config.lr': {{'$lt': 0.1}}}}, not {shown(condition)}")
    return all(_holds(field, wanted, value_of, depth) for field, wanted in condition.items())


def _holds(field: str, wanted: Any, value_of: Callable[[str], Any], depth: int) -> bool:
    if field in _JOINED:
        return _JOINED[field](holds(part, value_of, depth + 1) for part in wanted)
    value = value_of(field)
    if not isinstance(wanted, Mapping):
        return _equal(value, wanted)
    return all(_compared(value, operator, operand, value_of, depth) for operator, operand in wanted.items())


def _compared(value: Any, operator: str, operand: Any, value_of: Callable[[str], Any], depth: int) -> bool:
    if operator == "$not" and isinstance(operand, Mapping):
        return not all(_compared(value, name, other, value_of, depth + 1) for name, other in operand.items())
    if operator not in _OPERATORS:
        raise ValueError(f"filters have no operator {shown(operator)}; there are {', '.join([*_OPERATORS, *_JOINED])}")
    return _OPERATORS[operator](value, operand)


def sort_key(value: Any) -> tuple[int, Any]:
    """Numbers before texts before values that a run does not have."""
    if isinstance(value, (int, float)):
        return (0, value)
    return (1, str(value)) if value is not None else (2, 0)
