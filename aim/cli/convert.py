"""`aim convert`: runs of other trackers, copied into the repository."""

from __future__ import annotations

import click

from aim.cli.opening import open_repo
from aim.cli.options import repo_option
from aim.cli.table import count


@click.group()
def convert() -> None:
    """Copy the runs of other trackers into the repository."""


@convert.command()
@click.option("--logdir", required=True, metavar="DIR", help="A folder of event files, which is read recursively.")
@click.option("--experiment", default="TF", show_default=True, metavar="NAME", help="The experiment of new runs.")
@repo_option
def tensorboard(logdir: str, experiment: str, repo: str | None) -> None:
    """Copy TensorBoard's logs: each folder with event files becomes a run with its scalars and hparams.

    Doing it again copies only what is new. To look at logs without copying them: aim up --tf_logs DIR
    """
    copied = open_repo(repo).convert_tensorboard(logdir, experiment=experiment)
    if not copied.ids:
        click.echo(f"There are no event files in {logdir}")
    elif not copied.runs:
        click.echo(f"Nothing is new in {count(len(copied.ids), 'folder')} of {logdir}")
    else:
        click.echo(f"Copied {count(copied.points, 'point')} of {count(copied.runs, 'run')} from {logdir}")
