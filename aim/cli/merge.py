"""`aim merge`."""

from __future__ import annotations

import click

from aim import layout
from aim.cli.opening import open_repo
from aim.cli.printer import say
from aim.cli.table import count, size
from aim.errors import RepoError, StoreError


@click.command()
@click.argument("repos", metavar="REPO REPO...", nargs=-1, required=True)
@click.option("--into", metavar="PATH", help="Target repository, created if needed. Default: the first one.")
def merge(repos: tuple[str, ...], into: str | None) -> None:
    """Merge the runs, edits and artifacts of repositories into the first one, or into --into PATH.

    The other repositories are only read. Order, repetition and interruption do not change the result.
    """
    target, others = (into, repos) if into else (repos[0], repos[1:])
    if not others:
        raise click.UsageError("Pass a second repository, or a target with --into PATH.")
    if missing := [path for path in repos if not layout.resolve(path).is_dir()]:
        raise RepoError(f"no .aim found in {', '.join(missing)}. Nothing was changed")
    if into:
        layout.refuse_earlier(layout.resolve(into))
        layout.create(layout.resolve(into))
    opened = open_repo(target)
    for other in others:
        merged = opened.merge(other)
        new = f"{count(merged.runs, 'run')} with changes, {count(merged.files, 'file')}, {size(merged.bytes)}"
        swept = f"; removed {count(merged.swept, 'file')} of runs deleted there" if merged.swept else ""
        say(f"Merged {other}: {new}{swept}")
        if merged.left:
            raise StoreError(merged.left)
