"""`aim upgrade`."""

from __future__ import annotations

from pathlib import Path

import click

from aim.cli import bundle, versions
from aim.cli.printer import say
from aim.cli.pull import from_option
from aim.version import __version__


@click.command()
@from_option
def upgrade(source: Path | None) -> None:
    """Download the newest compatible UI. `aim up` uses it from then on."""
    say("Pulling latest Aim UI")
    manifest = versions.upgrade(source)
    if manifest.order <= bundle.order(__version__):
        say(f"Done. v{manifest.version} is the newest available; the built-in UI v{__version__} is up to date.")
    else:
        say(f"Done. aim up uses v{manifest.version} from now on.")
