"""docs/aimql.md covers the whole language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aim.query.complete import complete
from aim.query.functions import FUNCTIONS
from aim.query.nodes import REDUCERS, RUN_FIELDS
from aim.query.parse import CONSTANTS, PRECEDENCE, parse_expression, parse_statement
from aim.query.tokens import KEYWORDS
from aim.query.vocabulary import Vocabulary

PAGE = (Path(__file__).parents[2] / "docs" / "aimql.md").read_text(encoding="utf-8")
CODE = re.findall(r"`([^`\n]+)`", PAGE)
WORDS = set(re.findall(r"\w+", " ".join(CODE)))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_is_on_the_page_as_it_is_used(name: str) -> None:
    usages = FUNCTIONS[name].usage.split(" or ")
    assert all(usage in CODE for usage in usages)


@pytest.mark.parametrize("name", RUN_FIELDS)
def test_every_field_of_a_run_is_on_the_page(name: str) -> None:
    assert any(code.startswith(f"run.{name}") for code in CODE)


@pytest.mark.parametrize("name", REDUCERS)
def test_every_reducer_is_on_the_page(name: str) -> None:
    assert name in CODE


@pytest.mark.parametrize("sign", sorted({*PRECEDENCE, *KEYWORDS, *CONSTANTS}))
def test_every_operator_and_keyword_is_on_the_page(sign: str) -> None:
    assert sign in WORDS or any(sign in code for code in CODE)


def test_every_function_on_the_page_is_there() -> None:
    called = {name for code in CODE for name in re.findall(r"(?<![\w.])([a-z_0-9]+)\(", code)}
    assert called - {"in"} <= set(FUNCTIONS)


CONDITIONS = [code for code in CODE if re.search(r" (==|<|>|in|is) ", code) and "..." not in code]


def test_the_page_has_conditions() -> None:
    assert len(CONDITIONS) > 20


@pytest.mark.parametrize("text", CONDITIONS)
def test_every_condition_on_the_page_can_be_parsed(text: str) -> None:
    assert parse_expression(text) is not None


def test_the_example_at_the_top_is_a_statement() -> None:
    statement = parse_statement(PAGE.split("```")[1].strip())
    assert len(statement.select) == 2 and statement.where is not None


def test_functions_are_offered_with_what_the_table_says() -> None:
    offered = {item.text: item.detail for item in complete("loss if ", 8, Vocabulary()).items}
    assert all(offered[f"{name}("] == FUNCTIONS[name].meaning for name in FUNCTIONS)
