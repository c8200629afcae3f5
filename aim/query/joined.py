"""Recorded tables as one: of several, the rows under each other with the run and the step of each. The engine holds,
sorts and filters them."""

from __future__ import annotations

import mmap
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from aim import regular
from aim.engine import TableFile, TableFiles, TableTest
from aim.errors import QueryError
from aim.media.parquet import ParquetTable
from aim.query.regex import PatternError, compile_pattern

MAX_SIZE = 256 << 20
MAX_COLUMNS = 1_000
# An order has 4 bytes for each.
MAX_ROWS = 20_000_000
# Orders that are kept, so that a page scrolls without sorting again; of each only the first rows, until more are read.
ORDERS = 4
FIRST_ROWS = 1_000
_SHOWN = {"single": "float", "instant": "time"}
_RANGED = ("int", "float", "time")
_SEARCHED = ("text", "bool")


class JoinedPart(NamedTuple):
    """A table: its run, its step, and the file with its bytes."""

    run: str
    step: int
    path: Path


class JoinedColumn(NamedTuple):
    """`kind`: bool, int, float, text, time or image."""

    name: str
    kind: str


class RowOrder(NamedTuple):
    """The numbers of the first rows that match, or of all, and how many match."""

    rows: npt.NDArray[np.int32]
    matched: int


class JoinedTable:
    """Raises QueryError for tables that cannot be read, or that are too large together."""

    def __init__(self, parts: Sequence[JoinedPart]) -> None:
        files = [_read(part) for part in parts]
        beside = [JoinedColumn("run", "text"), JoinedColumn("step", "int")] if len(parts) > 1 else []
        kinds = _kinds(files)
        self.columns = [*beside, *(JoinedColumn(name, kind) for name, kind in kinds.items())]
        size, rows = sum(map(_cells_size, files)), sum(file.rows for file in files)
        if size > MAX_SIZE or len(kinds) > MAX_COLUMNS or rows > MAX_ROWS:
            raise QueryError(
                f"The tables have {rows:,} rows, {len(kinds):,} columns and {size >> 20:,} MB together; at most "
                f"{MAX_ROWS:,} rows, {MAX_COLUMNS:,} columns and {MAX_SIZE >> 20} MB are shown: choose fewer, or "
                "download them."
            )
        places = {name: len(beside) + place for place, name in enumerate(kinds)}
        self._orders: OrderedDict[Any, RowOrder] = OrderedDict()
        given: list[TableFile] = []
        for part, file in zip(parts, files, strict=True):
            own = [_SHOWN.get(kind, kind) for _, kind, _ in file.columns]
            first = (part.run, part.step) if beside else ()
            given.append(TableFile(part.path, file.rows, own, [places[name] for name, _, _ in file.columns], first))
        self._files = TableFiles(given, [kind for _, kind in self.columns])
        self._parts = files
        self.rows = self._files.rows

    def order(self, sort: Sequence[tuple[int, bool]], tests: Sequence[TableTest], most: int | None = None) -> RowOrder:
        """The rows that match, in an order: columns, each descending or not. `most`: so many are enough."""
        key = (tuple(sort), tuple(tests))
        known = self._orders.get(key)
        if known is None:
            for column, _ in sort:
                self.column(column)
            for test in tests:
                self._check(test)
        if known is None or len(known.rows) < (known.matched if most is None else min(known.matched, most)):
            self._orders[key] = self._ordered(sort, tests, most)
        self._orders.move_to_end(key)
        while len(self._orders) > ORDERS:
            self._orders.popitem(last=False)
        return self._orders[key]

    def _ordered(self, sort: Sequence[tuple[int, bool]], tests: Sequence[TableTest], most: int | None) -> RowOrder:
        if not sort or most is None or most > FIRST_ROWS:
            rows = self._files.order(sort, tests)
            return RowOrder(rows, len(rows))
        rows = self._files.order(sort, tests, FIRST_ROWS)
        return RowOrder(rows, len(rows) if len(rows) < FIRST_ROWS else self._files.count(tests))

    def read(self, rows: npt.NDArray[np.int32], most: int) -> list[tuple[Any, ...]]:
        """Each row as the number of its table, its place in it, and its cells. `most`: characters of a text."""
        return self._files.read(rows, most)

    def image(self, part: int, column: str, row: int) -> bytes | None:
        """The image in a cell of one of the tables, None if there is none. Raises ValueError for a damaged column."""
        file = self._parts[part]
        images = [place for place, (name, kind, _) in enumerate(file.columns) if (name, kind) == (column, "image")]
        return file.cell(images[0], row) if images else None

    def column(self, column: int) -> JoinedColumn:
        if not 0 <= column < len(self.columns):
            raise QueryError(f"There is no column {column}; the table has {len(self.columns):,}, counted from 0.")
        return self.columns[column]

    def _check(self, test: TableTest) -> None:
        name, kind = self.column(test.column)
        ranged = test.low is not None or test.high is not None
        if test.find and kind not in _SEARCHED or ranged and kind not in _RANGED:
            what = "a range" if ranged else "a text"
            raise QueryError(f"Column {name!r:.200} has cells of the kind {kind}; it is not filtered by {what}.")
        if test.pattern:
            try:
                compile_pattern(test.find)
            except PatternError as error:
                raise QueryError(f"`{test.find}` is not a pattern: {error}.") from None


def _read(part: JoinedPart) -> ParquetTable:
    try:
        with regular.opened(part.path) as file:
            return ParquetTable(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except ValueError as error:
        raise QueryError(f"The table of {part.run!r:.200} at step {part.step} cannot be read: {error}.") from None


def _kinds(files: Sequence[ParquetTable]) -> dict[str, str]:
    """The columns of all, by their names. Numbers of two kinds become floats; other kinds become text. A table without
    rows decides nothing."""
    kinds = {name: _SHOWN.get(kind, kind) for file in files for name, kind, _ in file.columns}
    decided: set[str] = set()
    for file in sorted(files, key=lambda file: not file.rows):
        for name, stored, _ in file.columns:
            kind = _SHOWN.get(stored, stored)
            before = kinds[name] if name in decided else kind
            if file.rows or name not in decided:
                kinds[name] = kind if before == kind else "float" if {before, kind} == {"int", "float"} else "text"
            decided.add(name)
    return kinds


def _cells_size(file: ParquetTable) -> int:
    """Images are not opened."""
    return sum(file.size_of(place) for place, (_, kind, _) in enumerate(file.columns) if kind != "image")
