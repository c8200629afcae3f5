"""The column engine: the only file that imports DuckDB. A table may also lie in a database that answers for itself.

Everything goes in and out as numpy arrays, so neither pandas nor pyarrow is needed.
"""

from __future__ import annotations

import ctypes
import os
import stat
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from threading import RLock, current_thread, main_thread
from typing import Any, NamedTuple, ParamSpec, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from aim import native
from aim.deadline import check, interrupting
from aim.errors import EngineError

with native.entered():
    import duckdb

Columns = dict[str, npt.NDArray[Any]]
P = ParamSpec("P")
T = TypeVar("T")

_UNREADABLE = set("*?[]{}")
_LEAST_ROWS = 2048  # Limits of what the engine handles at a time.
_GROUP_CHARACTERS = 32 << 20
_LOOKED_AT = 512
_TEXTS = 1_000  # In one statement of a database, which takes 64 MB, and 7 bytes for a character.
_CHARACTERS = 4 << 20
_AGAIN_SECONDS = 0.1
_connection: duckdb.DuckDBPyConnection | None = None
_opening = RLock()
_asking: ThreadPoolExecutor | None = None  # of the main thread


@dataclass(frozen=True)
class Among:
    """The column has one of these values."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Between:
    """low <= column <= high; NaN is never between."""

    column: str
    low: float
    high: float


@dataclass(frozen=True)
class Contains:
    """The column's text contains this one."""

    column: str
    text: str


Test: TypeAlias = Among | Between | Contains


@dataclass(frozen=True)
class HasRow:
    """A run has a row in a table for which all tests hold. `latest`: in the newest segment that has the run."""

    table: str
    tests: tuple[Test, ...]
    latest: bool = True


@dataclass(frozen=True)
class AllOf:
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class AnyOf:
    conditions: tuple[Condition, ...]


Condition: TypeAlias = HasRow | AllOf | AnyOf


class Remote(ABC):
    """A table in a database. Its answers are those of the functions below over all of its rows that count. What
    `matching` returns are numbers of runs; it may have more of them than the condition has."""

    @abstractmethod
    def read(self, columns: Sequence[str], among: Mapping[str, Collection[object]]) -> Columns: ...

    @abstractmethod
    def distinct(self, columns: Sequence[str], *, limit: int | None = None) -> Columns: ...

    @abstractmethod
    def holders(self, column: str) -> Columns: ...

    @abstractmethod
    def containing(self, column: str, text: str, columns: Sequence[str]) -> Columns: ...

    @abstractmethod
    def counted(self, runs: npt.NDArray[Any], by: Sequence[str], *, column: str | None, values: bool) -> Columns: ...

    @abstractmethod
    def matching(self, condition: Condition) -> npt.NDArray[np.int64]: ...


Part: TypeAlias = Path | Columns | Remote


def takes(path: Path) -> bool:
    """Whether the engine can address files below `path`. It would read some characters as a pattern."""
    try:
        path.as_posix().encode("utf-8")
    except UnicodeEncodeError:
        return False
    return not _UNREADABLE & set(str(path))


def _translated(function: Callable[P, T]) -> Callable[P, T]:
    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            with native.entered():
                return function(*args, **kwargs)
        except (duckdb.Error, OSError) as error:
            check()
            raise EngineError(str(error)) from error

    return call


@_translated
def write(
    path: Path, columns: Mapping[str, npt.NDArray[Any]], types: Mapping[str, str], *, group: int = 61_440
) -> None:
    """Write one table as a Parquet file. `types` orders the columns and gives their SQL types. `group` is the number of
    rows in a row group; groups are smaller for long texts, because the engine holds some of them in memory."""
    cursor = _cursor()
    cursor.register("given", dict(columns))
    wanted = ", ".join(f'{_value(name, kind)} AS "{name}"' for name, kind in types.items())
    rows = min(group, max(_LEAST_ROWS, _GROUP_CHARACTERS // _characters(columns, types)))
    options = f"FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd, ROW_GROUP_SIZE {rows}"
    cursor.execute(f"COPY (SELECT {wanted} FROM given) TO {_quoted(path)} ({options})")


@_translated
def read(
    parts: Sequence[Part], columns: Sequence[str], *, among: Mapping[str, Collection[object]] | None = None
) -> Columns:
    """Columns of all rows of a table that is in files, a database and memory, in this order; with `among`, of the rows
    whose columns hold one of the given values.

    The rows are sorted here: the engine may turn a filter into a join, which does not keep the order. The files must
    therefore ascend by their column `segment`, which is constant in each file.
    """
    allowed = {name: list(values) for name, values in (among or {}).items()}
    files = [part for part in parts if isinstance(part, Path)]
    results = [_read_files(files, columns, allowed)] if files and all(allowed.values()) else []
    results += [part.read(columns, allowed) for part in parts if isinstance(part, Remote)]
    results += [_rows(part, columns, allowed) for part in parts if isinstance(part, dict)]
    return {name: np.concatenate([part[name] for part in results]) for name in columns}


@_translated
def row_counts(files: Sequence[Path]) -> dict[Path, int]:
    """How many rows each file states, without reading them."""
    if not files:
        return {}
    stated = _fetch(f"SELECT file_name, num_rows FROM parquet_file_metadata({_list(files)})", [])
    rows = dict(zip(stated["file_name"].tolist(), stated["num_rows"].tolist(), strict=True))
    return {file: rows[file.as_posix()] for file in files}


def _read_files(files: Sequence[Path], columns: Sequence[str], among: Mapping[str, Sequence[object]]) -> Columns:
    source = f"read_parquet({_list(files)}"
    if not among:
        return _fetch(f"SELECT {_names(columns)} FROM {source})", [])
    tests = " AND ".join(f'"{name}" IN ({", ".join("?" * len(allowed))})' for name, allowed in among.items())
    place = '"segment" AS " segment", file_row_number AS " row"'
    query = f"SELECT {place}, {_names(columns)} FROM {source}, file_row_number = true) WHERE {tests}"
    result = _fetch(query, [value for allowed in among.values() for value in allowed])
    order = np.lexsort((result.pop(" row"), result.pop(" segment")))
    return {name: column[order] for name, column in result.items()}


def _rows(part: Columns, columns: Sequence[str], among: Mapping[str, Sequence[object]]) -> Columns:
    if not among:
        return {name: part[name] for name in columns}
    keep = np.ones(len(next(iter(part.values()))), bool)
    for name, allowed in among.items():
        wanted = set(allowed)
        keep &= np.fromiter((value in wanted for value in part[name].tolist()), bool, len(keep))
    return {name: part[name][keep] for name in columns}


@_translated
def distinct(parts: Sequence[Part], columns: Sequence[str], *, limit: int | None = None) -> Columns:
    """The distinct combinations of `columns`, at most `limit` of them."""
    if (remote := _remote(parts)) is not None:
        return remote.distinct(columns, limit=limit)
    cursor, bound = _cursor(), "" if limit is None else f" LIMIT {limit}"
    return _fetch(f"SELECT DISTINCT {_names(columns)} FROM {_source(cursor, 'given', parts)}{bound}", [], cursor)


@_translated
def read_keys(file: Path, key: str, keys: npt.NDArray[Any], columns: Sequence[str]) -> Columns:
    """Columns of the rows with these keys, which ascend and differ. The file is sorted by `key`, and so is the
    answer."""
    low, high = int(keys[0]), int(keys[-1])
    source, test = f"read_parquet({_list([file])}", f'"{key}" BETWEEN ? AND ?'
    if high - low < len(keys):
        return _fetch(f"SELECT {_names(columns)} FROM {source}) WHERE {test}", [low, high])
    cursor = _cursor()
    cursor.register("keys_given", {"key": keys})
    place, test = 'file_row_number AS " row"', f'{test} AND "{key}" IN (SELECT key FROM keys_given)'
    query = f"SELECT {place}, {_names(columns)} FROM {source}, file_row_number = true) WHERE {test}"
    result = _fetch(query, [low, high], cursor)
    order = np.argsort(result.pop(" row"), kind="stable")
    return {name: column[order] for name, column in result.items()}


@_translated
def matching(runs: Columns, tables: Mapping[str, Sequence[Part]], condition: Condition) -> npt.NDArray[Any]:
    """The `place` of each run for which the condition holds, ascending. The columns `since` and `newest` of `runs` tell
    which segments count; rows with `sure` match any condition. A database may answer with more runs."""
    if (remote := _remote(tables["runs"])) is not None:
        beside = [part["run"] for parts in tables.values() for part in parts if isinstance(part, dict)]
        numbers = np.concatenate([remote.matching(condition), *beside])
        return np.asarray(runs["place"][runs["sure"] | np.isin(runs["run"], numbers)])
    cursor, values = _cursor(), list[object]()
    cursor.register("runs_given", runs)
    sources = {name: _source(cursor, name, parts) for name, parts in tables.items()}
    test = _condition(condition, sources, values)
    return _fetch(f"SELECT place FROM runs_given WHERE sure OR {test} ORDER BY place", values, cursor)["place"]


@_translated
def counted(
    runs: Columns,
    parts: Sequence[Part],
    by: Sequence[str],
    *,
    latest: bool,
    column: str | None = None,
    values: bool = False,
) -> Columns:
    """The distinct combinations of the columns `by` among the rows of `runs`, with the number of `runs` that have each,
    and whether another `column` is `differing` there, or even the number of its `values`. `runs`: as in `matching`.
    `latest`: of the newest segment of each run only, in which a run has each combination once."""
    if (remote := _remote(parts)) is not None:
        return remote.counted(runs["run"], by, column=column, values=values)
    cursor = _cursor()
    cursor.register("runs_given", runs)
    source = _source(cursor, "counted", parts)
    counts = "t.segment = r.newest" if latest else "t.segment >= r.since"
    more = "" if column is None else f', min(t."{column}") <> max(t."{column}") AS differing'
    more += f', count(DISTINCT t."{column}") AS "values"' if values else ""
    names = ", ".join(f't."{name}"' for name in by)
    each = "*" if latest else "DISTINCT r.place"
    query = f"SELECT {names}, count({each}) AS runs{more} FROM {source} t JOIN runs_given r"
    return _fetch(f"{query} ON t.run = r.run AND {counts} GROUP BY {names} ORDER BY {names}", [], cursor)


@_translated
def gathered(runs: Columns, parts: Sequence[Part], by: Sequence[str]) -> Columns:
    """The distinct combinations of the columns `by` among the rows of `runs`, each with an array of the `places` of the
    runs that have it. `runs`: as in `matching`. The rows of the newest segment of each run count."""
    cursor = _cursor()
    cursor.register("runs_given", runs)
    source, names = _source(cursor, "gathered", parts), ", ".join(f't."{name}"' for name in by)
    query = f"SELECT {names}, list(r.place) AS places FROM {source} t JOIN runs_given r"
    return _fetch(f"{query} ON t.run = r.run AND t.segment = r.newest GROUP BY {names}", [], cursor)


@_translated
def extremes(parts: Sequence[Part], column: str, by: Sequence[str]) -> Columns:
    """The distinct combinations of the columns `by`, with the `low` and `high` value of another column."""
    cursor = _cursor()
    source, names = _source(cursor, "given", parts), _names(by)
    query = f'SELECT {names}, min("{column}") AS low, max("{column}") AS high FROM {source} GROUP BY {names}'
    return _fetch(query, [], cursor)


def holders(parts: Sequence[Part], column: str) -> Columns:
    """All values of a column of text, each with the `segment` and `run` of one or two rows that have it: in a database,
    rows that count; in files, those of the first and the last run of each segment."""
    if (remote := _remote(parts)) is not None:
        return remote.holders(column)
    ends = extremes(parts, "run", ["segment", column])
    both = {name: np.concatenate([ends[name], ends[name]]) for name in ("segment", column)}
    return {**both, "run": np.concatenate([ends["low"], ends["high"]])}


def living(parts: Sequence[Part], column: str, counts: Callable[[Columns], npt.NDArray[Any]]) -> set[str]:
    """The values of a column of text in rows that count: `counts` tells which rows do, from their segments and runs.
    The rows of the `holders` tell it for most values; the other rows are read only for the rest."""
    held = holders(parts, column)
    values = set(held[column][counts(held)].tolist())
    if rest := set(held[column].tolist()) - values:
        batches = batches_of(sorted(rest)) if _remote(parts) is not None else [sorted(rest)]
        for texts in batches:
            rows = read(parts, ["segment", "run", column], among={column: texts})
            values |= set(rows[column][counts(rows)].tolist())
    return values


def batches_of(texts: Sequence[str]) -> Iterator[list[str]]:
    """As many texts at a time as one statement of a database takes."""
    batch: list[str] = []
    characters = 0
    for text in texts:
        if batch and (len(batch) == _TEXTS or characters + len(text) > _CHARACTERS):
            yield batch
            batch, characters = [], 0
        batch.append(text)
        characters += len(text)
    if batch:
        yield batch


@_translated
def containing(parts: Sequence[Part], column: str, text: str, columns: Sequence[str]) -> Columns:
    """The distinct combinations of `columns` in the rows whose `column` contains a lowercase text, ignoring case."""
    if (remote := _remote(parts)) is not None:
        return remote.containing(column, text, columns)
    cursor = _cursor()
    source = _source(cursor, "searched", parts)
    query = f'SELECT DISTINCT {_names(columns)} FROM {source} WHERE contains(lower("{column}"), ?)'
    return _fetch(query, [text], cursor)


class TableFile(NamedTuple):
    """A file of a table: its rows, the kinds of its columns, the places of these in the table, and what the first
    columns of the table are in its rows."""

    path: Path
    rows: int
    kinds: Sequence[str]
    places: Sequence[int]
    first: Sequence[int | str] = ()


class TableTest(NamedTuple):
    """What a cell must be: text that contains another one or matches a pattern, ignoring case, or a number or time from
    `low` to `high`."""

    column: int
    find: str = ""
    pattern: bool = False
    low: float | None = None
    high: float | None = None


_CELL_TYPES = {
    "bool": "BOOLEAN", "int": "BIGINT", "float": "DOUBLE", "text": "VARCHAR", "time": "BIGINT", "image": "BIGINT",
}  # fmt: skip


class TableFiles:
    """The rows of some files as those of one table, counted from 0. `kinds`: of its columns, as in _CELL_TYPES."""

    def __init__(self, files: Sequence[TableFile], kinds: Sequence[str]) -> None:
        self._kinds = tuple(kinds)
        self._starts = np.cumsum([0, *(file.rows for file in files)])
        self._files = [_file_source(file, kinds) for file in files]
        self.rows = int(self._starts[-1])

    @_translated
    def order(
        self, sort: Sequence[tuple[int, bool]], tests: Sequence[TableTest], most: int | None = None
    ) -> npt.NDArray[np.int32]:
        """The rows for which all tests hold, by some columns, each descending or not. NaN and empty cells come last.
        `most`: the first of them, which takes a fraction of the time."""
        if not sort and not tests:
            return np.arange(self.rows, dtype=np.int32)
        matching, values = self._matching(tests)
        keys = [_sort_key(column, self._kinds[column], descending) for column, descending in sort]
        query = f"SELECT id::INTEGER AS id FROM {matching} ORDER BY {', '.join([*keys, 'id'])}"
        if most is not None:
            query += f" LIMIT {int(most)}"
        return np.asarray(_fetch(query, values)["id"], np.int32)

    @_translated
    def count(self, tests: Sequence[TableTest]) -> int:
        """How many rows there are for which all tests hold."""
        if not tests:
            return self.rows
        matching, values = self._matching(tests)
        return int(_fetch(f"SELECT count(*) AS rows FROM {matching}", values)["rows"][0])

    def _matching(self, tests: Sequence[TableTest]) -> tuple[str, list[object]]:
        values: list[object] = []
        starts = zip(self._starts.tolist(), self._files, strict=False)
        source = " UNION ALL ".join(f"SELECT *, {start} + place AS id FROM ({file})" for start, file in starts)
        where = " AND ".join(_cell_test(test, self._kinds[test.column], values) for test in tests) or "TRUE"
        return f"({source}) WHERE {where}", values

    @_translated
    def read(self, rows: npt.NDArray[np.int32], most: int) -> list[tuple[Any, ...]]:
        """Each row as the number of its file, its place there, and its cells: texts cut after `most` characters, times
        as microseconds, images as their sizes."""
        cells = [f"left(c{i}, {int(most)})" if kind == "text" else f"c{i}" for i, kind in enumerate(self._kinds)]
        numbers = np.searchsorted(self._starts, rows, side="right") - 1
        read: dict[int, tuple[Any, ...]] = {}
        cursor = _cursor()
        for number in np.unique(numbers).tolist():
            start = int(self._starts[number])
            places = ", ".join(map(str, (rows[numbers == number] - start).tolist()))
            query = f"SELECT place, {', '.join(cells)} FROM ({self._files[number]}) WHERE place IN ({places})"
            with interrupting(cursor.interrupt):
                answer = cursor.execute(query).fetchall()
            read |= {start + row[0]: (number, *row) for row in answer}
        return [read[row] for row in rows.tolist()]


def _file_source(file: TableFile, kinds: Sequence[str]) -> str:
    """Its rows with the columns of the table, and the `place` of each."""
    own = dict(zip(file.places, enumerate(file.kinds), strict=True))
    cells = [_literal(value, kind) for value, kind in zip(file.first, kinds, strict=False)]
    for i in range(len(cells), len(kinds)):
        cells.append(_cell(*own[i], kinds[i]) if i in own else f"NULL::{_CELL_TYPES[kinds[i]]}")
    names = ", ".join([*(f"f{i}" for i in range(len(file.kinds))), "place"])
    chosen = ", ".join(f"{cell} AS c{i}" for i, cell in enumerate(cells))
    return f"SELECT place, {chosen} FROM read_parquet({_list([file.path])}, file_row_number = true) AS given({names})"


def _literal(value: int | str, kind: str) -> str:
    text = str(value).replace("\0", "").replace("'", "''")
    return f"'{text}'::{_CELL_TYPES[kind]}"


def _cell(place: int, kind: str, wanted: str) -> str:
    """A cell of a file as one of the kind that the table has."""
    if kind == "image":
        return f"octet_length(f{place})" if wanted == "image" else "NULL::VARCHAR"
    return f"epoch_us(f{place})" if wanted == kind == "time" else f"f{place}::{_CELL_TYPES[wanted]}"


def _cell_test(test: TableTest, kind: str, values: list[object]) -> str:
    cell, parts = f"c{test.column}", ["TRUE"]
    if test.find:
        text = f"{cell}::VARCHAR"
        parts.append(f"regexp_matches({text}, ?, 'i')" if test.pattern else f"contains(lower({text}), ?)")
        values.append(test.find if test.pattern else test.find.lower())
    for bound, sign in ((test.low, ">="), (test.high, "<=")):
        if bound is not None:
            parts.append(f"{cell} {sign} ?" + (f" AND NOT isnan({cell})" if kind == "float" else ""))
            values.append(bound)
    return " AND ".join(parts)


def _sort_key(column: int, kind: str, descending: bool) -> str:
    """One key, since each takes time; NaN is sorted as an empty cell."""
    cell = f"CASE WHEN isnan(c{column}) THEN NULL ELSE c{column} END" if kind == "float" else f"c{column}"
    return f"{cell} {'DESC' if descending else 'ASC'} NULLS LAST"


def _remote(parts: Sequence[Part]) -> Remote | None:
    """The database that holds a table, where one does; what is in memory beside it are edits."""
    return next((part for part in parts if isinstance(part, Remote)), None)


def _source(cursor: duckdb.DuckDBPyConnection, table: str, parts: Sequence[Part]) -> str:
    """A table in files and in memory."""
    files = [part for part in parts if isinstance(part, Path)]
    selects = [f"SELECT * FROM read_parquet({_list(files)})"] if files else []
    for number, part in enumerate(part for part in parts if isinstance(part, dict)):
        cursor.register(f"{table}_{number}", part)
        selects.append(f"SELECT * FROM {table}_{number}")
    return f"({' UNION ALL BY NAME '.join(selects)})"


def _condition(condition: Condition, sources: Mapping[str, str], values: list[object]) -> str:
    if not isinstance(condition, HasRow):
        word = " AND " if isinstance(condition, AllOf) else " OR "
        return "(" + word.join(_condition(part, sources, values) for part in condition.conditions) + ")"
    tests = " AND ".join(_test(test, values) for test in condition.tests)
    counts = "t.segment = r.newest" if condition.latest else "t.segment >= r.since"
    rows = f"SELECT r.place FROM {sources[condition.table]} t JOIN runs_given r ON t.run = r.run AND {counts}"
    return f"place IN ({rows} WHERE {tests})"


def _test(test: Test, values: list[object]) -> str:
    match test:
        case Among(_, ()):
            return "FALSE"
        case Among(column, allowed):
            values.extend(allowed)
            return f'"{column}" IN ({", ".join("?" * len(allowed))})'
        case Between(column, low, high):
            values.extend((low, high))
            return f'NOT isnan("{column}") AND "{column}" BETWEEN ? AND ?'
        case Contains(column, text):
            values.append(text)
            return f'contains("{column}", ?)'


def _characters(columns: Mapping[str, npt.NDArray[Any]], types: Mapping[str, str]) -> int:
    """An estimate of the number of characters in one row."""
    texts = [columns[name] for name, kind in types.items() if kind == "VARCHAR"]
    samples = [text[:: max(1, len(text) // _LOOKED_AT)] for text in texts]
    return 1 + sum(sum(len(text) for text in some if text is not None) // max(1, len(some)) for some in samples)


def _value(name: str, kind: str) -> str:
    """The engine takes numpy's NaN for NULL; here, it stays a number."""
    return f"""coalesce("{name}"::DOUBLE, 'NaN'::DOUBLE)""" if kind == "DOUBLE" else f'"{name}"::{kind}'


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _list(files: Sequence[Path]) -> str:
    """Files to read. For a pipe in the place of one, the engine would wait without end."""
    for file in files:
        if not stat.S_ISREG(os.lstat(file).st_mode):
            raise EngineError(f"{file.name} is not a regular file")
    return f"[{', '.join(map(_quoted, files))}]"


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _fetch(query: str, values: list[object], cursor: duckdb.DuckDBPyConnection | None = None) -> Columns:
    cursor = cursor or _cursor()
    with interrupting(cursor.interrupt):
        result = _answer(cursor, query, values)
    return {name: _plain(column) for name, column in result.items()}


def _answer(cursor: duckdb.DuckDBPyConnection, query: str, values: list[object]) -> dict[str, Any]:
    """What the engine answers. The main thread asks in another one, because the engine does not notice Ctrl-C."""

    def ask() -> dict[str, Any]:
        return cursor.execute(query, values).fetchnumpy()

    if current_thread() is not main_thread():
        return ask()
    try:
        asked = _helper().submit(ask)
    except RuntimeError:  # Python exits, and starts no more threads.
        return ask()
    try:
        return asked.result()
    finally:
        while not asked.done():
            cursor.interrupt()
            wait([asked], _AGAIN_SECONDS)


def _helper() -> ThreadPoolExecutor:
    global _asking
    if _asking is None:
        _asking = ThreadPoolExecutor(1, thread_name_prefix="aim-engine")
    return _asking


def _plain(column: Any) -> npt.NDArray[Any]:
    """NULL becomes None in a column of text and NaN in a column of numbers."""
    if isinstance(column, np.ma.MaskedArray):
        plain = np.array(column.data)
        plain[np.broadcast_to(column.mask, column.shape)] = None if plain.dtype == object else np.nan
        return plain
    return np.asarray(column)


def _cursor() -> duckdb.DuckDBPyConnection:
    """A cursor of this process's only connection. Cursors are cheap, and each thread may use its own."""
    global _connection
    with _opening:
        if _connection is None:
            settings: dict[str, Any] = {
                "threads": max(1, min(4, os.cpu_count() or 1)), "memory_limit": "512MB", "temp_directory": "",
                "autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
            }  # fmt: skip
            _connection = duckdb.connect(config=settings)
        cursor = _connection.cursor()
        native.interruptible.add(cursor)
        return cursor


@_translated
def restrict(folder: Path) -> None:
    """From now on, the engine of this process opens files in one folder only."""
    cursor = _cursor()
    cursor.execute(f"SET allowed_directories = [{_quoted(folder)}]")
    cursor.execute("SET enable_external_access = false")
    cursor.execute("SET lock_configuration = true")


def _in_child() -> None:
    """The connection's threads do not exist after a fork. Destroying it would wait for them forever, even at the
    child's exit, so the child never destroys it."""
    global _connection, _asking
    _asking = None
    if _connection is not None:
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(_connection))
        _connection = None
    _opening.release()


if hasattr(os, "register_at_fork"):
    # A fork waits until no thread opens a connection.
    os.register_at_fork(before=_opening.acquire, after_in_parent=_opening.release, after_in_child=_in_child)
