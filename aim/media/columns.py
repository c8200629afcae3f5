"""The typed columns of a table, from what users hold: rows, dicts, arrays, frames of pandas, polars and pyarrow. None
of these libraries is imported."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from itertools import islice
from typing import Any

from aim.media.arrays import array, has_masked
from aim.media.image import Image
from aim.media.parquet import MAX_CELLS_SIZE, MAX_COLUMNS, MAX_NAME, MAX_ROWS, TypedColumn
from aim.plain import PLAIN, builtin, is_masked, loaded, shown, text_of

CELLS = "numbers, text, bool, None, times and aim.Image"
NamedColumns = list[tuple[str, Any]]
_KINDS: dict[type, str] = {bool: "bool", int: "int", float: "float", str: "text", Image: "image"}
_WORDS = {"bool": "bools", "int": "numbers", "float": "numbers", "image": "images", "text": "text"}
_EPOCHS = {"time": datetime(1970, 1, 1), "instant": datetime(1970, 1, 1, tzinfo=timezone.utc)}
_MICROSECOND = timedelta(microseconds=1)
_NO_TIME = -(1 << 63)


def columns_of(data: Any, chosen: Sequence[Any] | None) -> tuple[list[TypedColumn], int]:
    """The columns and the number of rows. Raises TypeError or ValueError for anything else, and for too much."""
    named = _named(data, chosen)
    _check_names([name for name, _ in named])
    columns: list[TypedColumn] = []
    rows = size = 0
    for place, (name, values) in enumerate(named):
        column, count = _column(name, values)
        if place and count != rows:
            raise ValueError(f"column {name!r} has {count:,} cells, and {named[0][0]!r} has {rows:,}; give all as many")
        rows = count
        size += sum(map(len, column.values)) if isinstance(column.values, list) else len(column.values)
        if rows > MAX_ROWS or size > MAX_CELLS_SIZE:
            raise ValueError(
                f"a table has at most {MAX_ROWS:,} rows and {MAX_CELLS_SIZE >> 20} MB of cells; pass a part of it, or "
                "log it as a file: run.log_artifact"
            )
        columns.append(column)
    return columns, rows


def mixed(names: Sequence[Any], rows: Sequence[Sequence[Any]]) -> dict[str, list[Any]]:
    """The columns of rows as other trackers have them: of several types, which become text, of several lengths, and
    with names that are equal."""
    _check_number(names)
    columns: dict[str, list[Any]] = {}
    for place, given in enumerate(names):
        name = plain = text_of(given)[:MAX_NAME] or "column"
        number = place
        while name in columns:
            name, number = f"{plain[: MAX_NAME - 20]} ({number})", number + 1
        cells = [row[place] if place < len(row) else None for row in rows]
        kinds = {type(cell) for cell in cells} - {type(None)}
        alike = len(kinds) < 2 or kinds == {int, float}
        columns[name] = cells if alike else [cell if cell is None else text_of(cell) for cell in cells]
    return columns


def _check_number(names: Sequence[Any]) -> None:
    if not 0 < len(names) <= MAX_COLUMNS:
        many = f"has {len(names):,} columns; the most is {MAX_COLUMNS:,}" if names else "has no columns"
        raise ValueError(f"the table {many}; pass rows, a dict of columns, or a frame")


def _check_names(names: Sequence[str]) -> None:
    _check_number(names)
    for place, name in enumerate(names):
        if not 0 < len(name) <= MAX_NAME:
            raise ValueError(f"column {place} is named {shown(name)}; a name has 1 to {MAX_NAME} characters")
    for name in names if len(set(names)) < len(names) else ():
        if names.count(name) > 1:
            raise ValueError(f"several columns are named {name!r}; rename all but one of them")


def _named(data: Any, chosen: Sequence[Any] | None) -> NamedColumns:
    names = None if chosen is None else [_name(name) for name in chosen]
    if not hasattr(data, "columns") and callable(to_frame := getattr(data, "to_frame", None)):
        data = to_frame()
    named = _frame(data)
    if named is None:
        named, positional = _matrix(data)
        if named is None:
            return _rows(data, names)
        if positional and names is not None:
            if len(names) != len(named):
                raise ValueError(f"columns= has {len(names):,} names for {len(named):,} columns; pass one for each")
            return [(name, values) for name, (_, values) in zip(names, named, strict=True)]
    return named if names is None else _picked(named, names)


def _picked(named: NamedColumns, names: Sequence[str]) -> NamedColumns:
    held = dict(named)
    for name in names:
        if name not in held:
            raise ValueError(f"columns= names {name!r:.200}, which is none of {', '.join(held):.400}")
    return [(name, held[name]) for name in names]


def _name(name: Any) -> str:
    return text_of(name).encode("utf-8", "backslashreplace").decode()


def _frame(data: Any) -> NamedColumns | None:
    """Of a dict of columns, and of frames of pandas, polars and pyarrow."""
    if isinstance(data, Mapping):
        return [(_name(name), values) for name, values in data.items()]
    if callable(getattr(data, "collect", None)) and not hasattr(data, "get_columns"):
        data = data.collect()
    if callable(get_columns := getattr(data, "get_columns", None)):
        return [(_name(series.name), series) for series in get_columns()]
    if hasattr(data, "column_names") and callable(column := getattr(data, "column", None)):
        return [(_name(name), column(place)) for place, name in enumerate(data.column_names)]
    if not hasattr(data, "iloc"):
        return None
    named = [(_name(name), data.iloc[:, place]) for place, name in enumerate(data.columns)]
    if type(data.index).__name__ == "RangeIndex":
        return named
    return [(_name("index" if data.index.name is None else data.index.name), data.index), *named]


def _matrix(data: Any) -> tuple[NamedColumns | None, bool]:
    """Of an array with two dimensions or named fields, and whether its columns have no names of their own."""
    ndarray = loaded("numpy", "ndarray")
    values = data if ndarray is not None and isinstance(data, ndarray) else array(data)
    if values is None:
        return None, False
    if values.dtype.names:
        return [(_name(name), values[name]) for name in values.dtype.names], False
    if values.ndim != 2:
        raise ValueError(f"an array of shape {values.shape} is not a table; pass one with two dimensions")
    return [(str(place), values[:, place]) for place in range(values.shape[1])], True


def _rows(data: Any, names: Sequence[str] | None) -> NamedColumns:
    if isinstance(data, (str, bytes)) or not isinstance(data, Iterable):
        raise TypeError(
            f"a table cannot be made from {type(data).__name__} {shown(data)}; pass a list of rows, a dict of columns, "
            "or a frame of pandas, polars or pyarrow"
        )
    rows = list(islice(data, MAX_ROWS + 1))
    if rows and all(isinstance(row, Mapping) for row in rows):
        texts = [{_name(key): value for key, value in row.items()} for row in rows]
        named = dict.fromkeys(key for row in texts for key in row)
        for name in names or ():
            if name not in named:
                raise ValueError(f"columns= names {name!r:.200}, which is none of {', '.join(named):.400}")
        return [(name, [row.get(name) for row in texts]) for name in (named if names is None else names)]
    listed = [_row(place, row) for place, row in enumerate(rows)]
    if names is None:
        fields = getattr(rows[0], "_fields", None) if rows else ()
        names = [_name(name) for name in (fields or range(len(listed[0]) if listed else 0))]
    for place, row in enumerate(listed):
        if len(row) != len(names):
            raise ValueError(f"row {place} has {len(row):,} cells, and the table {len(names):,} columns: {shown(row)}")
    return [(name, [row[place] for row in listed]) for place, name in enumerate(names)]


def _row(place: int, row: Any) -> Sequence[Any]:
    if isinstance(row, (list, tuple)):
        return row
    if callable(to_list := getattr(row, "tolist", None)) and isinstance(listed := to_list(), list):
        return listed
    raise TypeError(f"row {place} is {type(row).__name__} {shown(row)}; pass each row as a list, a tuple or a dict")


def _column(name: str, values: Any) -> tuple[TypedColumn, int]:
    ndarray = loaded("numpy", "ndarray")
    if not _nulls(values) and not has_masked(values):
        numbers = values if ndarray is not None and isinstance(values, ndarray) else _as_array(values)
        if numbers is not None and numbers.dtype.kind == "m":
            raise TypeError(f"column {name!r} has durations; pass them as seconds: values / numpy.timedelta64(1, 's')")
        if numbers is not None and numbers.dtype.kind in "biufM":
            if numbers.ndim != 1:
                raise ValueError(f"column {name!r} has the shape {numbers.shape}; a cell has one of {CELLS}")
            column = _of_numbers(name, numbers)
            return column._replace(kind="instant") if _zone(values) else column, len(numbers)
    for method in ("to_pylist", "to_list", "tolist"):
        if callable(to_list := getattr(values, method, None)):
            values = to_list()
            break
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise TypeError(f"column {name!r} is {type(values).__name__} {shown(values)}; pass a list of its cells")
    cells = list(islice(values, MAX_ROWS + 1))
    return _of_cells(name, cells), len(cells)


def _nulls(values: Any) -> bool:
    """Whether cells are missing that an array would have as numbers."""
    if type(getattr(values, "dtype", None)).__module__.startswith("pandas"):
        return bool(getattr(values, "hasnans", True))
    count = getattr(values, "null_count", 0)
    return bool(count() if callable(count) else count)


def _zone(values: Any) -> Any:
    """Of times in a column of polars or pyarrow, which are UTC as an array."""
    held = getattr(values, "dtype", None) or getattr(values, "type", None)
    return getattr(held, "time_zone", None) or getattr(held, "tz", None)


def _as_array(values: Any) -> Any:
    """Numbers and times of an array, a tensor or a column of a frame."""
    asarray = loaded("numpy", "asarray")
    if asarray is None or isinstance(values, (list, tuple)):
        return None
    if hasattr(values, "__array__") and not callable(getattr(values, "detach", None)):
        named = asarray(values)
        return named if named.dtype.kind in "biufcM" else None
    return array(values)


def _of_numbers(name: str, values: Any) -> TypedColumn:
    kind = values.dtype.kind
    if kind == "b":
        return TypedColumn(name, "bool", values.astype("u1").tobytes())
    if kind == "f":
        single = values.dtype.itemsize <= 4
        return TypedColumn(name, "single" if single else "float", values.astype("<f4" if single else "<f8").tobytes())
    if kind == "u" and len(values) and int(values.max()) >= 1 << 63:
        raise ValueError(_too_large(name, int(values.max())))
    if kind != "M":
        return TypedColumn(name, "int", values.astype("<i8").tobytes())
    times = values.astype("M8[us]")
    wrong = (times.astype("M8[D]") != values.astype("M8[D]")) & (values == values)
    if wrong.any():
        raise ValueError(f"column {name!r} has a time in row {int(wrong.argmax())} too far from 1970 for microseconds")
    micros = times.astype("<i8")
    present = micros != _NO_TIME
    return TypedColumn(name, "time", micros.tobytes(), None if present.all() else present.astype("u1").tobytes())


def _of_cells(name: str, cells: list[Any]) -> TypedColumn:
    if not set(map(type, cells)) <= PLAIN:
        cells = [_cell(name, row, cell) for row, cell in enumerate(cells)]
    kinds = {_kind(cell) for cell in cells} - {""}
    if "float" in kinds and len(kinds) > 1 and not kinds <= {"int", "float"}:
        # Frames have NaN where a cell of another type is missing.
        cells = [None if cell != cell else cell for cell in cells]
        kinds = {_kind(cell) for cell in cells} - {""}
    if kinds == {"int", "float"}:
        kinds = {"float"}
    if len(kinds) > 1:
        raise TypeError(_mixed(name, cells))
    kind = kinds.pop() if kinds else "text"
    present = bytes(cell is not None for cell in cells)
    return TypedColumn(name, kind, _encoded(name, kind, cells), None if all(present) else present)


def _encoded(name: str, kind: str, cells: list[Any]) -> Any:
    if kind == "text":
        return [b"" if cell is None else cell.encode("utf-8", "backslashreplace") for cell in cells]
    if kind == "image":
        return [b"" if cell is None else cell.data for cell in cells]
    if kind == "bool":
        return bytes(cell is True for cell in cells)
    if kind in _EPOCHS:
        epoch = _EPOCHS[kind]
        return struct.pack(
            f"<{len(cells)}q", *(0 if cell is None else (cell - epoch) // _MICROSECOND for cell in cells)
        )
    filled = [0 if cell is None else cell for cell in cells]
    if kind == "float":
        return struct.pack(f"<{len(cells)}d", *filled)
    try:
        return struct.pack(f"<{len(cells)}q", *filled)
    except struct.error:
        raise ValueError(_too_large(name, max(filled, key=abs))) from None


def _too_large(name: str, number: int) -> str:
    return f"column {name!r} has {shown(number)}; integers have at most 64 bits: pass it as text or as a float"


def _cell(name: str, row: int, cell: Any) -> Any:
    """As one of the types of a cell. Raises TypeError for any other."""
    value = builtin(cell)
    if type(value) in PLAIN:
        return value
    if type(value).__name__ in ("NAType", "NaTType") or is_masked(value):
        return None
    if isinstance(value, datetime):
        return value.to_pydatetime(warn=False) if hasattr(value, "to_pydatetime") else value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    if isinstance(value, Image):
        return value
    datetime64 = loaded("numpy", "datetime64")
    if datetime64 is not None and isinstance(value, datetime64):
        return value.astype("M8[us]").item()
    if callable(item := getattr(value, "item", None)) and getattr(value, "shape", None) == ():
        return _cell(name, row, item())
    raise TypeError(
        f"column {name!r} has {type(cell).__name__} {shown(cell)} in row {row}; cells are {CELLS}: pass its text"
    )


def _kind(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return "time" if cell.tzinfo is None else "instant"
    return next((kind for known, kind in _KINDS.items() if type(cell) is known), "image")


def _mixed(name: str, cells: list[Any]) -> str:
    first = next(cell for cell in cells if cell is not None)
    row, other = next(
        (row, cell)
        for row, cell in enumerate(cells)
        if cell is not None and _kind(cell) != _kind(first) and {_kind(cell), _kind(first)} != {"int", "float"}
    )
    words = [
        _WORDS.get(_kind(cell)) or ("times with a zone" if cell.tzinfo else "times without a zone")
        for cell in (first, other)
    ]
    return f"column {name!r} mixes {words[0]} and {words[1]}: row {row} has {shown(other)}; give its cells one type"
