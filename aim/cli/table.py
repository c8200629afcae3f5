"""Prints rows: as a table for people, as JSON or CSV for programs."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from aim.cli.printer import Heading, exact_json, say
from aim.cli.printer import exact as print_exactly
from aim.query.dates import offset_text, zone

Row = Mapping[str, Any]
WIDEST = 80


def show(columns: Sequence[str], rows: Sequence[Row], form: str | None) -> None:
    """`form`: None for a table, "json" or "csv". Every row has every column."""
    if form == "json":
        plain_rows = [{name: plain(row[name]) for name in columns} for row in rows]
        show_json(plain_rows)
    elif form == "csv":
        print_exactly(as_csv(columns, rows))
    elif rows:
        say(*as_table(columns, rows))


def show_json(value: Any) -> None:
    exact_json(json.dumps(value, indent=1, ensure_ascii=False))


def as_csv(columns: Sequence[str], rows: Sequence[Row]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([exact(row[name]) for name in columns] for row in rows)
    return out.getvalue()


def as_table(columns: Sequence[str], rows: Sequence[Row]) -> list[str]:
    cells = [[readable(row[name]) for name in columns] for row in rows]
    right = [all(is_number(row[name]) for row in rows) for name in columns]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    return [Heading(line(columns, widths, right)), *(line(row, widths, right) for row in cells)]


def line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = [
        cell.rjust(width) if to_right else cell.ljust(width)
        for cell, width, to_right in zip(cells, widths, right, strict=True)
    ]
    return "  ".join(padded).rstrip()


def is_number(value: object) -> bool:
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))


def readable(value: Any) -> str:
    """A cell of a table. Line breaks and escape codes in logged text are shown, not executed. Long text would push
    other columns out of sight, so at most `WIDEST` characters are shown."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.6g}"
    text = ", ".join(f"{key}={item}" for key, item in value.items()) if isinstance(value, Mapping) else exact(value)
    shown = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text[: WIDEST + 1])
    return shown if len(shown) <= WIDEST else shown[: WIDEST - 1] + "…"


def exact(value: Any) -> str:
    """A cell of CSV: every digit, nested values as JSON."""
    if value is None:
        return ""
    if isinstance(value, (Mapping, list, tuple)):
        return json.dumps(plain(value), ensure_ascii=False)
    return repr(value) if isinstance(value, float) else str(value)


def plain(value: Any) -> Any:
    """A value as JSON can hold it: NaN and infinities become strings."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def size(count: float) -> str:
    """Bytes for people: 1.5 MB."""
    if count < 1000:
        return f"{count:.0f} B"
    for unit in ("kB", "MB", "GB"):
        count /= 1000
        if count < 1000:
            return f"{count:.1f} {unit}"
    return f"{count / 1000:.1f} TB"


def moment(seconds: float) -> str:
    """A time for people, in their time zone or that of `--utc`, with its offset."""
    try:
        at = datetime.fromtimestamp(seconds, zone()).astimezone(zone())
        return f"{at:%Y-%m-%d %H:%M:%S} {offset_text(at)}"
    except (OverflowError, ValueError, OSError):
        return f"{seconds:.6g} s"


def span(seconds: float) -> str:
    """A duration for people: 45.2s, 3m 20s, 2h 05m."""
    if seconds < 60:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m {rest:02}s" if minutes < 60 else f"{minutes // 60}h {minutes % 60:02}m"


def count(number: int, noun: str) -> str:
    """1 run, 2 runs."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
