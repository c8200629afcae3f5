"""Moments in seconds since 1970 UTC, and the period that a text such as "2026-01-31" covers in the time zone of the
viewer: the one of this process, unless `in_zone` gives another one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import NamedTuple

_ISO = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2})"
    r"(?:[T ](?P<hour>\d{1,2})(?::(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:\.\d+)?)?)?"
    r")?(?: ?(?P<zone>Z|[+-]\d{2}:?\d{2}))?)?)?"
)
_UNITS = ("year", "month", "day", "hour", "minute", "second")
# None: the time zone of this process.
_ZONE: ContextVar[tzinfo | None] = ContextVar("zone", default=None)
_SECONDS = {"hour": 3600, "minute": 60, "second": 1}


class Period(NamedTuple):
    """From `start` up to but not including `end`: a year, a month, a day, an hour, a minute or a second. If it occurs
    twice, because clocks go back, only the first and the last `length` seconds are in it."""

    start: float
    end: float
    length: float

    def has(self, moment: float) -> bool:
        inside = self.start <= moment < self.end
        return inside and (moment - self.start < self.length or self.end - moment <= self.length)


@contextmanager
def in_zone(zone: tzinfo | None) -> Iterator[None]:
    """Dates are those of this time zone."""
    before = _ZONE.set(zone)
    try:
        yield
    finally:
        _ZONE.reset(before)


def zone() -> tzinfo | None:
    """The time zone of dates; None for the one of this process."""
    return _ZONE.get()


def period_of(text: str) -> Period | None:
    """The period of a date; None if the text is not a date."""
    return _period(text, zone())


@lru_cache(1024)
def _period(text: str, zone: tzinfo | None) -> Period | None:
    match = _ISO.fullmatch(text.strip())
    if not match:
        return None
    numbers = [int(match[unit]) for unit in _UNITS if match[unit] is not None]
    try:
        own = offset_zone(match["zone"]) if match["zone"] else zone
        start = datetime(*[*numbers, 1, 1][: max(3, len(numbers))], tzinfo=own)  # type: ignore[arg-type, misc]
        return _from(start, _UNITS[len(numbers) - 1])
    except (ValueError, OverflowError):
        return None


def offset_zone(text: str) -> tzinfo:
    """The time zone of an offset such as +02:00, +0200 or Z. Raises ValueError for a day and more."""
    if text == "Z":
        return timezone.utc
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-offset if text[0] == "-" else offset)


def offset_text(at: datetime) -> str:
    """The offset of a time in a time zone, such as +02:00."""
    offset = f"{at:%z}"
    return f"{offset[:3]}:{offset[3:5]}"


def _from(start: datetime, unit: str) -> Period:
    begin = start.timestamp()
    if length := _SECONDS.get(unit):
        last = start + timedelta(seconds=length - 1)
        return Period(begin, 1 + max(last.replace(fold=fold).timestamp() for fold in (0, 1)), length)
    end = _after(start, unit).timestamp()
    return Period(begin, end, end - begin)


def _after(start: datetime, unit: str) -> datetime:
    if unit == "year":
        return start.replace(year=start.year + 1)
    if unit == "month":
        return (start.replace(day=1) + timedelta(days=32)).replace(day=start.day)
    return start + timedelta(days=1)


def moment(seconds: object) -> datetime | None:
    """The date and time of a number of seconds since 1970, or of a date as text."""
    if isinstance(seconds, str):
        named = period_of(seconds)
        seconds = named.start if named else None
    if not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, zone())
    except (ValueError, OverflowError, OSError):
        return None
