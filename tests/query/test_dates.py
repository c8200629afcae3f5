from __future__ import annotations

from datetime import datetime, timezone

import pytest

from aim.query.dates import moment, period_of


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
    ],
)
def test_a_date_covers_a_period(text: str, start: float, end: float) -> None:
    assert period_of(text) == (start, end)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "26-01-31", "2026-13", "2026-02-30", "2026-01-31T25", "9999", "0000", "2026-01-31x"]
)
def test_a_text_that_is_not_a_date(text: str) -> None:
    assert period_of(text) is None


def test_moments() -> None:
    assert moment(0) == datetime(1970, 1, 1, tzinfo=timezone.utc)
    assert moment("2026-01-31") == datetime(2026, 1, 31, tzinfo=timezone.utc)
    assert moment(None) is None and moment("soon") is None and moment(1e300) is None and moment(float("nan")) is None
