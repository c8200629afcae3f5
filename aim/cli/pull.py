"""`aim pull`."""

from __future__ import annotations

from pathlib import Path

import click

from aim.cli import versions
from aim.cli.printer import say

from_option = click.option(
    "--from",
    "source",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with UI wheels to use instead of the package index.",
)


@click.command()
@click.option("-v", "--version", required=True, metavar="VERSION", help="Version, such as 1.2.0, or latest.")
@from_option
def pull(version: str, source: Path | None) -> None:
    """Download a version of the UI for `aim up -v VERSION`.

    Fetches a wheel with pip and its settings, or from a folder. The wheel is not installed and none of its code
    runs: its files are checked against the manifest and stored in your cache folder.
    """
    say(f"Pulling Aim UI {version}")
    manifest = versions.upgrade(source) if version == versions.LATEST else versions.pull(version, source)
    say(f"Done. Open it with: aim up -v {manifest.version}")
