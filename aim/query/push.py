"""Weakens a condition to the part that an engine can answer. The result holds wherever the whole condition holds.

Only the runs that it leaves are evaluated in full, so `evaluate` alone defines the meaning. It omits everything that an
engine and AimQL may treat differently: `!=`, the order of texts, and conditions that hold for a missing value.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Final, TypeAlias

from aim.engine import AllOf, Among, AnyOf, Between, Condition, Contains, HasRow, Test
from aim.index.schema import SEPARATOR
from aim.index.state import dumps, numeric
from aim.query.check import is_time
from aim.query.columns import param_of, spellings
from aim.query.dates import period_of
from aim.query.evaluate import compile
from aim.query.nodes import MISSING, Aggregate, Boolean, Compare, List, Literal, Node, Reference

Constant: TypeAlias = bool | int | float | str
Paths: TypeAlias = frozenset[tuple[str, ...]]
_TURNED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "is": "is"}
_TEXTS: Final = ("hash", "id", "name", "experiment", "description", "status")
_EXTREMES: Final = ("first", "last", "min", "max")


def pushed(node: Node, leaves: Paths) -> Condition | None:
    """None if an engine cannot narrow the runs. `leaves`: the paths of all params."""
    match node:
        case Boolean(operator=operator, operands=operands):
            known = [condition for part in operands if (condition := pushed(part, leaves)) is not None]
            if operator == "or":
                return _together(AnyOf, known) if len(known) == len(operands) else None
            return _together(AllOf, known)
        case Compare():
            sides = zip((node.first, *node.rest), node.operators, node.rest, strict=False)
            pairs = [Compare(left, (sign,), (right,)) for left, sign, right in sides]
            known = [condition for pair in pairs if (condition := _pair(pair, leaves)) is not None]
            return _together(AllOf, known)
    return None


def _together(how: type[AllOf] | type[AnyOf], known: Sequence[Condition]) -> Condition | None:
    if len(known) < 2:
        return known[0] if known else None
    return how(tuple(known))


def _pair(node: Compare, leaves: Paths) -> Condition | None:
    left, sign, right = node.first, node.operators[0], node.rest[0]
    if sign == "in" and isinstance(left, Literal) and isinstance(right, Reference):
        return _tagged(right, left)
    if isinstance(left, Literal) and sign in _TURNED:
        left, sign, right = right, _TURNED[sign], left
    constants = _constants(sign, right)
    if not isinstance(left, Reference) or not constants or compile(node, (left,))([MISSING]):
        return None
    return _compared(left, "==" if sign in ("in", "is") else sign, constants, leaves)


def _constants(sign: str, node: Node) -> list[Constant]:
    """The values of a comparison; none unless they are numbers and texts that are equal in every engine."""
    if sign not in (*_TURNED, "in") or (sign == "in") != isinstance(node, List):
        return []
    items = node.items if isinstance(node, List) else (node,)
    values = [item.value for item in items if isinstance(item, Literal)]
    constants = [value for value in values if value is not None and value == value and _is_common(value)]
    return constants if len(constants) == len(items) else []


def _is_common(value: Constant) -> bool:
    return not isinstance(value, str) or "\0" not in value


def _tagged(reference: Reference, tag: Literal) -> Condition | None:
    if reference.parts != ("run", "tags") or not isinstance(tag.value, str):
        return None
    return HasRow("runs", (Contains("tags", dumps(tag.value)),))


def _compared(reference: Reference, sign: str, constants: Sequence[Constant], leaves: Paths) -> Condition | None:
    texts = tuple(value for value in constants if isinstance(value, str))
    numbers = [numeric(value) for value in constants if not isinstance(value, str)]
    if reference.kind in ("param", "name"):
        return _of_param(reference, sign, texts, numbers, leaves)
    if reference.aggregate is not None:
        number = _of_number(reference.aggregate, sign, numbers)
        param = param_of(reference)
        if param is None or number is None or not leaves.intersection(spellings(param.parts, leaves)):
            return number
        meant = _of_param(param, sign, texts, numbers, leaves)
        return None if meant is None else AnyOf((number, meant))
    if reference.kind not in ("run", "experiment") or reference.parts[:-1] not in ((), ("run",)):
        return None
    field = reference.parts[-1]
    if is_time(reference):
        return _of_time(field, sign, constants)
    return HasRow("runs", (Among(field, texts),)) if field in _TEXTS and sign == "==" and texts else None


def _of_number(wanted: Aggregate, sign: str, numbers: Sequence[float]) -> Condition | None:
    if wanted.by is not None or wanted.reducer not in _EXTREMES or not numbers:
        return None
    tests = (Among("name", (wanted.metric,)), _within(wanted.reducer, sign, numbers))
    return HasRow("series", tests, latest=False)


def _of_param(
    reference: Reference, sign: str, texts: tuple[str, ...], numbers: Sequence[float], leaves: Paths
) -> Condition | None:
    if texts and sign != "==":
        return None
    bases = [base for base in spellings(reference.parts, leaves) if base in leaves]
    path = Among("path", tuple(SEPARATOR.join(base) for base in bases))
    conditions = [HasRow("params", (path, _within("number", sign, numbers)))] if numbers else []
    return _together(
        AnyOf, conditions + ([HasRow("params", (path, Among("value", tuple(map(dumps, texts)))))] if texts else [])
    )


def _of_time(field: str, sign: str, constants: Sequence[Constant]) -> Condition | None:
    begins, ends = [], []
    for value in constants:
        dates = period_of(value) if isinstance(value, str) else None
        if dates is None and isinstance(value, str):
            return None
        begins.append(dates.start if dates else numeric(value))
        ends.append(dates.end if dates else numeric(value))
    return HasRow("runs", (_between(field, sign, min(begins), max(ends)),))


def _within(column: str, sign: str, numbers: Sequence[float]) -> Between:
    return _between(column, sign, min(numbers), max(numbers))


def _between(column: str, sign: str, low: float, high: float) -> Between:
    """Bounds are included: an integer may not fit the engine's column, and may have been rounded to the bound."""
    return Between(column, -inf if sign in ("<", "<=") else low, inf if sign in (">", ">=") else high)


def described(condition: Condition) -> str:
    """In words, for `aim query --explain`."""
    if isinstance(condition, HasRow):
        return f"{condition.table} with {' and '.join(map(_described, condition.tests))}"
    word = " and " if isinstance(condition, AllOf) else " or "
    return "(" + word.join(map(described, condition.conditions)) + ")"


def _described(test: Test) -> str:
    match test:
        case Among(column, values):
            shown = (value.replace(SEPARATOR, ".") if column == "path" else value for value in values)
            return f"{column} in [{', '.join(shown)}]"
        case Between(column, low, high):
            if low in (-inf, high):
                return f"{column} {'=' if low == high else '<='} {high}"
            return f"{column} >= {low}" if high == inf else f"{low} <= {column} <= {high}"
        case Contains(column, text):
            return f"{column} containing {text}"
