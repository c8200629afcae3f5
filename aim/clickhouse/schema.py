"""The tables in ClickHouse, and how each is ordered. docs/format/clickhouse.md explains them.

The same columns as in `aim/index/schema.py`, with these differences: writers have numbers that are the same in every
fold, and a row of `series` counts the points of one writer in one megabyte of its log. Inserting any row again changes
nothing: rows of the same key replace each other, the one with the highest version counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

VERSION: Final = "5"
CHUNK_SHIFT: Final = 20


class Table(NamedTuple):
    """`key` identifies a row; the row with the highest `version` counts. `belongs`: the column of a row that tells to
    which state of its run it belongs, and the column of `runs` that it must equal. `by_run`: the table with the same
    rows in the order of runs."""

    columns: Mapping[str, str]
    key: tuple[str, ...]
    version: str = ""
    belongs: tuple[str, str] | None = None
    by_run: str = ""


_SERIES = {
    "name": "String", "run": "Int64", "ctx": "Int64", "context": "String", "since": "Int32", "writer": "Int64",
    "chunk": "Int64", "upto": "Int64", "count": "Int64",
    "first": "Float64", "first_step": "Int64", "first_time": "Int64", "first_offset": "Int64",
    "last": "Float64", "last_step": "Int64", "last_time": "Int64", "last_offset": "Int64",
    "min": "Float64", "min_step": "Int64", "max": "Float64", "max_step": "Int64",
    "sum": "Float64", "sum_rest": "Float64", "numbers": "Int64", "nonfinite": "Int64",
}  # fmt: skip
_RUNS = {
    "segment": "Int32", "run": "Int64", "alive": "UInt8", "params_at": "Int32", "folded_at": "Float64",
    "id": "String", "dir": "String",
    "since": "Int32", "dir_mtime": "Int64", "dir_inode": "Int64", "ended": "UInt8", "quiet": "String",
    "torn": "UInt8", "resumed": "UInt8",
    "writers": "Int32", "length": "Int64", "starts": "String", "hash": "String", "created_at": "Float64",
    "name": "Nullable(String)", "experiment": "String", "description": "Nullable(String)", "tags": "String",
    "archived": "UInt8", "deleted": "UInt8", "status": "String", "error": "Nullable(String)", "finished_at": "Float64",
    "seen_at": "Float64", "dropped": "Int64", "damaged": "Int64", "facts": "String", "packages": "String",
    "env": "String", "params": "String", "edits": "String", "doc": "String",
}  # fmt: skip
TABLES: Final[dict[str, Table]] = {
    "points": Table(
        {
            "name": "String", "run": "Int64", "ctx": "Int64", "since": "Int32", "step": "Int64", "value": "Float64",
            "time": "Int64", "epoch": "Float64", "writer": "Int64", "offset": "Int64",
        },
        ("name", "run", "ctx", "since", "step", "writer", "offset"),
    ),
    "series_by_run": Table(_SERIES, ("run", "name", "ctx", "since", "writer", "chunk"), "upto", ("since", "since")),
    "series": Table(
        _SERIES, ("name", "run", "ctx", "since", "writer", "chunk"), "upto", ("since", "since"), "series_by_run"
    ),
    "runs": Table(_RUNS, ("run",), "segment"),
    "params": Table(
        {"path": "String", "run": "Int64", "segment": "Int32", "value": "String", "number": "Float64"},
        ("path", "run"),
        "segment",
        ("segment", "params_at"),
    ),
    "objects": Table(
        {
            "kind": "String", "name": "String", "run": "Int64", "context": "String", "since": "Int32", "step": "Int64",
            "epoch": "Float64", "time": "Float64", "place": "Int32", "writer": "Int64", "offset": "Int64",
            "at": "Int64", "length": "Int64", "size": "Int64", "about": "String",
        },
        ("kind", "name", "run", "context", "since", "step", "writer", "at", "place"),
        "",
        ("since", "since"),
    ),
    "words": Table(
        {"kind": "String", "text": "String", "run": "Int64", "at": "Int32", "number": "Int32"},
        ("kind", "text"),
        "number",
    ),
    "edits": Table({"writer": "String", "number": "Int64", "record": "String"}, ("writer", "number")),
    "heartbeats": Table({"writer": "String", "at": "Float64"}, ("writer",), "at"),
    "folds": Table({"done": "UInt8", "number": "Int32", "at": "Float64"}, ("done",), "number"),
    "about": Table({"name": "String", "value": "String"}, ("name",)),
}  # fmt: skip
# The columns whose texts `words` lists, and the tables that have them.
WORDS: Final = {"name": "series", "context": "series", "path": "params"}
# Of the rows of one run, those of each metric are read with so many neighbors. Points stay at ClickHouse's 8,192: there
# are many of them, and one series has a stretch.
GRANULE: Final = 256
# Edits that are nowhere else until a fold has brought them. It is kept when the others are made again.
WAITING: Final = "edits"
# Tables that earlier versions had besides.
EARLIER: Final = {"1": ("signs",)}
_DELTAS = ("step", "time", "offset", "first_step", "last_step")


def is_earlier(version: str | None) -> bool:
    return version is not None and version in map(str, range(int(VERSION)))


def create(name: str, *, modern: bool) -> str:
    """The statement that makes a table. Servers before 19.11 know no codecs."""
    table = TABLES[name]
    columns = ", ".join(
        f"`{column}` {kind}{_codec(column, kind) if modern else ''}" for column, kind in table.columns.items()
    )
    order = ", ".join(f"`{column}`" for column in table.key)
    made = f"CREATE TABLE IF NOT EXISTS `{name}` ({columns})"
    settings = "" if name == "points" else f" SETTINGS index_granularity = {GRANULE}"
    return f"{made} ENGINE = ReplacingMergeTree({table.version}) ORDER BY ({order}){settings}"


def _codec(column: str, kind: str) -> str:
    return " CODEC(Delta(8), ZSTD(1))" if column in _DELTAS and kind == "Int64" else " CODEC(ZSTD(1))"
