"""`aim template`: commands with named parameters, stored in the repository."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aim import user
from aim.cli.ask import agreed
from aim.cli.opening import find_repo, find_to_read, open_repo
from aim.cli.options import form_options, launch_repo_option, launch_view_option, yes_option
from aim.cli.printer import say
from aim.cli.table import readable, show
from aim.errors import LaunchError, RunError
from aim.launch.asked import asked

if TYPE_CHECKING:
    from aim.launch.command import Template, Value
    from aim.launch.records import Records

COLUMNS = ("name", "id", "command", "params", "origin")
EXACT_COLUMNS = ("name", "id", "command", "params", "cwd", "env", "experiment", "own")


@click.group()
def template() -> None:
    """Store commands with named parameters, to start them with different values.

    In an argument, {lr} is replaced by the value of lr; no shell is used. An argument {amp?--amp}
    is included only if amp is True. Write {{ and }} for literal braces.
    """


@template.command()
@click.option("--default", "defaults", multiple=True, metavar="NAME=VALUE", help="Default of a parameter. Repeatable.")
@click.option("--cwd", metavar="DIR", help="Working folder. Default: this folder.")
@click.option(
    "--env", "variables", multiple=True, metavar="NAME=VALUE", help="Environment variable for the command. Repeatable."
)
@click.option("-e", "--experiment", metavar="NAME", help="Experiment of the runs.")
@click.option("--interpreter", metavar="PATH", help="Program to run the command with.")
@click.option("--replace", is_flag=True, help="Replace the template with this name.")
@launch_repo_option
@click.argument("name")
@click.argument("command", metavar="-- COMMAND [ARG]...", nargs=-1, required=True, type=click.UNPROCESSED)
def add(
    name: str,
    command: tuple[str, ...],
    defaults: tuple[str, ...],
    cwd: str | None,
    variables: tuple[str, ...],
    experiment: str | None,
    interpreter: str | None,
    replace: bool,
    repo: str | None,
) -> None:
    """Create a template: aim template add train -- python train.py --lr {lr}"""
    from aim.launch.command import Template
    from aim.launch.records import Records
    from aim.launch.space import value

    aim_dir = find_repo(repo)
    records = Records(aim_dir, asked("cli"))
    given = Template(
        argv=command,
        id=existing(records, name).id if replace else "",
        name=name,
        params={param: value(text) for param, text in map(pair, defaults)},
        cwd=folder(aim_dir.parent, cwd),
        env=dict(map(pair, variables)),
        experiment=experiment,
        interpreter=interpreter,
    )
    described(records.save_template(given))


@template.command()
@launch_view_option
@form_options
def ls(repo: str | None, form: str | None) -> None:
    """List the templates."""
    from aim.launch.queue import templates

    every = templates(find_to_read(repo))
    if not every:
        say("No templates. Create one with: aim template add NAME -- COMMAND", err=True)
    columns = EXACT_COLUMNS if form else COLUMNS
    show(columns, [row(item, exact=bool(form)) for item in every], form)


@template.command("show")
@click.argument("name")
@launch_view_option
def show_one(name: str, repo: str | None) -> None:
    """Show one template."""
    from aim.launch.records import Records

    described(Records(find_to_read(repo)).template(name))


@template.command()
@click.argument("name")
@yes_option
@launch_view_option
def rm(name: str, yes: bool, repo: str | None) -> None:
    """Remove a template. Its queues and runs are kept."""
    from aim.launch.records import Records

    records = Records(find_to_read(repo), asked("cli"))
    named = records.template(name)
    if agreed(
        f"Remove the template {readable(named.name)}?", yes=yes, instead="Nothing was removed. Pass --yes to confirm."
    ):
        records.remove_template(named.id)
        say(f"Removed the template {readable(named.name)}")


@template.command("from-run")
@click.argument("run")
@click.option("-n", "--name", help="Name of the template. Default: made from the script and the run.")
@click.option("--dry-run", is_flag=True, help="Show the template without saving it.")
@launch_view_option
def from_run(run: str, name: str | None, dry_run: bool, repo: str | None) -> None:
    """Create a template from the command of a run.

    --lr 0.1, --lr=0.1, -lr 0.1, key=value and flags become parameters; their values are the defaults.
    """
    from dataclasses import replace

    from aim.launch.records import Records
    from aim.launch.rerun import of_run

    if not find_to_read(repo).is_dir():
        raise RunError(f"no run matches {run!r}: none waits here for that server. Run this command on its machine")
    opened = open_repo(repo)
    recorded = opened.run(run)
    draft = of_run(recorded.hash, recorded.experiment, recorded.facts, recorded.params)
    made = replace(draft.template, name=name or draft.template.name)
    for note in draft.notes:
        say(note, err=True)
    if (runs := opened.logs.recorded_with(recorded.id)) > 1:
        say(f"The process of this run recorded {runs} runs: its command starts all of them again.", err=True)
    described(made if dry_run else Records(opened.aim_dir, asked("cli")).save_template(made))


def existing(records: Records, name: str) -> Template:
    """The template with exactly this name; a prefix of an id is not accepted for changes."""
    named = records.template(name)
    if named.name != name:
        raise LaunchError(f"there is no template {name!r} to replace; omit --replace to create it")
    return named


def pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise click.UsageError(f"{text!r} must be written NAME=VALUE.")
    return name, value


def folder(root: Path, given: str | None) -> str | None:
    """The folder as a template stores it: relative if it is inside the repository's folder, because a repository
    moves."""
    chosen = Path(os.path.abspath(user.expanded(given or os.getcwd())))
    if chosen == root:
        return None
    return str(chosen.relative_to(root)) if chosen.is_relative_to(root) else str(chosen)


def described(template: Template) -> None:
    lines = {
        "name": readable(template.name),
        "id": template.id or "not saved",
        "command": shlex.join(template.argv),
        "interpreter": template.interpreter,
        "folder": template.cwd or "repository folder",
        "experiment": template.experiment,
        "origin": None if template.own else "elsewhere: not made by you on this machine",
    }
    for label, text in lines.items():
        if text is not None:
            say(f"{label:<12}{printable(text)}")
    for name, value in template.env.items():
        say(f"{'variable':<12}{printable(name)}={printable(value)}")
    for name, default in template.params.items():
        say(f"{'parameter':<12}{name}{' (required)' if default is None else f' = {printable(str(default))}'}")


def printable(text: str) -> str:
    """Another program may have written the text: escape codes are shown, not executed."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def row(template: Template, *, exact: bool) -> dict[str, Any]:
    params: dict[str, Value | None] = dict(template.params)
    return {
        "name": template.name,
        "id": template.id,
        "command": list(template.argv) if exact else shlex.join(template.argv),
        "params": params
        if exact
        else ", ".join(name if default is None else f"{name}={default}" for name, default in params.items()),
        "cwd": template.cwd,
        "env": dict(template.env),
        "experiment": template.experiment,
        "own": template.own,
        "origin": "here" if template.own else "elsewhere",
    }
