"""`aim runs`: list, show, remove, archive and close runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from aim.cli.ask import agreed
from aim.cli.logs import logs
from aim.cli.opening import open_repo
from aim.cli.options import form_options, repo_option, selection_options, utc_option, yes_option
from aim.cli.printer import say
from aim.cli.selection import ARCHIVED_TOO, demand, select
from aim.cli.show import show as show_run
from aim.cli.table import count, moment, readable, show, size, span
from aim.errors import EditError, StoreError
from aim.log import edits
from aim.query.labels import is_named, telling_params

if TYPE_CHECKING:
    from aim.index.tables import ParamCount
    from aim.query.runs import RunRow
    from aim.repo import Repo

SHOWN = 10
# Params in the place of a name.
TOLD = 4
COLUMNS = ("run", "name", "experiment", "status", "created", "duration", "tags")
EXACT_COLUMNS = (
    *("hash", "id", "name", "experiment", "description", "tags", "archived", "status", "diverged", "error"),
    *("created_at", "finished_at", "duration", "params"),
)


@click.group()
def runs() -> None:
    """List, show, archive, close and delete runs, and print their output.

    RUN is a hash, an id, a glob over hashes and ids, or a unique prefix of an id.
    """


runs.add_command(show_run)
runs.add_command(logs)


@runs.command()
@selection_options
@repo_option
@form_options
@utc_option
def ls(patterns: tuple[str, ...], query: str | None, repo: str | None, form: str | None) -> None:
    """List runs, newest first: the selected ones, or all that are not archived."""
    opened = open_repo(repo)
    rows = select(opened, patterns, query)
    if not rows:
        say("No runs match." if query or patterns else "No runs.", err=True)
    if form:
        show(EXACT_COLUMNS, [exact_row(row) for row in rows], form)
    else:
        params = params_of(opened, rows, query or (ARCHIVED_TOO if patterns else None))
        show(COLUMNS, [row_to_read(row, params) for row in rows], None)


def params_of(opened: Repo, rows: Sequence[RunRow], query: str | None) -> Sequence[ParamCount]:
    """The params that can name rows; none where all have a name."""
    if all(is_named(row) for row in rows):
        return []
    columns = opened.table.page(query, limit=0, columns=True).columns
    return columns.params if columns else []


def label(row: RunRow, params: Sequence[ParamCount]) -> str | None:
    """The name of a run; of one without a name, what tells it from others."""
    if is_named(row):
        return row.name
    told = telling_params(row, params, most=TOLD)
    return " ".join(f"{path.rpartition('.')[2]}={value}" for path, value in told.items()) or None


def row_to_read(row: RunRow, params: Sequence[ParamCount]) -> dict[str, Any]:
    return {
        "run": short(row),
        "name": label(row, params),
        "experiment": row.experiment,
        "status": ", ".join([row.status, *(name for name in ("diverged", "archived") if getattr(row, name))]),
        "created": moment(row.created_at),
        "duration": span(row.duration),
        "tags": ", ".join(row.tags) or None,
    }


def exact_row(row: RunRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in EXACT_COLUMNS}


def short(row: RunRow) -> str:
    """A hash that the user gave, else the beginning of the id."""
    return row.id[:12] if row.hash == row.id else row.hash


@runs.command()
@selection_options
@yes_option
@repo_option
def rm(patterns: tuple[str, ...], query: str | None, yes: bool, repo: str | None) -> None:
    """Permanently delete runs and free their space."""
    demand(patterns, query)
    opened = open_repo(repo)
    rows = select(opened, patterns, query)
    if not rows:
        say("No runs match; nothing was deleted.", err=True)
        return
    listed(rows)
    if agreed(f"Permanently delete {count(len(rows), 'run')}?", yes=yes, instead=refusal(rows)):
        freed = opened.runs.delete([row.id for row in rows])
        say(f"Removed {count(freed.runs, 'run')}: {count(freed.files, 'file')}, {size(freed.bytes)} freed")
        if freed.left:
            raise StoreError(freed.left)


def refusal(rows: Sequence[RunRow]) -> str:
    return f"Nothing was deleted. Pass --yes to permanently delete {count(len(rows), 'run')}."


def listed(rows: Sequence[RunRow]) -> None:
    for row in rows[:SHOWN]:
        name = f" {readable(row.name)}" if row.name else ""
        say(f" * {readable(short(row))}{name} ({row.status})", err=True)
    if len(rows) > SHOWN:
        say(f" * and {len(rows) - SHOWN:,} more", err=True)


@runs.command()
@selection_options
@repo_option
def archive(patterns: tuple[str, ...], query: str | None, repo: str | None) -> None:
    """Archive runs: queries exclude them unless they name run.archived."""
    set_archived(patterns, query, repo, True)


@runs.command()
@selection_options
@repo_option
def unarchive(patterns: tuple[str, ...], query: str | None, repo: str | None) -> None:
    """Unarchive runs. To select them by --query, the query must name run.archived."""
    set_archived(patterns, query, repo, False)


def set_archived(patterns: tuple[str, ...], query: str | None, repo: str | None, archived: bool) -> None:
    demand(patterns, query)
    opened = open_repo(repo)
    rows = [row for row in select(opened, patterns, query) if row.archived != archived]
    if rows:
        opened.runs.archive([row.id for row in rows], archived=archived)
    say(f"{'Archived' if archived else 'Unarchived'} {count(len(rows), 'run')}")


@runs.command()
@selection_options
@repo_option
def close(patterns: tuple[str, ...], query: str | None, repo: str | None) -> None:
    """Close killed and lost runs. Runs whose process is alive are skipped."""
    demand(patterns, query)
    opened = open_repo(repo)
    close_all(opened, select(opened, patterns, query))


def close_all(repo: Repo, rows: Sequence[RunRow]) -> None:
    edited = {(edit.run, edit.field): edit for edit in repo.edits.latest()}
    open_ones = [row for row in rows if is_open(row, edited.get((row.id, "ended")))]
    for row in open_ones:
        say(f" * {readable(short(row))} (open)")
        if row.status == "running":
            say("   still running: end its process first, or wait until its heartbeat stops")
            continue
        say("   closing...")
        try:
            repo.runs.close(row.id)
        except EditError as error:
            say(f"   not closed: {error}")
        else:
            say("   closed")
    if not open_ones:
        say("No open runs.")


def is_open(row: RunRow, closed: edits.Edit | None) -> bool:
    """Whether neither its process nor, since the last heartbeat, a person has ended it."""
    if row.status in ("finished", "failed", "stopped"):
        return False
    return closed is None or row.finished_at is None or row.finished_at > closed.value["time"]
