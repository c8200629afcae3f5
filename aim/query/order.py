"""Sort runs by values of any type."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from math import nan
from typing import Any, TypeVar

import numpy as np

from aim.deadline import checked
from aim.index.catalog import Catalog
from aim.index.ints import Ints
from aim.index.state import dumps
from aim.natural import natural
from aim.query.columns import Column, answers, reader
from aim.query.evaluate import compile
from aim.query.nodes import MISSING, Node, references
from aim.query.plan import SortKey

T = TypeVar("T")
# So many values are sorted at once.
STRETCH = 25_000
# A text that is a number; `ui/src/text/order.ts` has the same.
_NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
_LONGEST_NUMBER = 400
_NUMBERS = {int, float, bool, type(None), type(MISSING)}
# Below, a float is as exact as an integer.
_EXACT = 1 << 53


def ordered(runs: Ints, keys: Sequence[SortKey], columns: Sequence[Column]) -> Ints:
    """The runs sorted by the keys. `columns`: the values of these runs for each key."""
    ranks = [ranks_of(column, descending=key.descending) for key, column in zip(keys, columns, strict=True)]
    return runs[np.lexsort((runs, *reversed(ranks)))]


def ranks_of(column: Column, *, descending: bool) -> Ints:
    """The rank of each run's value among the distinct values. NaN comes after all other values, and runs without
    a value come last."""
    codes, values = column
    ranks = _of_numbers(values, descending=descending) if set(map(type, values)) <= _NUMBERS else None
    return (_of_any(values, descending=descending) if ranks is None else ranks)[codes]


def _of_numbers(values: Sequence[Any], *, descending: bool) -> Ints | None:
    """None if a number is too large for a float."""
    numbers = np.array([nan if value is None or value is MISSING else value for value in checked(values)])
    if numbers.dtype == object or (np.abs(numbers[np.isfinite(numbers)]) >= _EXACT).any():
        return None
    distinct, ranks = np.unique(numbers, return_inverse=True)
    there = int((~np.isnan(distinct)).sum())
    ranks = there - 1 - ranks if descending else ranks
    missing = np.array([_is_missing(value) for value in checked(values)], bool)
    return np.where(missing, there + 1, np.where(np.isnan(numbers), there, ranks))


def _of_any(values: Sequence[Any], *, descending: bool) -> Ints:
    known = [comparable(value) for value in checked(values)]
    order = in_order(list({value for value in known if value is not None}), descending=descending)
    place = {value: i for i, value in enumerate(order)}
    ends = (len(order) + _is_missing(value) for value in values)
    ranks = [end if key is None else place[key] for key, end in zip(checked(known), ends, strict=True)]
    return np.array(ranks, np.int64)


def _is_missing(value: object) -> bool:
    return value is None or value is MISSING or value == []


def in_order(values: Sequence[T], *, key: Callable[[T], Any] | None = None, descending: bool = False) -> list[T]:
    """The values sorted, in stretches that are then merged: between them a query can end, and other threads get a
    turn. Python's sort takes one pass over neighbors that are sorted already."""
    stretches: list[Iterable[Any]] = [values[at : at + STRETCH] for at in range(0, len(values), STRETCH)]
    while True:
        done = [sorted(stretch, key=key, reverse=descending) for stretch in checked(stretches)]
        if len(done) < 2:
            return done[0] if done else []
        stretches = [itertools.chain(*done[at : at + 2]) for at in range(0, len(done), 2)]


def value_reader(node: Node) -> Callable[[Catalog, Ints], Column]:
    """The function that reads the value of an expression for some runs."""
    asked = references(node)
    if asked == (node,):
        return reader(asked[0])
    value = compile(node, asked)
    return lambda catalog, runs: Column(*answers([reader(name)(catalog, runs) for name in asked], value, len(runs)))


def comparable(value: object) -> tuple[int, Any] | None:
    """Numbers sort by size, also those written as text, then other texts in natural order."""
    if value is None or value is MISSING or value != value or value == []:
        return None
    if isinstance(value, int | float):
        return 0, value
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        value = ", ".join(value)
    if isinstance(value, str) and len(value) <= _LONGEST_NUMBER and _NUMBER.fullmatch(value):
        return 0, float(value)
    return 1, natural(value if isinstance(value, str) else dumps(value))
