"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


repo_option = click.option(
    "--repo",
    metavar="PATH",
    envvar="AIM_REPO",
    help="Folder that contains .aim, or .aim itself. Default: AIM_REPO, else the nearest .aim in this folder or above.",
)

tf_logs_option = click.option(
    "--tf_logs",
    "--tf-logs",
    "tf_logs",
    metavar="DIR",
    help="Folder of TensorBoard logs to read in place; query scalars as tf:TAG.",
)

yes_option = click.option("-y", "--yes", is_flag=True, help="Skip the confirmation prompt.")


def form_options(command: F) -> F:
    """--json and --csv; the command gets `form`: None for a table, "json" or "csv"."""
    for form in ("csv", "json"):
        command = click.option(f"--{form}", "form", flag_value=form, help=f"Print {form.upper()}.")(command)
    return command


def selection_options(command: F) -> F:
    """RUN... and --query; the command gets `patterns` and `query`."""
    command = click.option("-q", "--query", metavar="AIMQL", help="Select runs that match this expression.")(command)
    return click.argument("patterns", metavar="[RUN]...", nargs=-1)(command)
