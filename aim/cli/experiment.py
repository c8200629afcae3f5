"""`aim experiment`: the groups that runs belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from aim.cli.opening import open_repo
from aim.cli.options import repo_option
from aim.cli.printer import Active, say
from aim.cli.runs import close_all
from aim.cli.selection import every_run
from aim.cli.table import count, readable, size
from aim.errors import EditError, StoreError

if TYPE_CHECKING:
    from aim.repo import Repo

DEFAULT = "default"

name_option = click.option("-n", "--name", required=True, metavar="NAME", help="Name of the experiment.")


@click.group()
def experiment() -> None:
    """Group runs into experiments."""


@experiment.command()
@name_option
@repo_option
def add(name: str, repo: str | None) -> None:
    """Add an experiment and switch to it."""
    opened = open_told(repo)
    if name in opened.experiments.names():
        raise EditError(
            f"experiment {readable(name)} already exists. Switch to it with: aim experiment checkout -n NAME"
        )
    opened.experiments.add(name)
    opened.experiments.checkout(name)
    say(f"Added experiment {readable(name)} and switched to it")


@experiment.command()
@name_option
@repo_option
def checkout(name: str, repo: str | None) -> None:
    """Make an experiment the active one: the default for new runs."""
    existing(name, opened := open_told(repo))
    opened.experiments.checkout(name)
    say(f"Switched to experiment {readable(name)}")


@experiment.command()
@repo_option
def ls(repo: str | None) -> None:
    """List experiments; * marks the active one."""
    opened = open_told(repo)
    for name in opened.experiments.names():
        active = name == opened.experiments.active
        say(Active(f"* {readable(name)}") if active else f"  {readable(name)}")


@experiment.command()
@name_option
@repo_option
def rm(name: str, repo: str | None) -> None:
    """Permanently delete an experiment and all of its runs, without asking."""
    if name == DEFAULT:
        raise EditError(
            "experiment default cannot be deleted. To delete its runs: aim runs rm -q 'experiment == default'"
        )
    existing(name, opened := open_told(repo))
    freed = opened.experiments.remove(name)
    say(f"Deleted experiment {readable(name)}")
    say(f"Deleted {count(freed.runs, 'run')}: {count(freed.files, 'file')}, {size(freed.bytes)} freed")
    if freed.left:
        raise StoreError(freed.left)


@experiment.command()
@name_option
@click.option("-r", "--run", "hashes", multiple=True, metavar="RUN", help="Close only this run. Repeatable.")
@repo_option
def close(name: str, hashes: tuple[str, ...], repo: str | None) -> None:
    """Close the killed and lost runs of an experiment."""
    existing(name, opened := open_told(repo))
    rows = [row for row in every_run(opened) if row.experiment == name]
    known = {word for row in rows for word in (row.hash, row.id)}
    if missing := [word for word in hashes if word not in known]:
        raise EditError(f"experiment {readable(name)} has no run {', '.join(map(readable, missing))}. See: aim runs ls")
    close_all(opened, [row for row in rows if not hashes or row.hash in hashes or row.id in hashes])


def open_told(repo: str | None) -> Repo:
    opened = open_repo(repo)
    say(Active(f"Repository found at {opened.place if opened.elsewhere else opened.aim_dir}"), err=True)
    return opened


def existing(name: str, repo: Repo) -> None:
    names = repo.experiments.names()
    if name not in names:
        raise EditError(f"experiment {readable(name)} does not exist. Experiments: {', '.join(map(readable, names))}")
