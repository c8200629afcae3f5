"""Days are those of the viewer, also where clocks change, and whatever the zone of the server is."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest

from tests.browsing import up
from tests.index.logs import LogFile

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need 'pip install playwright'")
expect = playwright.expect

pytestmark = pytest.mark.browser

BERLIN = ZoneInfo("Europe/Berlin")


def day_of_change() -> date:
    """The last day of the past on which clocks changed in Berlin."""
    days = (date.today() - timedelta(days=back) for back in range(2, 366))
    return next(day for day in days if at(day, 23).utcoffset() != at(day, 0).utcoffset())


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=BERLIN)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
def test_a_day_in_a_query_and_in_the_heat_map(tmp_path: Path, browser: playwright.Browser, zone: str) -> None:
    day = day_of_change()
    moments = {
        "before": at(day, 0) - timedelta(minutes=1),
        "first": at(day, 0, 1),
        "last": at(day, 23, 59),
        "after": at(day + timedelta(days=1), 0, 1),
    }
    for name, moment in moments.items():
        LogFile(tmp_path, name).start(moment.timestamp()).end(moment.timestamp() + 1).save()
    shown = {name: moment.astimezone(ZoneInfo(zone)) for name, moment in moments.items()}
    own = [name for name, moment in shown.items() if moment.date() == day]
    with up(tmp_path, "--read-only") as url:
        context = browser.new_context(timezone_id=zone)
        page = context.new_page()
        for condition in (f"date({day.year}, {day.month}, {day.day})", f'"{day}"'):
            page.goto(f"{url}?page=runs&q={quote('run.created_at == ' + condition)}")
            rows = page.get_by_role("grid", name="Runs").locator(".row")
            expect(rows).to_have_count(len(own))
            for name in own:
                expect(rows.filter(has_text=name)).to_contain_text(f"{shown[name]:%H:%M}")
        page.goto(f"{url}?page=dashboard")
        days = len({moment.date() for moment in shown.values()})
        expect(page.get_by_role("region", name="Runs per day")).to_contain_text(re.compile(f"4 runs on {days} days"))
        context.close()
