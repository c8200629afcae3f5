"""`aim pull`."""

from __future__ import annotations

from pathlib import Path

import click

from aim.cli import versions

from_option = click.option(
    "--from",
    "source",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder with wheels of the UI, instead of the package index that pip uses.",
)


@click.command()
@click.option("-v", "--version", required=True, metavar="VERSION", help="The version, such as 1.2.0, or latest.")
@from_option
def pull(version: str, source: Path | None) -> None:
    """Fetch a version of the UI; `aim up -v VERSION` then shows it.

    It comes as a wheel through pip, with pip's own settings, or out of a folder. It is not installed and no code of it
    is run: its files are checked against its manifest and kept in the cache folder of the user.
    """
    click.echo(f"Pulling Aim UI {version}")
    manifest = versions.upgrade(source) if version == versions.LATEST else versions.pull(version, source)
    click.echo(f"Done. Show it with: aim up -v {manifest.version}")
