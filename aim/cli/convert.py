"""`aim convert`: runs of other trackers, copied into the repository."""

from __future__ import annotations

from pathlib import Path

import click

from aim import layout, user
from aim.cli.opening import open_repo, to_record
from aim.cli.options import repo_option
from aim.cli.printer import say
from aim.cli.table import count


@click.group()
def convert() -> None:
    """Import the runs of other trackers."""


@convert.command()
@click.option("--logdir", required=True, metavar="DIR", help="Folder of event files, read recursively.")
@click.option("--experiment", default="TF", show_default=True, metavar="NAME", help="Experiment of new runs.")
@repo_option
def tensorboard(logdir: str, experiment: str, repo: str | None) -> None:
    """Import TensorBoard logs: each folder with event files becomes a run with its scalars and hparams.

    The repository is created if needed. Running it again imports only new points. To open logs without importing
    them: aim up --tf_logs DIR
    """
    aim_dir = to_record(repo)
    if not aim_dir.is_dir() and Path(user.expanded(logdir)).is_dir():
        layout.create(aim_dir)
        say(f"Initialized a new Aim repository at {aim_dir}", err=True)
    copied = open_repo(str(aim_dir)).convert_tensorboard(logdir, experiment=experiment)
    if not copied.ids:
        say(f"No event files in {logdir}")
    elif not copied.runs:
        say(f"No new points in {count(len(copied.ids), 'folder')} of {logdir}")
    else:
        say(f"Imported {count(copied.points, 'point')} of {count(copied.runs, 'run')} from {logdir}")
