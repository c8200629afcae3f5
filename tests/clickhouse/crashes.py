"""What a crash of the system takes from a database that does not wait for its disk."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

from tests.clickhouse.servers import Server

TABLES = ("points", "series", "params", "objects", "runs", "folds")


def lose(server: Server, database: str, *, seconds: float = 60.0, chance: random.Random | None = None) -> int:
    """Remove parts of tables that were written last, all of them or a random choice, while the server is down."""
    lost = 0
    for table in TABLES:
        parts = [part for part in _parts(server.folder / "data" / "data" / database / table)]
        newest = max((part.stat().st_mtime for part in parts), default=0.0)
        for part in parts:
            if newest - part.stat().st_mtime <= seconds and (chance is None or chance.random() < 0.5):
                shutil.rmtree(part)
                lost += 1
    return lost


def _parts(table: Path) -> list[Path]:
    """Folders of parts are called all_FROM_TO_LEVEL."""
    return sorted(path for path in table.glob("all_*") if path.is_dir())
