"""The table of media: where in the logs each item is, and its description."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from aim.engine import Columns
from aim.errors import LogError
from aim.index.schema import OBJECTS, run_number
from aim.index.segment import Ints, column
from aim.index.state import RunState, WriterState, dumps
from aim.log import objects
from aim.media import KINDS

# What a row holds beside the number of its segment, its run and its writer.
_OF_RECORD = [name for name in OBJECTS if name not in ("segment", "run", "writer")]


class Row(NamedTuple):
    """`offset` orders what one writer recorded; `at` and `length` are where its file has the record."""

    kind: str
    name: str
    context: str
    step: int
    epoch: float
    time: float
    place: int
    offset: int
    at: int
    length: int
    size: int
    about: str


def row(writer: WriterState, offset: int, payload: bytes) -> Row | None:
    """The row of an OBJECT record; None where it makes no sense, or this version does not know its kind."""
    try:
        found = objects.decode(payload)
        named = writer.names[found.series] if found.series < len(writer.names) else None
        if named is None or len(named) != 3 or named[2] not in KINDS:
            return None
        epoch = np.nan if found.epoch is None else found.epoch
        return Row(
            named[2], named[0], named[1], found.step, epoch, found.time, found.place & 0x7FFFFFFF, offset, offset,
            len(payload) + 8, found.size, _about(found.described),
        )  # fmt: skip
    except (LogError, ValueError, TypeError, RecursionError):
        return None


@lru_cache(maxsize=1 << 12)
def _about(described: bytes) -> str:
    found = json.loads(described)
    if not isinstance(found, dict):
        raise ValueError("the description of a value is no object")
    return dumps(found)


def table(runs: Sequence[RunState], rows: Mapping[tuple[str, str], Sequence[Row]], number: int) -> Columns:
    """The objects table of a segment with these runs; `rows` by run and writer id."""
    made = []
    for run in runs:
        for ordinal, writer in enumerate(run.writers):
            made += [
                (one.kind, one.name, run_number(run.id), one.context, one.step, ordinal, one)
                for one in rows.get((run.id, writer.id), ())
            ]
    made.sort(key=lambda one: one[:6])
    found: Columns = {
        "segment": column([number] * len(made), OBJECTS["segment"]),
        "run": column([one[2] for one in made], OBJECTS["run"]),
        "writer": column([one[5] for one in made], OBJECTS["writer"]),
    }
    for name in _OF_RECORD:
        found[name] = column([getattr(one[6], name) for one in made], OBJECTS[name])
    return {name: found[name] for name in OBJECTS}


def merged(rows: Columns, run: Ints, number: int) -> Columns:
    """Rows of several segments as those of one: `run` is the place of each one's run, -1 for those that go."""
    keep = np.flatnonzero(run >= 0)
    texts = [rows[name][keep].tolist() for name in ("kind", "name", "context", "step")]
    mine = run[keep].tolist()
    order = sorted(range(len(keep)), key=lambda i: (texts[0][i], texts[1][i], mine[i], texts[2][i], texts[3][i]))
    index = keep[order]
    found = {name: values[index] for name, values in rows.items()}
    found["segment"] = np.full(len(index), number, np.int32)
    return found
