"""Recorded tables for a page: some rows of one, or of several as one, in an order and filtered; as CSV; and the images
in their cells."""

from __future__ import annotations

import base64
import csv
import io
import math
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta

from aim.deadline import check
from aim.media.table import csv_cell
from aim.server import wire
from aim.server.frames import SAFE_INTEGER
from aim.server.media import point_of
from aim.server.open_tables import OpenTables
from aim.server.problems import Refused
from aim.server.route import FileContent, FileStream
from aim.server.table import decoded
from aim.server.thumbnails import small_copy
from aim.server.wire.types import BlobId, RunId

if TYPE_CHECKING:
    from aim.query.media import MediaPoint
    from aim.repo import Repo

MAX_TABLES = 64
MAX_CHARACTERS = 4_000_000
# Each part of a CSV reads the files from their start.
CSV_ROWS = 10_000
CSV_CHARACTERS = 8_000_000
_EPOCH = datetime(1970, 1, 1)
_Of = Annotated[list[tuple[RunId, BlobId]], Meta(min_length=1, max_length=MAX_TABLES)]

_open = OpenTables()


def rows(repo: Repo, query: wire.TableRowsQuery) -> wire.RecordedRows:
    points = points_of(repo, query.of)
    asked = _asked(query, query.offset, query.limit, most=query.most, characters=MAX_CHARACTERS)
    with _open.opened(repo, points) as table:
        answer = table.ask("rows", **asked)
    read, columns = answer["read"], answer["columns"]
    return wire.RecordedRows(
        columns=[wire.CellColumn(name=name, kind=kind) for name, kind in columns],
        sources=[wire.TableSource(run=point.run, blob=point.id, step=point.step) for point in points],
        rows=answer["rows"],
        matched=answer["matched"],
        offset=query.offset,
        source=[row[0] for row in read],
        place=[row[1] for row in read],
        cells=[[_shown(row[2 + i], kind) for row in read] for i, (_, kind) in enumerate(columns)],
    )


def download(repo: Repo, query: wire.TableFileQuery) -> FileStream:
    points = points_of(repo, query.of)
    first = _part(repo, points, query, 0)
    return FileStream(_csv(repo, points, query, first), "text/csv; charset=utf-8", "table.csv")


def image(repo: Repo, query: wire.TableImageQuery) -> FileContent:
    point = _point(repo, query.run, query.blob)
    with _open.opened_with(repo, point) as (table, part):
        cell = table.ask("image", part=part, column=query.column, row=query.row)["image"]
    if cell is None:
        raise Refused(404, "There is no image in this cell.", hint="api/media/table gives the cells.")
    return small_copy(base64.b64decode(cell), query.size, f"image-{query.row}")


def points_of(repo: Repo, of: str) -> list[MediaPoint]:
    return [_point(repo, run, blob) for run, blob in decoded("of", of, _Of)]


def _point(repo: Repo, run: str, blob: str) -> MediaPoint:
    point = point_of(repo, run, blob)
    if point.kind != "table":
        raise Refused(415, f"This {point.kind} is not a table.", hint="api/run/blob gives its content.")
    return point


def _asked(query: wire.TableFileQuery, offset: int, count: int, **limits: int) -> dict[str, Any]:
    sort = decoded("sort", query.sort, list[wire.CellSort])
    where = decoded("where", query.where, list[wire.CellFilter])
    return {
        "sort": [(key.column, key.descending) for key in sort],
        "where": [(test.column, test.find, test.pattern, test.low, test.high) for test in where],
        "offset": offset,
        "stop": offset + count,
        **limits,
    }


def _shown(cell: Any, kind: str) -> Any:
    """As JSON holds it: numbers that it has not are text, times are seconds."""
    if cell is None:
        return None
    if kind == "time":
        return cell / 1e6
    if kind == "float" and not math.isfinite(cell):
        return "NaN" if cell != cell else "Infinity" if cell > 0 else "-Infinity"
    return str(cell) if kind == "int" and abs(cell) > SAFE_INTEGER else cell


def _part(repo: Repo, points: Sequence[MediaPoint], query: wire.TableFileQuery, start: int) -> dict[str, Any]:
    with _open.opened(repo, points) as table:
        return table.ask("rows", **_asked(query, start, CSV_ROWS, characters=CSV_CHARACTERS))


def _csv(repo: Repo, points: Sequence[MediaPoint], query: wire.TableFileQuery, part: dict[str, Any]) -> Iterator[bytes]:
    kinds = [kind for _, kind in part["columns"]]
    yield _lines([[name for name, _ in part["columns"]]])
    start = 0
    while read := part["read"]:
        yield _lines([_written(cell, kind) for cell, kind in zip(row[2:], kinds, strict=True)] for row in read)
        start += len(read)
        if start >= part["matched"]:
            return
        check()
        part = _part(repo, points, query, start)


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
