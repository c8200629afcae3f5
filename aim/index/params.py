"""The params of many runs by path: the distinct values of each, and which of them each run has.

The engine finds them in the table of params, so that no run's params are decoded.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from aim import engine
from aim.deadline import checked
from aim.index import state
from aim.index.catalog import Catalog
from aim.index.ints import Ints
from aim.index.schema import SEPARATOR
from aim.index.segment import stored
from aim.natural import natural

Codes = npt.NDArray[np.int32]


class CodedParam(NamedTuple):
    """`path`: with dots. `values`: distinct ones as JSON. `codes`: of each run its place among them; -1 for none."""

    path: str
    values: list[str]
    codes: Codes

    def of(self, start: int, stop: int) -> CodedParam:
        """Of consecutive runs, with their values in the order of the runs."""
        codes = self.codes[start:stop]
        first = np.full(len(self.values) + 1, len(codes), np.int64)
        first[codes[::-1]] = np.arange(len(codes))[::-1]
        known = np.flatnonzero(first[:-1] < len(codes))
        known = known[np.argsort(first[known])]
        places = np.full(len(first), -1, np.int32)
        places[known] = np.arange(len(known))
        return CodedParam(self.path, [self.values[place] for place in known.tolist()], places[codes])


def coded_params(catalog: Catalog, runs: Ints) -> list[CodedParam]:
    """The params of these runs, in the order of their paths. Not for a catalog whose tables are in a database."""
    made: dict[str, tuple[dict[str, int], Codes]] = {}
    for path, value, places in checked(_values(catalog, runs)):
        name = path.replace(SEPARATOR, ".")
        if name not in made:
            made[name] = {}, np.full(len(runs), -1, np.int32)
        values, codes = made[name]
        codes[places] = values.setdefault(value, len(values))
    params = [CodedParam(name, list(values), codes) for name, (values, codes) in made.items()]
    return sorted(params, key=lambda param: natural(param.path))


def _values(catalog: Catalog, runs: Ints) -> Iterator[tuple[str, str, Ints | list[int]]]:
    """The values of each path, and the places of the runs that have them. Runs to which people gave params are read
    alone: the table has what was recorded."""
    edited = np.isin(runs, list(catalog.given))
    others = np.flatnonzero(~edited)
    given = {**catalog.as_rows(runs[others]), "place": others.astype(np.int32)}
    rows = engine.gathered(given, stored(catalog.segments, "params"), ["path", "value"])
    yield from zip(rows["path"].tolist(), rows["value"].tolist(), rows["places"], strict=True)
    if len(others) < len(runs):
        texts = catalog.some(["params"], runs[edited])["params"].tolist()
        for place, text in zip(np.flatnonzero(edited).tolist(), texts, strict=True):
            for path, value in state.flatten(json.loads(text)):
                yield state.clean(path), state.dumps(value), [place]
