"""`aim convert`: runs of other trackers, copied into the repository."""

from __future__ import annotations

import click

from aim import layout
from aim.cli.opening import MOST_NOTES, open_repo, to_record
from aim.cli.options import repo_option
from aim.cli.printer import say
from aim.cli.table import count
from aim.index.sources.table import ALL, SourceRow, by_prefix


@click.group()
def convert() -> None:
    """Import the runs of other trackers."""


@convert.command()
@click.option("--logdir", required=True, metavar="DIR", help="Folder of event files, read recursively.")
@click.option("--experiment", default="TF", show_default=True, metavar="NAME", help="Experiment of new runs.")
@repo_option
def tensorboard(logdir: str, experiment: str, repo: str | None) -> None:
    """Import TensorBoard logs: each folder with event files becomes a run with its scalars and hparams.

    The repository is created if there is something to import. Running it again imports only new points. To open logs
    without importing them: aim up --tf_logs DIR
    """
    from aim.index.sources.tensorboard.listing import event_files
    from aim.repo.opening import folder_of

    folder, aim_dir = folder_of(logdir, "TensorBoard"), to_record(repo)
    if not event_files(folder).runs:
        say(f"No event files in {logdir}")
        return
    if not aim_dir.is_dir():
        layout.create(aim_dir)
        say(f"Initialized a new Aim repository at {aim_dir}", err=True)
    copied = open_repo(str(aim_dir)).convert_tensorboard(folder, experiment=experiment)
    if not copied.runs:
        say(f"No new points in {count(len(copied.ids), 'run')} of {logdir}")
    else:
        say(f"Imported {count(copied.points, 'point')} of {count(copied.runs, 'run')} from {logdir}")
    if copied.joined:
        earlier = count(len(copied.joined), "earlier run")
        say(f"Removed {earlier} of folders that belong to another run, which has their values now")


def _command(row: SourceRow) -> click.Command:
    """`aim convert FORMAT DIR`, or for some the names of a server instead of DIR."""

    @click.argument("folder", metavar="DIR", required=row.name not in _SERVERS)
    @repo_option
    def copy(folder: str | None, repo: str | None, **server: str | None) -> None:
        from aim.repo.opening import has_runs

        aim_dir, named = to_record(repo), {name: value for name, value in server.items() if value}
        if folder is None and not named:
            raise click.UsageError(f"Name DIR, or {' and '.join(option for option, *_ in _SERVERS[row.name])}.")
        place = folder or "the server"
        if (not named or not aim_dir.is_dir()) and not has_runs(row, folder, **named):
            say(f"No {row.title} runs in {place}")
            return
        if not aim_dir.is_dir():
            layout.create(aim_dir)
            say(f"Initialized a new Aim repository at {aim_dir}", err=True)
        kept = open_repo(str(aim_dir)).convert(row.name, folder, **named)
        for why in kept.left[:MOST_NOTES]:
            say(f"Not imported: {why}", err=True)
        if len(kept.left) > MOST_NOTES:
            say(f"Not imported: {count(len(kept.left) - MOST_NOTES, 'more value')}", err=True)
        if not kept.runs:
            say(f"No new values in {count(len(kept.ids), 'run')} of {place}")
        else:
            say(f"Imported {count(kept.points, 'value')} of {count(kept.runs, 'run')} from {place}")

    for option, metavar, about in _SERVERS.get(row.name, ()):
        copy = click.option(option, metavar=metavar, help=about)(copy)
    where = "below DIR, or on a server" if row.name in _SERVERS else "below DIR"
    text = f"""Import the runs of {row.title} {where}.

    The repository is created if there is something to import. Running it again imports only what is new. To open logs
    without importing them: aim up --logs DIR
    """
    return click.command(row.name, help=text)(copy)


# What names a server instead of DIR: option, metavar, help.
_SERVERS = {
    "mlflow": [("--tracking-uri", "URI", "Address of a tracking server, such as http://localhost:5000.")],
    "wandb": [
        ("--project", "PROJECT", "Project on the server of W&B."),
        ("--entity", "ENTITY", "User or team of the project on the server of W&B."),
    ],
}

for _row in by_prefix().values():
    if _row.option == ALL:
        convert.add_command(_command(_row))
