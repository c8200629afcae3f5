"""Tokens to tree, by precedence climbing with Python's grammar of expressions and its precedence."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import NoReturn

from aim.errors import QueryError
from aim.index.sources.table import by_prefix
from aim.media import PLURALS
from aim.query.aggregate import words
from aim.query.check import MEANT, check, near
from aim.query.functions import FUNCTIONS
from aim.query.nodes import (
    MEDIA_FIELDS,
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
    Selector,
    Span,
    Statement,
    Subscript,
    Unary,
    children,
    references,
)
from aim.query.tokens import Token, tokenize

MAX_DEPTH = 60

OR, AND, NOT, COMPARISON, SUM, PRODUCT, SIGN, POWER = range(1, 9)
PRECEDENCE = {
    "or": OR, "and": AND,
    "==": COMPARISON, "!=": COMPARISON, "<>": COMPARISON, "<": COMPARISON, "<=": COMPARISON, ">": COMPARISON,
    ">=": COMPARISON, "in": COMPARISON, "not in": COMPARISON, "is": COMPARISON, "is not": COMPARISON,
    "+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "//": PRODUCT, "%": PRODUCT, "**": POWER,
}  # fmt: skip
# Fields of Aim 3's runs that have another name here.
_FIELDS_OF_AIM_3 = {"finalized_at": "finished_at", "end_time": "finished_at", "creation_time": "created_at"}
CONSTANTS = {"True": True, "False": False, "None": None, "nan": math.nan, "inf": math.inf}


def parse_statement(text: str, *, media: bool = False) -> Statement:
    """A query of metrics: the metrics to show, and after `if` the condition for runs and series. `media`: it selects
    media instead, and `images.step` is the step of an image rather than a param. A condition about series alone, such
    as `metric.name == "loss"`, selects all for which it holds, as in Aim 3."""
    if (condition := _condition_of_series(text, media=media)) is not None:
        return Statement((Selector("all"),), check(condition, text), text)
    parser = _Parser(text, selects=True, media=media)
    select = parser.selectors()
    where = parser.expression() if parser.take("if") else None
    parser.finish(where)
    return Statement(select, where and check(where, text), text)


def _condition_of_series(text: str, *, media: bool) -> Node | None:
    parser = _Parser(text, media=media)
    if not parser.begins_with_condition():
        return None
    of_series = parser.token.text in ("metric", "context", *PLURALS)
    try:
        node = parser.expression()
        parser.finish(node)
    except QueryError:
        if of_series:
            raise
        return None
    kinds = {reference.kind for reference in references(node)}
    return node if kinds & {"metric", "context", "media"} else None


def parse_expression(text: str | None, *, media: bool = False) -> Node | None:
    """A filter of runs, or of `media`; None if the text is empty."""
    if text is None or (isinstance(text, str) and not text.strip(" \t\r\n;")):
        return None
    parser = _Parser(text, media=media)
    node = parser.expression()
    parser.finish(node)
    return check(node, text)


class _Parser:
    def __init__(self, text: str, *, selects: bool = False, media: bool = False) -> None:
        self.text = text
        self.selects = selects
        self.media = media
        self.tokens = tokenize(text)
        self.at = 0
        self.depth = 0
        self.group: tuple[int, int] | None = None

    # tokens

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    @property
    def ended(self) -> bool:
        return self.at == len(self.tokens) - 1

    def advance(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def sees(self, *texts: str) -> bool:
        return self.token.kind in ("symbol", "keyword") and self.token.text in texts

    def take(self, *texts: str) -> Token | None:
        return self.advance() if self.sees(*texts) else None

    def expect(self, text: str, opening: Token, hint: str | None = None) -> Token:
        if token := self.take(text):
            return token
        self.fail(f"Expected `{text}` for the `{opening.text}` at character {opening.start + 1}", hint)

    def fail(self, expected: str, hint: str | None = None, span: Span | None = None) -> NoReturn:
        actual = f"`{self.token.text}`" if self.token.text else "the end"
        start, end = span or self.token.span
        raise QueryError(f"{expected}, found {actual}.", text=self.text, start=start, end=end, hint=hint)

    def refuse(self, message: str, span: Span, hint: str | None = None) -> NoReturn:
        raise QueryError(message, text=self.text, start=span.start, end=span.end, hint=hint)

    def since(self, start: int) -> Span:
        return Span(start, self.tokens[self.at - 1].end)

    def finish(self, node: Node | None) -> None:
        self.take(";")
        if not self.ended:
            self.fail("Expected the end or an operator", self.after_expression())
        self.bound(node)

    def bound(self, node: Node | None) -> None:
        """Chains such as 1+1+1+... nest without any parentheses."""
        left = [(node, 1)] if node else []
        while left:
            deepest, depth = left.pop()
            if depth > MAX_DEPTH:
                self.refuse(f"Nested more than {MAX_DEPTH} deep.", deepest.span, "Split the query.")
            left.extend((child, depth + 1) for child in children(deepest))

    def after_expression(self) -> str | None:
        word = self.token.text
        if word.lower() in ("and", "or", "not", "in", "is", "if") and word != word.lower():
            return f"Write `{word.lower()}`: keywords are in lower case."
        if word == ",":
            return "Metrics are listed before `if`, values in parentheses: `context.subset in (train, val)`."
        if word == "for":
            return "AimQL has no loops."
        if self.token.kind in ("text", "name", "number"):
            return "Put an operator between the two, or quotes around a text with spaces."
        return None

    # what is selected

    def begins_with_condition(self) -> bool:
        """Whether the text begins with `metric.name == ...` or the like, which cannot be selected."""
        if self.sees("(", "not"):
            return True
        roots = ("run", "metric", "context", "experiment", *(PLURALS if self.media else ()))
        if self.token.kind != "name" or self.token.text not in roots:
            return False
        if self.tokens[self.at + 1].text not in (".", "[", *PRECEDENCE):
            return False
        begin = self.at
        self.reference()
        operator, self.at = self.operator(), begin
        return operator is not None

    def selectors(self) -> tuple[Selector, ...]:
        if self.ended or self.sees("if", ";"):
            self.fail("Expected the name of a metric", "Say what to show first: `loss if params.lr < 0.01`, or `*`.")
        selected = [self.selector()]
        while self.take(","):
            selected.append(self.selector())
        if not self.ended and not self.sees("if", ";"):
            self.fail("Expected `,` or `if`", self.after_selector(selected[-1]))
        return tuple(selected)

    def selector(self) -> Selector:
        start = self.token.start
        if self.take("*"):
            return Selector("all", span=self.since(start))
        source = self.source()
        if self.token.kind == "text":
            name = self.advance().value
            return Selector("metric", (str(name),), source, quoted=True, span=self.since(start))
        if self.token.kind != "name":
            self.fail("Expected the name of a metric", self.instead_of_name())
        parts, _ = self.path()
        span = self.since(start)
        if len(parts) == 1 or source:
            return Selector("metric", (".".join(parts),), source, quoted=len(parts) > 1, span=span)
        if parts[0] in ("run", "context"):
            self.refuse(f"`{self.text[span.start : span.end]}` cannot be selected.", span, "Select metrics and params.")
        return Selector("param", parts, span=span)

    def source(self) -> str | None:
        if not (self.token.kind == "name" and self.tokens[self.at + 1].text == ":"):
            return None
        name = self.advance()
        self.advance()
        if name.text not in by_prefix():
            known = [f"`{prefix}:name` selects metrics of {row.title}" for prefix, row in by_prefix().items()]
            self.refuse(f"There is no source `{name.text}:`.", name.span, f"{', '.join(known)}.")
        return name.text

    def instead_of_name(self) -> str | None:
        if self.token.kind in ("number", "keyword"):
            return f'Write it in quotes: "{self.token.text}".'
        return "Say what to show first: `loss if params.lr < 0.01`, or `*`."

    def after_selector(self, selected: Selector) -> str | None:
        if self.sees("/", "-", "//"):
            written = re.compile(r"[^\s,;]*").match(self.text, selected.span.start)
            return f'Write such a name in quotes: "{written and written[0]}".'
        if self.token.text in PRECEDENCE:
            return "Say what to show first: `loss if params.lr < 0.01`."
        if self.token.text.lower() == "if":
            return self.after_expression()
        return "Metrics are listed with commas between them." if self.token.kind in ("name", "text") else None

    # expressions

    def expression(self) -> Node:
        start = self.token.start
        node = self.climb(OR)
        if not self.take("if"):
            return node
        test = self.climb(OR)
        if not self.take("else"):
            for_query = "A query has one `if`; join conditions with `and`."
            none = "A filter of runs has nothing before `if`: write only the condition."
            self.fail("Expected `else`", for_query if self.selects else none)
        otherwise = self.expression()
        return Conditional(test, node, otherwise, self.since(start))

    def climb(self, floor: int) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.refuse(f"Nested more than {MAX_DEPTH} deep.", self.token.span, "Split the query.")
        start = self.token.start
        node = self.operand(floor)
        while (operator := self.operator()) and PRECEDENCE[operator] >= floor:
            node = self.joined(node, operator, start)
        self.depth -= 1
        return node

    def operator(self) -> str | None:
        """The next binary operator, which is not consumed yet."""
        if self.token.kind not in ("symbol", "keyword"):
            return None
        first, second = self.token.text, self.tokens[self.at + 1].text
        pair = f"{first} {second}"
        if pair in ("not in", "is not"):
            return pair
        return first if first in PRECEDENCE else None

    def take_operator(self, operator: str) -> None:
        self.at += 2 if " " in operator else 1

    def joined(self, left: Node, operator: str, start: int) -> Node:
        level = PRECEDENCE[operator]
        if level in (OR, AND):
            return self.boolean(left, operator, start)
        if level == COMPARISON:
            return self.comparison(left, start)
        self.take_operator(operator)
        right = self.climb(level if level == POWER else level + 1)
        return Binary(operator, left, right, self.since(start))

    def boolean(self, left: Node, operator: str, start: int) -> Node:
        operands = [left]
        while self.take(operator):
            operands.append(self.climb(PRECEDENCE[operator] + 1))
        return Boolean("and" if operator == "and" else "or", tuple(operands), self.since(start))

    def comparison(self, first: Node, start: int) -> Node:
        operators: list[str] = []
        rest: list[Node] = []
        while (operator := self.operator()) and PRECEDENCE[operator] == COMPARISON:
            self.take_operator(operator)
            operators.append("!=" if operator == "<>" else operator)
            rest.append(self.members() if operator in ("in", "not in") else self.climb(COMPARISON + 1))
        return Compare(first, tuple(operators), tuple(rest), self.since(start))

    def members(self) -> Node:
        """The right side of `in`, where a single value in parentheses is a list."""
        start, opening = self.token.start, self.at
        node = self.climb(COMPARISON + 1)
        if self.group == (opening, self.at) and not isinstance(node, List):
            return List((node,), self.since(start))
        return node

    def operand(self, floor: int) -> Node:
        start = self.token.start
        if self.sees("not"):
            if floor > NOT:
                self.fail("Expected a value", "Put `not ...` in parentheses here.")
            self.advance()
            return Unary("not", self.climb(NOT), self.since(start))
        if sign := self.take("-", "+"):
            return Unary(sign.text, self.climb(SIGN), self.since(start))
        return self.postfix(self.primary(), start)

    def primary(self) -> Node:
        token = self.token
        if token.kind in ("number", "text"):
            self.advance()
            return Literal(token.value, token.span)
        if token.text in CONSTANTS and token.kind in ("keyword", "name"):
            self.advance()
            return Literal(CONSTANTS[token.text], token.span)
        if token.kind == "name":
            return self.call() if self.tokens[self.at + 1].text == "(" else self.reference()
        if self.sees("("):
            return self.parenthesized()
        if self.sees("[", "{"):
            return self.listed()
        self.fail("Expected a value", "`if` is followed by a condition." if self.previous_is("if") else None)

    def previous_is(self, text: str) -> bool:
        return self.at > 0 and self.tokens[self.at - 1].text == text

    def parenthesized(self) -> Node:
        at, opening = self.at, self.advance()
        if self.take(")"):
            return List((), self.since(opening.start))
        node = self.expression()
        if self.sees(","):
            items = self.items(")", opening, node)
            return List(items, self.since(opening.start))
        self.expect(")", opening)
        self.group = (at, self.at)
        return node

    def listed(self) -> Node:
        opening = self.advance()
        closing = "]" if opening.text == "[" else "}"
        if self.take(closing):
            return List((), self.since(opening.start))
        items = self.items(closing, opening, self.expression())
        return List(items, self.since(opening.start))

    def items(self, closing: str, opening: Token, first: Node) -> tuple[Node, ...]:
        """The items of a list after the first one, up to the closing bracket."""
        items = [first]
        while self.take(",") and not self.sees(closing):
            items.append(self.expression())
        hints = {":": "AimQL has no dictionaries and no slices.", "for": "AimQL has no loops."}
        self.expect(closing, opening, hints.get(self.token.text))
        return tuple(items)

    def call(self) -> Call:
        name, opening = self.advance(), self.advance()
        if self.take(")"):
            return Call(name.text, (), self.since(name.start))
        arguments = self.items(")", opening, self.expression())
        return Call(name.text, arguments, self.since(name.start))

    def postfix(self, node: Node, start: int) -> Node:
        """`value[index]`, `value[index].part` and `value.function()`. Other values have no parts."""
        while self.sees("[", "."):
            if self.before_method():
                node = self.method(node, start)
            elif opening := self.take("["):
                index = self.expression()
                self.expect("]", opening, "AimQL has no slices: see startswith()." if self.sees(":") else None)
                node = Subscript(node, index, self.since(start))
            elif isinstance(node, Subscript):
                dot = self.token.start
                node = Subscript(node, Literal(self.dotted(), self.since(dot + 1)), self.since(start))
            else:
                break
        if self.sees(".", "("):
            self.fail("Expected an operator", "Only names have parts, and only functions are called.")
        return node

    def before_method(self) -> bool:
        name, opening = self.tokens[self.at + 1 : self.at + 3] if self.at + 2 < len(self.tokens) else (self.token,) * 2
        return self.sees(".") and name.kind == "name" and opening.text == "("

    def method(self, value: Node, start: int) -> Node:
        """`value.function(...)`, the same as `function(value, ...)`."""
        self.advance()
        name, function = self.token, FUNCTIONS.get(self.token.text)
        if function is None or function.run is None:
            guess = MEANT.get(name.text) or near(
                name.text, [word for word, row in FUNCTIONS.items() if row.run is not None]
            )
            hint = "Leave out the parentheses." if name.text in REDUCERS else guess and f"Did you mean .{guess}(...)?"
            self.refuse(f"There is no function `{name.text}`.", name.span, hint)
        call = self.call()
        return replace(call, arguments=(value, *call.arguments), span=self.since(start))

    # names

    def path(self) -> tuple[tuple[str, ...], tuple[bool, ...]]:
        """The parts of a dotted or indexed name, and which of them were quoted."""
        parts, quoted = [self.advance().text], [False]
        while self.sees(".", "[") and not self.before_method():
            some = (self.dotted(),) if self.sees(".") else self.indexed(parts)
            if not some:
                break
            parts.extend(some)
            quoted.extend([self.tokens[self.at - 1].kind not in ("name", "keyword")] * len(some))
        return tuple(parts), tuple(quoted)

    def dotted(self) -> str:
        self.advance()
        if self.token.kind == "text":
            return str(self.advance().value)
        if self.token.kind not in ("name", "keyword"):
            self.fail("Expected a name after the dot", 'Other names are indexed: params["a b"].')
        return self.advance().text

    def indexed(self, parts: list[str]) -> tuple[str, ...]:
        """The texts between brackets, `params["a b"]` or `run["hparams", "lr"]`. None, with nothing consumed, if it is
        a position in a list."""
        of_series = parts[0] == "run" and not (len(parts) > 1 and parts[1] in RUN_FIELDS)
        ahead = self.tokens[self.at + 1 :]
        count = 1
        while len(ahead) > 2 * count and ahead[2 * count - 1].text == "," and ahead[2 * count].kind == "text":
            count += 1
        inside = ahead[: 2 * count - 1 : 2]
        is_text = all(token.kind == "text" for token in inside) or (
            of_series and count == 1 and inside[0].kind == "number"
        )
        if len(ahead) < 2 * count or ahead[2 * count - 1].text != "]" or not is_text:
            return ()
        self.at += 1 + 2 * count
        return tuple(str(token.value) for token in inside)

    def begins_metric_of_run(self) -> bool:
        """`run.metrics["loss"]`, as in Aim 3."""
        ahead = self.tokens[self.at : self.at + 5]
        return [token.text for token in ahead[:4]] == ["run", ".", "metrics", "["] and ahead[-1].kind == "text"

    def metric_of_run(self) -> Node:
        """`run.metrics["loss", {"subset": "train"}].last`: the series with exactly this context, by default none."""
        start = self.token.start
        self.at += 3
        opening, name = self.advance(), str(self.advance().value)
        context = self.exact_context() if self.take(",") else ()
        self.expect("]", opening)
        reducer = self.dotted() if self.sees(".") and not self.before_method() else "last"
        span = self.since(start)
        if reducer not in REDUCERS:
            self.refuse(f"There is no `.{reducer}` of a metric.", span, f"There are {', '.join(REDUCERS)}.")
        return Reference("aggregate", ("run", name, reducer), Aggregate(name, reducer=reducer, context=context), span)

    def exact_context(self) -> tuple[tuple[str, str], ...]:
        opening = self.token
        example = 'Write a context as {"subset": "train"}.'
        if not self.take("{"):
            self.fail("Expected a context", example)
        values: dict[str, object] = {}
        while not self.take("}"):
            if self.token.kind != "text" or self.tokens[self.at + 1].text != ":":
                self.fail("Expected a key of the context", example)
            key = str(self.advance().value)
            self.advance()
            values[key] = self.constant(example)
            if not self.take(",") and not self.sees("}"):
                self.expect("}", opening)
        return words(values)

    def constant(self, example: str) -> object:
        sign, node = self.take("-"), self.primary()
        value = node.value if isinstance(node, Literal) else None
        if sign and isinstance(value, int | float) and not isinstance(value, bool):
            return -value
        if sign or not isinstance(node, Literal):
            self.refuse("The value of a context is a text or a number here.", node.span, example)
        return value

    def reference(self) -> Node:
        if self.begins_metric_of_run():
            return self.metric_of_run()
        start = self.token.start
        parts, quoted = self.path()
        span = self.since(start)
        match parts:
            case (name,):
                return self.root(name, span)
            case ("run", *_):
                return self.of_run(parts, quoted, span)
            case ("context", _):
                return Reference("context", parts, span=span)
            case ("metric", "context", key):
                return Reference("context", ("context", key), span=span)
            case ("metric", "name"):
                return Reference("metric", ("metric",), span=span)
            case (kind, *_) if self.media and kind in PLURALS:
                return self.of_media(parts, span)
            case ("experiment", "name"):
                return Reference("experiment", ("experiment",), span=span)
            case ("context" | "metric" | "experiment", *_):
                self.refuse_parts(parts, span)
        return Reference("param", parts, span=span)

    def root(self, name: str, span: Span) -> Node:
        if name == "experiment" or name == "metric":
            return Reference("experiment" if name == "experiment" else "metric", (name,), span=span)
        if name in ("run", "params", "context"):
            examples = {"run": "run.hash", "params": "params.lr", "context": "context.subset"}
            self.refuse(f"`{name}` alone has no value.", span, f"Name a part of it, such as {examples[name]}.")
        return Reference("name", (name,), span=span)

    def of_media(self, parts: tuple[str, ...], span: Span) -> Node:
        kind, field, *keys = parts
        if field not in MEDIA_FIELDS or len(keys) != (1 if MEDIA_FIELDS[field].type == "group" else 0):
            written = self.text[span.start : span.end]
            known = ", ".join(name for name, row in MEDIA_FIELDS.items() if row.type != "group")
            hint = f"There are {known} and context.KEY of {kind}. A param of that name is params.{written}."
            self.refuse(f"There is no `{written}`.", span, hint)
        return Reference("media", parts, span=span)

    def refuse_parts(self, parts: tuple[str, ...], span: Span) -> NoReturn:
        has = {
            "context": 'A context has one level: context.subset, context["a.b"].',
            "metric": "A metric has `metric.name` and `metric.context.subset`; its numbers are those of a run, such as "
            "run.loss.last.",
            "experiment": "An experiment has only its name: `experiment == baseline`.",
        }
        written = self.text[span.start : span.end]
        self.refuse(f"There is no `{written}`.", span, f"{has[parts[0]]} A param of that name is params.{written}.")

    def of_run(self, parts: tuple[str, ...], quoted: tuple[bool, ...], span: Span) -> Node:
        if parts[1] == "params" and len(parts) > 2 and not quoted[1]:
            return Reference("param", parts[1:], span=span)
        if len(parts) == 2 and parts[1] in _FIELDS_OF_AIM_3 and not quoted[1]:
            return Reference("run", ("run", _FIELDS_OF_AIM_3[parts[1]]), span=span)
        if len(parts) == 2 and parts[1] == "active" and not quoted[1]:
            return Compare(Reference("run", ("run", "status"), span=span), ("==",), (Literal("running", span),), span)
        if parts[1] not in RUN_FIELDS or quoted[1]:
            return Reference("aggregate", parts, _aggregate(parts, quoted), span)
        if RUN_FIELDS[parts[1]].type == "group":
            if len(parts) == 2:
                example = {"packages": "torch", "env": "CUDA_VISIBLE_DEVICES"}.get(parts[1], "python")
                self.refuse(
                    f"`run.{parts[1]}` alone has no value.", span, f"Name one, such as run.{parts[1]}.{example}."
                )
        elif len(parts) > 2:
            is_part = RUN_FIELDS[parts[1]].type == "time" and parts[2] in FUNCTIONS
            written = f"{parts[2]}(run.{parts[1]})" if is_part else f"run.{parts[1]}"
            self.refuse(f"`run.{parts[1]}` has no parts.", span, f"Write {written}.")
        return Reference("run", parts, span=span)


def _aggregate(parts: tuple[str, ...], quoted: tuple[bool, ...]) -> Aggregate:
    """`run.metric.word.word.reducer`. A quoted part is never a reducer."""
    if len(parts) > 2 and parts[-1] in REDUCERS and not quoted[-1]:
        return Aggregate(parts[1], parts[2:-1], parts[-1])
    return Aggregate(parts[1], parts[2:])
