"""`aim metric`: which values of a metric are better."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Literal

import click

from aim.cli.opening import open_repo
from aim.cli.options import form_options, repo_option
from aim.cli.printer import say
from aim.cli.table import readable, show
from aim.log.direction import DIRECTIONS, Direction
from aim.natural import natural

WORDS = {"max": "higher is better", "min": "lower is better"}
COLUMNS = ("metric", "direction", "set")


@click.group()
def metric() -> None:
    """List metrics, and say which of their values are better."""


@metric.command()
@repo_option
@form_options
def ls(repo: str | None, form: str | None) -> None:
    """List metrics and their directions.

    A direction is max if higher values are better, min if lower ones are. The name of the metric decides, unless
    someone set it.
    """
    opened = open_repo(repo)
    names = sorted({*opened.vocabulary().metrics, *opened.metrics.directions()}, key=natural)
    known = [opened.metrics.direction(name) for name in names]
    if not known:
        say("No metrics.", err=True)
    show(COLUMNS, [{"metric": one.name, "direction": one.direction, "set": one.is_set} for one in known], form)


@metric.command()
@click.argument("name")
@click.argument("to", metavar="max|min|auto", type=click.Choice([*DIRECTIONS, "auto"]))
@repo_option
def direction(name: str, to: Direction | Literal["auto"], repo: str | None) -> None:
    """Set which values of a metric are better.

    max: higher values, min: lower ones, auto: as its name says. The direction decides which value is the best in
    queries, tables, comparisons and on the home page.
    """
    opened = open_repo(repo)
    recorded = opened.vocabulary().metrics
    opened.metrics.set_direction(name, None if to == "auto" else to)
    now = opened.metrics.direction(name)
    say(f"{readable(name)}: {now.direction}, {WORDS[now.direction]}{'' if now.is_set else ', by its name'}")
    if name not in recorded:
        close = get_close_matches(name, recorded, n=1)
        say(f"No run has this metric yet{f'; did you mean {readable(close[0])}?' if close else '.'}", err=True)
