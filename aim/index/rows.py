"""The rows of runs over all segments, as columns that are read when they are first asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from aim import engine
from aim.clickhouse.texts import InvalidTexts
from aim.engine import Columns
from aim.errors import EngineError
from aim.index.segment import Ints, Segment, empty, stored

if TYPE_CHECKING:
    from aim.clickhouse.table import DistantTable

Array = npt.NDArray[Any]
# The columns that every catalog needs.
ORDER = ("segment", "run", "id", "since", "created_at", "ended", "resumed", "deleted", "writers")
# Texts that are long, or of another length in each row.
LONG = frozenset({"doc", "params", "facts", "packages", "env", "edits", "description"})
# Texts of which many rows have the same.
_REPEATED = frozenset({"experiment", "status", "error", "tags", "name", "quiet", "starts", "edits"})
# From this many rows on, long texts are read again each time instead of being kept, and only for the rows asked for.
_KEPT_ROWS = 20_000
_SOME_ROWS = 4_000


class Rows:
    """The runs tables of some segments, oldest first: those in files, then those in memory. `damage`: what is
    damaged in the texts that were read of runs, by their numbers."""

    damage: InvalidTexts = {}

    def __init__(self, segments: Sequence[Segment], lenders: Iterable[Rows] = ()) -> None:
        """`lenders`: what was read before. A file never changes, so of those that they know, nothing is read again."""
        self._disk = [segment for segment in segments if segment.files]
        self._memory = [segment.memory["runs"] for segment in segments if segment.memory]
        known = {file: columns for lender in lenders for file, columns in lender._of_files.items()}
        self._of_files: dict[Path, Columns] = {
            segment.files["runs"]: dict(known.get(segment.files["runs"], {})) for segment in self._disk
        }
        self._columns: Columns = {}

    def read(self, names: Sequence[str]) -> Columns:
        """Columns of all rows, kept unless they take much memory. Those that are not known of the files yet are read
        with one query."""
        new = {name for name in names if name not in self._columns}
        lacking = [part for part in self._disk if not self._of_files[part.files["runs"]].keys() >= new]
        unread = new.difference(new.intersection(*(self._of_files[part.files["runs"]] for part in lacking)))
        table = engine.read(stored(lacking, "runs"), ["segment", *unread]) if lacking else {}
        read = dict(_by_file(lacking, table))
        parts = [_together(file, {**columns, **read.get(file, {})}) for file, columns in self._of_files.items()]
        joined = {name: self._joined(name, [part[name] for part in parts]) for name in new}
        return {name: joined[name] if name in joined else self._columns[name] for name in names}

    def know(self, table: Columns) -> None:
        """Columns of all files that were read elsewhere, with `segment` among them."""
        for file, columns in _by_file(self._disk, table):
            self._of_files[file].update(columns)

    def _joined(self, name: str, parts: Sequence[Array]) -> Array:
        """A column of all rows. What is kept of each file is a part of it, so that it is in memory once."""
        column = np.concatenate([empty("runs")[name], *parts, *(memory[name] for memory in self._memory)])
        if name not in LONG or len(column) <= _KEPT_ROWS:
            self._columns[name] = column
            starts = np.cumsum([0, *map(len, parts)]).tolist()
            for columns, start, part in zip(self._of_files.values(), starts, parts, strict=False):
                columns[name] = column[start : start + len(part)]
        return column

    def take(self, names: Sequence[str], rows: Ints) -> Columns:
        """Columns of some rows."""
        few = len(rows) <= _SOME_ROWS and self._many()
        some = [name for name in names if few and name in LONG and name not in self._columns]
        columns = {n: c[rows] for n, c in self.read([name for name in names if name not in some]).items()}
        return {**columns, **(self._some(some, rows) if some else {})}

    def _many(self) -> bool:
        return len(self.read(["run"])["run"]) > _KEPT_ROWS

    def _some(self, names: Sequence[str], rows: Ints) -> Columns:
        keys = self.read(["segment", "run"])
        segment, run = keys["segment"][rows], keys["run"][rows]
        among = {"segment": np.unique(segment).tolist(), "run": np.unique(run).tolist()}
        wanted = set(among["segment"])
        parts = [s for s in self._disk if s.number in wanted]
        read = engine.read([*stored(parts, "runs"), *self._memory], ["segment", "run", *names], among=among)
        places = {key: at for at, key in enumerate(zip(read["segment"].tolist(), read["run"].tolist(), strict=True))}
        at = [places[key] for key in zip(segment.tolist(), run.tolist(), strict=True)]
        return {name: read[name][at] for name in names}


def _by_file(segments: Sequence[Segment], table: Columns) -> Iterator[tuple[Path, Columns]]:
    """The rows of each file."""
    for segment in segments:
        start, stop = np.searchsorted(table["segment"], (segment.number, segment.number + 1)).tolist()
        yield segment.files["runs"], {name: _shared(name, column[start:stop]) for name, column in table.items()}


def _together(file: Path, columns: Columns) -> Columns:
    """Columns of a file that were read at different times."""
    if len({len(column) for column in columns.values()}) > 1:
        raise EngineError(f"{file.name} was replaced by a table of another length while it was read")
    return columns


def _shared(name: str, texts: Array) -> Array:
    """A column whose equal texts are one object: an engine makes one for each row."""
    if name in _REPEATED:
        known: dict[str, str] = {}
        texts[:] = [known.setdefault(text, text) for text in texts.tolist()]
    return texts


class DistantRows(Rows):
    """The runs table of a database, with one row of each run that exists. Another process writes it meanwhile, so a
    column that is read later may be newer."""

    def __init__(self, table: DistantTable, number: int, before: DistantRows | None) -> None:
        """`number`: that of the last fold. Of the columns that `before` read, only what changed is read."""
        self._table, self.number, self.damage = table, number, table.client.damage
        if before is None:
            # `Catalog.different` compares the last two with what they are later.
            self._columns = table.read(["run", "segment", "dir", "length"], {})
        else:
            self._columns = _changed(before._columns, table.since([*before._columns, "alive"], before.number))

    def read(self, names: Sequence[str]) -> Columns:
        unread = [name for name in names if name not in self._columns]
        read = self._some(unread, np.arange(len(self._columns["run"]))) if unread else {}
        self._columns.update({n: c for n, c in read.items() if n not in LONG or len(c) <= _KEPT_ROWS})
        return {name: read[name] if name in read else self._columns[name] for name in names}

    def _many(self) -> bool:
        """A database gives the long texts of few runs alone, however many runs there are."""
        return True

    def _some(self, names: Sequence[str], rows: Ints) -> Columns:
        wanted = self._columns["run"][rows]
        among = {"run": wanted.tolist()} if len(rows) < len(self._columns["run"]) else {}
        read = self._table.read(["run", *names], among)
        order = np.argsort(read["run"])
        at = np.searchsorted(read["run"], wanted, sorter=order)
        if len(at) and (not len(order) or (read["run"][order[np.minimum(at, len(order) - 1)]] != wanted).any()):
            raise EngineError("runs were removed from the database since this answer was given: ask again")
        return {name: read[name][order[at]] for name in names}


def _changed(columns: Columns, changed: Columns) -> Columns:
    """The rows, with those that changed in place of theirs."""
    keep = ~np.isin(columns["run"], changed["run"])
    return {name: np.concatenate([old[keep], changed[name][changed["alive"]]]) for name, old in columns.items()}
