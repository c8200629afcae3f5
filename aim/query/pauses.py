"""Process time: the time since the start of a run without the pauses before it was resumed."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from aim.deadline import checked
from aim.index.segment import Ints, spread
from aim.index.series import SeriesRows

Array = npt.NDArray[Any]


def paused(source: SeriesRows, times: Array, offsets: Ints) -> Array:
    """How long the run of each point had paused before it, in seconds."""
    run = source.columns["run"]
    order = np.argsort(run, kind="stable")
    ranked = run[order]
    made = np.zeros(len(times))
    for i in checked(np.unique(run[source.runs.writers[run] > 1]).tolist()):
        begin, end = np.searchsorted(ranked, [i, i + 1])
        mine = order[begin:end]
        places = spread(offsets[mine], np.diff(offsets)[mine])
        starts = np.sort([started for started, _ in source.runs.writer_order(i)])
        made[places] = _before(times[places], starts)
    return made


def _before(times: Array, starts: Array) -> Array:
    """A pause lasts from the last point, or the start of a process if that is later, to the next start. Processes that
    start before the first point were not waited for."""
    again = starts[1:]
    recorded = np.concatenate(([np.inf], np.sort(times)))
    count = np.searchsorted(recorded[1:], again)
    ended = np.maximum(recorded[count], starts[:-1])
    pauses = np.maximum(again - ended, 0.0)
    return np.concatenate(([0.0], np.cumsum(pauses)))[np.searchsorted(again, times, side="right")]
