"""Process time: the time since the start of a run without the pauses before it was resumed."""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import Any

import numpy as np
import numpy.typing as npt

from aim.deadline import checked
from aim.index.ints import Ints, ascending, spread
from aim.index.series import SeriesRows
from aim.index.state import RunState, last_stated

Array = npt.NDArray[Any]


def paused(source: SeriesRows, times: Array, offsets: Ints) -> Array:
    """How long the run of each point had paused before it, in seconds."""
    run = source.columns["run"]
    order = np.argsort(run, kind="stable")
    ranked = run[order]
    made = np.zeros(len(times))
    several = ascending(run[source.runs.writers[run] > 1])
    for i, state in checked(zip(several.tolist(), source.runs.states(several), strict=True)):
        begin, end = np.searchsorted(ranked, [i, i + 1])
        mine = order[begin:end]
        places = spread(offsets[mine], np.diff(offsets)[mine])
        starts, until = _pauses(state)
        made[places] = until[np.searchsorted(starts, times[places], side="right")]
    return made


def _pauses(run: RunState) -> tuple[Array, Array]:
    """When each attempt but the first started, and how long the run had paused before each. A pause lasts from the end
    of the attempts before, or from the last record of those without an end, to the next start."""
    attempts: dict[str, list[tuple[float, float]]] = {}
    for writer in run.writers:
        if writer.started and not writer.apart:
            name = str(writer.start.get("attempt") or writer.id)
            attempts.setdefault(name, []).append((writer.started, last_stated(writer)))
    spans = sorted((min(spans)[0], max(end for _, end in spans)) for spans in attempts.values())
    for writer in run.writers:
        if writer.apart and (place := bisect_right(spans, (writer.started, math.inf))):
            start, end = spans[place - 1]
            spans[place - 1] = start, max(end, last_stated(writer))
    starts, ends = np.array(spans).reshape(-1, 2).T
    pauses = np.maximum(starts[1:] - np.maximum.accumulate(ends)[:-1], 0.0)
    return starts[1:], np.concatenate(([0.0], np.cumsum(pauses)))
