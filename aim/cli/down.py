"""`aim down`."""

from __future__ import annotations

import click

from aim.cli import servers
from aim.cli.opening import to_record
from aim.cli.options import repo_option
from aim.cli.printer import say


@click.command()
@repo_option
def down(repo: str | None) -> None:
    """Stop the UI of this repository."""
    aim_dir = to_record(repo)
    served = servers.of_repo(aim_dir)
    if served is None:
        say(f"No running Aim UI at {aim_dir}")
        return
    say(f"Shutting down Aim UI at {aim_dir}")
    served.end()
    say("Done")
