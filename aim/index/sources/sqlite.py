"""Opens the SQLite files of other programs to read them, within limits, and without writing anything next to them.

Only reads of milliseconds take SQLite's shared lock. A file that another process is just writing is read at the next
refresh. In WAL mode, the index that the writers share is only mapped for reading, and without writers the file alone
is read. A write-ahead log without that index, as a copied folder has it, is read from a copy of both files.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.parse import quote

from aim import regular
from aim.errors import LogError

_MAGIC: Final = b"SQLite format 3\0"
_WAL = 2
_SECONDS = 20.0
_STEPS = 10_000
_LONGEST = 16 << 20
_PART = 20_000
_MOST_TEXT = 1 << 30
_MOST_COPIED = 256 << 20
_BUSY = ("locked", "busy", "unable to open")


def has_header(path: str) -> bool:
    with regular.opened(os.path.realpath(path)) as file:
        return file.read(len(_MAGIC)) == _MAGIC


@contextmanager
def opened(path: Path, tables: Mapping[str, Sequence[str]]) -> Iterator[sqlite3.Connection]:
    """A connection to a file with these tables and columns. Raises LogError for other ones, and OSError if it cannot
    be read now."""
    try:
        with (
            _address(os.path.realpath(path)) as address,
            closing(sqlite3.connect(address, uri=True, timeout=0.2, isolation_level=None)) as connection,
        ):
            _limit(connection)
            _check(connection, tables, path)
            yield connection
    except sqlite3.OperationalError as error:
        if any(word in str(error) for word in _BUSY):
            raise BlockingIOError(f"{path} is being written: {error}") from None
        raise LogError(f"it cannot be read as a database ({error}): {path}") from None
    except (sqlite3.Error, OverflowError, UnicodeError) as error:
        raise LogError(f"it cannot be read as a database ({error}): {path}") from None


@contextmanager
def _address(real: str) -> Iterator[str]:
    log, way = f"{real}-wal", "mode=ro"
    with regular.opened(real) as file:
        head = file.read(20)
    if len(head) == 20 and head[19] == _WAL:
        waiting = os.path.getsize(log) if os.path.exists(log) else 0
        if waiting and os.path.exists(f"{real}-shm"):
            way = "mode=ro&readonly_shm=1"
        elif waiting and waiting + os.path.getsize(real) <= _MOST_COPIED:
            with TemporaryDirectory(prefix="aim-database-") as folder:
                for path, name in ((real, "copy"), (log, "copy-wal")):
                    with regular.opened(path) as file, open(os.path.join(folder, name), "wb") as copy:
                        shutil.copyfileobj(file, copy)
                yield f"file:{quote(folder)}/copy?mode=rw"
            return
        else:
            way = "immutable=1"
    yield f"file:{quote(real)}?{way}"


def _limit(connection: sqlite3.Connection) -> None:
    until = time.monotonic() + _SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
    connection.text_factory = lambda data: data.decode("utf-8", "backslashreplace")
    if hasattr(connection, "setlimit"):
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    for pragma in ("query_only=ON", "trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0", "cache_size=-8192"):
        connection.execute(f"PRAGMA {pragma}")


def _check(connection: sqlite3.Connection, tables: Mapping[str, Sequence[str]], path: Path) -> None:
    """Only plain tables are read: a view or a computed column may run without end."""
    for table, columns in tables.items():
        kinds = connection.execute("SELECT type, sql FROM sqlite_master WHERE name = ?", (table,)).fetchall()
        if len(kinds) != 1 or kinds[0][0] != "table" or _computes(kinds[0][1]):
            raise LogError(f"it has no plain table {table}: {path}")
        there = {row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')}
        if "rowid" in map(str.lower, there):
            raise LogError(f"its table {table} has a column rowid of its own: {path}")
        if missing := set(columns) - there:
            raise LogError(f"its table {table} has no column {sorted(missing)[0]}: {path}")


def _computes(sql: object) -> bool:
    return not isinstance(sql, str) or re.search(r"\bVIRTUAL\b|\bGENERATED\b|\bAS\s*\(", sql, re.IGNORECASE) is not None


def rows(connection: sqlite3.Connection, sql: str, given: Sequence[Any] = (), *, most: int) -> list[tuple[Any, ...]]:
    """The first rows of an answer. No statement stays open, so the lock is free again."""
    with closing(connection.execute(sql, given)) as cursor:
        return cursor.fetchmany(most)


def table_rows(
    connection: sqlite3.Connection, table: str, columns: str, *, most: int, after: int = -1 << 63
) -> list[tuple[Any, ...]]:
    """The first rows of a table after a rowid, each with its own first. Between two parts nothing is locked: whoever
    writes would fail if it had to wait for all."""
    sql = f"SELECT rowid, {columns} FROM {table} WHERE rowid > ? ORDER BY rowid LIMIT {_PART}"
    answer: list[tuple[Any, ...]] = []
    last, taken = after, 0
    while len(answer) < most and (part := rows(connection, sql, (last,), most=_PART)):
        answer += part
        last = part[-1][0]
        taken += sum(len(value) for row in part for value in row if isinstance(value, str))
        if taken > _MOST_TEXT:
            raise LogError(f"the texts in its table {table} have more than {_MOST_TEXT:,} characters")
    return answer[:most]
