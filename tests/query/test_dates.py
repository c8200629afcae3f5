from __future__ import annotations

from datetime import datetime, timezone

import pytest

from aim.query.dates import in_zone, moment, period_of
from aim.query.shown import zone_of


def at(*parts: int) -> float:
    return datetime(*(*parts, 1, 1)[: max(3, len(parts))], tzinfo=timezone.utc).timestamp()  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026", at(2026), at(2027)),
        ("2026-12", at(2026, 12), at(2027)),
        ("2024-02", at(2024, 2), at(2024, 3)),
        ("2026-01-31", at(2026, 1, 31), at(2026, 2, 1)),
        ("2024-2-29", at(2024, 2, 29), at(2024, 3, 1)),
        ("2026-01-31 23", at(2026, 1, 31, 23), at(2026, 2, 1)),
        ("2026-01-31T10:30", at(2026, 1, 31, 10, 30), at(2026, 1, 31, 10, 31)),
        ("2026-01-31 10:30:59.25", at(2026, 1, 31, 10, 30, 59), at(2026, 1, 31, 10, 31)),
        ("2026-01-31T10:30Z", at(2026, 1, 31, 10, 30), at(2026, 1, 31, 10, 31)),
        ("2026-01-31T10:30+02:00", at(2026, 1, 31, 8, 30), at(2026, 1, 31, 8, 31)),
        ("2026-01-31T10:30-0530", at(2026, 1, 31, 16, 0), at(2026, 1, 31, 16, 1)),
        ("2026-01-31 10:30:15 +02:00", at(2026, 1, 31, 8, 30, 15), at(2026, 1, 31, 8, 30, 16)),
        ("2026-01-31 +02:00", at(2026, 1, 30, 22), at(2026, 1, 31, 22)),
        ("2026-01-31Z", at(2026, 1, 31), at(2026, 2, 1)),
    ],
)
def test_a_date_covers_a_period(text: str, start: float, end: float) -> None:
    with in_zone(timezone.utc):
        period = period_of(text)
        assert period is not None and period[:2] == (start, end)
        assert [period.has(moment) for moment in (start - 1, start, end - 1, end)] == [False, True, True, False]


@pytest.mark.parametrize(
    ("text", "zone", "start", "end"),
    [
        ("2026-01-31", "Asia/Tokyo", at(2026, 1, 30, 15), at(2026, 1, 31, 15)),
        ("2026-01", "America/New_York", at(2026, 1, 1, 5), at(2026, 2, 1, 5)),
        ("2026-03-29", "Europe/Berlin", at(2026, 3, 28, 23), at(2026, 3, 29, 22)),
        ("2026-01-31 10:30Z", "Asia/Tokyo", at(2026, 1, 31, 10, 30), at(2026, 1, 31, 10, 31)),
        ("2026-03-29 01", "Europe/Berlin", at(2026, 3, 29), at(2026, 3, 29, 1)),
        ("2026-03-29 01:59", "Europe/Berlin", at(2026, 3, 29, 0, 59), at(2026, 3, 29, 1)),
        ("2026-03-29 01:59:59", "Europe/Berlin", at(2026, 3, 29, 0, 59, 59), at(2026, 3, 29, 1)),
        ("2026-03-29 02", "Europe/Berlin", at(2026, 3, 29, 1), at(2026, 3, 29, 2)),
        ("2026-03-29 02:59", "Europe/Berlin", at(2026, 3, 29, 1, 59), at(2026, 3, 29, 2)),
        ("2026-03-29 02:59:59", "Europe/Berlin", at(2026, 3, 29, 1, 59, 59), at(2026, 3, 29, 2)),
        ("2026-10-25", "Europe/Berlin", at(2026, 10, 24, 22), at(2026, 10, 25, 23)),
        ("2026-10-25 02", "Europe/Berlin", at(2026, 10, 25), at(2026, 10, 25, 2)),
        ("2026-10-25 02:59 +02:00", "Europe/Berlin", at(2026, 10, 25, 0, 59), at(2026, 10, 25, 1)),
        ("2026-10-25 03", "Europe/Berlin", at(2026, 10, 25, 2), at(2026, 10, 25, 3)),
        ("2026-10-04 02", "Australia/Lord_Howe", at(2026, 10, 3, 15, 30), at(2026, 10, 3, 16)),
        ("2026-04-05 01", "Australia/Lord_Howe", at(2026, 4, 4, 14), at(2026, 4, 4, 15, 30)),
    ],
)
def test_a_date_is_a_day_of_the_viewer(text: str, zone: str, start: float, end: float) -> None:
    """Where clocks go forward or back too. What they leave out means the same with the offset from before."""
    with in_zone(zone_of(zone)):
        period = period_of(text)
        assert period is not None and period[:2] == (start, end)
        assert all(period.has(moment) for moment in (start, (start + end) / 2, end - 1))
        day = moment(start)
        assert day is not None and day.timestamp() == start


@pytest.mark.parametrize(("text", "length"), [("2026-10-25 02:59", 60), ("2026-10-25 02:59:00", 1)])
def test_what_occurs_twice_where_clocks_go_back_is_both(text: str, length: int) -> None:
    first, second = at(2026, 10, 25, 0, 59), at(2026, 10, 25, 1, 59)
    with in_zone(zone_of("Europe/Berlin")):
        period = period_of(text)
    assert period is not None and period[:2] == (first, second + length)
    for begin in (first, second):
        moments = (begin - 1, begin, begin + length - 1, begin + length)
        assert [period.has(moment) for moment in moments] == [False, True, True, False], begin


@pytest.mark.parametrize(
    "text", ["", "yesterday", "26-01-31", "2026-13", "2026-02-30", "2026-01-31T25", "9999", "0000", "2026-01-31x"]
)
def test_a_text_that_is_not_a_date(text: str) -> None:
    assert period_of(text) is None


def test_moments() -> None:
    with in_zone(timezone.utc):
        assert moment("2026-01-31") == datetime(2026, 1, 31, tzinfo=timezone.utc)
        assert moment(0) == datetime(1970, 1, 1, tzinfo=timezone.utc)
    assert moment(None) is None and moment("soon") is None and moment(1e300) is None and moment(float("nan")) is None
