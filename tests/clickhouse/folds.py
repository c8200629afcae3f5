"""Repositories of the tests, folded into databases."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

from aim.clickhouse.address import parse
from aim.clickhouse.database import Database
from aim.index import folding
from aim.index.local import Local
from aim.index.refresh import Index
from aim.index.shared import Shared
from tests.clickhouse.servers import Server

_numbers = itertools.count()


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
    return list(folding.differences(Index(Local(aim_dir)).refresh(), Index(Shared(database)).refresh()))
