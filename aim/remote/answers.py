"""The answers of a server, as docs/format/ship.md describes them: written there, and read here with distrust."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from aim.errors import RemoteError
from aim.plain import shown

# What a frame's status says.
KEPT, ELSEWHERE, DELETED, OTHER, TOO_LARGE, REFUSED, FULL = 200, 409, 410, 412, 413, 400, 507
STATUSES = frozenset({KEPT, ELSEWHERE, DELETED, OTHER, TOO_LARGE, REFUSED, FULL})
# In the answer to sizes and confirm: the run was deleted.
GONE = -1
MAX_ERROR = 1000


class Outcome(NamedTuple):
    """What became of a frame: its status, the size of the file on the server, and what a person should know."""

    status: int
    size: int
    error: str | None = None


def pack_outcomes(outcomes: Sequence[Outcome]) -> bytes:
    rows = [{key: value for key, value in outcome._asdict().items() if value is not None} for outcome in outcomes]
    return json.dumps({"frames": rows}, separators=(",", ":")).encode()


def read_outcomes(answer: bytes, count: int) -> list[Outcome]:
    """The outcomes of so many frames. Raises RemoteError for any other answer."""
    rows = _list(answer, "frames", count)
    return [_outcome(row) for row in rows]


def pack_sizes(sizes: Sequence[int | None]) -> bytes:
    return json.dumps({"sizes": list(sizes)}, separators=(",", ":")).encode()


def read_sizes(answer: bytes, count: int) -> list[int | None]:
    """The sizes of so many files: None where the server has none, GONE where the run was deleted."""
    sizes = _list(answer, "sizes", count)
    for size in sizes:
        if size is not None and (type(size) is not int or size < GONE):
            raise RemoteError(f"the server answers {shown(size)} where a size is expected: is it an aim server?")
    return sizes


def read_error(answer: bytes) -> str:
    """The text of an error and its hint, without a period at its end; empty if the answer has none."""
    try:
        error = json.loads(answer)["error"]
        texts = [error] if isinstance(error, str) else [error["message"], error.get("hint")]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return ""
    return " ".join(text for text in texts if isinstance(text, str))[:MAX_ERROR].rstrip(".")


def _outcome(row: Any) -> Outcome:
    status, size = (row.get("status"), row.get("size")) if isinstance(row, dict) else (None, None)
    if type(status) is not int or status not in STATUSES or type(size) is not int or size < 0:
        raise RemoteError(f"the server answers {shown(row)} for a frame: is it an aim server?")
    error = row.get("error")
    return Outcome(status, size, error[:MAX_ERROR] if isinstance(error, str) else None)


def _list(answer: bytes, name: str, count: int) -> list[Any]:
    try:
        rows = json.loads(answer)[name]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise RemoteError(f"the server answers {shown(answer)} instead of {name}: is it an aim server?") from None
    if not isinstance(rows, list) or len(rows) != count:
        raise RemoteError(f"the server answers {shown(rows)} for {count} {name}: is it an aim server?")
    return rows
