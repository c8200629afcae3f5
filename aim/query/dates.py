"""Moments in seconds since 1970 UTC, and the period that a text such as "2026-01-31" covers."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple

_ISO = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2})"
    r"(?:[T ](?P<hour>\d{1,2})(?::(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:\.\d+)?)?)?"
    r"(?P<zone>Z|[+-]\d{2}:?\d{2})?)?)?)?"
)
_UNITS = ("year", "month", "day", "hour", "minute", "second")
_LENGTHS = {"day": timedelta(days=1), "hour": timedelta(hours=1), "minute": timedelta(minutes=1)}


class Period(NamedTuple):
    """From `start` up to but not including `end`: a year, a month, a day, an hour, a minute or a second."""

    start: float
    end: float


@lru_cache(1024)
def period_of(text: str) -> Period | None:
    """The period of a date; None if the text is not a date."""
    match = _ISO.fullmatch(text.strip())
    if not match:
        return None
    numbers = [int(match[unit]) for unit in _UNITS if match[unit] is not None]
    try:
        start = datetime(*[*numbers, 1, 1][: max(3, len(numbers))], tzinfo=timezone.utc) - _zone(match["zone"])  # type: ignore[arg-type, misc]
        end = _after(start, _UNITS[len(numbers) - 1])
        return Period(start.timestamp(), end.timestamp())
    except (ValueError, OverflowError):
        return None


def _zone(text: str | None) -> timedelta:
    if not text or text == "Z":
        return timedelta(0)
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return -offset if text[0] == "-" else offset


def _after(start: datetime, unit: str) -> datetime:
    if unit == "year":
        return start.replace(year=start.year + 1)
    if unit == "month":
        return (start.replace(day=1) + timedelta(days=32)).replace(day=start.day)
    return start + _LENGTHS.get(unit, timedelta(seconds=1))


def moment(seconds: object) -> datetime | None:
    """The UTC date and time of a number of seconds since 1970, or of a date as text."""
    if isinstance(seconds, str):
        named = period_of(seconds)
        seconds = named.start if named else None
    if not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, timezone.utc)
    except (ValueError, OverflowError, OSError):
        return None
