"""`aim engine`: a ClickHouse database that a repository is folded into."""

from __future__ import annotations

import signal
import time
from threading import Event
from typing import TYPE_CHECKING

import click

from aim.cli.ask import agreed
from aim.cli.opening import find_repo, to_record
from aim.cli.options import form_options, repo_option, yes_option
from aim.cli.printer import say
from aim.cli.progress import ProgressBar
from aim.cli.table import count, show, size

if TYPE_CHECKING:
    from aim.clickhouse.database import Database

COLUMNS = ("table", "rows", "bytes")
SHOWN = 20

address_argument = click.argument("address", envvar="AIM_ENGINE", metavar="ADDRESS")


@click.group()
def engine() -> None:
    """Fold a repository into a ClickHouse database, which then answers queries.

    ADDRESS is clickhouse://USER@HOST:PORT/DATABASE. Default: AIM_ENGINE. The password is read from
    AIM_CLICKHOUSE_PASSWORD. The logs stay the only source of truth: you can drop the database and fold it again.
    """


@engine.command()
@address_argument
@repo_option
@click.option(
    "--upgrade",
    is_flag=True,
    help="Replace tables that an earlier version of Aim made for this repository by empty ones, which the next fold "
    "fills.",
)
def init(address: str, repo: str | None, upgrade: bool) -> None:
    """Create the database and its tables."""
    from aim.index.folding import name_of

    database = opened(address)
    if upgrade and database.drop_earlier(name_of(to_record(repo))):
        say("Dropped the tables of an earlier version of Aim")
    database.make()
    say(f"Created {database.address}. Fold a repository into it with: aim engine fold")


@engine.command()
@address_argument
@repo_option
@click.option(
    "--follow", is_flag=True, help="Repeat every second, until Ctrl+C. Retries while the database is unreachable."
)
def fold(address: str, repo: str | None, follow: bool) -> None:
    """Bring the database up to date with the logs."""
    from aim.index import folding

    aim_dir, database = find_repo(repo), opened(address)
    with folding.filling(aim_dir, database, progress=ProgressBar("Folding"), away=follow) as filling:
        if not follow:
            filling.refresh()
            say(f"Folded {aim_dir} into {filling.database.address}")
            return
        stopped = Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopped.set())
        say(f"Folding {aim_dir} into {filling.database.address}", "Press Ctrl+C to stop")
        folding.follow(filling, stopped, lambda text: say(text, err=True))
    say("Stopped")


@engine.command()
@address_argument
@form_options
def status(address: str, form: str | None) -> None:
    """Show the size of the tables, and when they were last folded into."""
    database = opened(address)
    about, version = database.check(), ".".join(map(str, database.version()))
    sizes = database.sizes()
    rows = [
        {"table": name, "rows": each.rows, "bytes": each.bytes if form else size(each.bytes)}
        for name, each in sizes.items()
    ]
    if form is None:
        say(f"{database.address}, ClickHouse {version}, tables of version {about['version']}")
        at = database.folded_at()
        say("Nothing was folded into it" if at is None else f"Last folded {time.time() - at:,.0f} s ago")
        if edits := sizes["edits"].rows:
            say(f"{count(edits, 'edit')} of front ends wait for the next fold")
    show(COLUMNS, rows, form)


@engine.command()
@address_argument
@repo_option
@click.pass_context
def check(ctx: click.Context, address: str, repo: str | None) -> None:
    """Compare the database with the logs: runs, params, statistics and every point.

    The exit code is 1 if they differ. Runs that record meanwhile may differ.
    """
    from aim.clickhouse.folds import unequal
    from aim.index.folding import differences, name_of
    from aim.index.local import Local
    from aim.index.refresh import Index
    from aim.index.shared import Shared

    aim_dir, database = find_repo(repo), opened(address)
    database.refuse_another(name_of(aim_dir), database.check())
    logs = Index(Local(aim_dir, progress=ProgressBar("Indexing"))).refresh()
    unlike = [*differences(logs, Index(Shared(database)).refresh()), *unequal(database)]
    for sentence in unlike[:SHOWN]:
        say(sentence)
    if unlike:
        more = f", {len(unlike) - SHOWN:,} more than shown" if len(unlike) > SHOWN else ""
        say(f"Found {count(len(unlike), 'difference')}{more}. Fold again with: aim engine rebuild", err=True)
        ctx.exit(1)
    say(f"{database.address} equals the logs of {count(len(logs), 'run')}")


@engine.command()
@address_argument
@repo_option
@yes_option
def rebuild(address: str, repo: str | None, yes: bool) -> None:
    """Drop the tables, create them again and fold the repository into them."""
    from aim.index import folding

    aim_dir, database = find_repo(repo), opened(address)
    if database.exists():
        database.refuse_another(folding.name_of(aim_dir))
        if not _agreed(database, yes=yes):
            return
    with folding.filling(aim_dir, database, again=True, progress=ProgressBar("Folding")) as filling:
        filling.refresh()
    say(f"Folded {aim_dir} into {database.address}")


@engine.command()
@address_argument
@yes_option
def drop(address: str, yes: bool) -> None:
    """Drop the tables, and the database if nothing else is in it. The repository keeps everything."""
    database = opened(address)
    if not database.exists():
        raise click.ClickException(f"{database.address} has no Aim tables. Nothing was dropped")
    left = _waiting(database)
    if _agreed(database, yes=yes, left=left):
        database.drop()
        say(f"Dropped {database.address}{left}")


def opened(address: str) -> Database:
    from aim.clickhouse.address import parse
    from aim.clickhouse.database import Database

    return Database(parse(address))


def _waiting(database: Database) -> str:
    """What of the database is nowhere else."""
    from aim.clickhouse import edits
    from aim.clickhouse.schema import VERSION

    left = edits.count(database) if database.about().get("version") == VERSION else 0
    return f", with {count(left, 'edit')} that no log has" if left else ""


def _agreed(database: Database, *, yes: bool, left: str = "") -> bool:
    question = f"Drop the tables of Aim in {database.address}{left}?"
    instead = f"Nothing was dropped. Pass --yes to drop {database.address}{left}"
    bring = " To bring the edits into the logs, use: aim engine fold" if left else ""
    return agreed(question, yes=yes, instead=f"{instead}.{bring}" if bring else instead)
