"""`aim merge`."""

from __future__ import annotations

import click

from aim import layout
from aim.cli.opening import open_repo
from aim.cli.table import count, size
from aim.errors import RepoError


@click.command()
@click.argument("repos", metavar="REPO REPO...", nargs=-1, required=True)
@click.option("--into", metavar="PATH", help="The repository that takes them in, made if needed. Default: the first.")
def merge(repos: tuple[str, ...], into: str | None) -> None:
    """Bring the runs and edits of repositories into the first one, or into that of --into.

    The others are only read. In any order, twice or interrupted, the result is the same.
    """
    target, others = (into, repos) if into else (repos[0], repos[1:])
    if not others:
        raise click.UsageError("Name a second repository, or the one to merge into with --into PATH.")
    if missing := [path for path in repos if not layout.resolve(path).is_dir()]:
        raise RepoError(f"No repository to merge: there is no .aim in {', '.join(missing)}. Nothing was changed")
    if into:
        layout.create(layout.resolve(into))
    opened = open_repo(target)
    for other in others:
        merged = opened.merge(other)
        new = f"{count(merged.runs, 'run')} with something new, {count(merged.files, 'file')}, {size(merged.bytes)}"
        swept = f"; removed {count(merged.swept, 'file')} of runs that were deleted there" if merged.swept else ""
        click.echo(f"Merged {other}: {new}{swept}")
