"""`aim media`: save the images, texts, videos, audio and other media of runs to files."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aim.cli.opening import open_repo
from aim.cli.options import repo_option
from aim.cli.printer import say
from aim.cli.table import count
from aim.errors import LogError
from aim.media import KINDS

if TYPE_CHECKING:
    from aim.query.media import MediaPoint, MediaSeries

MAX_NAME = 80


@click.group()
def media() -> None:
    """Texts, images, videos, audio, distributions and figures that runs tracked."""


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
    for series in open_repo(repo).objects(query, kind):
        place = folder / safe_name(series.run.hash) / safe_name(_title(series))
        place.mkdir(parents=True, exist_ok=True)
        named: Counter[str] = Counter()
        for point in series:
            name = f"{point.step}-{point.place}"
            named[name] += 1
            try:
                # Several calls may track values at one step.
                new = _save(point, place, name if named[name] == 1 else f"{name}-{named[name]}")
            except LogError as error:
                say(f"{series.run.hash} {series.name} at step {point.step}: {error}", err=True)
                unread += 1
                continue
            saved, kept = saved + new, kept + (not new)
    if not saved + kept + unread:
        say("Nothing matches.", err=True)
        return
    there = f"; {count(kept, 'file')} already there" if kept else ""
    say(f"{count(saved, 'file')} saved to {folder}{there}.")
    if unread:
        raise click.ClickException(f"{count(unread, 'value')} could not be read")


def safe_name(text: str) -> str:
    """A name of strangers as the name of one file: different texts give different names."""
    plain = re.sub(r"[^\w.=-]+", "_", text, flags=re.ASCII).strip("._")[:MAX_NAME]
    if plain and plain == text:
        return plain
    return f"{plain}-{hashlib.sha256(text.encode('utf-8', 'backslashreplace')).hexdigest()[:8]}".lstrip("-")


def _title(series: MediaSeries) -> str:
    context = " ".join(f"{key}={value}" for key, value in sorted(series.context.items()))
    return f"{series.name} {context}".rstrip()


def _save(point: MediaPoint, place: Path, name: str) -> bool:
    """Whether the file is new. What is there is left as it is."""
    from aim.server.media import ENDINGS, FORMATS

    data = point.data
    format = FORMATS[point.kind](data) or "bin"
    path = place / f"{name}.{ENDINGS.get(format, format)}"
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError:
        return False
    return True
