"""What readers of several formats share."""

from __future__ import annotations

from typing import Any

import pytest

from aim.index.sources.collect import grouped

GROUPED: list[tuple[dict[Any, Any], dict[str, Any], dict[str, Any]]] = [
    ({}, {}, {}),
    ({"hparams": {"lr": 1}, "empty": {}}, {}, {"hparams": {"lr": 1}}),
    ({"seed": 7, 3: None}, {}, {"default": {"seed": 7, "3": None}}),
    ({"seed": 7, "default": {"seed": 8}}, {}, {"default": {"seed": 8}}),
    ({"seed": 7}, {"flag": True, "seed": 6}, {"default": {"flag": True, "seed": 7}}),
]


@pytest.mark.parametrize(("params", "alone", "expected"), GROUPED)
def test_params_without_a_group_go_to_default(
    params: dict[Any, Any], alone: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert grouped(params, alone) == expected
