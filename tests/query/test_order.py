"""The order of values of any type, however many: numbers by size, texts in natural order, NaN, and missing ones."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest

from aim.query import order
from aim.query.columns import Column
from aim.query.nodes import MISSING
from aim.query.order import in_order, ranks_of


def ranks(values: list[Any], *, descending: bool = False) -> list[int]:
    return ranks_of(Column(np.arange(len(values)), values), descending=descending).tolist()


@pytest.mark.parametrize(
    ("values", "up", "down"),
    [
        ([3.0, MISSING, 1.0, math.nan, 2.0], [2, 4, 0, 3, 1], [0, 4, 2, 3, 1]),
        ([1, 1.0, True, 0, False, None], [1, 1, 1, 0, 0, 3], [0, 0, 0, 1, 1, 3]),
        ([math.inf, -math.inf, 0.0, -0.0], [2, 0, 1, 1], [0, 2, 1, 1]),
        ([2**53 + 1, 2**53, 2.0**53], [1, 0, 0], [0, 1, 1]),
        ([10**400, 5, 1e308], [2, 0, 1], [0, 2, 1]),
        (["10", "9", 9.5, "-1e-3", "1.x", ".5"], [4, 2, 3, 0, 5, 1], [1, 3, 2, 5, 0, 4]),
        (["run 10", "Run 9", 2, "run 010", [], MISSING], [3, 1, 0, 2, 5, 5], [0, 2, 3, 1, 5, 5]),
        ([MISSING, "x", math.nan, 1], [3, 1, 2, 0], [3, 0, 2, 1]),
        ([["a", "b"], "a, b", {"k": 1}], [0, 0, 1], [1, 1, 0]),
        ([], [], []),
    ],
)
def test_ranks(values: list[Any], up: list[int], down: list[int]) -> None:
    assert ranks(values) == up
    assert ranks(values, descending=True) == down


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("stretch", [1, 7, 1000])
def test_many_values_have_the_order_of_few(monkeypatch: pytest.MonkeyPatch, descending: bool, stretch: int) -> None:
    monkeypatch.setattr(order, "STRETCH", stretch)
    for count in (0, 1, 6, 7, 8, 500):
        values = random.Random(count).choices(range(300), k=count)
        assert in_order(values, descending=descending) == sorted(values, reverse=descending)
