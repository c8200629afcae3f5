"""The results of single conditions for single values; cases/*.txt hold the results of whole queries."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from aim.errors import QueryError
from aim.query.evaluate import compile
from aim.query.nodes import MISSING, Missing, Reference, references
from aim.query.parse import parse_expression
from tests.query.texts import expressions, values


def evaluated(text: str, *given: object) -> Any:
    node = parse_expression(text)
    assert node is not None
    return compile(node, references(node))(given)


def test_values_are_taken_in_the_order_of_the_references_given() -> None:
    node = parse_expression("params.a - params.b == 1")
    assert node is not None
    refs = (Reference("param", ("params", "b")), Reference("param", ("params", "a")))
    assert compile(node, refs)([2, 3]) is True
    assert compile(node, refs)([3, 2]) is False


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("lr < 0.1", 0.01, True),
        ("lr < 0.1", MISSING, False),
        ("lr == 'lr'", MISSING, True),
        ("lr == 'lr'", None, False),
        ("params.lr is None", MISSING, True),
        ("lr", MISSING, None),
        ("lr + 1", MISSING, None),
        ("abs(lr)", MISSING, None),
        ("params.x == (1, 2)", [1, 2], True),
        ("params.x == [1, [2]]", (1, (2,)), True),
        ("params.x < [2]", [1, 5], True),
        ("params.x < ['a']", [1], False),
        ("params.x in (1, 'a', None)", [1], False),
        ("params.x in (1, 'a', None)", {"a": 1}, False),
        ("params.x not in (1, 'a', None)", [1], True),
        ("params.x in ([1], 2)", [1], True),
        ("'k' in params.x", {"k": 1}, True),
        ("(params.x)['k'] == 1", {"k": 1}, True),
        ("params.x in (nan, 1)", math.nan, False),
        ("params.x is nan", math.nan, True),
        ("params.x is not nan", 1.0, True),
        ("params.x == 1", True, True),
        ("params.x is 1", True, False),
        ("params.x * 2", 2**63, 2**64),
        ("params.x * params.x", 2**200, float(2**200) * float(2**200)),
        ("params.x ** 2", 10**200, None),
        ("params.x + 'b'", "a", "ab"),
        ("params.x + 'b'", "a" * 100_000, None),
        ("params.x * 3", "a", None),
        ("params.x[1]", "abc", "b"),
        ("params.x[9]", "abc", None),
        ("params.x[True]", [1, 2], 2),
        ("-params.x", "a", None),
        ("str(params.x)", 1, "1"),
        ("int(params.x)", math.inf, None),
        ("round(params.x, 10**9)", 1.25, 1.25),
        ("year(params.x)", 0, 1970),
        ("year(params.x)", 1e30, None),
        ("date(params.x)", "2026-01-31 10:00", "2026-01-31"),
        ("hour(params.x)", "not a date", None),
        ("match(params.x, 'a*')", 1, None),
        ("run.created_at == '2026'", 1767225600.0, True),
        ("run.created_at < '2026'", 1767225600.0, False),
        ("run.finished_at < '2026'", None, False),
        ("run.finished_at != '2026'", None, True),
        ("run.tags == ['a', 'b']", ("a", "b"), True),
    ],
)
def test_one_value(text: str, value: object, expected: object) -> None:
    result = evaluated(text, value)
    assert result == expected and type(result) is type(expected)


@pytest.mark.parametrize("value", [MISSING, None, 0, 0.0, "", [], {}, False])
def test_falsy_values(value: object) -> None:
    assert bool(value) is False and bool(evaluated("not params.x", value)) is True


def test_missing_is_a_falsy_singleton() -> None:
    assert isinstance(MISSING, Missing) and not MISSING and repr(MISSING) == "MISSING"


def test_conditions_stop_where_the_answer_is_known() -> None:
    assert evaluated("params.a or params.b", 7, 8) == 7
    assert evaluated("params.a and params.b", 0, 8) == 0
    assert evaluated("params.a or params.b or params.c", 0, "", 9) == 9
    assert evaluated("1 < params.a < params.b", 0, "x") is False


def test_now_is_one_moment_in_one_query() -> None:
    assert evaluated("now() - now()") <= 0.0 < evaluated("now()")


def test_long_conditions_do_not_nest() -> None:
    assert evaluated("params.x == 1" + " or params.x == 2" * 500, 2) is True
    assert evaluated("params.x" + " < 9" + " != 1 != 2" * 500, 0) is True


@given(expressions, st.lists(values | st.just(MISSING), min_size=30, max_size=30))
def test_no_value_makes_it_fail(text: str, given: list[object]) -> None:
    try:
        node = parse_expression(text)
    except QueryError:
        node = None
    assume(node is not None)
    assert node is not None
    refs = references(node)
    assume(len(refs) <= len(given))
    assert bool(compile(node, refs)(given[: len(refs)])) in (True, False)
