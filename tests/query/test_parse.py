from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aim.errors import QueryError
from aim.query.nodes import (
    Aggregate,
    Binary,
    Boolean,
    Call,
    Compare,
    List,
    Literal,
    Node,
    Reference,
    Selector,
    Span,
    Statement,
    Unary,
    names_archived,
    references,
    walk,
)
from aim.query.parse import MAX_DEPTH, parse_expression, parse_statement
from aim.query.tokens import MAX_LENGTH
from tests.query.texts import anything


def test_a_statement_has_selected_items_and_a_condition() -> None:
    text = 'loss, "train/loss", hparams.lr, params["a b"].c, tf:accuracy, tf:"a/b", * if lr < 0.1;'
    assert parse_statement(text) == Statement(
        select=(
            Selector("metric", ("loss",)),
            Selector("metric", ("train/loss",), quoted=True),
            Selector("param", ("hparams", "lr")),
            Selector("param", ("params", "a b", "c")),
            Selector("metric", ("accuracy",), source="tf"),
            Selector("metric", ("a/b",), source="tf", quoted=True),
            Selector("all"),
        ),
        where=Compare(Reference("name", ("lr",)), ("<",), (Literal(0.1),)),
    )


@pytest.mark.parametrize("text", [None, "", "  \n", ";"])
def test_an_empty_filter_of_runs_is_none(text: str | None) -> None:
    assert parse_expression(text) is None


REFERENCES = {
    "run.hash": Reference("run", ("run", "hash")),
    "run.facts.git.commit": Reference("run", ("run", "facts", "git", "commit")),
    "experiment.name": Reference("experiment", ("experiment",)),
    "metric.name": Reference("metric", ("metric",)),
    "metric.context.subset": Reference("context", ("context", "subset")),
    'context["a b"]': Reference("context", ("context", "a b")),
    "run.params.lr": Reference("param", ("params", "lr")),
    "params.in.if": Reference("param", ("params", "in", "if")),
    "run.finalized_at": Reference("run", ("run", "finished_at")),
    "run.end_time": Reference("run", ("run", "finished_at")),
    'run["end_time"]': Reference("aggregate", ("run", "end_time"), Aggregate("end_time")),
    'params["a", "b"].c': Reference("param", ("params", "a", "b", "c")),
    'run.metrics["a b", {"k": 1}].max': Reference(
        "aggregate", ("run", "a b", "max"), Aggregate("a b", reducer="max", context=(("k", "1"),))
    ),
    'run.metrics["a", {"k": -0.5, "l": -1.0}]': Reference(
        "aggregate", ("run", "a", "last"), Aggregate("a", context=(("k", "-0.5"), ("l", "-1")))
    ),
    'run["active"]': Reference("aggregate", ("run", "active"), Aggregate("active")),
    'run.metrics["a"]': Reference("aggregate", ("run", "a", "last"), Aggregate("a", context=())),
    "lr": Reference("param", ("lr",)),
    "run.loss": Reference("aggregate", ("run", "loss"), Aggregate("loss")),
    "run.loss.val.min": Reference("aggregate", ("run", "loss", "val", "min"), Aggregate("loss", ("val",), "min")),
    'run.loss["min"]': Reference("aggregate", ("run", "loss", "min"), Aggregate("loss", ("min",))),
    "run.loss[1].max": Reference("aggregate", ("run", "loss", "1", "max"), Aggregate("loss", ("1",), "max")),
    'run["hash"]': Reference("aggregate", ("run", "hash"), Aggregate("hash")),
    "at_min(run.a.b, c)": Reference(
        "aggregate", ("run", "a", "b"), Aggregate("a", ("b",), "at_min", by=Aggregate("c"))
    ),
}


@pytest.mark.parametrize("text", REFERENCES)
def test_references_of_paths(text: str) -> None:
    assert parse_expression(text) == REFERENCES[text]


OWN_TEXT = {
    "lr == adam": "lr == 'adam'",
    "lr == 1": "lr == 1",
    "1 == lr": "1 == lr",
    "adam == params.lr": "'adam' == params.lr",
    "context.subset in (train, val)": "context.subset in ['train', 'val']",
    "context.subset in (train)": "context.subset in ['train']",
    "0.1 in (lr, wd)": "0.1 in [lr, wd]",
    "lr in (a, b)": "lr in ['a', 'b']",
    "a < b < c": "a < 'b' < 'c'",
    "0 < lr < 1": "0 < lr < 1",
    "lower(optimizer) == adam": "lower(optimizer) == 'adam'",
    "len(layers) == depth": "len(layers) == depth",
    "layers[0] == conv": "layers[0] == 'conv'",
    "lr * 2 > base": "lr * 2 > base",
    "experiment == default": "experiment == 'default'",
    "metric is loss": "metric is 'loss'",
    "best in run.tags": "'best' in run.tags",
    "startswith(model, res)": "startswith(model, 'res')",
    "min(a, b) == 1": "min(a, b) == 1",
    "context.subset == (train if big else val)": "context.subset == ('train' if big else 'val')",
}


@pytest.mark.parametrize("text", OWN_TEXT)
def test_a_bare_name_is_looked_up_or_text_depending_on_the_other_side(text: str) -> None:
    assert repr(parse_expression(text)) == repr(parse_expression(OWN_TEXT[text]))


def test_spans_point_into_the_text() -> None:
    text = 'loss if params.lr < 0.1 and run["a b"].max >= len(x)'
    where = parse_statement(text).where
    written = {text[node.span.start : node.span.end] for node in walk(where)}
    assert written == {
        'params.lr < 0.1 and run["a b"].max >= len(x)', "params.lr < 0.1", "params.lr", "0.1",
        'run["a b"].max >= len(x)', 'run["a b"].max', "len(x)", "x",
    }  # fmt: skip
    assert where is not None and where.span == Span(8, len(text))


def test_references_are_listed_once_in_order() -> None:
    node = parse_expression("run.hash == 'a' or lr < 1 or run.hash == 'b' or lr == params.lr")
    assert references(node) == (
        Reference("run", ("run", "hash")),
        Reference("name", ("lr",)),
        Reference("param", ("params", "lr")),
    )


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("run.archived", True),
        ("lr < 1 and not run.archived", True),
        ("archived", False),
        ('run["archived"]', False),
        ("1", False),
    ],
)
def test_whether_a_condition_names_the_archived_field(text: str, named: bool) -> None:
    assert names_archived(parse_expression(text)) is named


# Python's own parser says what binds how.

UNARY = {ast.Not: "not", ast.USub: "-", ast.UAdd: "+"}
SIGNS = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.In: "in", ast.NotIn: "not in", ast.Is: "is", ast.IsNot: "is not", ast.And: "and", ast.Or: "or",
}  # fmt: skip


def python_shape(node: ast.expr) -> str:
    match node:
        case ast.UnaryOp():
            return f"({UNARY[type(node.op)]} {python_shape(node.operand)})"
        case ast.BinOp():
            return f"({python_shape(node.left)} {SIGNS[type(node.op)]} {python_shape(node.right)})"
        case ast.BoolOp():
            return f"({f' {SIGNS[type(node.op)]} '.join(map(python_shape, node.values))})"
        case ast.Compare():
            rest = "".join(
                f" {SIGNS[type(op)]} {python_shape(right)}"
                for op, right in zip(node.ops, node.comparators, strict=True)
            )
            return f"({python_shape(node.left)}{rest})"
        case ast.IfExp():
            return f"({python_shape(node.body)} if {python_shape(node.test)} else {python_shape(node.orelse)})"
        case ast.Call(func=ast.Name(id=name)):
            return f"{name}({', '.join(map(python_shape, node.args))})"
        case ast.List() | ast.Tuple():
            return f"[{', '.join(map(python_shape, node.elts))}]"
    assert isinstance(node, ast.Constant)
    return repr(node.value)


def our_shape(node: Node) -> str:
    match node:
        case Unary():
            return f"({node.operator} {our_shape(node.operand)})"
        case Binary():
            return f"({our_shape(node.left)} {node.operator} {our_shape(node.right)})"
        case Boolean():
            return f"({f' {node.operator} '.join(map(our_shape, node.operands))})"
        case Compare():
            rest = "".join(f" {op} {our_shape(right)}" for op, right in zip(node.operators, node.rest, strict=True))
            return f"({our_shape(node.first)}{rest})"
        case Call():
            return f"{node.function}({', '.join(map(our_shape, node.arguments))})"
        case List():
            return f"[{', '.join(map(our_shape, node.items))}]"
        case Literal():
            return repr(node.value)
    test, then, otherwise = (our_shape(getattr(node, part)) for part in ("test", "then", "otherwise"))
    return f"({then} if {test} else {otherwise})"


OPERANDS = st.sampled_from(
    ["1", "2.5", "'a'", "True", "None", "-3", "- 2", "(4 + 5)", "[6, 7]", "(8, 9)", "len('x')", "1e-3"]
)
OPERATORS = st.sampled_from([sign for sign in SIGNS.values()])


@given(OPERANDS, st.lists(st.tuples(OPERATORS, st.sampled_from(["", "-", "not "]), OPERANDS), max_size=8))
def test_precedence_is_that_of_python(first: str, more: list[tuple[str, str, str]]) -> None:
    text = first + "".join(
        f" {sign} {prefix if prefix != 'not ' or sign in ('and', 'or') else ''}{operand}"
        for sign, prefix, operand in more
    )
    expected = ast.parse(text.replace("in (4 + 5)", "in ((4 + 5),)"), mode="eval").body
    parsed = parse_expression(text)
    assert parsed is not None and our_shape(parsed) == python_shape(expected)


@pytest.mark.parametrize(
    "text",
    [
        "1 if 2 else 3 if 4 else 5",
        "1 or 2 if 3 and 4 else not 5",
        "not 1 == 2",
        "2 ** -1 ** 2",
        "-2 ** 2",
        "1 < 2 == True",
    ],
)
def test_more_precedence(text: str) -> None:
    parsed = parse_expression(text)
    assert parsed is not None and our_shape(parsed) == python_shape(ast.parse(text, mode="eval").body)


# whatever is typed


@given(anything)
def test_any_text_gives_a_tree_or_an_error_with_its_place(text: str) -> None:
    for parse in (parse_statement, parse_expression):
        try:
            parse(text)
        except QueryError as error:
            assert 0 <= error.start <= error.end <= len(text)
            assert error.message.endswith((".", "`")) and str(error)


TOO_MUCH = {
    "parentheses": "(" * 5000 + "1" + ")" * 4999,
    "lists": "[" * 9000,
    "not": "not " * 2400 + "x",
    "signs": "-" * 9999 + "1",
    "powers": "2" + "**2" * 3000,
    "sums": "1" + "+1" * 4000,
    "indexes": "x" + "[0]" * 3000,
    "conditions": "1" + " if 1 else 1" * 700,
    "calls": "abs(" * 2000 + "1" + ")" * 2000,
    "length": "x" * (MAX_LENGTH + 1),
    "digits": "9" * 9000,
    "pattern": 'match(x, "' + "(a|b)" * 1500 + '")',
}


@pytest.mark.parametrize("kind", TOO_MUCH)
def test_length_and_depth_are_bounded(kind: str) -> None:
    with pytest.raises(QueryError):
        parse_expression(TOO_MUCH[kind])


LONG = {
    "or": "x" + " or x" * 1900,
    "chain": "x" + " < 1" * 2000,
    "list": "run.hash in (" + ",".join(["'a'"] * 2000) + ")",
    "path": "a." * 4000 + "b",
    "parentheses": "(" * (MAX_DEPTH - 1) + "1" + ")" * (MAX_DEPTH - 1),
}


@pytest.mark.parametrize("kind", LONG)
def test_long_flat_queries_are_fine(kind: str) -> None:
    assert parse_expression(LONG[kind]) is not None


def test_many_metrics_can_be_selected() -> None:
    assert len(parse_statement("loss" + ", loss" * 1500).select) == 1501


def test_an_error_in_a_long_query_shows_the_line_around_the_place() -> None:
    with pytest.raises(QueryError) as caught:
        parse_statement("loss\nif lr == 1 and\n  lr = 2\n")
    assert str(caught.value).split("\n")[1:3] == ["    lr = 2", "       ^"]
    with pytest.raises(QueryError) as caught:
        parse_statement("loss if " + "lr == 1 or " * 500 + "lr == ) " + "or lr" * 500)
    shown, marks = str(caught.value).split("\n")[1:3]
    assert len(shown) < 130 and shown[marks.index("^")] == ")"


def test_an_error_shows_the_place() -> None:
    with pytest.raises(QueryError) as caught:
        parse_statement("loss if lr = 1")
    assert str(caught.value) == "`=` is not part of AimQL.\n  loss if lr = 1\n             ^\nWrite `==` to compare."


@pytest.mark.parametrize("parse", [parse_statement, parse_expression])
def test_a_query_that_is_not_text_is_refused_by_its_value(parse: Callable[[Any], object]) -> None:
    for value in (5, b"loss", ["loss"]):
        with pytest.raises(TypeError) as refused:
            parse(value)
        assert str(refused.value).endswith(f", not {type(value).__name__} {value!r}")


@pytest.mark.parametrize(("text", "shown"), [("a && b", "&&"), ("a || b", "||"), ("a & b", "&"), ("a $ b", "$")])
def test_only_the_invalid_part_is_marked(text: str, shown: str) -> None:
    with pytest.raises(QueryError, match=re.escape(f"`{shown}` is not part of AimQL")) as refused:
        parse_expression(text)
    assert (refused.value.start, refused.value.end) == (2, 2 + len(shown))
