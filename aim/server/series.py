"""The answer to an AimQL statement, streamed: runs and params first, then points, some series at a time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from starlette.requests import Request
from starlette.responses import Response

from aim.server import wire
from aim.server.answer import Refused, read_query, revision_name
from aim.server.frames import frame
from aim.server.runs import runs_frame
from aim.server.stream import streamed
from aim.server.work import Work

if TYPE_CHECKING:
    from aim.query.select import Selection
    from aim.repo import Repo

MAX_SERIES = 50_000
MAX_POINTS = 12_000_000

# How many stored points the first part looks at, few so that lines show soon, and how many the later ones.
FIRST_PART = 500_000
LATER_PART = 4_000_000


class Series:
    def __init__(self, repo: Repo, work: Work) -> None:
        self.repo = repo
        self.work = work

    async def search(self, request: Request) -> Response:
        query = read_query(request, wire.SeriesQuery)
        search = await self.work.run(lambda: Search(self.repo, query))
        return streamed(self.work, search.frames())


class Search:
    """One statement being answered. Wrong AimQL raises here, before anything was sent."""

    def __init__(self, repo: Repo, query: wire.SeriesQuery) -> None:
        self.started = time.perf_counter()
        self.query = query
        self.window = window(query)
        self.selection: Selection = repo.select(query.q, only=run_ids(query.only))
        self.revision = revision_name(self.selection.revision)
        self.counts = np.asarray(self.selection.series.count, np.int64)
        if self.counts.size > MAX_SERIES:
            message = f"{self.counts.size:,} series match; at most {MAX_SERIES:,} can be drawn."
            raise Refused(400, message, hint="Add a condition, for example on context or params.")
        self.columns, self.notes = columns(query.columns, self.counts)
        if self.window is None and query.x == "step" and self.counts.size:
            # All parts share the pixel columns of the whole chart.
            steps = self.selection.series
            self.window = float(steps.first_step.min()), float(steps.last_step.max())

    def frames(self) -> Iterator[bytes]:
        selection = self.selection
        yield runs_frame(
            selection.runs,
            statement=self.query.q,
            revision=self.revision,
            notes=[*selection.notes, *self.notes],
            series=self.counts.size,
            points=int(self.counts.sum()),
        )
        for start, end in parts(self.counts):
            yield self.series_frame(start, end)
        yield frame(wire.EndFrame(seconds=time.perf_counter() - self.started, checked=len(selection.runs), arrays=[]))

    def series_frame(self, start: int, end: int) -> bytes:
        rows = np.arange(start, end, dtype=np.int32)
        table = self.selection.series
        points = self.selection.points(rows, x=self.query.x, columns=self.columns, window=self.window)
        names, name = distinct(table.name[start:end])
        contexts, context = distinct(table.context[start:end])
        arrays: dict[str, tuple[wire.DType, Any]] = {
            "run": ("i4", table.run[start:end]),
            "name": ("i4", name),
            "context": ("i4", context),
            "count": ("i4", table.count[start:end]),
            "sampled": ("u1", points.sampled),
            "first": ("f8", table.first[start:end]),
            "last": ("f8", table.last[start:end]),
            "min": ("f8", table.min[start:end]),
            "max": ("f8", table.max[start:end]),
            "last_step": ("f8", table.last_step[start:end]),
            "offsets": ("i4", points.offsets),
            "x": ("f8", points.x),
            "y": ("f8", points.values),
        }
        if self.query.x != "step":
            arrays["steps"] = ("f8", points.steps)
        if points.back is not None:
            arrays["back"] = ("u1", points.back)
        progress = end / self.counts.size
        return frame(wire.SeriesFrame(progress=progress, contexts=contexts, names=names, arrays=[]), arrays)


def parts(counts: Any) -> Iterator[tuple[int, int]]:
    """Ranges of series that hold about as many points as a part looks at, and at least one series."""
    sums = np.concatenate(([0], np.cumsum(counts)))
    start = 0
    while start < len(counts):
        most = LATER_PART if start else FIRST_PART
        end = max(int(np.searchsorted(sums, sums[start] + most, "right")) - 1, start + 1)
        yield start, end
        start = end


def columns(wanted: int, counts: Any) -> tuple[int, list[str]]:
    """The pixel columns to fill. Too many points for a browser get fewer columns, and a note that says so."""
    if int(np.minimum(counts, 4 * wanted).sum()) <= MAX_POINTS:
        return wanted, []
    fewer = max(1, MAX_POINTS // (4 * len(counts)))
    note = f"{len(counts):,} lines are drawn in {fewer} columns instead of {wanted}; narrow the query for full detail."
    return fewer, [note]


def window(query: wire.SeriesQuery) -> tuple[float, float] | None:
    lo, hi = query.lo, query.hi
    if lo is None and hi is None:
        return None
    if lo is None or hi is None or not -np.inf < lo < hi < np.inf:
        raise Refused(400, f"From lo={lo} to hi={hi} is no window.", hint="Give two numbers, lo less than hi, or none.")
    return lo, hi


def run_ids(only: str | None) -> list[str] | None:
    if only is None:
        return None
    ids = only.split(",")
    for run in ids:
        if len(run) != 32 or not set(run) <= set("0123456789abcdef"):
            raise Refused(400, f"{run[:100]!r} in `only` is no run id.", hint="Ids are 32 hex digits, commas between.")
    return ids


def distinct(items: Any) -> tuple[list[Any], list[int]]:
    """The distinct ones in order of appearance, and the place of each item among them. 1, 1.0 and True differ."""
    places: dict[str, int] = {}
    found: list[Any] = []
    indices = []
    for item in items:
        key = repr(item)
        place = places.get(key)
        if place is None:
            place = places[key] = len(found)
            found.append(item)
        indices.append(place)
    return found, indices
