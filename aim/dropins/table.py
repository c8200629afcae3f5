"""The table of drop-ins. Another one is its face, a module of this package, one row here, and a folder in `path`.

A folder in `path` goes on PYTHONPATH. It has a package with the name of the tracker, and the metadata of a release,
which frameworks ask before they import. So it comes before an installed tracker, works where none is installed, and
reaches children.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

PATH = Path(__file__).parent / "path"


class Dropin(NamedTuple):
    """`version` is the release of the tracker whose calls the face has."""

    name: str
    version: str

    @property
    def folder(self) -> Path:
        return PATH / self.name


DROPINS = {row.name: row for row in (Dropin("wandb", "0.31.0"), Dropin("trackio", "0.43.0"))}


def on_path(names: Iterable[str], environment: Mapping[str, str]) -> str:
    """The PYTHONPATH of a script that gets these drop-ins, before what is there."""
    ours = [str(DROPINS[name].folder) for name in names]
    there = [entry for entry in environment.get("PYTHONPATH", "").split(os.pathsep) if entry and entry not in ours]
    return os.pathsep.join([*ours, *there])
