"""`aim version`."""

from __future__ import annotations

import click

from aim.cli.printer import say
from aim.version import __version__


@click.command()
def version() -> None:
    """Print the version of Aim."""
    say(f"Aim v{__version__}")
