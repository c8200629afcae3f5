"""Asks before something that cannot be undone. Without a terminal, the command refuses and says what to pass."""

from __future__ import annotations

import sys

import click

from aim.plain import visible


def agreed(question: str, *, yes: bool, instead: str) -> bool:
    """True if `yes` is given or a person on a terminal says y. Without a terminal: an error that says `instead`."""
    if yes:
        return True
    if not sys.stdin.isatty():
        raise click.ClickException(instead)
    return click.confirm(visible(question), default=False)
