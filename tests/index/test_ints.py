from __future__ import annotations

import numpy as np
import pytest

from aim.index.ints import among, ascending, spread


def test_spread() -> None:
    assert spread(np.array([5, 0, 9]), np.array([2, 0, 1])).tolist() == [5, 6, 9]
    assert spread(np.array([], np.int64), np.array([], np.int64)).tolist() == []


@pytest.mark.parametrize("values", [[], [5], [3, 1, 3, 1], [2, 2, 2], [-1, 2**40, 0, -1]])
def test_the_distinct_values_in_order(values: list[int]) -> None:
    assert ascending(np.array(values, np.int64)).tolist() == sorted(set(values))


@pytest.mark.parametrize("others", [[], [5], [1, 3, 2**40], [7, -1]])
def test_which_values_are_among_others(others: list[int]) -> None:
    values = [-1, 0, 3, 5, 2**40, 2**41]
    found = among(np.array(values, np.int64), np.array(others, np.int64))
    assert found.tolist() == [value in others for value in values]
