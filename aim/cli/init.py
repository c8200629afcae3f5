"""`aim init`."""

from __future__ import annotations

from pathlib import Path

import click

from aim import layout
from aim.cli.ask import agreed
from aim.cli.options import yes_option
from aim.cli.printer import say


@click.command()
@click.option(
    "--repo", metavar="PATH", envvar="AIM_REPO", help="Where to create it. Default: AIM_REPO, else this folder."
)
@click.option("--skip-if-exists", is_flag=True, help="Keep an existing repository, without asking.")
@yes_option
def init(repo: str | None, skip_if_exists: bool, yes: bool) -> None:
    """Create a repository in this folder.

    Optional: the first run creates one too. If a repository exists, you are asked whether to clear it, which
    deletes all of its runs.
    """
    aim_dir = layout.resolve(repo or Path.cwd())
    layout.refuse_earlier(aim_dir, alone=skip_if_exists)
    if not aim_dir.exists():
        layout.create(aim_dir)
        say(f"Initialized a new Aim repository at {aim_dir}")
    elif skip_if_exists:
        layout.create(aim_dir)
        say(f"Kept the Aim repository at {aim_dir}")
    else:
        reinitialize(aim_dir, yes=yes)


def reinitialize(aim_dir: Path, *, yes: bool) -> None:
    if agreed(
        "Aim repository is already initialized. Do you want to re-initialize it?",
        yes=yes,
        instead=f"{aim_dir} is already initialized. Pass --yes to clear it and delete all of its runs, "
        "or --skip-if-exists to keep it.",
    ):
        from aim.repo import Repo

        Repo.init(aim_dir, reinitialize=True)
        say(f"Re-initialized empty Aim repository at {aim_dir}")
