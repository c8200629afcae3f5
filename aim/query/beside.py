"""One series of each run where another series is best: the accuracy at the step of the min validation loss."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from aim.deadline import checked
from aim.index.catalog import Catalog
from aim.index.ints import Ints
from aim.index.series import SeriesRows, gather
from aim.query.aggregate import words

Array = npt.NDArray[Any]
Side = Literal["min", "max"]


class SeriesName(NamedTuple):
    """One metric in exactly one context."""

    metric: str
    context: Mapping[str, Any]


class Beside(NamedTuple):
    """A value for each run that has both series, and the step of the other series' best point."""

    runs: list[str]
    values: Array
    steps: Ints


def beside(catalog: Catalog, which: Ints, shown: SeriesName, by: SeriesName, side: Side) -> Beside:
    """The best step is the first one with the min or max. If the shown series has no point at that step, its nearest
    earlier point counts. All stored points count, not only the points that a chart keeps."""
    best = _series(catalog, by, which)
    best = best.take(np.flatnonzero(~np.isnan(best.columns[side])))
    rows = _series(catalog, shown, best.columns["run"])
    limit = best.columns[f"{side}_step"][np.searchsorted(best.columns["run"], rows.columns["run"])]
    points, offsets = rows.points(["step", "value"])
    upto = points["step"] <= np.repeat(limit, np.diff(offsets))
    count = np.diff(np.concatenate(([0], np.cumsum(upto)))[offsets])
    begun = np.flatnonzero(count)
    values = points["value"][offsets[begun] + count[begun] - 1]
    return Beside([catalog.ids[run] for run in rows.columns["run"][begun].tolist()], values, limit[begun])


def _series(catalog: Catalog, name: SeriesName, which: Array) -> SeriesRows:
    """At most one row per run, in the order of the runs."""
    rows = gather(catalog, [name.metric], which.tolist())
    texts = rows.columns["context"].tolist()
    wanted = words(name.context)
    fits = {text: words(json.loads(text)) == wanted for text in checked(set(texts))}
    fitting = np.flatnonzero([fits[text] for text in texts])
    _, first = np.unique(rows.columns["run"][fitting], return_index=True)
    return rows.take(fitting[first])
