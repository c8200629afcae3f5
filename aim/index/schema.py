"""The tables of the index: column names and types for any engine. docs/format/index.md explains each column."""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

import numpy as np

VERSION: Final = 10
TICKS: Final = 1 << 22

RUNS: Final[dict[str, str]] = {
    "segment": "INTEGER", "run": "BIGINT", "id": "VARCHAR", "dir": "VARCHAR", "since": "INTEGER",
    "dir_mtime": "BIGINT", "dir_inode": "BIGINT", "ended": "BOOLEAN", "resumed": "BOOLEAN", "writers": "INTEGER",
    "length": "BIGINT",
    "starts": "VARCHAR",
    "hash": "VARCHAR", "created_at": "DOUBLE", "name": "VARCHAR", "experiment": "VARCHAR", "description": "VARCHAR",
    "tags": "VARCHAR",
    "archived": "BOOLEAN", "deleted": "BOOLEAN", "status": "VARCHAR", "error": "VARCHAR", "finished_at": "DOUBLE",
    "seen_at": "DOUBLE",
    "quiet": "VARCHAR", "torn": "BOOLEAN",
    "dropped": "BIGINT", "damaged": "BIGINT", "facts": "VARCHAR", "packages": "VARCHAR", "env": "VARCHAR",
    "params": "VARCHAR", "edits": "VARCHAR", "doc":
    "VARCHAR",
}  # fmt: skip
PARAMS: Final[dict[str, str]] = {
    "segment": "INTEGER", "run": "BIGINT", "path": "VARCHAR", "value": "VARCHAR", "number": "DOUBLE",
}  # fmt: skip
SERIES: Final[dict[str, str]] = {
    "segment": "INTEGER", "series": "INTEGER", "run": "BIGINT", "name": "VARCHAR", "context": "VARCHAR", "begin":
    "BIGINT", "count": "BIGINT",
    "first": "DOUBLE", "first_step": "BIGINT", "first_time": "BIGINT", "first_writer": "INTEGER", "first_offset":
    "BIGINT",
    "last": "DOUBLE", "last_step": "BIGINT", "last_time": "BIGINT", "last_writer": "INTEGER", "last_offset": "BIGINT",
    "min": "DOUBLE", "min_step": "BIGINT", "max": "DOUBLE", "max_step": "BIGINT",
    "sum": "DOUBLE", "sum_rest": "DOUBLE", "numbers": "BIGINT", "nonfinite": "BIGINT",
}  # fmt: skip
POINTS: Final[dict[str, str]] = {
    "series": "INTEGER", "step": "BIGINT", "value": "DOUBLE", "time": "BIGINT", "epoch": "DOUBLE", "writer": "INTEGER",
    "offset": "BIGINT",
}  # fmt: skip
OBJECTS: Final[dict[str, str]] = {
    "segment": "INTEGER", "run": "BIGINT", "kind": "VARCHAR", "name": "VARCHAR", "context": "VARCHAR", "step":
    "BIGINT", "epoch": "DOUBLE", "time": "DOUBLE", "place": "INTEGER", "writer": "INTEGER", "offset": "BIGINT",
    "at": "BIGINT", "length": "BIGINT", "size": "BIGINT", "about": "VARCHAR",
}  # fmt: skip
TABLES: Final = {"runs": RUNS, "params": PARAMS, "series": SERIES, "points": POINTS, "objects": OBJECTS}
# These tables have no file when they have no rows.
OPTIONAL: Final = {"objects"}

NUMPY: Final[dict[str, type]] = {
    "INTEGER": np.int32, "BIGINT": np.int64, "DOUBLE": np.float64, "BOOLEAN": np.bool_, "VARCHAR": np.object_,
}  # fmt: skip

# Separates the parts of a param's path; a key may contain dots.
SEPARATOR: Final = "\x1f"
EDITS: Final = "0" * 32


def run_number(id: str) -> int:
    """The run's number in every table and segment: 63 bits of its hash."""
    return int.from_bytes(blake2b(id.encode(), digest_size=8).digest(), "little") >> 1
