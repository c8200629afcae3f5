"""`aim dashboard`: the pages of charts that are saved in a repository."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from aim.cli.ask import agreed
from aim.cli.opening import open_repo
from aim.cli.options import form_options, repo_option, utc_option, yes_option
from aim.cli.printer import say
from aim.cli.table import count, moment, readable, show, show_json

if TYPE_CHECKING:
    from aim.repo.dashboards import Chart

COLUMNS = ("name", "charts", "runs", "newest", "home", "edited", "id")


@click.group()
def dashboard() -> None:
    """List, show, copy and delete dashboards."""


@dashboard.command()
@repo_option
@form_options
@utc_option
def ls(repo: str | None, form: str | None) -> None:
    """List dashboards. `home` marks the one that the home page shows."""
    opened = open_repo(repo)
    every, home = list(opened.dashboards), opened.dashboards.home
    if not every:
        say("No dashboards. Make one in the UI: aim up", err=True)
    rows = [
        {
            "name": board.name,
            "charts": len(board.charts),
            "runs": board.runs or None,
            "newest": board.newest,
            "home": home is not None and board.id == home.id,
            "edited": board.edited_at if form else moment(board.edited_at),
            "id": board.id,
        }
        for board in every
    ]
    show(COLUMNS, rows, form)


@dashboard.command("show")
@click.argument("name")
@repo_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@utc_option
def show_one(name: str, repo: str | None, as_json: bool) -> None:
    """Show the charts of one dashboard."""
    board = open_repo(repo).dashboards.get(name)
    if as_json:
        show_json({**board._asdict(), "charts": [asdict(chart) for chart in board.charts]})
        return
    lines = {
        "name": board.name,
        "id": board.id,
        "runs": board.runs or f"the newest {board.newest}",
        "edited": moment(board.edited_at),
    }
    for label, text in lines.items():
        say(f"{label:<8}{readable(text)}")
    for chart in board.charts:
        say(f"{'chart':<8}{chart.kind:<10}{readable(summary(chart))}")


def summary(chart: Chart) -> str:
    """What a chart shows: its title, or its metrics, axes or text."""
    text = chart.text.strip().split("\n")[0]
    return chart.title or ", ".join(chart.metrics or chart.axes) or text or "empty"


@dashboard.command()
@click.argument("name")
@yes_option
@repo_option
def rm(name: str, yes: bool, repo: str | None) -> None:
    """Delete a dashboard for everyone. No run is touched."""
    opened = open_repo(repo)
    board = opened.dashboards.get(name)
    question = f"Delete the dashboard {readable(board.name)} with {count(len(board.charts), 'chart')}?"
    if agreed(question, yes=yes, instead="Nothing was deleted. Pass --yes to confirm."):
        opened.dashboards.remove(board.id)
        say(f"Deleted the dashboard {readable(board.name)}")


@dashboard.command()
@click.argument("name")
@click.argument("to")
@click.option("--into", metavar="PATH", help="Another repository, which gets the copy.")
@repo_option
def cp(name: str, to: str, into: str | None, repo: str | None) -> None:
    """Copy a dashboard to the name TO."""
    boards = open_repo(repo).dashboards
    copied = boards.copy(name, to, into=open_repo(into).dashboards if into else None)
    say(f"Copied {readable(name)} to {readable(copied.name)} ({copied.id})")
