"""Finds and opens the repository that a command works on. What reads it is imported only then."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aim import layout
from aim.cli.printer import say
from aim.cli.progress import ProgressBar
from aim.cli.table import count
from aim.clickhouse.address import is_address
from aim.errors import RepoError
from aim.index.sources.table import ALL, formats_in
from aim.remote import spool

if TYPE_CHECKING:
    from aim.repo import Repo

MOST_NOTES = 10


def find_repo(path: str | None, *, sources: Mapping[str, str] | None = None) -> Path:
    """The same as `locate`, after a look at its version. With `sources`, it need not exist: their runs are shown."""
    if sources:
        aim_dir = layout.resolve(path) if path else layout.nearest()[0]
    else:
        aim_dir = locate(path)
    layout.check_version(aim_dir)
    return aim_dir


def find_to_read(path: str | None) -> Path:
    """The same as `find_repo`. The spool of a server need not exist, and is not created to look into it."""
    is_missing_spool = path is not None and spool.address_of(Path(path)) is not None and not Path(path).is_dir()
    return Path(path) if path is not None and is_missing_spool else find_repo(path)


def to_record(path: str | None) -> Path:
    """The `.aim` folder at `path`, or the nearest one to record to, which may not exist."""
    aim_dir, notice = (layout.resolve(path), None) if path else layout.nearest()
    if notice:
        say(f"aim: {notice}", err=True)
    return aim_dir


def locate(path: str | None) -> Path:
    """The `.aim` folder at `path`, or the nearest one at or above this folder. Raises RepoError if there is none."""
    aim_dir, notice = (layout.resolve(path), None) if path else layout.nearest()
    if not aim_dir.is_dir():
        place = f"in {path}" if path else f"in {Path.cwd()} or above it"
        passed_over = f"{notice}, and there is " if notice else ""
        raise RepoError(
            f'Repository does not exist: {passed_over}no .aim {place}. Create one with "aim init", or pass --repo PATH'
        )
    if notice:
        say(f"aim: {notice}", err=True)
    return aim_dir


def to_paste(aim_dir: Path, *words: str) -> str:
    """A command of aim about this repository, for a shell in any folder."""
    return shlex.join(["aim", *words, "--repo", str(aim_dir.parent)])


def open_repo(
    path: str | None,
    *,
    read_only: bool = False,
    sources: Mapping[str, str] | None = None,
    engine: str | None = None,
    partly: bool = False,
) -> Repo:
    """`path` may be the address of an engine, and `engine` answers the queries of a folder."""
    place = path if is_address(path) else find_repo(path, sources=sources)
    from aim.repo import Repo

    progress = ProgressBar("Indexing")
    return Repo(place, read_only=read_only, sources=sources, progress=progress, engine=engine, partly=partly)


def offer_logs(folder: str, sources: Mapping[str, str]) -> dict[str, str]:
    """The sources, with the logs of other trackers below a folder if the user wants to see them. Without a repository
    there, nothing else is to be seen."""
    layout.refuse_earlier(layout.resolve(folder))
    found = formats_in(Path(folder)) if ALL not in sources and Path(folder).is_dir() else []
    if not found:
        return dict(sources)
    names = ", ".join(f"{row.title} ({count(runs, 'run')})" for row, runs in found)
    say(f"Logs of other trackers in {folder}: {names}")
    if layout.resolve(folder).is_dir():
        if not sys.stdin.isatty():
            say(f"To show them too: {shlex.join(['aim', 'up', folder, '--logs', folder])}")
            return dict(sources)
        if not click.confirm("Show them too?", default=True):
            return dict(sources)
    return {**sources, ALL: folder}


def tell_of_sources(repo: Repo) -> None:
    """Print what cannot be shown of other trackers' logs."""
    notes = repo.source_notes()
    for note in notes[:MOST_NOTES]:
        say(note, err=True)
    if len(notes) > MOST_NOTES:
        say(f"and {len(notes) - MOST_NOTES:,} more", err=True)
