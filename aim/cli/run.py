"""`aim run -- COMMAND`: runs a command as a supervised process and records it as a run, whether or not it imports
aim."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import click

from aim import user
from aim.cli.dropin import TRACKERS, chosen
from aim.cli.opening import to_record
from aim.cli.options import launch_repo_option
from aim.dropins.table import on_path
from aim.launch import runner


@click.command(context_settings={"allow_interspersed_args": False})
@launch_repo_option
@click.option("-e", "--experiment", metavar="NAME", help="Default: AIM_EXPERIMENT, else the active experiment.")
@click.option("-n", "--name", metavar="TEXT", help="Display name of the run.")
@click.option(
    "--env", "variables", metavar="NAME=VALUE", multiple=True, help="Environment variable for the command. Repeatable."
)
@click.option("--cwd", metavar="DIR", help="Working folder of the command. Default: this folder.")
@click.option(
    "--param", "params", metavar="NAME=VALUE", multiple=True, help="Param to record with the run. Repeatable."
)
@click.option(
    "--as",
    "trackers",
    metavar="TRACKER",
    multiple=True,
    type=TRACKERS,
    help="Record what the command logs to another tracker: wandb, trackio, tensorboard, or auto. Nothing is sent. "
    "Repeatable.",
)
@click.argument("command", metavar="-- COMMAND [ARG]...", nargs=-1, required=True, type=click.UNPROCESSED)
def run(
    repo: str | None,
    experiment: str | None,
    name: str | None,
    variables: tuple[str, ...],
    cwd: str | None,
    params: tuple[str, ...],
    trackers: tuple[str, ...],
    command: tuple[str, ...],
) -> None:
    """Start a command and record it as a run: output, exit status, duration and everything it tracks.

    The command needs no changes and behaves as it does without `aim run`, including Ctrl-C, Ctrl-Z, input and exit
    status. A script that imports aim records to this run.
    """
    folder = os.path.abspath(user.expanded(cwd)) if cwd else None
    if folder is not None and not os.path.isdir(folder):
        raise click.BadParameter(f"there is no folder {folder}", param_hint="--cwd")
    env = dict(pair("--env", text) for text in variables)
    if trackers:
        env["PYTHONPATH"] = on_path(chosen(trackers), {**os.environ, **env})
    spec = runner.Spec(
        command,
        cwd=folder,
        env=env,
        experiment=experiment,
        name=name,
        params={name: value_of(text) for name, text in (pair("--param", text) for text in params)},
        asked_by={"user": user.name(), "via": "cli"},
    )
    aim_dir = to_record(repo)
    sys.exit(runner.keep(spec, aim_dir))


def pair(option: str, text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise click.BadParameter(f"{text!r} must be written NAME=VALUE", param_hint=option)
    return name, value


def value_of(text: str) -> Any:
    """A number, True, False or None in Python or JSON syntax; anything else is a text."""
    words = {"True": True, "False": False, "None": None}
    if text in words:
        return words[text]
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return text if isinstance(value, (str, list, dict)) else value
