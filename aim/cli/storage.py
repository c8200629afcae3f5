"""`aim storage`: find damage, compress finished logs, and show disk usage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from aim import layout
from aim.cli import sealing, space
from aim.cli.opening import find_repo, locate, open_repo
from aim.cli.options import form_options, repo_option, store_option
from aim.cli.printer import say
from aim.cli.progress import ProgressBar
from aim.cli.table import count, show, size
from aim.processes import usable

if TYPE_CHECKING:
    from aim.artifacts.remote_space import StoredContent
    from aim.artifacts.space import Unused
    from aim.content_store import RemoteContent


@click.group()
def storage() -> None:
    """Check, compress and measure the files of a repository."""


@storage.command()
@click.option("--repair", is_flag=True, help="Write a damaged repo.json again.")
@repo_option
@click.pass_context
def check(ctx: click.Context, repair: bool, repo: str | None) -> None:
    """Read every file of the repository and report damaged places and what was lost there.

    Nothing is changed without --repair. The exit code is 1 if there is damage, or if the object store of some seals is
    away.
    """
    from aim.cli import damage

    aim_dir = locate(repo)
    if repair and (repaired := damage.repair_version(aim_dir)):
        say(f"Repaired {repaired}")
    places, checked = damage.look(aim_dir, progress=ProgressBar("Checking"))
    damage.tell_index(aim_dir, places)
    for damaged in places:
        say(f"{damaged.path}: {damaged.text}")
    words = f"{count(checked.files, 'file')} ({size(checked.bytes)}) of {aim_dir}"
    if places:
        say(f"Found {count(len(places), 'damaged place')} in {words}", err=True)
    else:
        say(f"No damage in {words}")
    if checked.away:
        say(f"Not checked: {count(checked.unread, 'seal')} in an object store. {checked.away}", err=True)
    ctx.exit(1 if places or checked.away else 0)


@storage.command()
@click.option(
    "--older-than",
    type=click.FloatRange(0),
    default=0,
    metavar="MINUTES",
    help="Only runs that ended at least this long ago.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1),
    metavar="N",
    help=f"How many processes work at once. Default: one for each CPU, at most {sealing.MOST_JOBS}.",
)
@click.option("--since", type=float, default=0, hidden=True)
@repo_option
def seal(older_than: float, jobs: int | None, since: float, repo: str | None) -> None:
    """Compress the logs of finished runs without losing a byte.

    Logs without an end record (running, killed or lost) and damaged logs are skipped. A running `aim up`
    seals runs that ended more than ten minutes ago.
    """
    aim_dir = find_repo(repo)
    layout.check_writable(aim_dir)
    done = sealing.seal_finished(
        aim_dir,
        older_than=older_than * 60,
        since=since,
        jobs=jobs or usable(each=sealing.TIMES * sealing.LARGE, most=sealing.MOST_JOBS),
        progress=ProgressBar("Sealing"),
    )
    saved = f": {size(done.before)} became {size(done.after)}" if done.files else ""
    say(f"Sealed {count(done.files, 'file')}{saved}")
    for reason, paths in done.skipped.items():
        say(f"Not sealed: {count(len(paths), 'file')}, {reason}")


@storage.command()
@store_option
@click.option("--back", is_flag=True, help="Bring the seals back into the repository; the store keeps what it has.")
@click.option(
    "--older-than", type=click.FloatRange(0), default=0, metavar="MINUTES", help="Only seals of at least this age."
)
@repo_option
@click.pass_context
def move(ctx: click.Context, store: str | None, back: bool, older_than: float, repo: str | None) -> None:
    """Move seals into an S3-compatible object store, from which they are then read.

    A file of a few bytes replaces each seal. Set AIM_STORE wherever the repository is read. Credentials are found as
    AWS's tools find them. Runs of the last minutes are not sealed yet: see aim storage seal.
    """
    from aim.cli import moving
    from aim.store import FORM, VARIABLE, opened

    if store is None:
        raise click.UsageError(f"Which object store? Pass --store {FORM}, or set {VARIABLE}.")
    aim_dir, place = find_repo(repo), opened(store)
    layout.check_writable(aim_dir)
    if back:
        moved = moving.fetch_all(aim_dir, place, progress=ProgressBar("Fetching"))
    else:
        moved = moving.move_all(aim_dir, place, older_than=older_than * 60, progress=ProgressBar("Moving"))
    way = f"back from {place.address}" if back else f"to {place.address}"
    say(f"Moved {count(moved.files, 'seal')} {way}{f': {size(moved.bytes)}' if moved.files else ''}")
    if moved.freed:
        say(f"Removed {count(moved.freed, 'seal')} of deleted runs from {place.address}")
    for reason, paths in moved.skipped.items():
        say(f"Not moved: {count(len(paths), 'seal')}, {reason}", err=True)
    ctx.exit(1 if moved.skipped else 0)


@storage.command()
@click.option("--remove", is_flag=True, help="Remove what is listed. Without it, nothing is changed.")
@click.option(
    "--older-than",
    type=click.FloatRange(0),
    default=60,
    show_default=True,
    metavar="MINUTES",
    help="Only contents unused for at least this long: a process may be about to refer to them.",
)
@click.option("--stored", is_flag=True, help="Contents here that their store has too. They come back when needed.")
@click.option(
    "--store",
    metavar="ADDRESS",
    help="Contents in the store at ADDRESS that no version of this repository refers to and that are older than a day.",
)
@repo_option
def gc(remove: bool, older_than: float, stored: bool, store: str | None, repo: str | None) -> None:
    """Free the contents of artifacts that no version refers to any more.

    With --store, only versions of this repository count: do not use it where other repositories have the same store.
    """
    if stored and store is not None:
        raise click.UsageError("Pass --stored to free space here, or --store to free space there, not both.")
    artifacts = open_repo(repo).artifacts
    seconds = older_than * 60
    contents: Sequence[Unused | StoredContent | RemoteContent]
    if stored:
        contents = there = artifacts.stored(older_than=seconds)
        if remove:
            contents = artifacts.free_stored(there, older_than=seconds, progress=ProgressBar("Comparing"))
    elif store is not None:
        contents = listed = artifacts.unused_in(store)
        if remove:
            contents = artifacts.remove_in(store, listed, progress=ProgressBar("Removing"))
    else:
        contents = unused = artifacts.unused(older_than=seconds)
        if remove:
            contents = artifacts.remove_unused(unused, older_than=seconds)
    total = f"{count(len(contents), 'content')}, {size(sum(content.bytes for content in contents))}"
    option = " --stored" if stored else f" --store {store}" if store is not None else ""
    if not contents:
        say("Nothing to free.")
    else:
        say(f"Removed {total}" if remove else f"To free: {total}. Remove them with: aim storage gc{option} --remove")


@storage.command()
@repo_option
@form_options
def du(repo: str | None, form: str | None) -> None:
    """Show the disk usage of experiments, edits, artifacts and caches."""
    rows = space.measure(repo)
    total = {"what": "total", "runs": None} | {name: sum(row[name] for row in rows) for name in ("files", "bytes")}
    if form is None:
        rows = [{**row, "bytes": size(row["bytes"])} for row in [*rows, total]]
    show(space.COLUMNS, rows, form)
