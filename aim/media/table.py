"""Tables, kept as Parquet."""

from __future__ import annotations

import csv
import importlib
import io
import json
import math
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from aim.media import pictures
from aim.media.columns import columns_of
from aim.media.image import Image
from aim.media.image import describe as describe_image
from aim.media.media import Media, caption, fill, refused_if_unread
from aim.media.parquet import MAGIC, ParquetTable, encode

_EPOCH = datetime(1970, 1, 1)
# What a spreadsheet would run as a formula; numbers as text run nothing.
_FORMULA = re.compile(r"\s*[=+\-@\t\r\n|%]")
_NUMBER = re.compile(r"[+-]?((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|Infinity)")


class Table(Media):
    """A table: named columns of numbers, text, bools, times or images.

    - `data`: a list of rows, each a list, a tuple or a dict; a dict from names to columns; a frame of pandas, polars or
      pyarrow; or an array of two dimensions, or with named fields.
    - `columns`: names of columns without any, or which of the named ones to keep, in this order.
    - `caption`: text, cut at 20,000 characters.

    The cells of a column have one type, or are None. Integers and floats together become floats, NaN stays NaN. Images
    are `aim.Image`. A frame's index becomes a column unless it counts rows. At most 5,000,000 rows, 1,000 columns and
    64 MB as Parquet.

    Raises ValueError or TypeError for anything else.
    """

    kind = "table"
    plain = "parquet"
    compressed = True

    def __init__(self, data: Any, columns: Sequence[Any] | None = None, caption: str = "") -> None:
        with refused_if_unread("a table", data):
            typed, rows = columns_of(data, columns)
        fill(self, encode(typed, rows), describe(rows, len(typed), caption))

    @classmethod
    def format_of(cls, data: bytes) -> str | None:
        return "parquet" if data[:4] == data[-4:] == MAGIC else None

    @property
    def columns(self) -> list[str]:
        return [name for name, _, _ in self._parquet().columns]

    @property
    def shape(self) -> tuple[int, int]:
        """The numbers of rows and columns."""
        parquet = self._parquet()
        return parquet.rows, len(parquet.columns)

    def column(self, name: str) -> list[Any]:
        """The cells of a column, in the order of the rows. Raises ValueError if there is none, or it is damaged."""
        parquet = self._parquet()
        names = [known for known, _, _ in parquet.columns]
        if name not in names:
            raise ValueError(f"the table has no column {name!r:.200}; it has {', '.join(names):.400}")
        place = names.index(name)
        kind = parquet.columns[place][1]
        return [_restored(cell, kind) for cells in parquet.column(place) for cell in cells]

    def rows(self) -> Iterator[tuple[Any, ...]]:
        parquet = self._parquet()
        kinds = [kind for _, kind, _ in parquet.columns]
        for groups in zip(*(parquet.column(place) for place in range(len(kinds))), strict=True):
            for row in zip(*groups, strict=True):
                yield tuple(_restored(cell, kind) for cell, kind in zip(row, kinds, strict=True))

    def to_pandas(self) -> Any:
        """As a pandas frame. pandas must be installed."""
        return importlib.import_module("pandas").DataFrame({name: self.column(name) for name in self.columns})

    def to_csv(self) -> str:
        """As CSV. Text that a spreadsheet would run as a formula begins with `'`; images are left out."""
        into = io.StringIO()
        writer = csv.writer(into)
        writer.writerow(map(csv_cell, self.columns))
        writer.writerows(map(csv_cell, row) for row in self.rows())
        return into.getvalue()

    def to_json(self) -> str:
        """As a list of objects. NaN and infinities are text; images are left out."""
        names = self.columns
        return json.dumps(
            [{name: _json_cell(cell) for name, cell in zip(names, row, strict=True)} for row in self.rows()],
            ensure_ascii=False,
        )

    def _parquet(self) -> ParquetTable:
        try:
            return ParquetTable(self.data)
        except ValueError as error:
            raise ValueError(f"the table cannot be read: {error}") from None


def describe(rows: int, columns: int, text: str = "") -> dict[str, Any]:
    return {"format": "parquet", "rows": rows, "columns": columns, "caption": caption(text)}


def image_of(data: bytes) -> Image:
    """The image in a cell."""
    return Image.restored(data, {k: v for k, v in describe_image(data, pictures.size_of(data)).items() if v})


def _restored(cell: Any, kind: str) -> Any:
    if cell is None:
        return None
    if kind == "text":
        return cell.decode("utf-8", "replace")
    if kind == "image":
        return image_of(cell)
    if kind in ("time", "instant"):
        return _time(cell).replace(tzinfo=timezone.utc if kind == "instant" else None)
    return cell


def _time(micros: int) -> datetime:
    """Cut at the years that Python has."""
    try:
        return _EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        return datetime.max if micros > 0 else datetime.min


def csv_cell(cell: Any) -> Any:
    """As CSV shows it: text that a spreadsheet would run begins with `'`, and images are left out."""
    if isinstance(cell, str):
        return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell
    if isinstance(cell, datetime):
        return cell.isoformat()
    if isinstance(cell, float) and not math.isfinite(cell):
        return _word(cell)
    return "" if isinstance(cell, Image) else cell


def _json_cell(cell: Any) -> Any:
    if isinstance(cell, float) and not math.isfinite(cell):
        return _word(cell)
    if isinstance(cell, datetime):
        return cell.isoformat()
    return None if isinstance(cell, Image) else cell


def _word(number: float) -> str:
    """As JavaScript writes a number that is not finite."""
    return "NaN" if number != number else "Infinity" if number > 0 else "-Infinity"
