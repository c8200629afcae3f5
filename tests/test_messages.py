"""How messages are written: an error of Aim follows `Error: ` or a place, so it begins with a small letter and has no
period at its end. What click says about options, and errors in a query, are sentences."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import aim

PACKAGE = Path(aim.__file__).parent
# Raised with a text for people. Those of Python are for programmers.
ENDINGS = ("Error", "Away", "Refused")
SENTENCES = ("QueryError", "Refused", "UsageError")
OF_PYTHON = {"ValueError", "TypeError", "OSError", "KeyError", "RuntimeError", "AssertionError", "PermissionError"}
# How a text may begin with a capital: with a name.
NAMES = ("Aim", "UI", "AIM_", "AWS_", "Experiment", "Repository does not exist")


class Message(NamedTuple):
    place: str
    kind: str
    begin: str
    end: str


def messages() -> Iterator[Message]:
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                kind = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                begin, end = edges(node.args[0])
                if kind.endswith(ENDINGS) and kind not in OF_PYTHON and (begin or end):
                    yield Message(f"{path.relative_to(PACKAGE)}:{node.lineno}", kind, begin, end)


def edges(node: ast.expr) -> tuple[str, str]:
    """How a text begins and ends; "" where that is a value."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    first, last = (part.value if isinstance(part, ast.Constant) else "" for part in (parts[0], parts[-1]))
    return (first if isinstance(first, str) else "", last if isinstance(last, str) else "")


def faults(message: Message) -> Iterator[str]:
    if message.kind == "UsageError":
        if message.begin[:1].islower():
            yield "a sentence begins with a capital"
        if message.end and message.end[-1] not in ".?":
            yield "a sentence ends with a period"
    elif message.kind not in SENTENCES:
        if message.begin[:1].isupper() and not message.begin.startswith(NAMES):
            yield "begins with a capital"
        if message.end.endswith("."):
            yield "ends with a period"


def test_errors_have_one_form() -> None:
    texts = list(messages())
    assert len(texts) > 200
    assert [f"{message.place}: {fault}: {message[2:]}" for message in texts for fault in faults(message)] == []


@pytest.mark.parametrize(
    ("kind", "text", "wrong"),
    [
        ("RepoError", "there is no run", 0),
        ("RepoError", "There is no run", 1),
        ("StoreAway", "It is away.", 2),
        ("ServerError", "AWS_ENDPOINT_URL is not an address", 0),
        ("UsageError", "which store?", 1),
        ("UsageError", "Pass --store", 1),
        ("UsageError", "Pass --store.", 0),
        ("QueryError", "Numbers have digits.", 0),
    ],
)
def test_the_rule(kind: str, text: str, wrong: int) -> None:
    assert len(list(faults(Message("here", kind, text, text)))) == wrong
