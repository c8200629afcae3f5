"""`aim artifact`: store, list, bring and check artifacts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aim.cli.ask import agreed
from aim.cli.opening import open_repo
from aim.cli.options import form_options, repo_option, utc_option, yes_option
from aim.cli.printer import say
from aim.cli.table import count, moment, readable, show, size

if TYPE_CHECKING:
    from aim.artifacts.artifact import Artifact

COLUMNS = ("artifact", "version", "type", "aliases", "files", "size", "created", "made_by")
FILE_COLUMNS = ("path", "size", "sha256")


@click.group()
def artifact() -> None:
    """Files that runs make and use, in numbered versions.

    NAME is an artifact, digits; or one of its versions, digits:v3; or one that has an alias, digits:best. Without a
    version it is the latest.
    """


@artifact.command()
@click.argument("name", required=False)
@click.option("--files", is_flag=True, help="List the files of one version.")
@repo_option
@utc_option
@form_options
def ls(name: str | None, files: bool, repo: str | None, form: str | None) -> None:
    """List artifacts; of one NAME, all versions; with --files, the files of a version."""
    artifacts = open_repo(repo).artifacts
    if files:
        if name is None:
            raise click.UsageError("Which artifact? Pass its NAME, or NAME:VERSION.")
        listed = artifacts.get(name).files
        rows = [{"path": file.path, "size": _size(file.size, form), "sha256": file.digest} for file in listed]
        show(FILE_COLUMNS, rows, form)
        return
    if name is None:
        latest = {one.name: one for one in artifacts.versions()}
        found = list(latest.values())
    else:
        found = [artifacts.get(name)] if ":" in name else artifacts.versions(artifacts.get(name).name)
    if not found:
        say("No artifacts.", err=True)
    show(COLUMNS, [_row(one, form) for one in found], form)


@artifact.command()
@click.argument("name")
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option("--overwrite", is_flag=True, help="Replace files in the folder that have other content.")
@repo_option
def get(name: str, folder: Path | None, overwrite: bool, repo: str | None) -> None:
    """Copy the files of an artifact into FOLDER, by default one with its name.

    Each file is compared with its checksum. Files that are there already stay, so an interrupted copy goes on.
    """
    found = open_repo(repo).artifacts.get(name)
    place = found.get(folder or found.name.rpartition("/")[2], overwrite=overwrite)
    say(f"Copied {found.title} to {place}: {count(found.count, 'file')}, {size(found.size)}")


@artifact.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--name", help="Default: the name of the file or folder.")
@click.option("--type", "kind", default="artifact", show_default=True, help="Any word, such as model or dataset.")
@click.option("--alias", "aliases", multiple=True, help="A name for this version; can be repeated.")
@click.option("--metadata", metavar="JSON", help='An object, such as {"rows": 1000}.')
@click.option("--reference", is_flag=True, help="Keep addresses, sizes and checksums; the files stay where they are.")
@repo_option
def put(
    path: Path,
    name: str | None,
    kind: str,
    aliases: tuple[str, ...],
    metadata: str | None,
    reference: bool,
    repo: str | None,
) -> None:
    """Store a file or folder as the next version of an artifact.

    A content that the repository has is not stored again. If the latest version has the same files, it stays the
    latest.
    """
    stored = open_repo(repo).artifacts.put(
        path, name=name, type=kind, aliases=aliases, metadata=_metadata(metadata), reference=reference
    )
    made = stored.version
    amount = f"{count(made.files, 'file')}, {size(made.bytes)}"
    say(f"Stored {made.title}: {amount}" if stored.is_new else f"Unchanged: {made.title} has these files, {amount}")


@artifact.command()
@click.argument("name")
@click.argument("alias")
@click.option("--remove", is_flag=True, help="Take the alias away.")
@repo_option
def alias(name: str, alias: str, remove: bool, repo: str | None) -> None:
    """Give a version an alias, which it takes from the version that had it."""
    artifacts = open_repo(repo).artifacts
    if remove:
        artifacts.remove_alias(artifacts.get(name).name, alias)
        say(f"Removed the alias {readable(alias)}")
    else:
        say(f"{artifacts.set_alias(name, alias).title} is {readable(alias)}")


@artifact.command()
@click.argument("names", metavar="NAME:VERSION...", nargs=-1, required=True)
@yes_option
@repo_option
def rm(names: tuple[str, ...], yes: bool, repo: str | None) -> None:
    """Remove versions.

    The command `aim storage gc` then frees the contents that no version has any more.
    """
    artifacts = open_repo(repo).artifacts
    if missing := [name for name in names if ":" not in name]:
        raise click.UsageError(f"Which version of {missing[0]}? Pass {missing[0]}:v0, or another version.")
    found = [artifacts.get(name) for name in names]
    titles = ", ".join(one.title for one in found)
    if agreed(f"Remove {titles}?", yes=yes, instead=f"Nothing was removed. Pass --yes to remove {titles}."):
        for one in found:
            artifacts.remove(one.title)
        say(f"Removed {titles}")


@artifact.command()
@click.argument("name", required=False)
@repo_option
@click.pass_context
def verify(ctx: click.Context, name: str | None, repo: str | None) -> None:
    """Read the files of all versions, or of NAME, and compare them with their checksums.

    The exit code is 1 if a file is damaged or missing.
    """
    artifacts = open_repo(repo).artifacts
    if name is None:
        found = artifacts.versions()
    else:
        found = [artifacts.get(name)] if ":" in name else artifacts.versions(artifacts.get(name).name)
    wrong = [(one, problem) for one in found for problem in one.check()]
    for one, problem in wrong:
        say(f"{one.title}: {problem}")
    checked = f"{count(len(found), 'version')}, {count(sum(one.count for one in found), 'file')}"
    say(f"{count(len(wrong), 'file')} damaged or missing in {checked}" if wrong else f"No damage in {checked}")
    ctx.exit(1 if wrong else 0)


def _row(one: Artifact, form: str | None) -> dict[str, Any]:
    return {
        "artifact": one.name,
        "version": one.version,
        "type": one.type,
        "aliases": ", ".join(one.aliases) if form is None else list(one.aliases),
        "files": one.count,
        "size": _size(one.size, form),
        "created": moment(one.created_at) if form is None else one.created_at,
        "made_by": (one.made_by or "")[: 12 if form is None else None] or one.user,
    }


def _size(bytes: int, form: str | None) -> str | int:
    return size(bytes) if form is None else bytes


def _metadata(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise click.UsageError('--metadata must be a JSON object, such as {"rows": 1000}.')
    return value
