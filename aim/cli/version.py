"""`aim version`."""

from __future__ import annotations

import click

from aim.version import __version__


@click.command()
def version() -> None:
    """Print the version of Aim."""
    click.echo(f"Aim v{__version__}")
