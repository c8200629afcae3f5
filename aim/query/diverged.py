"""Runs that diverged: one of their metrics ends in NaN or infinity."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import inf

import numpy as np
import numpy.typing as npt

from aim.deadline import checked
from aim.engine import Between, Has
from aim.index.catalog import Catalog
from aim.index.ints import Ints
from aim.index.series import gather
from aim.index.tables import matching
from aim.query.nodes import SYSTEM

# Series are read for so many runs at a time, and so many times. If there are more runs, all series are read at once.
_AT_ONCE = 256
_TIMES = 4
# All series of so few runs are read, instead of looking in the whole repository for those that diverged.
_FEW = 4


def diverged(catalog: Catalog, runs: Ints) -> npt.NDArray[np.bool_]:
    """Whether each of some runs has a metric that ends in NaN or infinity; metrics of the system do not count."""
    ended = np.zeros(len(catalog), bool)
    for some in checked(_parts(_suspects(catalog, runs))):
        series = gather(catalog, chosen=some.tolist(), stats=("last",)).columns
        wrong = ~np.isfinite(series["last"])
        own = [re.match(SYSTEM, name) is None for name in series["name"][wrong].tolist()]
        ended[series["run"][wrong][np.array(own, bool)]] = True
    return ended[runs]


def _suspects(catalog: Catalog, runs: Ints) -> Ints:
    """The runs that may have diverged: those with any such point, also one that a resume hid."""
    suspects = catalog.kept.get("diverged")
    if not isinstance(suspects, np.ndarray):
        if len(runs) <= _FEW:
            return runs
        suspects = matching(catalog, Has("series", (Between("nonfinite", 1, inf),), latest=False), any_point=True)
        catalog.kept["diverged"] = suspects
    return np.intersect1d(suspects, runs)


def _parts(runs: Ints) -> Iterator[Ints]:
    if len(runs) > _AT_ONCE * _TIMES:
        yield runs
    else:
        yield from (runs[at : at + _AT_ONCE] for at in range(0, len(runs), _AT_ONCE))
