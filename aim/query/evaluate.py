"""Compiles a checked tree to one function over values. `compile` walks the tree once, so that a call runs only
closures.

Values of different types never raise: `!=` (and `not in`, `is not`) is True for them, every other comparison False.
Numbers and booleans are comparable (True == 1), and so are lists and tuples. A value that cannot be computed (a missing
operand, a division by zero) is None.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from aim.query.check import is_time
from aim.query.dates import period_of
from aim.query.functions import FUNCTIONS
from aim.query.nodes import (
    MISSING,
    Binary,
    Boolean,
    Call,
    Compare,
    Conditional,
    List,
    Literal,
    Node,
    Reference,
    Subscript,
    Unary,
)

Values: TypeAlias = Sequence[object]
Code: TypeAlias = Callable[[Values], Any]
Relation: TypeAlias = Callable[[Any, Any], bool]

MAX_BITS: Final = 256
MAX_TEXT: Final = 100_000
_NOT_COMPUTED: Final = (ValueError, TypeError, ArithmeticError, LookupError)


def compile(node: Node, refs: Sequence[Reference]) -> Code:
    """A function of the values of `refs`, in their order. Values that a run does not have are MISSING."""
    return _Compiler({reference: at for at, reference in enumerate(refs)}).code(node)


class _Compiler:
    def __init__(self, slots: dict[Reference, int]) -> None:
        self.slots = slots

    def code(self, node: Node) -> Code:
        match node:
            case Literal(value=value):
                return lambda _: value
            case Reference():
                return self.reference(node)
            case List():
                return self.list(node)
            case Unary():
                return self.unary(node)
            case Binary():
                return _calculated(_ARITHMETIC[node.operator], self.code(node.left), self.code(node.right))
            case Compare():
                return self.compare(node)
            case Boolean():
                return self.boolean(node)
            case Conditional():
                test, then, otherwise = self.code(node.test), self.code(node.then), self.code(node.otherwise)
                return lambda values: then(values) if test(values) else otherwise(values)
            case Subscript():
                return _calculated(_item, self.code(node.value), self.code(node.index))
            case Call():
                return self.call(node)

    def reference(self, node: Reference) -> Code:
        at = self.slots[node]
        absent = node.parts[0] if node.kind == "name" else None

        def look_up(values: Values) -> object:
            value = values[at]
            return absent if value is MISSING else value

        return look_up

    def list(self, node: List) -> Code:
        if all(isinstance(item, Literal) for item in node.items):
            whole = [item.value for item in node.items if isinstance(item, Literal)]
            return lambda _: whole
        items = [self.code(item) for item in node.items]
        return lambda values: [item(values) for item in items]

    def unary(self, node: Unary) -> Code:
        operand = self.code(node.operand)
        if node.operator == "not":
            return lambda values: not operand(values)
        sign = operator.neg if node.operator == "-" else operator.pos

        def signed(values: Values) -> object:
            value = operand(values)
            return sign(value) if isinstance(value, int | float) else None

        return signed

    def boolean(self, node: Boolean) -> Code:
        operands = [self.code(operand) for operand in node.operands]
        if len(operands) == 2:
            return (_both if node.operator == "and" else _either)(*operands)
        return _first(operands, of=node.operator == "or")

    def call(self, node: Call) -> Code:
        run = FUNCTIONS[node.function].run
        assert run is not None, "checking turned this call into a reference"
        if not node.arguments:
            once = run()
            return lambda _: once
        arguments = [self.code(argument) for argument in node.arguments]

        def called(values: Values) -> object:
            try:
                return run(*[argument(values) for argument in arguments])
            except _NOT_COMPUTED:
                return None

        return called

    # comparisons

    def compare(self, node: Compare) -> Code:
        operands = (node.first, *node.rest)
        pairs = [
            self.pair(sign, left, right) for sign, left, right in zip(node.operators, operands, node.rest, strict=False)
        ]
        if len(pairs) == 1:
            return _related(pairs[0], self.code(node.first), self.code(node.rest[0]))
        return _chained(pairs, [self.code(operand) for operand in operands])

    def pair(self, sign: str, left: Node, right: Node) -> Relation:
        timed = is_time(left) or is_time(right)
        if sign in ("in", "not in"):
            inside = self.inside(right, _same_time if timed else equal)
            return inside if sign == "in" else lambda value, other: not inside(value, other)
        if timed and sign in _TIMED:
            return _TIMED[sign]
        return _RELATIONS[sign]

    def inside(self, right: Node, same: Relation) -> Relation:
        if not isinstance(right, List):
            return lambda value, other: _within(value, other, same)
        literals = [item.value for item in right.items if isinstance(item, Literal)]
        if len(literals) < len(right.items):
            listed = len(right.items) == 1
            return lambda value, other: (
                _within(value, other, same) or listed and _within(value, other[0], same, text=False)
            )
        if same is not equal:
            return lambda value, other: _within(value, other, same)
        known = frozenset(value for value in literals if value == value)
        return lambda value, _: value in known if isinstance(value, _HASHABLE) else False


_HASHABLE: Final = (str, int, float, type(None))


def _both(left: Code, right: Code) -> Code:
    return lambda values: left(values) and right(values)


def _either(left: Code, right: Code) -> Code:
    return lambda values: left(values) or right(values)


def _first(operands: list[Code], *, of: bool) -> Code:
    """The first operand whose truth is `of`, else the last."""
    *early, last = operands

    def first(values: Values) -> object:
        for operand in early:
            value = operand(values)
            if bool(value) is of:
                return value
        return last(values)

    return first


def _related(relation: Relation, left: Code, right: Code) -> Code:
    return lambda values: relation(left(values), right(values))


def _chained(pairs: list[Relation], operands: list[Code]) -> Code:
    def chain(values: Values) -> bool:
        left = operands[0](values)
        for relation, operand in zip(pairs, operands[1:], strict=True):
            right = operand(values)
            if not relation(left, right):
                return False
            left = right
        return True

    return chain


def _calculated(calculate: Callable[[Any, Any], object], left: Code, right: Code) -> Code:
    def calculated(values: Values) -> object:
        try:
            return calculate(left(values), right(values))
        except _NOT_COMPUTED:
            return None

    return calculated


# relations


def equal(left: Any, right: Any) -> bool:
    if isinstance(left, list | tuple):
        return isinstance(right, list | tuple) and len(left) == len(right) and all(map(equal, left, right))
    return bool(left == right)


def _same(left: Any, right: Any) -> bool:
    """`is`: like `==`, but True is not 1, and nan is nan."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return equal(left, right) or (left != left and right != right)


def _within(value: Any, several: Any, same: Relation, *, text: bool = True) -> bool:
    if isinstance(several, str):
        return text and isinstance(value, str) and value in several
    if isinstance(several, dict):
        return isinstance(value, _HASHABLE) and value in several
    return isinstance(several, list | tuple) and any(same(value, item) for item in several)


def _ordered(order: Callable[[Any, Any], bool]) -> Relation:
    def relation(left: Any, right: Any) -> bool:
        if isinstance(left, int | float):
            return isinstance(right, int | float) and order(left, right)
        if isinstance(left, str):
            return isinstance(right, str) and order(left, right)
        return isinstance(left, list | tuple) and isinstance(right, list | tuple) and _ordered_lists(order, left, right)

    return relation


def _ordered_lists(order: Callable[[Any, Any], bool], left: Sequence[Any], right: Sequence[Any]) -> bool:
    try:
        return order(list(left), list(right))
    except TypeError:
        return False


def _same_time(left: Any, right: Any) -> bool:
    if isinstance(left, str):
        left, right = right, left
    period = period_of(right) if isinstance(right, str) and isinstance(left, int | float) else None
    return period.has(left) if period else equal(left, right)


def _timed(plain: Relation, holds: Callable[[float, float, float], bool], turned: Relation) -> Relation:
    """`holds` takes a moment, and the start and end of the date on the other side; `turned` is for a date on the
    left."""

    def relation(left: Any, right: Any) -> bool:
        if isinstance(left, str) and isinstance(right, int | float):
            return turned(right, left)
        period = period_of(right) if isinstance(right, str) and isinstance(left, int | float) else None
        return holds(left, period.start, period.end) if period else plain(left, right)

    return relation


_RELATIONS: Final[dict[str, Relation]] = {
    "==": equal,
    "!=": lambda left, right: not equal(left, right),
    "<": _ordered(operator.lt),
    "<=": _ordered(operator.le),
    ">": _ordered(operator.gt),
    ">=": _ordered(operator.ge),
    "is": _same,
    "is not": lambda left, right: not _same(left, right),
}
_TIMED: Final[dict[str, Relation]] = {
    "==": _same_time,
    "!=": lambda left, right: not _same_time(left, right),
    "<": _timed(_RELATIONS["<"], lambda at, start, end: at < start, lambda at, date: _TIMED[">"](at, date)),
    "<=": _timed(_RELATIONS["<="], lambda at, start, end: at < end, lambda at, date: _TIMED[">="](at, date)),
    ">": _timed(_RELATIONS[">"], lambda at, start, end: at >= end, lambda at, date: _TIMED["<"](at, date)),
    ">=": _timed(_RELATIONS[">="], lambda at, start, end: at >= start, lambda at, date: _TIMED["<="](at, date)),
}


# arithmetic


def _number(value: Any) -> Any:
    """Integers are exact up to MAX_BITS and floats beyond, so that no product or power grows without bound."""
    return float(value) if isinstance(value, int) and value.bit_length() > MAX_BITS else value


def _numbers(calculate: Callable[[Any, Any], Any]) -> Callable[[Any, Any], object]:
    def calculated(left: Any, right: Any) -> object:
        if isinstance(left, int | float) and isinstance(right, int | float):
            return _number(calculate(_number(left), _number(right)))
        return None

    return calculated


def _add(left: Any, right: Any) -> object:
    if isinstance(left, str) and isinstance(right, str):
        return left + right if len(left) + len(right) <= MAX_TEXT else None
    return _sum(left, right)


def _power(left: int | float, right: int | float) -> Any:
    if isinstance(left, int) and isinstance(right, int) and left.bit_length() * max(right, 1) > MAX_BITS:
        return math.pow(left, right)
    power = left**right
    return None if isinstance(power, complex) else power


def _item(value: Any, index: Any) -> object:
    if isinstance(value, list | tuple | str) and isinstance(index, int) or isinstance(value, dict):
        return value[index]
    return None


_sum = _numbers(operator.add)
_ARITHMETIC: Final[dict[str, Callable[[Any, Any], object]]] = {
    "+": _add,
    "-": _numbers(operator.sub),
    "*": _numbers(operator.mul),
    "/": _numbers(operator.truediv),
    "//": _numbers(operator.floordiv),
    "%": _numbers(operator.mod),
    "**": _numbers(_power),
}
