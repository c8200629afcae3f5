"""The table of media: the place of each item in the logs, and its description."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from aim.engine import Columns
from aim.errors import LogError
from aim.index.ints import Ints
from aim.index.schema import OBJECTS
from aim.index.segment import column, rows_at
from aim.index.state import RunState, WriterState, dumps
from aim.log import bounds, objects
from aim.media import KINDS

_SHORT = 4096

# The columns of a row that come from its record; the others are the segment, the run and the writer.
_OF_RECORD = [name for name in OBJECTS if name not in ("segment", "run", "writer")]


class ObjectRow(NamedTuple):
    """`offset` orders the records of one writer; `at` and `length` locate the record in its file."""

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


def row(writer: WriterState, offset: int, payload: bytes) -> ObjectRow | None:
    """The row of an OBJECT record; None if it is invalid or of a kind that this version does not know."""
    try:
        decoded = objects.decode(payload)
        named = writer.names.get(decoded.series)
        if named is None or len(named) != 3 or named[2] not in KINDS:
            return None
        describe = _about if len(decoded.described) <= _SHORT else _about.__wrapped__
        epoch = np.nan if decoded.epoch is None else decoded.epoch
        return ObjectRow(
            named[2], named[0], named[1], decoded.step, epoch, decoded.time, decoded.place & 0x7FFFFFFF, offset, offset,
            len(payload) + 8, decoded.size, describe(decoded.described),
        )  # fmt: skip
    except (LogError, ValueError, TypeError, RecursionError):
        return None


@lru_cache(maxsize=1 << 12)
def _about(described: bytes) -> str:
    about = bounds.loads(described)
    if not isinstance(about, dict):
        raise ValueError("the description of a value is not a JSON object")
    return dumps(about)


def table(runs: Sequence[RunState], rows: Mapping[tuple[str, str], Sequence[ObjectRow]], number: int) -> Columns:
    """The objects table of a segment with these runs; `rows` are keyed by run and writer id."""
    made = []
    for run in runs:
        for ordinal, writer in enumerate(run.writers):
            made += [
                (item.kind, item.name, run.number, item.context, item.step, ordinal, item)
                for item in rows.get((run.id, writer.id), ())
            ]
    made.sort(key=lambda entry: entry[:6])
    columns: Columns = {
        "segment": column([number] * len(made), OBJECTS["segment"]),
        "run": column([entry[2] for entry in made], OBJECTS["run"]),
        "writer": column([entry[5] for entry in made], OBJECTS["writer"]),
    }
    for name in _OF_RECORD:
        columns[name] = column([getattr(entry[6], name) for entry in made], OBJECTS[name])
    return {name: columns[name] for name in OBJECTS}


def merged(rows: Columns, run: Ints, number: int) -> Columns:
    """Merge rows of several segments. `run` has the new place of each row's run, or -1 to drop the row."""
    keep = np.flatnonzero(run >= 0)
    texts = [rows[name][keep].tolist() for name in ("kind", "name", "context", "step")]
    mine = run[keep].tolist()
    order = sorted(range(len(keep)), key=lambda i: (texts[0][i], texts[1][i], mine[i], texts[2][i], texts[3][i]))
    index = keep[order]
    columns = rows_at(rows, index)
    columns["segment"] = np.full(len(index), number, np.int32)
    return columns
