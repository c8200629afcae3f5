"""Formats trees as text. The text parses to the same tree."""

from __future__ import annotations

from aim.query.nodes import (
    REDUCERS,
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
    Subscript,
    Unary,
)
from aim.query.parse import AND, COMPARISON, NOT, OR, POWER, PRECEDENCE, SIGN
from aim.query.tokens import WORD

ESCAPES = {ord("\\"): "\\\\", ord('"'): '\\"', ord("\n"): "\\n", ord("\r"): "\\r", ord("\t"): "\\t"}
_ANY, _TIGHT = 0, POWER + 1


def format_node(node: Node, floor: int = _ANY) -> str:
    """The node as text, in parentheses if it binds less tightly than `floor`."""
    text = _text(node)
    return text if _level(node) >= floor else f"({text})"


def format_path(parts: tuple[str, ...]) -> str:
    """`a.b`, or `a["b c"]` if a part is not a name."""
    return parts[0] + "".join(_part(part) for part in parts[1:])


def quote(text: str) -> str:
    return f'"{text.translate(ESCAPES)}"'


def _part(part: str, *, dotted: bool = True) -> str:
    return f".{part}" if dotted and WORD.fullmatch(part) else f"[{quote(part)}]"


def _level(node: Node) -> int:
    match node:
        case Boolean(operator=operator):
            return OR if operator == "or" else AND
        case Compare():
            return COMPARISON
        case Unary(operator=operator):
            return NOT if operator == "not" else SIGN
        case Binary(operator=operator):
            return PRECEDENCE[operator]
        case Conditional():
            return _ANY
    return _TIGHT


def _text(node: Node) -> str:
    match node:
        case Literal(value=value):
            return quote(value) if isinstance(value, str) else repr(value)
        case List(items=items):
            return f"[{', '.join(format_node(item) for item in items)}]"
        case Reference():
            return _reference(node)
        case Call(function=function, arguments=arguments):
            return f"{function}({', '.join(format_node(argument) for argument in arguments)})"
        case Unary(operator="not", operand=operand):
            return f"not {format_node(operand, NOT)}"
        case Unary(operator=operator, operand=operand):
            return operator + format_node(operand, SIGN)
        case Binary():
            return _binary(node)
        case Compare():
            pairs = zip(node.operators, node.rest, strict=True)
            rest = "".join(f" {operator} {format_node(right, COMPARISON + 1)}" for operator, right in pairs)
            return format_node(node.first, COMPARISON + 1) + rest
        case Boolean(operator=operator, operands=operands):
            return f" {operator} ".join(format_node(operand, PRECEDENCE[operator] + 1) for operand in operands)
        case Conditional(test=test, then=then, otherwise=otherwise):
            return f"{format_node(then, OR)} if {format_node(test, OR)} else {format_node(otherwise)}"
        case Subscript():
            return _index(node)


def _binary(node: Binary) -> str:
    level = PRECEDENCE[node.operator]
    left, right = (level + 1, level) if node.operator == "**" else (level, level + 1)
    return f"{format_node(node.left, left)} {node.operator} {format_node(node.right, right)}"


def _index(node: Subscript) -> str:
    """In parentheses if the index would otherwise be read as another part of the path."""
    value, index = format_node(node.value, _TIGHT), format_node(node.index)
    match (node.value, node.index):
        case (Reference(kind="aggregate"), Literal()) | (Reference(), Literal(value=str())):
            return f"({value})[{index}]"
    return f"{value}[{index}]"


def _reference(node: Reference) -> str:
    aggregate = node.aggregate
    if aggregate is None:
        return format_path(node.parts)
    if aggregate.by is not None:
        return f"{aggregate.reducer}({_series(aggregate)}, {_series(aggregate.by)})"
    if aggregate.context is not None:
        context = ", ".join(f"{quote(key)}: {value}" for key, value in aggregate.context)
        exactly = f", {{{context}}}" if context else ""
        return f"run.metrics[{quote(aggregate.metric)}{exactly}].{aggregate.reducer}"
    written = len(node.parts) > 2 + len(aggregate.words)
    return _series(aggregate, reducer=aggregate.reducer if written else None)


def _series(aggregate: Aggregate, *, reducer: str | None = None) -> str:
    """A word that equals a reducer's name, and a metric that equals a field's name, are written in brackets."""
    words = [_part(aggregate.metric, dotted=aggregate.metric not in RUN_FIELDS and aggregate.metric != "params")]
    for at, word in enumerate(aggregate.words, start=1):
        last = at == len(aggregate.words) and reducer is None
        words.append(_part(word, dotted=not (last and word in REDUCERS)))
    return "run" + "".join(words) + (f".{reducer}" if reducer else "")
