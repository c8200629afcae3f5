"""`aim down`."""

from __future__ import annotations

from collections.abc import Sequence

import click

from aim.cli import servers
from aim.cli.opening import to_record
from aim.cli.options import repo_option
from aim.cli.printer import say
from aim.cli.servers import Served
from aim.clickhouse import address


@click.command()
@repo_option
def down(repo: str | None) -> None:
    """Stop the UI of this repository. With the address of an engine: all UIs of this machine that read from it."""
    if address.is_address(repo):
        engine = address.parse(str(repo))
        end(servers.below(engine.place), str(engine))
        return
    aim_dir = to_record(repo)
    served = servers.of_repo(aim_dir)
    end([] if served is None else [served], str(aim_dir))


def end(some: Sequence[Served], where: str) -> None:
    if not some:
        say(f"No running Aim UI at {where}")
        return
    say(f"Shutting down Aim UI at {where}")
    for served in some:
        served.end()
    say("Done")
