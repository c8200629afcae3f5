"""`aim as TRACKER`: the PYTHONPATH with which scripts of another tracker record to Aim."""

from __future__ import annotations

import os

import click

from aim.cli.printer import exact
from aim.dropins.table import DROPINS, on_path

AUTO = "auto"
TRACKERS = click.Choice([*DROPINS, AUTO])


def chosen(trackers: tuple[str, ...]) -> list[str]:
    return list(DROPINS) if AUTO in trackers else list(dict.fromkeys(trackers))


@click.command("as")
@click.argument("trackers", metavar="TRACKER...", nargs=-1, required=True, type=TRACKERS)
def as_(trackers: tuple[str, ...]) -> None:
    """Print the PYTHONPATH with which scripts of another tracker record to Aim: wandb, trackio,
    tensorboard, or auto for all.

    export PYTHONPATH=$(aim as wandb)

    Their code stays as it is. wandb and trackio need not be installed; tensorboard writes its files as before.
    `python -I` and `-E` ignore PYTHONPATH.
    """
    exact(on_path(chosen(trackers), os.environ) + "\n")
