"""The direction of a metric in queries: which of its values is the best."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from aim.index.catalog import Catalog
from aim.log.direction import FIELD, Direction, guessed, stored
from aim.query.nodes import Aggregate

_BY_DIRECTION: Final = ("best", "at_best")


def direction_of(catalog: Catalog, name: str) -> Direction:
    edited = catalog.edits.get("", {}).get(FIELD + name)
    return (edited and stored(edited[2])) or guessed(name)


def directed(catalog: Catalog, wanted: Aggregate) -> Aggregate:
    """The same number with `best` as min or max, by the direction of the metric that is compared."""
    if wanted.reducer not in _BY_DIRECTION:
        return wanted
    compared = wanted.metric if wanted.by is None else wanted.by.metric
    return replace(wanted, reducer=wanted.reducer.replace("best", direction_of(catalog, compared)), finite=True)
