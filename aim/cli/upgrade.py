"""`aim upgrade`."""

from __future__ import annotations

from pathlib import Path

import click

from aim.cli import bundle, versions
from aim.cli.pull import from_option
from aim.version import __version__


@click.command()
@from_option
def upgrade(source: Path | None) -> None:
    """Fetch the newest version of the UI that this Aim can serve; `aim up` then shows it."""
    click.echo("Pulling latest Aim UI")
    manifest = versions.upgrade(source)
    if manifest.order <= bundle.order(__version__):
        click.echo(f"Done. v{manifest.version} is the newest there; the UI v{__version__} of this Aim is no older.")
    else:
        click.echo(f"Done. aim up shows v{manifest.version} from now on.")
