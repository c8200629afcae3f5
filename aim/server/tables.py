"""Recorded tables for a page: some rows of one, or of several as one, in an order and filtered; as CSV; and the images
in their cells. The last ones are kept open."""

from __future__ import annotations

import csv
import io
import math
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import numpy.typing as npt
from msgspec import Meta

from aim.deadline import checked
from aim.engine import TableTest
from aim.errors import EngineError
from aim.media.parquet import ParquetTable
from aim.media.table import csv_cell
from aim.query.joined import JoinedPart, JoinedTable, RowOrder
from aim.server import wire
from aim.server.frames import SAFE_INTEGER
from aim.server.media import point_of, readable
from aim.server.problems import Refused
from aim.server.route import FileContent, FileStream
from aim.server.table import decoded
from aim.server.thumbnails import small_copy
from aim.server.wire.types import BlobId, RunId

if TYPE_CHECKING:
    from aim.query.media import MediaPoint
    from aim.repo import Repo

MAX_TABLES = 64
MAX_BYTES = 256 << 20
MAX_CHARACTERS = 4_000_000
KEPT = 4
# Each part of a CSV reads the files from their start.
CSV_ROWS = 10_000
_EPOCH = datetime(1970, 1, 1)
_Of = Annotated[list[tuple[RunId, BlobId]], Meta(min_length=1, max_length=MAX_TABLES)]
_Key = tuple[object, ...]


class KeptTables:
    """Tables by what they are made of. One at a time is asked, so that none is closed meanwhile."""

    def __init__(self) -> None:
        self._tables: OrderedDict[_Key, JoinedTable] = OrderedDict()
        self._lock = threading.Lock()

    @contextmanager
    def opened(self, repo: Repo, points: Sequence[MediaPoint]) -> Iterator[JoinedTable]:
        key = (repo.place, *((point.run, point.id) for point in points))
        with self._lock:
            table = self._tables.pop(key, None) or _joined(repo, points)
            self._tables[key] = table
            while len(self._tables) > KEPT:
                self._tables.popitem(last=False)[1].close()
            try:
                yield table
            except EngineError as error:
                raise Refused(415, f"The table cannot be read: {error}", hint="Download it.") from None


_kept = KeptTables()
# A part of a column is unpacked for one image, which takes up to 1 GB.
_one_at_a_time = threading.Lock()


def rows(repo: Repo, query: wire.TableRowsQuery) -> wire.RecordedRows:
    points = points_of(repo, query.of)
    with _kept.opened(repo, points) as table:
        order = _order(table, query, query.offset + query.limit)
        chosen = order.rows[query.offset : query.offset + query.limit]
        most = min(query.most, max(20, MAX_CHARACTERS // (max(1, len(chosen)) * len(table.columns))))
        read = table.read(chosen, most)
    kinds = [column.kind for column in table.columns]
    return wire.RecordedRows(
        columns=[wire.CellColumn(name=name, kind=kind) for name, kind in table.columns],  # type: ignore[arg-type]
        sources=[wire.TableSource(run=point.run, blob=point.id, step=point.step) for point in points],
        rows=table.rows,
        matched=order.matched,
        offset=query.offset,
        source=[row[0] for row in read],
        place=[row[1] for row in read],
        cells=[[_shown(row[2 + i], kind) for row in read] for i, kind in enumerate(kinds)],
    )


def download(repo: Repo, query: wire.TableFileQuery) -> FileStream:
    points = points_of(repo, query.of)
    with _kept.opened(repo, points) as table:
        order = _order(table, query).rows
    return FileStream(_csv(repo, points, table, order), "text/csv; charset=utf-8", "table.csv")


def image(repo: Repo, query: wire.TableImageQuery) -> FileContent:
    point = _point(repo, query.run, query.blob)
    try:
        with _one_at_a_time, readable():
            file = ParquetTable(point.data)
            named = {name: (place, kind) for place, (name, kind, _) in enumerate(file.columns)}
            place, kind = named.get(query.column, (-1, ""))
            cell = file.cell(place, query.row) if kind == "image" else None
    except ValueError as error:
        raise Refused(415, f"The table cannot be read: {error}.", hint="Download it.") from None
    if cell is None:
        raise Refused(404, "There is no image in this cell.", hint="api/media/table gives the cells.")
    return small_copy(cell, query.size, f"image-{query.row}")


def points_of(repo: Repo, of: str) -> list[MediaPoint]:
    return [_point(repo, run, blob) for run, blob in decoded("of", of, _Of)]


def _point(repo: Repo, run: str, blob: str) -> MediaPoint:
    point = point_of(repo, run, blob)
    if point.kind != "table":
        raise Refused(415, f"This {point.kind} is not a table.", hint="api/run/blob gives its content.")
    return point


def _joined(repo: Repo, points: Sequence[MediaPoint]) -> JoinedTable:
    if (size := sum(point.size for point in points)) > MAX_BYTES:
        message = f"These tables have {size >> 20:,} MB; at most {MAX_BYTES >> 20} MB are shown as one."
        raise Refused(413, message, hint="Choose fewer, or download them.")
    runs = {id: repo.run(id) for id in {point.run for point in points}}
    names = {id: run.name or run.hash for id, run in runs.items()}
    with readable():
        return JoinedTable([JoinedPart(names[point.run], point.step, point.data) for point in points])


def _order(table: JoinedTable, query: wire.TableFileQuery, most: int | None = None) -> RowOrder:
    sort = decoded("sort", query.sort, list[wire.CellSort])
    where = decoded("where", query.where, list[wire.CellFilter])
    tests = []
    for test in where:
        scale = 1e6 if table.column(test.column).kind == "time" else 1
        low, high = (None if end is None else end * scale for end in (test.low, test.high))
        tests.append(TableTest(test.column, test.find, test.pattern, low, high))
    return table.order([(key.column, key.descending) for key in sort], tests, most)


def _shown(cell: Any, kind: str) -> Any:
    """As JSON holds it: numbers that it has not are text, times are seconds."""
    if cell is None:
        return None
    if kind == "time":
        return cell / 1e6
    if kind == "float" and not math.isfinite(cell):
        return "NaN" if cell != cell else "Infinity" if cell > 0 else "-Infinity"
    return str(cell) if kind == "int" and abs(cell) > SAFE_INTEGER else cell


def _csv(repo: Repo, points: Sequence[MediaPoint], table: JoinedTable, order: npt.NDArray[np.int32]) -> Iterator[bytes]:
    kinds = [column.kind for column in table.columns]
    yield _lines([[column.name for column in table.columns]])
    for start in checked(range(0, len(order), CSV_ROWS)):
        with _kept.opened(repo, points) as opened:
            read = opened.read(order[start : start + CSV_ROWS], 1 << 30)
        yield _lines([_written(cell, kind) for cell, kind in zip(row[2:], kinds, strict=True)] for row in read)


def _lines(lines: Any) -> bytes:
    into = io.StringIO()
    csv.writer(into).writerows(map(csv_cell, line) for line in lines)
    return into.getvalue().encode()


def _written(cell: Any, kind: str) -> Any:
    if cell is None or kind == "image":
        return None
    if kind != "time":
        return cell
    try:
        return _EPOCH + timedelta(microseconds=cell)
    except OverflowError:
        return cell
