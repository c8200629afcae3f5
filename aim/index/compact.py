"""Merges small segments, so that their number grows with the logarithm of the data, and drops rows that no longer
count."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np

from aim import engine
from aim.engine import Columns
from aim.index import objects
from aim.index.cache_folder import CacheFolder
from aim.index.fold import Ranks, arrangement, describe
from aim.index.schema import OBJECTS, PARAMS, POINTS, RUNS
from aim.index.segment import Places, Segment, stored

FAN = 4
MOST_WEIGHT = 3_000_000
_SMALLEST = 1 << 14


def tiers(segments: Sequence[Segment], folder: CacheFolder, alive: Mapping[str, int]) -> list[Segment]:
    """Merge the segments that are due, and return all segments."""
    current = list(segments)
    while (start := _due(current)) is not None:
        merged = merge(current[start:], alive, current[-1].number)
        written = folder.write(current[-1].number, merged)
        if written is None or not folder.commit([*(segment.number for segment in current[:start]), written.number]):
            break
        current = [*current[:start], written]
    return current


def _due(segments: Sequence[Segment]) -> int | None:
    """The position of the first segment to merge: at least FAN segments of one size class, with no larger one after
    them. If they are too large together, the newest FAN of them."""
    weights = [segment.weight for segment in segments]
    tiers = [_tier(weight) for weight in weights]
    for tier in sorted(set(tiers)):
        larger = [at for at, other in enumerate(tiers) if other > tier]
        start = larger[-1] + 1 if larger else 0
        alike = [at for at in range(start, len(tiers)) if tiers[at] == tier]
        if len(alike) >= FAN:
            return next((first for first in (start, alike[-FAN]) if sum(weights[first:]) <= MOST_WEIGHT), None)
    return None


def _tier(weight: int) -> int:
    tier = 0
    while weight > _SMALLEST << (2 * tier):
        tier += 1
    return tier


def merge(segments: Sequence[Segment], alive: Mapping[str, int], number: int) -> dict[str, Columns]:
    """Merge `segments` into the tables of one segment, with only the rows that count. The segments must be neighbors
    and the newest."""
    rows = engine.read(stored(segments, "runs"), list(RUNS))
    newest = {id: place for place, id in enumerate(rows["id"].tolist()) if id in alive}
    take = np.array([place for id, place in newest.items() if rows["segment"][place] >= alive[id]], np.int64)
    take = take[np.argsort(rows["run"][take])]
    places = Places(rows["run"][take], rows["since"][take], rows["segment"][take])
    kept = {name: column[take] for name, column in rows.items()}
    kept["segment"] = np.full(len(take), number, np.int32)
    kept["since"] = np.where(kept["since"] >= segments[0].number, number, kept["since"]).astype(np.int32)
    series, points = _points(segments, places, kept, number)
    values = engine.read(stored(segments, "objects"), list(OBJECTS))
    tables = {"runs": kept, "params": _params(segments, places, number), "series": series, "points": points}
    return {**tables, "objects": objects.merged(values, places.of_series(values), number)}


def _params(segments: Sequence[Segment], places: Places, number: int) -> Columns:
    rows = engine.read(stored(segments, "params"), list(PARAMS))
    mine = places.of_params(rows)
    keep = np.flatnonzero(mine >= 0)
    paths = rows["path"][keep].tolist()
    order = keep[sorted(range(len(keep)), key=lambda i: (paths[i], mine[keep[i]]))]
    columns = {name: column[order] for name, column in rows.items()}
    return {**columns, "segment": np.full(len(order), number, np.int32)}


def _points(segments: Sequence[Segment], places: Places, kept: Columns, number: int) -> tuple[Columns, Columns]:
    rows = engine.read(stored(segments, "series"), ["segment", "run", "name", "context"])
    mine = places.of_series(rows).tolist()
    every = list(zip(rows["name"].tolist(), mine, rows["context"].tolist(), strict=True))
    keys = sorted({key for key in every if key[1] >= 0})
    place = {key: i for i, key in enumerate(keys)}
    new = np.array([place.get(key, -1) for key in every], np.int64)
    first = np.cumsum([0, *(int((rows["segment"] == segment.number).sum()) for segment in segments)])[:-1]
    parts = []
    for segment, start in zip(segments, first.tolist(), strict=True):
        columns = engine.read(stored([segment], "points"), list(POINTS))
        columns["series"] = new[start + columns["series"]]
        keep = columns["series"] >= 0
        parts.append(columns if keep.all() else {name: column[keep] for name, column in columns.items()})
    points = {name: np.concatenate([part[name] for part in parts]) for name in POINTS}
    parts.clear()
    ranks = Ranks(
        [
            [(started, id) for started, id in json.loads(text)] if text else [(0.0, "")]
            for text in kept["starts"].tolist()
        ]
    )
    run_of_series = np.array([i for _, i, _ in keys], np.int64)
    order = arrangement(points["series"], points["step"], points["writer"], points["offset"], run_of_series, ranks)
    for name in POINTS:
        points[name] = points[name][order]
    numbers = kept["run"].tolist()
    return describe(points, [(name, numbers[i], context) for name, i, context in keys], number)
