"""The table of drop-ins. Another one is its face, a module of this package, one row here, and a folder in `path`.

A folder in `path` goes on PYTHONPATH, so it reaches children. It has a package with the name of the tracker, which
comes before an installed one. With the metadata of a release, which frameworks ask before they import, it stands in for
the tracker, also where none is installed. Without, it loads the installed tracker and records beside it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

PATH = Path(__file__).parent / "path"


class Dropin(NamedTuple):
    """`version` is the release of the tracker whose calls the face has; None for one that is recorded beside itself.
    `packages` are their names."""

    name: str
    version: str | None
    packages: tuple[str, ...]

    @property
    def folder(self) -> Path:
        return PATH / self.name


_ROWS = (
    Dropin("wandb", "0.31.0", ("wandb",)),
    Dropin("trackio", "0.43.0", ("trackio",)),
    Dropin("tensorboard", None, ("tensorboard", "tensorboardX")),
)
DROPINS = {row.name: row for row in _ROWS}


def on_path(names: Iterable[str], environment: Mapping[str, str]) -> str:
    """The PYTHONPATH of a script that gets these drop-ins, before what is there."""
    ours = [str(DROPINS[name].folder) for name in names]
    there = [entry for entry in environment.get("PYTHONPATH", "").split(os.pathsep) if entry and entry not in ours]
    return os.pathsep.join([*ours, *there])
