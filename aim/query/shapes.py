"""What is wrong with the shape of a value: an item that a list does not have, text where a number is needed.

Checks only queries without a match, with values of the newest runs: `Vocabulary.values`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from aim.query.check import near
from aim.query.format import format_node, quote
from aim.query.functions import FUNCTIONS
from aim.query.nodes import Binary, Call, List, Literal, Node, Reference, Subscript, Unary, children, walk
from aim.query.vocabulary import Vocabulary

MAX_NODES = 20
_WORDS = {
    "text": "text",
    "number": "a number",
    "truth": "True or False",
    "list": "a list",
    "group": "a group of params",
}
_NEGATIVE = ("!=", "is not", "not in")


def kind(value: object) -> str:
    match value:
        case bool():
            return "truth"
        case int() | float():
            return "number"
        case list() | tuple():
            return "list"
        case dict():
            return "group"
    return "text"


def without_value(where: Node | None, vocabulary: Vocabulary) -> Iterator[str]:
    """A sentence for each expression that has no value in any run although its parts have one."""
    computed = (node for node in walk(where) if isinstance(node, Subscript | Call | Binary | Unary))
    for node in islice(computed, MAX_NODES):
        if vocabulary.values(node) == []:
            yield from filter(None, [_why(node, vocabulary)])


def _why(node: Node, vocabulary: Vocabulary) -> str | None:
    parts = [part for part in children(node) if not isinstance(part, Literal)]
    known = [(part, vocabulary.values(part)) for part in parts]
    if not known or not all(values for _, values in known):
        return None
    part, values = known[0]
    if isinstance(node, Subscript):
        return _no_item(node, values or ())
    own = _several(values or ())
    if own is None:
        return None
    usage = f"; write {FUNCTIONS[node.function].usage}" if isinstance(node, Call) else ""
    return f"{format_node(part)} is {own}, so {format_node(node)} has no value{usage}."


def _no_item(node: Subscript, values: Sequence[object]) -> str | None:
    owner, index = format_node(node.value), node.index
    if not isinstance(index, Literal):
        return None
    keys = sorted({str(key) for value in values if isinstance(value, dict) for key in value})
    if keys and isinstance(index.value, str):
        guess = near(index.value, keys)
        instead = guess and format_node(Subscript(node.value, Literal(guess)))
        return f"{owner} has no part {index.value}" + (f"; did you mean {instead}?" if instead else ".")
    kinds = {kind(value) for value in values}
    if kinds in ({"list"}, {"text"}) and isinstance(index.value, int):
        longest = max(len(value) for value in values if isinstance(value, list | tuple | str))
        what = "item" if kinds == {"list"} else "character"
        many = f"{longest} {what}{'' if longest == 1 else 's'}"
        return f"{owner} has at most {many}, counted from 0, so {format_node(node)} has no value."
    if kinds & {"list", "text"} and isinstance(index.value, int):
        return None
    own = _several(values)
    return own and f"{owner} is {own}, so {format_node(node)} has no value."


def never_equal(operand: Node, operator: str, other: Node, vocabulary: Vocabulary) -> Iterator[str]:
    """A sentence for each literal that has a kind which the operand has in no run."""
    if not isinstance(operand, Subscript) and not (isinstance(operand, Reference) and operand.kind == "param"):
        return
    items = other.items if isinstance(other, List) else (other,)
    literals = [item for item in items if isinstance(item, Literal) and not item.bare and item.value is not None]
    if operator in _NEGATIVE or not literals:
        return
    values = vocabulary.values(operand) or ()
    for literal in literals:
        if note := _unlike(operand, operator, literal, values):
            yield note


def _unlike(operand: Node, operator: str, literal: Literal, values: Sequence[object]) -> str | None:
    own, asked = _several(values), kind(literal.value)
    kinds = {kind(value) for value in values}
    if own is None or asked in kinds or kinds | {asked} == {"number", "truth"}:
        return None
    if operator == "in" and kinds & {"list", "group"}:
        return None
    shown = quote(literal.value) if isinstance(literal.value, str) else str(literal.value)
    if kinds == {"list"} and operator in ("==", "is"):
        return f"{format_node(operand)} is a list: write `{shown} in {format_node(operand)}`."
    fact = f"{format_node(operand)} is {own}, so it never matches the {_named(asked, shown)}"
    instead = _instead(operand, literal, values)
    return f"{fact}; did you mean {instead}?" if instead else f"{fact}."


def _named(asked: str, shown: str) -> str:
    return f"value {shown}" if asked == "truth" else f"{asked} {shown}"


def _instead(operand: Node, literal: Literal, values: Sequence[object]) -> str | None:
    kinds, text = {kind(value) for value in values}, str(literal.value)
    if kinds == {"group"}:
        inner = next(iter(sorted(key for value in values if isinstance(value, dict) for key in value)), None)
        within = replace(operand, parts=(*operand.parts, inner or "")) if isinstance(operand, Reference) else None
        return inner and format_node(within or Subscript(operand, Literal(inner)))
    if kinds == {"text"}:
        return quote(text)
    if kinds == {"truth"}:
        return text.capitalize() if text.lower() in ("true", "false") else None
    return text if kinds == {"number"} and _is_number(text) else None


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _several(values: Sequence[object]) -> str | None:
    """The kinds of some values in words; None if there are no values."""
    return " or ".join(word for name, word in _WORDS.items() if any(kind(value) == name for value in values)) or None
