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
from aim.cli.progress import ProgressBar
from aim.cli.table import count, moment, readable, show, size
from aim.errors import ArtifactError

if TYPE_CHECKING:
    from aim.artifacts.artifact import Artifact
    from aim.repo.artifacts import Artifacts

COLUMNS = ("artifact", "version", "type", "aliases", "files", "size", "created", "made_by")
STORE_COLUMNS = ("store", "stored")
FILE_COLUMNS = ("path", "size", "sha256")


store_option = click.option(
    "--store",
    metavar="ADDRESS",
    help="The store to upload to, such as s3://BUCKET/PREFIX. Default: AIM_ARTIFACT_STORE, if it is set.",
)


@click.group()
def artifact() -> None:
    """Files that runs make and use, in numbered versions.

    NAME: digits (latest), digits:v3 or digits:best.
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
        rows = [{"path": file.path, "size": _size(file.bytes, form), "sha256": file.sha256} for file in listed]
        show(FILE_COLUMNS, rows, form)
        return
    if name is None:
        versions = list({version.name: version for version in artifacts.versions()}.values())
    else:
        versions = _versions(artifacts, name)
    if not versions:
        say("No artifacts.", err=True)
    some_in_store = any(version.store or version.stored for version in versions)
    columns = (*COLUMNS, *STORE_COLUMNS) if form else (*COLUMNS, STORE_COLUMNS[0]) if some_in_store else COLUMNS
    show(columns, [_row(version, form) for version in versions], form)
    if waiting := [version for version in versions if version.store and not version.stored]:
        why = f" {problem}." if (problem := artifacts.upload_report().problem) else ""
        say(f"{count(len(waiting), 'version')} waiting to be uploaded.{why} Upload with: aim artifact push", err=True)


@artifact.command()
@click.argument("name")
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option("--overwrite", is_flag=True, help="Replace files in the folder that have different content.")
@repo_option
def get(name: str, folder: Path | None, overwrite: bool, repo: str | None) -> None:
    """Copy the files of an artifact into FOLDER, by default one with its name.

    Each file is compared with its checksum. Files that are there already stay, so an interrupted copy goes on.
    Files that only a store has are brought from there.
    """
    version = open_repo(repo).artifacts.get(name)
    place = version.get(folder or version.name.rpartition("/")[2], overwrite=overwrite)
    say(f"Copied {version.title} to {place}: {count(version.count, 'file')}, {size(version.bytes)}")


@artifact.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--name", help="Default: the name of the file or folder.")
@click.option("--type", "kind", default="artifact", show_default=True, help="Any word, such as model or dataset.")
@click.option("--alias", "aliases", multiple=True, help="A name for this version; can be repeated.")
@click.option("--metadata", metavar="JSON", help='An object, such as {"rows": 1000}.')
@click.option("--reference", is_flag=True, help="Keep addresses, sizes and checksums; the files stay where they are.")
@store_option
@repo_option
def put(
    path: Path,
    name: str | None,
    kind: str,
    aliases: tuple[str, ...],
    metadata: str | None,
    reference: bool,
    store: str | None,
    repo: str | None,
) -> None:
    """Store a file or folder as the next version of an artifact, and upload it to its store if it has one.

    Files already in the repository are not copied again. If the latest version has the same files, it stays the
    latest.
    """
    artifacts = open_repo(repo).artifacts
    stored = artifacts.put(
        path, name=name, type=kind, aliases=aliases, metadata=_metadata(metadata), reference=reference, address=store
    )
    title, amount = stored.version.title, f"{count(stored.version.files, 'file')}, {size(stored.version.bytes)}"
    say(f"Stored {title}: {amount}" if stored.is_new else f"Unchanged: {title} has these files, {amount}")
    if stored.version.store and not stored.version.stored and not _pushed(artifacts, [title], None):
        raise click.exceptions.Exit(1)


@artifact.command()
@click.argument("name", required=False)
@store_option
@repo_option
@click.pass_context
def push(ctx: click.Context, name: str | None, store: str | None, repo: str | None) -> None:
    """Upload what waits to its store: all versions, or NAME.

    A run and `put` do this by themselves; this goes on where they ended. With --store, NAME is uploaded there, also if
    it was to stay in the repository. Files that the store has are not sent again. The exit code is 1 if a version
    could not be uploaded.
    """
    artifacts = open_repo(repo).artifacts
    if store is not None and name is None:
        raise click.UsageError("Which artifact? Pass its NAME, or NAME:VERSION, with --store.")
    versions = artifacts.waiting() if name is None else _versions(artifacts, name)
    if not versions:
        say("Nothing is waiting to be uploaded.")
    elif not _pushed(artifacts, [version.title for version in versions], store):
        ctx.exit(1)


@artifact.command()
@click.argument("name")
@click.argument("alias")
@click.option("--remove", is_flag=True, help="Remove the alias.")
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
    versions = [artifacts.get(name).title for name in names]
    titles = ", ".join(versions)
    if agreed(f"Remove {titles}?", yes=yes, instead=f"Nothing was removed. Pass --yes to remove {titles}."):
        for version in versions:
            artifacts.remove(version)
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
    versions = artifacts.versions() if name is None else _versions(artifacts, name)
    wrong = [(version, problem) for version in versions for problem in version.check()]
    for version, problem in wrong:
        say(f"{version.title}: {problem}")
    checked = f"{count(len(versions), 'version')}, {count(sum(version.count for version in versions), 'file')}"
    say(f"{count(len(wrong), 'file')} damaged or missing in {checked}" if wrong else f"No damage in {checked}")
    ctx.exit(1 if wrong else 0)


def _pushed(artifacts: Artifacts, titles: list[str], store: str | None) -> bool:
    """Whether all of these versions were uploaded. Says which were, and what failed."""
    failed = 0
    for title in titles:
        try:
            version, upload = artifacts.push(title, store, progress=ProgressBar(f"Uploading {title}"))
        except (ArtifactError, OSError) as error:
            say(f"{title} is not uploaded: {error}. Go on with: aim artifact push {title}", err=True)
            failed += 1
            continue
        sent = f"{upload.sent:,} of {count(upload.contents, 'content')} sent, {size(upload.bytes)}"
        say(f"Uploaded {title} to {version.stored}: {sent}")
    return not failed


def _versions(artifacts: Artifacts, name: str) -> list[Artifact]:
    """The one that `digits:v3` names, or all of `digits`."""
    version = artifacts.get(name)
    return [version] if ":" in name else artifacts.versions(version.name)


def _row(version: Artifact, form: str | None) -> dict[str, Any]:
    return {
        "artifact": version.name,
        "version": version.version,
        "type": version.type,
        "aliases": ", ".join(version.aliases) if form is None else list(version.aliases),
        "files": version.count,
        "size": _size(version.bytes, form),
        "created": moment(version.created_at) if form is None else version.created_at,
        "made_by": (version.made_by or "")[: 12 if form is None else None] or version.user,
        **_store(version, form),
    }


def _store(version: Artifact, form: str | None) -> dict[str, str]:
    if form is not None:
        return {"store": version.store, "stored": version.stored}
    return {"store": version.stored or (f"waiting: {version.store}" if version.store else "")}


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
