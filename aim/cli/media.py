"""`aim media`: save the images, texts, videos, audio and other media of runs to files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aim.cli.opening import open_repo
from aim.cli.options import repo_option
from aim.cli.printer import say
from aim.cli.table import count
from aim.errors import LogError
from aim.media import KINDS, class_of
from aim.media.filenames import FileNames, ending_of
from aim.media.table import Table

if TYPE_CHECKING:
    from aim.query.media import MediaPoint

# The formats of tables, and what writes each; None: as they were tracked.
TABLES: dict[str, Callable[[Table], str] | None] = {"parquet": None, "csv": Table.to_csv, "json": Table.to_json}


@click.group()
def media() -> None:
    """Texts, pages, images, videos, audio, distributions, figures and tables that runs tracked."""


@media.command()
@click.argument("query")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--kind", type=click.Choice(list(KINDS)), help="Only media of this kind.")
@click.option(
    "--tables", type=click.Choice(list(TABLES)), default="parquet", show_default=True, help="The format of tables."
)
@repo_option
def get(query: str, folder: Path, kind: str | None, tables: str, repo: str | None) -> None:
    """Save the media that QUERY selects to FOLDER/RUN/NAME/STEP-INDEX.

    For example: aim media get "images if images.step > 100" pictures
    """
    saved = kept = unread = 0
    names = FileNames()
    for series in open_repo(repo).objects(query, kind):
        for point in series:
            path = names.of(series.run.hash, series.name, series.context, point.step, point.place)
            try:
                data, ending = _content(point, tables)
            except (LogError, ValueError) as error:
                say(f"{series.run.hash} {series.name} at step {point.step}: {error}", err=True)
                unread += 1
                continue
            new = _save(data, folder / f"{path}.{ending}")
            saved, kept = saved + new, kept + (not new)
    if not saved + kept + unread:
        say("Nothing matches.", err=True)
        return
    there = f"; {count(kept, 'file')} already there" if kept else ""
    say(f"{count(saved, 'file')} saved to {folder}{there}.")
    if unread:
        raise click.ClickException(f"{count(unread, 'value')} could not be read")


def _content(point: MediaPoint, tables: str) -> tuple[bytes, str]:
    """What is saved of a value, and the ending of its file."""
    value = point.value
    if isinstance(value, Table) and (written := TABLES[tables]):
        return written(value).encode(), tables
    return value.data, ending_of(class_of(point.kind).format_of(value.data))


def _save(data: bytes, path: Path) -> bool:
    """Whether the file is new. What is there is left as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError:
        return False
    return True
