"""Dashboards: named pages of charts."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import msgspec

from aim.server import wire
from aim.server.problems import Refused

if TYPE_CHECKING:
    from aim.repo import Repo
    from aim.repo.dashboards import Dashboard


def list_dashboards(repo: Repo) -> wire.Dashboards:
    rows = [
        wire.DashboardRow(
            id=board.id,
            name=board.name,
            charts=[
                wire.ChartOutline(kind=chart.kind, width=chart.width, height=chart.height) for chart in board.charts
            ],
            edited_at=board.edited_at,
        )
        for board in repo.dashboards
    ]
    home = repo.dashboards.home
    return wire.Dashboards(dashboards=rows, home=None if home is None else home.id)


def detail(repo: Repo, query: wire.DashboardQuery) -> wire.Dashboard:
    board = repo.dashboards.with_id(query.id)
    if board is None:
        raise Refused(404, f"No dashboard has the id {query.id[:40]!r}.", hint="Choose one in the list of dashboards.")
    return _wire(board)


def save(repo: Repo, given: wire.DashboardRequest) -> wire.Dashboard:
    charts = [msgspec.structs.asdict(chart) for chart in given.charts]
    saved = repo.dashboards.save(given.name, charts, runs=given.runs, newest=given.newest, id=given.id, seen=given.seen)
    return _wire(saved)


def show_at_home(repo: Repo, given: wire.HomeRequest) -> wire.Changed:
    repo.dashboards.show_at_home(given.id)
    return wire.Changed(changed=1)


def delete(repo: Repo, given: wire.DashboardName) -> wire.Changed:
    repo.dashboards.remove(given.id)
    return wire.Changed(changed=1)


def _wire(board: Dashboard) -> wire.Dashboard:
    charts = [wire.DashboardChart(**asdict(chart)) for chart in board.charts]
    return wire.Dashboard(**{**board._asdict(), "charts": charts})
