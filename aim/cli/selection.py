"""Resolves the runs that a command names: by hash, id, glob, or AimQL."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Protocol, TypeVar

import click

from aim.cli.printer import say
from aim.errors import RunError

if TYPE_CHECKING:
    from aim.query.runs import RunRow
    from aim.repo import Repo

ARCHIVED_TOO = "run.archived is True or run.archived is not True"
SHORTEST_PREFIX = 4


class HasHash(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def hash(self) -> str: ...


AnyRow = TypeVar("AnyRow", bound=HasHash)


def every_run(repo: Repo) -> list[RunRow]:
    """All runs, including archived ones; newest first."""
    return repo.table.rows(ARCHIVED_TOO).runs


def select(repo: Repo, patterns: Sequence[str], query: str | None) -> list[RunRow]:
    """Raises RunError for a name without a run. A glob or an AimQL expression may match nothing."""
    table = repo.table.rows(query) if query or not patterns else None
    for note in table.notes if table else ():
        say(note, err=True)
    rows = table.runs if table else every_run(repo)
    if not patterns:
        return rows
    wanted: dict[str, RunRow] = {}
    for pattern in patterns:
        matches = matching(rows, pattern)
        if not matches and not is_glob(pattern):
            raise RunError(f"no run matches {pattern!r}. List runs with: aim runs ls")
        wanted |= {row.id: row for row in matches}
    return [row for row in rows if row.id in wanted]


def one_run(repo: Repo, pattern: str) -> RunRow:
    """The run with this name. Raises RunError if none or several match."""
    rows = select(repo, [pattern], None)
    if len(rows) != 1:
        ids = ", ".join(row.id for row in rows[:5]) or "none"
        raise RunError(f"{pattern!r} matches {len(rows)} runs; use one of their ids: {ids}")
    return rows[0]


def matching(rows: Sequence[AnyRow], pattern: str) -> list[AnyRow]:
    """By hash or id, else by glob, else by a unique prefix."""
    exact = [row for row in rows if pattern in (row.hash, row.id)]
    if exact:
        return exact
    if is_glob(pattern):
        return [row for row in rows if fnmatchcase(row.hash, pattern) or fnmatchcase(row.id, pattern)]
    begun = [row for row in rows if row.hash.startswith(pattern) or row.id.startswith(pattern)]
    return begun if len(pattern) >= SHORTEST_PREFIX and len(begun) == 1 else []


def is_glob(pattern: str) -> bool:
    return any(letter in pattern for letter in "*?[")


def demand(patterns: Sequence[str], query: str | None) -> None:
    """A command that changes runs does not take an omitted selection to mean all runs."""
    if not patterns and query is None:
        raise click.UsageError("Select runs by hash, id or glob ('*' for all), or with --query AIMQL.")
