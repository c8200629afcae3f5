"""The folder in which a log is written until it is complete and moved into its run."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

_START = ".convert-"
KEPT = 86_400.0


def folder(aim_dir: Path) -> Path:
    return aim_dir / "runs" / f"{_START}{os.getpid()}-{os.urandom(4).hex()}"


def remove_old(aim_dir: Path) -> None:
    """Remove what killed processes left: folders to which nobody wrote for a day, as other copies may go on."""
    before = time.time() - KEPT
    with suppress(FileNotFoundError):
        for place in (aim_dir / "runs").iterdir():
            if place.name.startswith(_START) and _changed(place) < before:
                shutil.rmtree(place, ignore_errors=True)


def _changed(place: Path) -> float:
    """The time of the last write. Not that of modification, which a copy gives its log."""
    try:
        return max(os.lstat(path).st_ctime for path in (place, *place.iterdir()))
    except OSError:
        return time.time()
