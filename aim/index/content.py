"""Media over all segments, and the content of each, read from where it was recorded."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from aim import engine
from aim.engine import Columns
from aim.index.fold import Ranks
from aim.index.ints import Ints, ascending
from aim.index.schema import OBJECTS
from aim.index.segment import begins, rows_at, stored
from aim.index.series import Runs, codes
from aim.index.sources.source import Location, Source

Array = npt.NDArray[Any]


class Holders(Runs, Protocol):
    """What media need from the runs that hold them. The catalog provides it."""

    def source_of(self, i: int) -> Source: ...

    def location(self, i: int, ordinal: int, at: int, length: int) -> Location: ...


@dataclass
class Objects:
    """Media sorted by run, kind, name, context and step, then by arrival. `columns["run"]` is the place of the run in
    the catalog; `offsets` cuts the rows into series."""

    runs: Holders
    columns: Columns
    offsets: Ints

    def __len__(self) -> int:
        return len(self.columns["run"])

    def take(self, keep: npt.NDArray[np.bool_]) -> Objects:
        """Those rows alone; series without a row are left out."""
        offsets = np.concatenate(([0], np.cumsum(keep)))[self.offsets]
        return Objects(self.runs, rows_at(self.columns, np.flatnonzero(keep)), ascending(offsets).astype(np.int64))

    def content(self, i: int, most: int | None = None) -> bytes:
        """The bytes of item `i`, or at least the first `most`. Raises LogError if they are damaged or gone."""
        source = self.runs.source_of(int(self.columns["run"][i]))
        return source.content(self.location(i), str(self.columns["kind"][i]), str(self.columns["about"][i]), most)

    def location(self, i: int) -> Location:
        run, writer, at, length = (int(self.columns[name][i]) for name in ("run", "writer", "at", "length"))
        return self.runs.location(run, writer, at, length)


def gather(runs: Holders, among: Mapping[str, Collection[object]], only: Collection[int] | None) -> Objects:
    """The rows that count from the objects tables of all segments."""
    rows = engine.read(stored(runs.segments, "objects"), list(OBJECTS), among=among)
    run = runs.places.of_series(rows)
    rows["writer"] = runs.ordinals(run, rows["writer"])
    keep = (run >= 0) & (rows["writer"] >= 0)
    if only is not None:
        keep &= np.isin(run, np.fromiter(only, np.int64, len(only)))
    rows = rows_at(rows, keep)
    rows["run"] = run[keep]
    shown = _not_hidden(runs, rows)
    rows = rows_at(rows, shown)
    distinct: Ints = ascending(rows["run"]).astype(np.int64)
    ranks = Ranks([runs.writer_order(int(i)) for i in distinct])
    return _sorted(runs, rows, ranks.of(np.searchsorted(distinct, rows["run"]), rows["writer"]))


def _not_hidden(runs: Holders, rows: Columns) -> Array:
    keep = np.ones(len(rows["run"]), bool)
    for i in ascending(rows["run"][runs.resumed[rows["run"]]]).tolist():
        mine = rows["run"] == i
        for writer, size, step in runs.hidden(i):
            keep &= ~(mine & (rows["writer"] == writer) & (rows["offset"] < size) & (rows["step"] >= step))
    return keep


def _sorted(runs: Holders, rows: Columns, rank: Ints) -> Objects:
    """`rank`: the place of each row's writer among those of its run."""
    kind, name, context = (codes(rows[column]) for column in ("kind", "name", "context"))
    order = np.lexsort((rows["place"], rows["at"], rank, rows["step"], context, name, kind, rows["run"]))
    rows = rows_at(rows, order)
    begin = begins(rows["run"], kind[order], name[order], context[order])
    return Objects(runs, rows, np.append(begin, len(order)))
