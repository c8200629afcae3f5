"""`aim media`: save the images, texts, videos, audio and other media of runs to files."""

from __future__ import annotations

from pathlib import Path

import click

from aim.cli.opening import open_repo
from aim.cli.options import repo_option
from aim.cli.printer import say
from aim.cli.table import count
from aim.errors import LogError
from aim.media import KINDS, class_of
from aim.media.filenames import FileNames, ending_of


@click.group()
def media() -> None:
    """Texts, pages, images, videos, audio, distributions and figures that runs tracked."""


@media.command()
@click.argument("query")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--kind", type=click.Choice(list(KINDS)), help="Only media of this kind.")
@repo_option
def get(query: str, folder: Path, kind: str | None, repo: str | None) -> None:
    """Save the media that QUERY selects to FOLDER/RUN/NAME/STEP-INDEX.

    For example: aim media get "images if images.step > 100" pictures
    """
    saved = kept = unread = 0
    names = FileNames()
    for series in open_repo(repo).objects(query, kind):
        for point in series:
            path = names.of(series.run.hash, series.name, series.context, point.step, point.place)
            try:
                data = point.data
            except LogError as error:
                say(f"{series.run.hash} {series.name} at step {point.step}: {error}", err=True)
                unread += 1
                continue
            new = _save(data, folder / f"{path}.{ending_of(class_of(point.kind).format_of(data))}")
            saved, kept = saved + new, kept + (not new)
    if not saved + kept + unread:
        say("Nothing matches.", err=True)
        return
    there = f"; {count(kept, 'file')} already there" if kept else ""
    say(f"{count(saved, 'file')} saved to {folder}{there}.")
    if unread:
        raise click.ClickException(f"{count(unread, 'value')} could not be read")


def _save(data: bytes, path: Path) -> bool:
    """Whether the file is new. What is there is left as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError:
        return False
    return True
