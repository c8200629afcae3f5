"""Prints the part of constraints.txt that some packages need, with hashes, for `pip install --require-hashes -r`.

python scripts/locked.py [FILE] NAME...      FILE: constraints.txt, or a path to another one
                                             NAME: aim, an extra of it as aim[test], or a package
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
NAME = re.compile(r"[A-Za-z0-9._-]+")


class Entry(NamedTuple):
    """`lines` hold one version of a package, its marker and its hashes; `wanted_by` the packages that need it."""

    name: str
    wanted_by: frozenset[str]
    lines: str


def entries(constraints: Path) -> list[Entry]:
    return [entry_of(block) for block in re.split(r"\n(?=\w)", constraints.read_text(encoding="utf-8").strip())]


def entry_of(block: str) -> Entry:
    lines, _, parents = block.partition("\n    # via ")
    return Entry(plain(block), frozenset(plain(parent) for parent in parents.split(", ")), lines)


def plain(text: str) -> str:
    """The name at the start of a requirement, as package indexes spell it."""
    found = NAME.match(text)
    return re.sub("[-_.]+", "-", found[0]).lower() if found else ""


def locked(there: list[Entry], names: Iterable[str]) -> list[Entry]:
    """The entries of packages, and of everything that they need."""
    known = {entry.name for entry in there}
    chosen = {name for asked in names for name in roots(asked)}
    if missing := chosen - known:
        shown = ", ".join(sorted(missing))
        raise SystemExit(f"no version is pinned of {shown}: add it to scripts/pin and run that, or use --latest")
    while more := {entry.name for entry in there if entry.wanted_by & chosen} - chosen:
        chosen |= more
    return [entry for entry in there if entry.name in chosen]


def roots(asked: str) -> set[str]:
    """The packages that the project itself asks for; of another package, the package."""
    extra = re.fullmatch(r"aim(?:\[(\w+)\])?", asked)
    if extra is None:
        return {plain(asked)}
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    listed = re.search(rf"^{extra[1] or 'dependencies'} = \[(.*?)\]$", project, re.MULTILINE | re.DOTALL)
    if listed is None:
        raise SystemExit(f"{asked} is not an extra of pyproject.toml")
    return {plain(requirement) for requirement in re.findall(r'"([^"]+)"', listed[1])}


if __name__ == "__main__":
    first, *others = sys.argv[1:] or [""]
    place, names = (Path(first), others) if first.endswith(".txt") else (ROOT / "constraints.txt", sys.argv[1:])
    for entry in locked(entries(place), names):
        print(entry.lines)
