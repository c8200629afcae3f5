"""The rows of runs over all segments, as columns that are read when they are first asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from aim import engine
from aim.deadline import checked
from aim.engine import Columns, Part
from aim.errors import EngineError
from aim.index.ints import Ints, ascending
from aim.index.segment import Segment, empty, stored

if TYPE_CHECKING:
    from aim.clickhouse.table import DistantTable
    from aim.clickhouse.texts import DamagedRows

Array = npt.NDArray[Any]
# The columns that every catalog needs, and those that nearly every question needs; they are read with one query.
ORDER = (
    *("segment", "run", "id", "since", "created_at", "ended", "resumed", "deleted", "writers"),
    *("status", "error", "finished_at", "seen_at", "quiet", "starts", "archived", "experiment", "tags"),
)
# Texts that are long, or of another length in each row.
LONG = frozenset({"doc", "params", "facts", "packages", "env", "edits", "description"})
# Texts of which many rows have the same.
_REPEATED = frozenset({"experiment", "status", "error", "tags", "name", "quiet", "starts", "edits"})
# From this many rows on, long texts are read again each time instead of being kept, and only for the rows asked for.
_KEPT_ROWS = 20_000
# If more rows than this are asked for, the long texts of all rows are read, file by file.
SOME_ROWS = 4_000


class Rows:
    """The runs tables of some segments, oldest first: those in files, then those in memory. `damage`: what is
    damaged in the rows that a database gave."""

    damage: DamagedRows | None = None

    def __init__(self, segments: Sequence[Segment], lenders: Iterable[Rows] = ()) -> None:
        """`lenders`: what was read before. A file never changes, so of those that they know, nothing is read again."""
        self._disk = [segment for segment in segments if segment.files]
        self._memory = [segment.memory["runs"] for segment in segments if segment.memory]
        known = {file: columns for lender in lenders for file, columns in lender._of_files.items()}
        self._of_files: dict[Path, Columns] = {
            segment.files["runs"]: dict(known.get(segment.files["runs"], {})) for segment in self._disk
        }
        self._columns: Columns = {}

    def read(self, names: Sequence[str], rows: Ints | None = None) -> Columns:
        """Columns of all rows or of some, kept unless they take much memory. Those that are not known of the files yet
        are read with one query."""
        alone = self._alone(names, rows)
        if alone and rows is not None and len(rows) <= SOME_ROWS:
            # One query for all of them, instead of another one for a column of all rows.
            alone = [name for name in names if name not in self._columns]
        new = {name for name in names if name not in self._columns and name not in alone}
        lacking = [part for part in self._disk if not self._of_files[part.files["runs"]].keys() >= new]
        unread = new.difference(new.intersection(*(self._of_files[part.files["runs"]] for part in lacking)))
        table = engine.read(stored(lacking, "runs"), ["segment", *unread]) if lacking else {}
        joined = self._joined(new, dict(_by_file(lacking, table)))
        columns = {name: joined[name] if name in joined else self._columns[name] for name in names if name not in alone}
        if rows is None:
            return columns
        texts = (self._of_many if len(rows) > SOME_ROWS else self._of_few)(alone, rows) if alone else {}
        return {name: columns[name][rows] if name in columns else texts[name] for name in names}

    def _of_few(self, names: Sequence[str], rows: Ints) -> Columns:
        keys = {name: self._columns[name][rows] for name in ("segment", "run")}
        among = {name: ascending(key).tolist() for name, key in keys.items()}
        read = engine.read(self._holding(among), [*keys, *names], among=among)
        at = _places(keys, read)
        return {name: read[name][at] for name in names}

    def _of_many(self, names: Sequence[str], rows: Ints) -> Columns:
        """One file after the other, because the long texts of all rows take much memory."""
        made: Columns = {name: np.empty(len(rows), object) for name in names}
        parts: list[Path | Columns] = [*self._of_files, *self._memory]
        stop = 0
        for part in checked(parts):
            known = self._of_files[part] if isinstance(part, Path) else part
            start, stop = stop, stop + len(known["run"])
            mine = np.flatnonzero((rows >= start) & (rows < stop))
            if len(mine):
                read = engine.read([part], names)
                table = _together(part, {**known, **read}) if isinstance(part, Path) else read
                for name in names:
                    made[name][mine] = table[name][rows[mine] - start]
        return made

    def know(self, table: Columns) -> None:
        """Columns of all files that were read elsewhere, with `segment` among them."""
        for file, columns in _by_file(self._disk, table):
            self._of_files[file].update(columns)

    def _joined(self, names: Collection[str], read: Mapping[Path, Columns]) -> Columns:
        """Columns of all rows, from what was read now and what is known. What is kept of each file is a part of its
        column, so that it is in memory once."""
        parts = [_together(file, {**columns, **read.get(file, {})}) for file, columns in self._of_files.items()]
        joined: Columns = {}
        for name in names:
            pieces = [part[name] for part in parts]
            joined[name] = np.concatenate([empty("runs")[name], *pieces, *(memory[name] for memory in self._memory)])
            if name not in LONG or len(joined[name]) <= _KEPT_ROWS:
                self._keep(name, joined[name], pieces)
        return joined

    def _keep(self, name: str, column: Array, pieces: Sequence[Array]) -> None:
        self._columns[name] = column
        starts = np.cumsum([0, *map(len, pieces)]).tolist()
        for columns, start, piece in zip(self._of_files.values(), starts, pieces, strict=False):
            columns[name] = column[start : start + len(piece)]

    def _alone(self, names: Sequence[str], rows: Ints | None) -> list[str]:
        """The long texts that are read for these rows alone, and not kept."""
        if rows is None or not self._many():
            return []
        return [name for name in names if name in LONG and name not in self._columns]

    def _many(self) -> bool:
        return "run" in self._columns and len(self._columns["run"]) > _KEPT_ROWS

    def _holding(self, among: Mapping[str, Collection[int]]) -> list[Part]:
        """The parts with rows of these segments."""
        wanted = set(among["segment"])
        return [*stored([part for part in self._disk if part.number in wanted], "runs"), *self._memory]


def _places(keys: Columns, read: Columns) -> list[int]:
    """Where the rows with these segments and runs are in what was read."""
    places = {key: at for at, key in enumerate(zip(read["segment"].tolist(), read["run"].tolist(), strict=True))}
    return [places[key] for key in zip(keys["segment"].tolist(), keys["run"].tolist(), strict=True)]


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
        every = texts.tolist()
        texts[:] = [*map(known.setdefault, every, every)]
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

    def read(self, names: Sequence[str], rows: Ints | None = None) -> Columns:
        alone = self._alone(names, rows)
        unread = [name for name in names if name not in self._columns and name not in alone]
        runs = self._columns["run"]
        read = _in_order(runs, self._table.read(["run", *unread], {})) if unread else {}
        self._columns.update({n: c for n, c in read.items() if n not in LONG or len(c) <= _KEPT_ROWS})
        columns = {name: read[name] if name in read else self._columns[name] for name in names if name not in alone}
        if rows is None:
            return columns
        mine = {"run": runs[rows].tolist()}
        some = _in_order(runs[rows], self._table.read(["run", *alone], mine)) if alone else {}
        return {name: columns[name][rows] if name in columns else some[name] for name in names}

    def _alone(self, names: Sequence[str], rows: Ints | None) -> list[str]:
        return super()._alone(names, rows) if rows is not None and len(rows) <= SOME_ROWS else []

    def _many(self) -> bool:
        """A database gives the long texts of few runs alone, however many runs there are."""
        return True


def _in_order(runs: Ints, read: Columns) -> Columns:
    """The rows of these runs, in their order."""
    order = np.argsort(read["run"])
    at = np.searchsorted(read["run"], runs, sorter=order)
    if len(at) and (not len(order) or (read["run"][order[np.minimum(at, len(order) - 1)]] != runs).any()):
        raise EngineError("runs were removed from the database since this answer was given: ask again")
    return {name: column[order[at]] for name, column in read.items() if name != "run"}


def _changed(columns: Columns, changed: Columns) -> Columns:
    """The rows, with those that changed in place of theirs."""
    keep = ~np.isin(columns["run"], changed["run"])
    return {name: np.concatenate([old[keep], changed[name][changed["alive"]]]) for name, old in columns.items()}
