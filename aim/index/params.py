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
    """The params of these runs, in the order of their paths. Not for a catalog whose tables are in a database. Runs are
    read alone to which people gave params, since the table has what was recorded, and those with two params of one
    name, `a.b` and `b` in `a`: the later one counts."""
    made: dict[str, tuple[dict[str, int], Codes]] = {}
    alone = np.isin(runs, list(catalog.given))
    for path, value, places in checked(_recorded(catalog, runs, ~alone)):
        values, codes = _named(made, path, len(runs))
        alone[places[codes[places] >= 0]] = True
        codes[places] = values.setdefault(value, len(values))
    for _, codes in made.values():
        codes[alone] = -1
    texts = catalog.some(["params"], runs[alone])["params"].tolist() if alone.any() else []
    for place, text in zip(np.flatnonzero(alone).tolist(), texts, strict=True):
        for path, param in state.flatten(json.loads(text)):
            values, codes = _named(made, state.clean(path), len(runs))
            codes[place] = values.setdefault(state.dumps(param), len(values))
    params = [CodedParam(name, list(values), codes) for name, (values, codes) in made.items()]
    return sorted(params, key=lambda param: natural(param.path))


def _named(made: dict[str, tuple[dict[str, int], Codes]], path: str, runs: int) -> tuple[dict[str, int], Codes]:
    name = path.replace(SEPARATOR, ".")
    if name not in made:
        made[name] = {}, np.full(runs, -1, np.int32)
    return made[name]


def _recorded(catalog: Catalog, runs: Ints, which: npt.NDArray[np.bool_]) -> Iterator[tuple[str, str, Ints]]:
    """The values of each path that were recorded, and the places of the runs that have them."""
    places = np.flatnonzero(which)
    given = {**catalog.as_rows(runs[places]), "place": places.astype(np.int32)}
    rows = engine.gathered(given, stored(catalog.segments, "params"), ["path", "value"])
    for path, value, there in zip(rows["path"].tolist(), rows["value"].tolist(), rows["places"], strict=True):
        yield path, value, np.asarray(there, np.int64)
