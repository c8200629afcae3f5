from __future__ import annotations

import json
from typing import Any

import pytest

from aim.index.sources.tensorboard import texts

NAN = float("nan")

TABLES = {
    "CleanRL": (
        "|param|value|\n|-|-|\n|exp_name|ppo|\n|seed|1|\n|learning_rate|0.00025|\n|cuda|True|\n|target_kl|None|",
        {"exp_name": "ppo", "seed": 1, "learning_rate": 0.00025, "cuda": True, "target_kl": None},
    ),
    "with spaces and alignment": ("| name | value |\n| :-- | --: |\n| lr | 1e-3 |\n", {"lr": 1e-3}),
    "a value with a bar": ("|param|value|\n|-|-|\n|command|a | b|", {"command": "a | b"}),
    "no execution": (
        "|param|value|\n|-|-|\n|a|__import__('os')|\n|b|[1, 2]|",
        {"a": "__import__('os')", "b": "[1, 2]"},
    ),
    "odd numbers": (
        "|param|value|\n|-|-|\n|a|1_000|\n|b|0x10|\n|c|-5|\n|d|inf|\n|e|1e-3|\n|f|" + "9" * 5000 + "|",
        {"a": "1_000", "b": "0x10", "c": -5, "d": float("inf"), "e": 0.001, "f": "9" * 5000},
    ),
    "a row without a value": ("|param|value|\n|-|-|\n|a|\n||1|", {"a": ""}),
    "no table": ("learning_rate: 0.1\nseed: 1\nmore: 2", {}),
    "another table": ("|a|b|c|\n|-|-|-|\n|1|2|3|", {}),
    "nothing": ("", {}),
    "too many rows": ("|param|value|\n|-|-|\n" + "\n".join(f"|p{i}|{i}|" for i in range(2_001)), {}),
    "too long": ("|param|value|\n|-|-|\n|a|" + "x" * (1 << 20) + "|", {}),
}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("tag", [b"hyperparameters", b"hyperparameters/text_summary"])
def test_tables(name: str, tag: bytes) -> None:
    content, expected = TABLES[name]
    assert repr(texts.read(tag, content.encode())) == repr(expected)


OBJECTS: dict[str, tuple[str, dict[str, Any]]] = {
    "Transformers": (
        '{\n  "learning_rate": 5e-05,\n  "fp16": false,\n  "accelerator_config": {"split_batches": false}\n}',
        {"learning_rate": 5e-05, "fp16": False, "accelerator_config": {"split_batches": False}},
    ),
    "no JSON": ("Namespace(lr=0.1)", {}),
    "a list": ("[1, 2]", {}),
    "half of it": ('{"lr": 0.1', {}),
    "NaN": ('{"lr": NaN}', {"lr": NAN}),
    "too deep": ('{"a":' * 30 + "1" + "}" * 30, {}),
    "endless": ("[" * 100_000, {}),
    "too many": (json.dumps({"a": list(range(3_000))}), {}),
    "a number of thousands of digits": ('{"a": ' + "9" * 5000 + "}", {}),
}


@pytest.mark.parametrize("name", OBJECTS)
@pytest.mark.parametrize("tag", [b"args", b"args/text_summary"])
def test_objects(name: str, tag: bytes) -> None:
    content, expected = OBJECTS[name]
    assert repr(texts.read(tag, content.encode())) == repr(expected)


def test_bytes_that_are_no_text() -> None:
    assert texts.read(b"args", b'{"a": "\xff"}') == {}
    table = b"|param|value|\n|-|-|\n|a|\xff|"
    assert texts.read(b"hyperparameters", table) == {"a": "\\xff"}
