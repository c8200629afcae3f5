"""The points of series in a database. A fold goes on meanwhile: there may be more points than the statistics have, and
points that are there twice until the database merges its parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from aim.deadline import checked
from aim.engine import Columns
from aim.errors import EngineError
from aim.index.ints import ascending, spread
from aim.index.segment import begins

Array = npt.NDArray[Any]
_PLACE = ("run", "ctx", "since")
_IDENTITY = ("step", "writer", "offset")


class SeriesParts(Protocol):
    """Series: `columns` and `parts` as in `aim/index/series.py`. A part's `series` is the number of its context, and
    its `begin` is how far the log of its writer is in it."""

    runs: Any
    columns: Columns
    parts: Columns
    part_of: Array


def points(rows: SeriesParts, wanted: Sequence[str], count: Array) -> Columns:
    """The points of all series one after the other, each sorted by step, writer and offset. `count`: how many each
    has."""
    begin = np.cumsum(count) - count
    names = rows.columns["name"]
    made: Columns = {}
    for name in checked(sorted(set(names.tolist()))):
        mine = np.flatnonzero(names == name)
        part = _of_name(rows, name, mine, count[mine], wanted)
        for column, values in part.items():
            if column not in made:
                made[column] = _of_length(int(count.sum()), values.dtype)
            made[column][spread(begin[mine], count[mine])] = values
    return made or _empty(rows, wanted)


def _of_length(length: int, dtype: np.dtype[Any]) -> Array:
    """For points that were not all read yet: a database can count any number."""
    try:
        return np.empty(length, dtype)
    except (ValueError, MemoryError):
        raise EngineError(
            f"the database counts {length:,} points of these series; if it stays so, fold the logs again with: "
            "aim engine rebuild"
        ) from None


def _empty(rows: SeriesParts, wanted: Sequence[str]) -> Columns:
    return dict(rows.runs.remote["points"].read(wanted, {"run": []}))


def _of_name(rows: SeriesParts, name: str, mine: Array, count: Array, wanted: Sequence[str]) -> Columns:
    """The points of some series of one name, in the order of `mine`."""
    runs = rows.columns["run"][mine]
    among = {"name": [name], "run": ascending(rows.runs.numbers[runs]).tolist()}
    columns = list(dict.fromkeys([*_PLACE, *wanted]))
    read = rows.runs.remote["points"].read(columns, among)
    place = _places(rows, mine, read)
    there = np.bincount(place[place >= 0], minlength=len(mine))
    if (there != count).any():
        read = rows.runs.remote["points"].read(list(dict.fromkeys([*columns, *_IDENTITY])), among)
        place = _places(rows, mine, read)
        place[~_counted(rows, mine, place, read)] = -1
        there = np.bincount(place[place >= 0], minlength=len(mine))
        if (there != count).any():
            at = int(np.flatnonzero(there != count)[0])
            raise EngineError(
                f"the database has {there[at]:,} points of a series {name!r} that counts {count[at]:,}: ask again, and "
                "if it stays so, fold the logs again with: aim engine rebuild"
            )
    order = np.argsort(place, kind="stable")[np.count_nonzero(place < 0) :]
    points = {column: read[column][order] for column in wanted}
    if "writer" in points:
        points["writer"] = rows.runs.ordinals(runs[place[order]], points["writer"])
    return points


def _places(rows: SeriesParts, mine: Array, read: Columns) -> Array:
    """Which of the series each point belongs to; -1 for none."""
    runs = rows.columns["run"][mine]
    first = np.searchsorted(rows.part_of, mine)
    keys = (rows.runs.numbers[runs], rows.parts["series"][first], rows.runs.counting["since"][runs])
    known = {key: at for at, key in enumerate(zip(*(key.tolist() for key in keys), strict=True))}
    begin = begins(*(read[name] for name in _PLACE))
    groups = zip(*(read[name][begin].tolist() for name in _PLACE), strict=True)
    places = np.array([known.get(key, -1) for key in groups], np.int64)
    return np.repeat(places, np.diff(begin, append=len(read["run"])))


def _counted(rows: SeriesParts, mine: Array, place: Array, read: Columns) -> Array:
    """The points that the statistics have: once each, and below what was folded of their writers then."""
    first = np.zeros(len(place), bool)
    first[begins(*(read[name] for name in (*_PLACE, *_IDENTITY)))] = True
    keep: Array = (place >= 0) & first
    writer = rows.runs.ordinals(rows.columns["run"][mine][place], read["writer"])
    parts = np.flatnonzero(np.isin(rows.part_of, mine))
    at = np.searchsorted(mine, rows.part_of[parts])
    upto: dict[tuple[int, int], int] = {}
    ends = (rows.parts[name][parts].tolist() for name in ("first_writer", "begin"))
    for series, ordinal, end in zip(at.tolist(), *ends, strict=True):
        upto[series, ordinal] = max(end, upto.get((series, ordinal), 0))
    keys = zip(place.tolist(), writer.tolist(), strict=True)
    below = read["offset"] < np.array([upto.get(key, 0) for key in keys], np.int64)
    return np.asarray(keep & below)
