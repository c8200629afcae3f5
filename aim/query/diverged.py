"""Runs that diverged: one of their metrics ends in NaN or infinity."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import inf
from typing import cast

import numpy as np
import numpy.typing as npt

from aim.deadline import checked
from aim.engine import Between, HasRow
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


# The runs with any point that is NaN or infinite, also one that a resume hid.
_MAY_HAVE = HasRow("series", (Between("nonfinite", 1, inf),), latest=False)


def diverged(catalog: Catalog, runs: Ints) -> npt.NDArray[np.bool_]:
    """Whether each of some runs has a metric that ends in NaN or infinity; metrics of the system do not count."""
    suspects = cast("Ints | None", catalog.kept.get("diverged"))
    if suspects is None and len(runs) > _FEW:
        suspects = catalog.kept["diverged"] = matching(catalog, _MAY_HAVE, any_point=True)
    ended = np.zeros(len(catalog), bool)
    for some in checked(_parts(runs if suspects is None else np.intersect1d(suspects, runs))):
        series = gather(catalog, chosen=some.tolist(), stats=("last",)).columns
        wrong = ~np.isfinite(series["last"])
        own = [re.match(SYSTEM, name) is None for name in series["name"][wrong].tolist()]
        ended[series["run"][wrong][np.array(own, bool)]] = True
    return ended[runs]


def _parts(runs: Ints) -> Iterator[Ints]:
    if len(runs) > _AT_ONCE * _TIMES:
        yield runs
    else:
        yield from (runs[at : at + _AT_ONCE] for at in range(0, len(runs), _AT_ONCE))
