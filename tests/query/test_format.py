from __future__ import annotations

import pytest
from hypothesis import assume, given

from aim.errors import QueryError
from aim.query.format import format_node, format_path
from aim.query.nodes import Node
from aim.query.parse import parse_expression
from tests.query.texts import anything, expressions


def parsed(text: str) -> Node:
    try:
        node = parse_expression(text)
    except QueryError:
        node = None
    assume(node is not None)
    assert node is not None
    return node


@given(expressions)
def test_formatted_text_parses_to_the_same_tree(text: str) -> None:
    node = parsed(text)
    assert repr(parse_expression(format_node(node))) == repr(node)


@given(anything)
def test_any_parsed_text_formats_to_the_same_tree(text: str) -> None:
    node = parsed(text)
    assert repr(parse_expression(format_node(node))) == repr(node)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("(a==1)and(b in(x,y))", 'a == 1 and b in ["x", "y"]'),
        ("(params.x)['a'] == 1 or (run.loss)[0]", '(params.x)["a"] == 1 or (run.loss)[0]'),
        ("((1 if a else 2)) * 3", "(1 if a else 2) * 3"),
    ],
)
def test_expressions_are_printed_in_one_way(text: str, printed: str) -> None:
    node = parse_expression(text)
    assert format_node(node) == printed
    assert parse_expression(printed) == node


@pytest.mark.parametrize(
    ("parts", "printed"),
    [
        (("params", "lr"), "params.lr"),
        (("hparams", "a b", "c"), 'hparams["a b"].c'),
        (("p", 'q"\n'), 'p["q\\"\\n"]'),
        (("p", "in"), "p.in"),
    ],
)
def test_paths(parts: tuple[str, ...], printed: str) -> None:
    assert format_path(parts) == printed
