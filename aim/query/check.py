"""Checks a parsed tree: it settles what each bare name means, and checks the arguments of functions.

A bare name in a comparison is either looked up or its own text, depending on the other side:

    a literal                                              looked up
    another bare name                                      the left is looked up, the right is its own text
    a path, `experiment`, `metric`, `context.*`, `run.*`   its own text

Everywhere else (in arithmetic, as an argument, as a condition) it is looked up, and is None if it does not exist.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from typing import Literal as OneOf
from typing import NoReturn, TypeAlias

from aim.errors import QueryError
from aim.query.dates import period_of
from aim.query.functions import FUNCTIONS, Function
from aim.query.nodes import (
    MEDIA_FIELDS,
    RUN_FIELDS,
    Aggregate,
    Binary,
    Boolean,
    Call,
    Compare,
    Conditional,
    List,
    Literal,
    Node,
    Reference,
    Span,
    Subscript,
    Unary,
)
from aim.query.regex import PatternError, compile_pattern

MAX_KNOWN = 2_000
MAX_WORD = 100
# Functions of Python for times, and what does the same here.
MEANT = {"datetime": "date", "strftime": "date"}

Side: TypeAlias = OneOf["literal", "name", "path"]


def check(node: Node, text: str) -> Node:
    return _Checker(text).value(node)


def is_time(node: Node) -> bool:
    fields = {"run": RUN_FIELDS, "media": MEDIA_FIELDS}
    return isinstance(node, Reference) and node.kind in fields and fields[node.kind][node.parts[1]].type == "time"


def near(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, among the first MAX_KNOWN words."""
    if len(word) > MAX_WORD:
        return None
    import difflib  # only errors need it

    folded = {other.lower(): other for other in islice(known, MAX_KNOWN)}
    close = difflib.get_close_matches(word.lower(), folded, n=1, cutoff=0.7)
    return folded[close[0]] if close else None


class _Checker:
    def __init__(self, text: str) -> None:
        self.text = text

    def refuse(self, message: str, span: Span, hint: str | None = None) -> NoReturn:
        raise QueryError(message, text=self.text, start=span.start, end=span.end, hint=hint)

    def value(self, node: Node) -> Node:
        match node:
            case Reference(kind="name"):
                return replace(node, kind="param")
            case List():
                return replace(node, items=tuple(self.value(item) for item in node.items))
            case Unary():
                return replace(node, operand=self.value(node.operand))
            case Binary():
                return replace(node, left=self.value(node.left), right=self.value(node.right))
            case Boolean():
                return replace(node, operands=tuple(self.value(operand) for operand in node.operands))
            case Conditional():
                test, then, otherwise = self.value(node.test), self.value(node.then), self.value(node.otherwise)
                return replace(node, test=test, then=then, otherwise=otherwise)
            case Subscript():
                return replace(node, value=self.value(node.value), index=self.value(node.index))
            case Compare():
                return self.compare(node)
            case Call():
                return self.call(node)
        return node

    # comparisons

    def compare(self, node: Compare) -> Node:
        operands = (node.first, *node.rest)
        sides = ["literal", *(_side(operand) for operand in operands), "literal"]
        settled = [
            self.operand(operand, own_text="path" in (before, after) or before == "name")
            for operand, before, after in zip(operands, sides, sides[2:], strict=False)
        ]
        self.dates(settled)
        return replace(node, first=settled[0], rest=tuple(settled[1:]))

    def operand(self, node: Node, *, own_text: bool) -> Node:
        match node:
            case Reference(kind="name"):
                return Literal(node.parts[0], node.span, bare=True) if own_text else node
            case List():
                return replace(node, items=tuple(self.operand(item, own_text=own_text) for item in node.items))
            case Conditional():
                then = self.operand(node.then, own_text=own_text)
                otherwise = self.operand(node.otherwise, own_text=own_text)
                return replace(node, test=self.value(node.test), then=then, otherwise=otherwise)
        return self.value(node)

    def dates(self, operands: list[Node]) -> None:
        for left, right in zip(operands, operands[1:], strict=False):
            for operand, other in ((left, right), (right, left)):
                if is_time(operand):
                    self.date(other)

    def date(self, node: Node) -> None:
        for item in node.items if isinstance(node, List) else (node,):
            if isinstance(item, Literal) and isinstance(item.value, str) and period_of(item.value) is None:
                hint = 'Write it as "2026-01-31", "2026-01-31 14:05", "2026-01-31 14:05+02:00" or date(2026, 1, 31).'
                self.refuse(f"`{item.value}` is not a date.", item.span, hint)

    # functions

    def call(self, node: Call) -> Node:
        function = FUNCTIONS.get(node.function)
        if function is None:
            self.unknown(node)
        if not function.min_arguments <= len(node.arguments) <= function.max_arguments:
            count = len(node.arguments)
            message = f"`{node.function}` does not take {count} argument{'' if count == 1 else 's'}."
            self.refuse(message, node.span, f"Write {function.usage}: {function.meaning}.")
        if function.run is None:
            return self.best(node)
        first, *rest = node.arguments or (None,)
        settled = [self.operand(item, own_text=True) if function.text_arguments else self.value(item) for item in rest]
        if node.function in ("match", "search"):
            self.pattern(settled[0])
        arguments = (self.value(first), *settled) if first else ()
        self.of_literals(node, function, arguments)
        return replace(node, arguments=arguments)

    def of_literals(self, node: Call, function: Function, arguments: tuple[Node, ...]) -> None:
        """A call whose value does not depend on the run and does not exist, such as days("x"), is refused."""
        values = [item.value for item in arguments if isinstance(item, Literal)]
        if function.run is None or not values or len(values) < len(arguments):
            return
        try:
            if function.run(*values) is not None:
                return
        except (ValueError, TypeError, ArithmeticError, LookupError):
            pass
        shown = self.text[node.span.start : node.span.end]
        self.refuse(f"`{shown}` has no value.", node.span, f"Write {function.usage}: {function.meaning}.")

    def unknown(self, node: Call) -> NoReturn:
        guess = MEANT.get(node.function) or near(node.function, FUNCTIONS)
        hint = f"Did you mean {FUNCTIONS[guess].usage}?" if guess else f"There are {', '.join(FUNCTIONS)}."
        start = node.span.start
        self.refuse(f"There is no function `{node.function}`.", Span(start, start + len(node.function)), hint)

    def pattern(self, node: Node) -> None:
        if not (isinstance(node, Literal) and isinstance(node.value, str)):
            self.refuse("The pattern must be written as a text.", node.span, 'For example: match(run.name, "res.*").')
        try:
            compile_pattern(node.value)
        except PatternError as error:
            self.refuse(f"In the pattern, at character {error.at + 1}: {error}.", node.span)

    def best(self, node: Call) -> Node:
        shown, by = (self.series(argument, node.function) for argument in node.arguments)
        parts = ("run", shown.metric, *shown.words)
        return Reference("aggregate", parts, replace(shown, reducer=node.function, by=by), node.span)

    def series(self, node: Node, function: str) -> Aggregate:
        """A metric written as `run.loss.val`, `loss.val`, `loss` or `"train/loss"`."""
        match node:
            case Reference(kind="aggregate", aggregate=Aggregate(by=None) as aggregate) if _all_words(
                node.parts, aggregate
            ):
                return aggregate
            case Reference(kind="name" | "param") if node.parts[0] != "params":
                return Aggregate(node.parts[0], node.parts[1:])
            case Literal(value=str() as name):
                return Aggregate(name)
        hint = f"Write {function}(run.accuracy, run.loss.val), without .last or another reducer."
        self.refuse(f"`{function}` takes two metrics.", node.span, hint)


def _all_words(parts: tuple[str, ...], aggregate: Aggregate) -> bool:
    return len(parts) == 2 + len(aggregate.words)


def _side(node: Node) -> Side:
    """How an operand affects a bare name next to it."""
    match node:
        case Reference():
            return "name" if node.kind == "name" else "path"
        case List():
            return _strongest(node.items)
        case Conditional():
            return _strongest((node.then, node.otherwise))
        case Subscript():
            return _side(node.value)
        case Call() if node.function in FUNCTIONS and FUNCTIONS[node.function].gives == "text":
            return _strongest(node.arguments)
    return "literal"


def _strongest(nodes: Iterable[Node]) -> Side:
    sides = {_side(node) for node in nodes}
    return "path" if "path" in sides else "name" if "name" in sides else "literal"
