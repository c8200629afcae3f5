"""Repositories of the tests, folded into databases."""

from __future__ import annotations

import itertools
import os
import random
from pathlib import Path

import aim
from aim.clickhouse.address import parse
from aim.clickhouse.database import Database
from aim.clickhouse.folds import unequal
from aim.index import folding
from aim.index.local import Local
from aim.index.refresh import Index
from aim.index.schema import run_number
from aim.index.shared import Shared
from tests.clickhouse.servers import Server

_numbers = itertools.count()
_HOLDS_CONTENT = " AND NOT (alive = 0 AND dir = '' AND doc = '' AND params = '')"


def database(server: Server) -> Database:
    """A new database."""
    made = Database(parse(server.url(f"test_{os.getpid()}_{next(_numbers)}")))
    made.make()
    return made


def url(database: Database) -> str:
    return str(database.address)


def fold(aim_dir: Path, database: Database) -> None:
    """As `aim engine fold` does, in a process that knows nothing from before."""
    with folding.filling(aim_dir, database) as filling:
        filling.refresh()


def differences(aim_dir: Path, database: Database) -> list[str]:
    unlike = folding.differences(Index(Local(aim_dir)).refresh(), Index(Shared(database)).refresh())
    return [*unlike, *unequal(database)]


def chunked(points: int, seed: int = 0) -> list[float]:
    """Values whose sums are exact in any order, so that each point counts; some are NaN or infinite."""
    made = random.Random(seed)
    odd = (float("nan"), float("inf"), float("-inf"))
    return [odd[at % 3] if at % 50 == 49 else made.randrange(-(2**40), 2**40) / 1024 for at in range(points)]


def track(run: aim.Run, values: list[float], *, step: int = 0) -> None:
    for at, value in enumerate(values):
        run.track(value, name="loss", step=step + at, context={"subset": "train"})
        run.track(-value, name="accuracy", step=step + at)


def rows_of(database: Database, id: str) -> int:
    """What the database still has of a run, apart from the row that says that it is gone."""
    counts = [
        database.client.query(f"SELECT toInt64(count()) AS c FROM {table} WHERE run = {run_number(id)}{which}")
        for table, which in {
            **dict.fromkeys(("points", "series", "params", "objects"), ""),
            "runs": _HOLDS_CONTENT,
        }.items()
    ]
    return sum(int(count["c"][0]) for count in counts if count)
